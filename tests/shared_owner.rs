//! Whoever stands behind a handle is dropped once, with the last handle, and
//! cannot break memory safety by lying.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use buffers::{Chain, Home, SharedBuf, UniqueBuf};
use bytes::Bytes;
use oracles::panic_text;

/// An owner that counts its drops.
struct Counted {
    bytes: Vec<u8>,
    drops: Arc<AtomicUsize>,
}

impl Counted {
    fn new(drops: &Arc<AtomicUsize>) -> Self {
        Self { bytes: b"owned bytes".to_vec(), drops: Arc::clone(drops) }
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.drops.fetch_add(1, Ordering::SeqCst);
    }
}

impl AsRef<[u8]> for Counted {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl AsMut<[u8]> for Counted {
    fn as_mut(&mut self) -> &mut [u8] {
        &mut self.bytes
    }
}

#[test]
fn the_owner_is_dropped_once_with_the_last_handle() {
    let drops = Arc::new(AtomicUsize::new(0));
    let whole = SharedBuf::from_owner(Counted::new(&drops));
    let slice = whole.slice(2..5);
    let promoted = slice.promote(&whole[3..4]).unwrap();
    let bytes = Bytes::from(slice.clone());
    drop(whole);
    drop(slice);
    drop(promoted);
    assert_eq!(drops.load(Ordering::SeqCst), 0, "a `Bytes` still looks");
    let again = SharedBuf::from(bytes);
    assert_eq!((&again, drops.load(Ordering::SeqCst)), (&again.clone(), 0));
    assert_eq!(again, b"ned");
    drop(again);
    assert_eq!(drops.load(Ordering::SeqCst), 1);
}

#[test]
fn an_empty_slice_keeps_nobody_alive() {
    let drops = Arc::new(AtomicUsize::new(0));
    let whole = SharedBuf::from_owner(Counted::new(&drops));
    let empty = whole.slice(3..3);
    drop(whole);
    assert_eq!((empty.len(), drops.load(Ordering::SeqCst)), (0, 1));
}

#[test]
fn the_owner_is_dropped_once_by_threads_that_race() {
    for _ in 0..200 {
        let drops = Arc::new(AtomicUsize::new(0));
        let whole = UniqueBuf::from_owner(Counted::new(&drops)).freeze();
        thread::scope(|scope| {
            for n in 0..4 {
                let mine = whole.slice(n..);
                scope.spawn(move || {
                    let inner = mine.clone();
                    drop(mine);
                    drop(inner);
                });
            }
            drop(whole);
        });
        assert_eq!(drops.load(Ordering::SeqCst), 1);
    }
}

/// An owner that gives fewer bytes when it is told to.
struct Shrinking(Arc<AtomicUsize>);

impl AsRef<[u8]> for Shrinking {
    fn as_ref(&self) -> &[u8] {
        &b"0123456789"[..self.0.load(Ordering::SeqCst)]
    }
}

#[test]
fn an_owner_that_shrinks_makes_its_handles_panic() {
    let len = Arc::new(AtomicUsize::new(10));
    let whole = SharedBuf::from_owner(Shrinking(Arc::clone(&len)));
    let (front, back) = (whole.slice(..4), whole.slice(6..9));
    len.store(5, Ordering::SeqCst);
    assert_eq!(front, b"0123", "what is still there is still seen");
    let text = "the owner of this memory gives fewer bytes than it did: ";
    assert_eq!(panic_text(|| back.as_slice().len()), format!("{text}6..9 is gone"));
    assert_eq!(panic_text(|| whole.to_vec()), format!("{text}0..10 is gone"));
    len.store(10, Ordering::SeqCst);
    assert_eq!(back, b"678");
}

/// An owner that panics when it is asked for its bytes.
struct Panicking(Counted);

impl AsRef<[u8]> for Panicking {
    fn as_ref(&self) -> &[u8] {
        panic!("{} bytes refused", self.0.bytes.len())
    }
}

#[test]
fn an_owner_that_panics_at_once_is_dropped_once() {
    let drops = Arc::new(AtomicUsize::new(0));
    let owner = Panicking(Counted::new(&drops));
    let text = panic_text(|| SharedBuf::from_owner(owner));
    assert_eq!(text, "11 bytes refused");
    assert_eq!(drops.load(Ordering::SeqCst), 1);
}

/// A home that keeps what comes.
#[derive(Default)]
struct Shelf(Mutex<Vec<UniqueBuf>>);

impl Home for Shelf {
    fn come_home(self: Arc<Self>, memory: UniqueBuf) {
        self.0.lock().unwrap().push(memory);
    }
}

#[test]
fn lent_memory_comes_home_whole_and_in_place() {
    let shelf = Arc::new(Shelf::default());
    let drops = Arc::new(AtomicUsize::new(0));
    let memory = UniqueBuf::from_owner(Counted::new(&drops));
    let at = memory.as_ptr();
    let mut lent = memory.lend(shelf.clone());
    assert!(lent.home().is_some());
    lent.truncate(5);
    let view = lent.freeze();
    let view = view.try_into_vec().unwrap_err();
    let part = Bytes::from(view.slice(1..2));
    drop(view);
    assert!(shelf.0.lock().unwrap().is_empty());
    drop(part);
    let home = shelf.0.lock().unwrap().pop().unwrap();
    assert_eq!((home.as_ptr(), home.len()), (at, 11));
    assert!(home.home().is_none(), "it is no longer lent");
    drop(home);
    assert_eq!(drops.load(Ordering::SeqCst), 1);
    assert!(shelf.0.lock().unwrap().is_empty(), "and does not come twice");
}

#[test]
fn memory_that_was_never_shared_comes_home_too() {
    let shelf = Arc::new(Shelf::default());
    drop(UniqueBuf::from(vec![1, 2]).lend(shelf.clone()));
    assert_eq!(shelf.0.lock().unwrap().len(), 1);
    let lent = UniqueBuf::from(vec![3]).lend(shelf.clone());
    let text = panic_text(|| drop(lent.lend(Arc::new(Shelf::default()))));
    assert_eq!(text, "this memory is lent already, and belongs to its home");
    assert_eq!(shelf.0.lock().unwrap().len(), 2, "and went there");
}

/// An owner that panics when it is told to.
struct Moody {
    bytes: Vec<u8>,
    refuses: Arc<AtomicUsize>,
}

impl AsRef<[u8]> for Moody {
    fn as_ref(&self) -> &[u8] {
        assert_eq!(self.refuses.load(Ordering::SeqCst), 0, "refused");
        &self.bytes
    }
}

impl AsMut<[u8]> for Moody {
    fn as_mut(&mut self) -> &mut [u8] {
        &mut self.bytes
    }
}

#[test]
fn an_owner_that_refuses_its_bytes_goes_home_all_the_same() {
    let refuses = Arc::new(AtomicUsize::new(0));
    let shelf = Arc::new(Shelf::default());
    let owner = Moody { bytes: vec![7; 9], refuses: Arc::clone(&refuses) };
    let view = UniqueBuf::from_owner(owner).lend(shelf.clone()).freeze().slice(2..5);
    refuses.store(1, Ordering::SeqCst);
    // The handle is dropped while the panic of its own owner passes by.
    let text = panic_text(move || view[0]);
    assert!(text.contains("refused"), "{text}");
    refuses.store(0, Ordering::SeqCst);
    let home = shelf.0.lock().unwrap().pop().expect("it came home");
    assert_eq!((&home[..], home.len()), (&[7; 9][..], 9));
}

/// A home that panics.
struct Burning;

impl Home for Burning {
    fn come_home(self: Arc<Self>, _: UniqueBuf) {
        panic!("the house is on fire");
    }
}

#[test]
fn a_chain_keeps_count_when_a_home_panics() {
    let lent = || UniqueBuf::from(vec![7; 4]).lend(Arc::new(Burning)).freeze();
    let mut chain = Chain::from_iter([lent(), SharedBuf::from(b"rest")]);
    assert_eq!(panic_text(|| chain.advance(6)), "the house is on fire");
    assert_eq!((chain.len(), chain.to_vec().len()), (4, 4), "the piece is gone, and no more");
    chain.advance(1);
    assert_eq!(chain, b"est");

    let mut chain = Chain::from_iter([lent(), SharedBuf::from(b"rest")]);
    assert_eq!(panic_text(|| chain.clear()), "the house is on fire");
    assert_eq!((chain.len(), chain.pieces()), (0, 0));
}

#[test]
fn handles_pass_where_a_panic_is_caught() {
    let (shared, chain) = (SharedBuf::from(vec![1, 2]), Chain::from_iter([b"abc"]));
    let mut unique = UniqueBuf::from(vec![3]);
    let lens = std::panic::catch_unwind(move || {
        unique[0] = 4;
        (shared.len(), chain.len(), unique.len())
    });
    assert_eq!(lens.unwrap(), (2, 3, 1));
}
