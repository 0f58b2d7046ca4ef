//! A pool is what its builder says, to the byte, or an error that says why not.

use filereader::{BuildError, Pool, PoolBuilder};

#[test]
fn blocks_are_aligned_and_of_their_size() {
    let cases = [
        (1, 1),
        (1, 4096),
        (7, 8),
        (100, 64),
        (100, 1),
        (4095, 4096),
        (4096, 4096),
        (4097, 64),
        (10_000, 1),
        (1 << 20, 4096),
    ];
    for (block_size, align) in cases {
        for prefault in [false, true] {
            let builder = Pool::builder().block_size(block_size).align(align);
            let pool = builder.blocks(3).prefault(prefault).build().unwrap();
            let mut blocks = [(); 3].map(|()| pool.acquire().unwrap());
            for block in &mut blocks {
                let room = block.unfilled_mut();
                assert_eq!(room.len(), block_size);
                assert_eq!(room.as_ptr().align_offset(align), 0, "{block_size} {align}");
                assert!(room.iter().all(|&byte| byte == 0));
                room.fill(7);
            }
            assert_eq!((pool.block_size(), pool.blocks()), (block_size, 3));
            assert_eq!((pool.ceiling(), pool.idle()), (3 * block_size, 0));
            assert!(pool.reserved() >= pool.ceiling());
            let slack = pool.reserved() - pool.ceiling();
            assert!(slack <= 3 * 4095, "{block_size} {align}: {slack}");
        }
    }
}

#[test]
fn the_reserve_is_told_to_the_byte() {
    let reserved = |block_size, align| {
        let builder = Pool::builder().block_size(block_size).align(align);
        builder.blocks(4).build().unwrap().reserved()
    };
    assert_eq!(reserved(100, 1), 400);
    assert_eq!(reserved(100, 64), 4 * 163);
    assert_eq!(reserved(4096, 1), 4 * 4096);
    assert_eq!(reserved(4097, 4096), 4 * 8192);
}

#[test]
fn the_defaults_are_those_that_are_documented() {
    let pool = Pool::builder().build().unwrap();
    assert_eq!((pool.blocks(), pool.block_size()), (16, 256 << 10));
    assert_eq!(pool.ceiling(), 4 << 20);
    let mut block = pool.acquire().unwrap();
    assert_eq!(block.unfilled_mut().as_ptr().align_offset(4096), 0);
    let shown = format!("{pool:?} {block:?}");
    let expected =
        "Pool { block_size: 262144, blocks: 16, idle: 15 } Block(0 of 262144 bytes filled)";
    assert_eq!(shown, expected);
}

fn refused(builder: PoolBuilder) -> BuildError {
    builder.build().expect_err("this makes no sense")
}

#[test]
fn measures_that_make_no_sense_are_refused_in_words() {
    let builder = || Pool::builder().block_size(100).blocks(5);
    let cases = [
        (
            builder().block_size(0),
            "a pool of 5 blocks of 0 bytes holds nothing: give it at least one block of one byte",
        ),
        (
            builder().blocks(0),
            "a pool of 0 blocks of 100 bytes holds nothing: give it at least one block of one byte",
        ),
        (
            builder().align(0),
            "blocks cannot be aligned to 0 bytes: the alignment must be a power of two up to 4096",
        ),
        (
            builder().align(48),
            "blocks cannot be aligned to 48 bytes: the alignment must be a power of two up to 4096",
        ),
        (
            builder().align(8192),
            "blocks cannot be aligned to 8192 bytes: the alignment must be a power of two up to \
             4096",
        ),
        (
            builder().block_size(usize::MAX).blocks(2),
            "2 blocks of 18446744073709551615 bytes are more than can be addressed",
        ),
        (
            builder().block_size(1 << 62).blocks(2),
            "2 blocks of 4611686018427387904 bytes are more than can be addressed",
        ),
    ];
    for (builder, text) in cases {
        assert_eq!(refused(builder).to_string(), text);
    }
}

#[test]
fn memory_that_the_system_does_not_have_is_an_error() {
    for (block_size, blocks) in [(1 << 46, 4), (1 << 61, 2), (1, 1 << 58), (32, 1 << 57)] {
        let error = refused(Pool::builder().block_size(block_size).blocks(blocks));
        let text = error.to_string();
        let start =
            format!("the system refused the memory of {blocks} blocks of {block_size} bytes: ");
        assert!(text.starts_with(&start), "{text}");
        let source = std::error::Error::source(&error).expect("what the system said");
        assert!(text.ends_with(&source.to_string()), "{text}");
    }
}
