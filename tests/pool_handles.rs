//! A pool without a free block tells how many handles there are of those that are out, and
//! how much of them they use, if handles are on record.

use buffers::{SharedBuf, retention};
use filereader::Pool;

#[test]
fn handles_and_bytes_in_use_are_told_and_followed() {
    let pool = Pool::builder().block_size(4096).blocks(2).build().unwrap();
    let filled = || -> SharedBuf {
        let mut block = pool.acquire().unwrap();
        block.advance(4096);
        block.freeze()
    };
    let told = || {
        let error = pool.try_acquire().unwrap_err();
        let holder = &error.holders()[0];
        (error.holders().len(), holder.blocks, holder.handles, holder.bytes_in_use)
    };

    // The control: nothing is on record, and nothing is claimed.
    let before = [filled(), filled()];
    assert_eq!(told(), (1, 2, None, None));
    drop(before);

    retention::sample_every(1);
    // Memory that has come home and is lent again is found all the same.
    for _ in 0..3 {
        let (first, second) = (filled(), filled());
        assert_eq!(told(), (1, 2, Some(2), Some(8192)));
        let kept = [first.slice(..10), first.slice(5..30), second.slice(4000..)];
        assert_eq!(told(), (1, 2, Some(5), Some(8192)));
        drop((first, second));
        assert_eq!(told(), (1, 2, Some(3), Some(30 + 96)));
        let text = pool.try_acquire().unwrap_err().to_string();
        assert!(text.contains(" (3 handles use 126 bytes)"), "{text}");
        drop(kept);
        assert_eq!(pool.idle(), 2);
    }
    retention::sample_every(0);
}
