//! Handles and chains that are warm neither allocate nor copy, also where they could
//! remember where they were made and are not asked to.

use std::io::IoSlice;
use std::sync::{Mutex, MutexGuard, PoisonError};

use bench_suite::meter::{assert_steady, measure, steady_reading};
use buffers::{Chain, SharedBuf};
use bytes::{Buf, Bytes};
use oracles::content::pattern;
use oracles::panic_text;

bench_suite::install_meter!();

const LEN: usize = 4096;

const WARMUP: u32 = 3;
const ROUNDS: u32 = 100;

/// Fails unless the rounds allocate nothing and copy no payload.
///
/// Without optimisation iterators and arrays of slices are moved by `memcpy`; then
/// only the ledger is asked what was copied.
fn assert_quiet(f: impl FnMut()) {
    if cfg!(debug_assertions) {
        let reading = steady_reading(WARMUP, ROUNDS, f);
        let quiet = reading.allocs.value() == Some(0) && reading.ledger_bytes.value() == Some(0);
        assert!(quiet, "not steady, in {ROUNDS} rounds: {reading}");
    } else {
        assert_steady(WARMUP, ROUNDS, f);
    }
}

/// With the feature `sites` one of the tests has all handles of the process put on
/// record, which allocates: they take turns.
fn turn() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Fills the chain with parts that do not touch, and has a socket that takes `n`
/// bytes at a time empty it.
fn fill_and_drain(chain: &mut Chain, block: &SharedBuf, n: usize) {
    for at in 0..6 {
        chain.push(block.slice(500 * at..500 * at + 100));
        chain.push(block.slice(500 * at + 100..500 * at + 150)); // continues it
    }
    chain.prepend(block.slice(4000..));
    assert_eq!((chain.pieces(), chain.len()), (7, 96 + 6 * 150));
    chain.truncate(900);
    drop(chain.pop_back());
    while chain.has_remaining() {
        let mut slots = [IoSlice::new(&[]); 4];
        let used = chain.chunks_vectored(&mut slots);
        let offered: usize = slots[..used].iter().map(|slot| slot.len()).sum();
        chain.advance(n.min(offered));
    }
}

#[test]
fn a_warm_chain_neither_allocates_nor_copies() {
    let _turn = turn();
    let block = SharedBuf::from(pattern(LEN, 97));
    for n in [1, 7, 150, 1000] {
        let mut chain = Chain::new();
        assert_quiet(|| fill_and_drain(&mut chain, &block, n));
    }
    assert_eq!(block.backing().unwrap().handles(), 1);
}

#[test]
fn room_for_the_pieces_can_be_made_before() {
    let _turn = turn();
    let block = SharedBuf::from(pattern(LEN, 97));
    let mut chain = Chain::with_capacity(8);
    let ((), reading) = measure(|| fill_and_drain(&mut chain, &block, 100));
    assert_eq!(reading.allocs.value(), Some(0));
    // The control: without it the list grows.
    let mut chain = Chain::new();
    let ((), reading) = measure(|| fill_and_drain(&mut chain, &block, 100));
    assert!(reading.allocs.value() > Some(0), "{reading}");
}

#[test]
fn what_a_chain_copies_or_allocates_is_caught() {
    let _turn = turn();
    let block = SharedBuf::from(pattern(LEN, 97));
    let mut chain = Chain::with_capacity(8);
    let text = panic_text(|| {
        assert_quiet(|| {
            chain.push(block.slice(..100));
            chain.copy_to_slice(&mut [0; 100]);
        });
    });
    assert!(text.contains("10000 B in the ledger"), "{text}");
    let text = panic_text(|| {
        assert_quiet(|| {
            chain.push(vec![1]);
            chain.advance(1);
        });
    });
    assert!(text.contains(": 200 allocations"), "the vector and its header: {text}");
}

#[test]
fn taking_from_the_front_leaves_the_other_pieces_alone() {
    let _turn = turn();
    let block = SharedBuf::from(pattern(LEN, 97));
    let mut chain: Chain = (0..2000).map(|at| block.slice(2 * at..=2 * at)).collect();
    let list = 2000 * size_of::<SharedBuf>() as u64;
    let (front, reading) = measure(|| chain.split_to(3));
    assert_eq!((front.pieces(), chain.pieces()), (3, 1997));
    assert!(reading.alloc_bytes.value() < Some(list / 100), "{reading}");
    assert!(reading.copied_bytes.value() < Some(list / 100), "{reading}");
    let (taken, reading) = measure(|| chain.copy_to_bytes(1));
    assert_eq!((taken.as_ptr(), chain.len()), (block[6..].as_ptr(), 1996));
    assert!(reading.alloc_bytes.value() < Some(list / 100), "{reading}");
    // The control: what stays behind has to be moved, if it is the back that is taken.
    let (back, reading) = measure(|| chain.split_off(3));
    assert_eq!(back.pieces(), 1993);
    assert!(reading.alloc_bytes.value() > Some(list * 9 / 10), "{reading}");
}

/// What a parser does with its handles.
fn cut(block: &SharedBuf) -> SharedBuf {
    let mut rest = block.slice(10..1000);
    rest.advance(5);
    rest.truncate(900);
    let front = rest.split_to(100);
    let back = rest.split_off(200);
    let both = front.try_join(rest.clone()).expect("they are neighbours");
    let part = block.promote(&both[3..7]).expect("it lies within");
    drop((back, part, rest));
    both.try_slice(1..2).expect("it fits")
}

#[test]
fn handles_that_are_not_on_record_allocate_nothing() {
    let _turn = turn();
    let block = SharedBuf::from(pattern(LEN, 98));
    let mut kept = SharedBuf::new();
    assert_quiet(|| kept = cut(&block));
    assert_eq!(kept, block[16..17]);

    let text = panic_text(|| assert_quiet(|| kept = cut(&block).to_vec().into()));
    assert!(text.contains("100 B in the ledger"), "the control: {text}");
    let text = panic_text(|| {
        assert_quiet(|| drop(Bytes::from(cut(&block))));
    });
    assert!(text.contains(": 100 allocations"), "the control: {text}");
}

#[cfg(feature = "sites")]
#[test]
fn handles_that_are_on_record_do_allocate() {
    use buffers::retention::sample_every;

    let _turn = turn();
    let block = SharedBuf::from(pattern(LEN, 99));
    sample_every(1);
    let text = panic_text(|| assert_quiet(|| drop(cut(&block))));
    sample_every(0);
    assert!(text.starts_with("not steady, in 100 rounds: "), "{text}");
    assert_quiet(|| drop(cut(&block)));
}
