//! A pool lends what it has, says who has the rest, and gets all of it back.

use std::io;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use buffers::{SharedBuf, UniqueBuf};
use filereader::{Block, Exhausted, Pool};
use oracles::panic_text;

const SHORT: Duration = Duration::from_millis(30);
const LONG: Duration = Duration::from_secs(60);

fn pool_of(blocks: usize) -> Pool {
    let builder = Pool::builder().block_size(100).align(1);
    builder.blocks(blocks).patience(SHORT).build().unwrap()
}

fn filled(pool: &Pool, bytes: &[u8]) -> SharedBuf {
    let mut block = pool.acquire().unwrap();
    assert_eq!(block.copy_from(bytes), bytes.len());
    block.freeze()
}

/// Freezes a block with something in it: one without a byte would go home.
fn one_byte(mut block: Block) -> SharedBuf {
    block.advance(1);
    block.freeze()
}

#[test]
fn who_holds_the_blocks_is_named_by_line() {
    let pool = pool_of(3);
    let mut held: Vec<SharedBuf> = Vec::new();
    let first_line = line!() + 2;
    for _ in 0..2 {
        held.push(pool.acquire().map(one_byte).unwrap());
    }
    let second_line = line!() + 1;
    let block = pool.acquire().unwrap();

    let error = pool.try_acquire().unwrap_err();
    let file = file!();
    let holders: Vec<_> = error.holders().iter().map(|h| (h.location.line(), h.blocks)).collect();
    assert_eq!(holders, [(first_line, 2), (second_line, 1)]);
    assert!(error.holders().iter().all(|holder| holder.location.file() == file));
    assert_eq!(pool.holders(), error.holders());
    let text = error.to_string();
    let (within, rest) = text.split_once(": all ").unwrap();
    assert!(within.starts_with("no block came free within "), "{text}");
    let first = format!("3 of 100 bytes are out: 2 acquired at {file}:{first_line}:");
    assert!(rest.starts_with(&first), "{text}");
    let second = format!(", 1 acquired at {file}:{second_line}:");
    assert!(rest.contains(&second), "{text}");
    assert!(rest.ends_with("; drop views sooner, or build the pool with more blocks"));
    drop(block);
    assert_eq!(pool.holders().len(), 1);
}

#[test]
fn a_wait_in_vain_says_how_long_it_was() {
    let pool = pool_of(1);
    let _held = pool.acquire().unwrap();
    let at_once = pool.try_acquire().unwrap_err();
    assert!(at_once.waited() < LONG);
    assert_eq!(io::Error::from(at_once.clone()).kind(), io::ErrorKind::WouldBlock);
    for wait in [Pool::acquire, |pool: &Pool| pool.acquire_timeout(SHORT)] {
        let start = Instant::now();
        let error = wait(&pool).unwrap_err();
        assert!(SHORT <= error.waited() && error.waited() <= start.elapsed());
        assert_eq!(io::Error::from(error).kind(), io::ErrorKind::TimedOut);
    }
    let error = io::Error::from(at_once);
    let inner = error.into_inner().unwrap().downcast::<Exhausted>().unwrap();
    assert_eq!(inner.holders().len(), 1);
}

#[test]
fn a_waiting_borrower_is_woken_by_another_thread() {
    let pool = pool_of(1);
    let view = filled(&pool, b"held");
    let (send, waiting) = mpsc::channel();
    let start = Instant::now();
    thread::scope(|scope| {
        let waiter = scope.spawn(|| {
            send.send(()).unwrap();
            pool.acquire_timeout(LONG).map(|block| block.capacity())
        });
        waiting.recv().unwrap();
        // Long enough for the other thread to wait; if it does not yet, the
        // test is easier, and no less right.
        thread::sleep(SHORT);
        drop(view);
        assert_eq!(waiter.join().unwrap().unwrap(), 100);
    });
    assert!(start.elapsed() < LONG / 2, "it was woken, and did not sleep it out");
    assert_eq!(pool.idle(), 1);
}

#[test]
fn each_waiting_borrower_gets_its_turn() {
    let pool = pool_of(1);
    let held = pool.acquire().unwrap();
    thread::scope(|scope| {
        let waiters: Vec<_> =
            (0..8).map(|_| scope.spawn(|| pool.acquire_timeout(LONG).map(drop))).collect();
        thread::sleep(SHORT);
        drop(held);
        for waiter in waiters {
            waiter.join().unwrap().unwrap();
        }
    });
    assert_eq!(pool.idle(), 1);
}

#[test]
fn blocks_come_home_however_they_are_dropped() {
    let pool = pool_of(2);
    drop(pool.acquire().unwrap());
    assert_eq!(pool.idle(), 2, "never frozen");
    let empty = pool.acquire().unwrap().freeze();
    assert_eq!((empty.len(), pool.idle()), (0, 2), "frozen without a byte");
    let mut view = filled(&pool, b"0123456789");
    view.advance(10);
    assert_eq!((view.len(), pool.idle()), (0, 2), "advanced to its end");
    let view = filled(&pool, b"0123456789");
    let part = view.slice(3..5);
    drop(view);
    assert_eq!(pool.idle(), 1);
    thread::spawn(move || drop(part)).join().unwrap();
    assert_eq!(pool.idle(), 2, "dropped elsewhere");
    let view = filled(&pool, b"bytes");
    let bytes = bytes::Bytes::from(view).slice(1..);
    assert_eq!((&bytes[..], pool.idle()), (&b"ytes"[..], 1));
    drop(bytes);
    assert_eq!(pool.idle(), 2, "dropped as `Bytes`");
    let unique = filled(&pool, b"bytes").try_into_mut().unwrap();
    drop(unique);
    assert_eq!(pool.idle(), 2, "dropped while written again");
}

#[test]
fn a_block_comes_home_past_a_panic() {
    let pool = pool_of(1);
    let text = panic_text(|| {
        let mut block = pool.acquire().unwrap();
        block.advance(101);
    });
    assert_eq!(text, "cannot fill 101 bytes: the block has room for 100");
    assert_eq!(pool.idle(), 1);
}

#[test]
fn the_block_that_came_home_last_is_lent_first() {
    let pool = pool_of(3);
    let blocks = [(); 3].map(|()| pool.acquire().unwrap());
    let [a, b, c] = blocks.map(one_byte);
    let keep = pool_of(1);
    assert!(!keep.lent(&pool_block(&pool, a)));
    let mut block = pool.acquire().unwrap();
    let at = block.unfilled_mut().as_ptr();
    drop((b, block));
    let mut again = pool.acquire().unwrap();
    assert_eq!(again.unfilled_mut().as_ptr(), at);
    drop(c);
}

/// Turns a view into the block that it was.
fn pool_block(pool: &Pool, view: SharedBuf) -> Block {
    let block = Block::try_from_shared(view).unwrap();
    assert!(pool.lent(&block));
    block
}

#[test]
fn views_outlive_their_pool() {
    let pool = pool_of(3);
    let view = filled(&pool, b"outlives");
    let block = pool.acquire().unwrap();
    drop(pool);
    assert_eq!(view, b"outlives");
    let part = view.slice(3..);
    drop(view);
    assert_eq!(part, b"lives");
    drop(block);
    drop(part);
}

#[test]
fn a_clone_keeps_the_pool_open() {
    let pool = pool_of(2);
    let clone = pool.clone();
    let view = filled(&pool, b"bytes");
    drop(pool);
    drop(view);
    assert_eq!((clone.idle(), clone.blocks()), (2, 2));
}

#[test]
fn a_view_becomes_a_block_again_with_its_bytes() {
    let pool = pool_of(1);
    let view = filled(&pool, b"0123456789");
    let at = view.as_ptr();
    let part = view.slice(2..6);
    drop(view);
    let mut block = Block::try_from_shared(part).unwrap();
    assert_eq!(*block, *b"012345", "all up to the end of the view");
    assert_eq!((block.room(), block.capacity()), (94, 100));
    assert_eq!(block.as_ptr(), at);
    block.copy_from(b"!");
    assert_eq!(block.freeze(), b"012345!");
    assert_eq!(pool.idle(), 1);
}

#[test]
fn what_is_not_the_last_view_of_a_block_is_given_back() {
    let pool = pool_of(1);
    let view = filled(&pool, b"0123456789");
    let other = view.clone();
    let view = Block::try_from_shared(view).unwrap_err();
    assert_eq!(view, b"0123456789");
    drop((view, other));
    for foreign in [
        SharedBuf::from(b"vector".to_vec()),
        SharedBuf::from_static(b"static"),
        UniqueBuf::from_owner([1; 6]).freeze(),
    ] {
        let at = foreign.as_ptr();
        let back = Block::try_from_shared(foreign).unwrap_err();
        assert_eq!((back.as_ptr(), back.len()), (at, 6));
    }
    assert_eq!(pool.idle(), 1);
}

#[test]
fn a_pool_knows_its_own_blocks() {
    let (ours, theirs) = (pool_of(1), pool_of(1));
    let block = ours.acquire().unwrap();
    assert!(ours.lent(&block) && ours.clone().lent(&block));
    assert!(!theirs.lent(&block));
}
