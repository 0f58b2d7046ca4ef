//! Whatever threads do at the same instant, the ceiling stays exact: no block
//! is lost, doubled or made anew.

use std::collections::HashSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use buffers::SharedBuf;
use filereader::Pool;
use oracles::content::pattern;

const BLOCKS: usize = 2;

const ROUNDS: u32 = if cfg!(debug_assertions) { 50_000 } else { 1_000_000 };

fn address(view: &SharedBuf) -> usize {
    view.as_ptr().addr()
}

/// Where two threads meet, again and again. They spin, so that both go on at
/// the same instant.
#[derive(Default)]
struct Crossing(AtomicU64);

/// One of the two threads.
struct Walker<'c> {
    crossing: &'c Crossing,
    meetings: u64,
}

impl<'c> Walker<'c> {
    fn new(crossing: &'c Crossing) -> Self {
        Self { crossing, meetings: 0 }
    }

    fn meet(&mut self) {
        self.meetings += 1;
        self.crossing.0.fetch_add(1, Ordering::AcqRel);
        let mut spins = 0_u32;
        while self.crossing.0.load(Ordering::Acquire) < 2 * self.meetings {
            spins += 1;
            // The other one may need this very processor.
            if spins.is_multiple_of(1 << 12) {
                thread::yield_now();
            }
            std::hint::spin_loop();
        }
    }
}

impl Drop for Walker<'_> {
    fn drop(&mut self) {
        // Whoever fails must not leave the other one waiting.
        if thread::panicking() {
            self.crossing.0.store(u64::MAX / 2, Ordering::Release);
        }
    }
}

#[test]
fn the_last_two_handles_may_be_dropped_at_once() {
    let pool = Pool::builder().block_size(8).blocks(BLOCKS).build();
    let pool = pool.unwrap();
    let crossing = Crossing::default();
    let others: Mutex<[Option<SharedBuf>; BLOCKS]> = Mutex::default();
    let mut seen = HashSet::new();
    thread::scope(|scope| {
        scope.spawn(|| {
            let mut walker = Walker::new(&crossing);
            for _ in 0..ROUNDS {
                walker.meet();
                let mut mine = std::mem::take(&mut *others.lock().unwrap());
                for view in &mut mine {
                    walker.meet();
                    drop(view.take());
                }
                walker.meet();
            }
        });
        let mut walker = Walker::new(&crossing);
        for _ in 0..ROUNDS {
            let mine = [(); BLOCKS].map(|()| {
                let mut block = pool.try_acquire().unwrap();
                block.copy_from(b"12345678");
                block.freeze()
            });
            seen.extend(mine.iter().map(address));
            let parts = mine.each_ref().map(|view| Some(view.slice(..4)));
            *others.lock().unwrap() = parts;
            walker.meet();
            for view in mine {
                walker.meet();
                drop(view);
            }
            walker.meet();
            assert_eq!((pool.idle(), pool.blocks()), (BLOCKS, BLOCKS));
        }
    });
    assert_eq!(seen.len(), BLOCKS, "no block was made anew");
}

/// Fills blocks, checks what they show, and drops parts of them in all orders.
fn soak(pool: &Pool, thread: u64, rounds: u64) -> HashSet<usize> {
    let mut seen = HashSet::new();
    let mut kept = Vec::new();
    for round in 0..rounds {
        let bytes = pattern(16, thread * rounds + round);
        let mut block = pool.acquire_timeout(Duration::from_secs(60)).unwrap();
        block.copy_from(&bytes);
        let view = block.freeze();
        seen.insert(address(&view));
        let part = view.slice(4..);
        let promoted = view.promote(&part[2..5]).unwrap();
        if round % 2 == 0 {
            drop(view);
            assert_eq!(part, bytes[4..]);
            kept.push(promoted);
        } else {
            drop((promoted, part));
            assert_eq!(view, bytes[..]);
        }
        // At most one view stays, or the threads could starve each other.
        if let [first, ..] = &kept[..] {
            assert_eq!(first.len(), 3);
            kept.clear();
        }
    }
    seen
}

#[test]
fn many_threads_share_few_blocks() {
    const THREADS: u64 = 8;
    let pool = Pool::builder().block_size(16).blocks(3).build().unwrap();
    let ceiling = (pool.ceiling(), pool.reserved());
    // In all, as many turns of acquire, freeze, slice and drop as there are rounds.
    let rounds = u64::from(ROUNDS) / THREADS;
    let mut seen = HashSet::new();
    thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS)
            .map(|n| {
                let pool = &pool;
                scope.spawn(move || soak(pool, n, rounds))
            })
            .collect();
        for thread in threads {
            seen.extend(thread.join().unwrap());
        }
    });
    assert_eq!((pool.idle(), pool.blocks()), (3, 3));
    assert_eq!((pool.ceiling(), pool.reserved()), ceiling);
    let stats = pool.stats()[0];
    assert_eq!((stats.lent, stats.waiting), (THREADS * rounds, 0));
    assert!(seen.len() <= 3, "no block was made anew");
}

#[test]
fn a_pool_may_be_closed_while_its_views_are_dropped() {
    for _ in 0..ROUNDS / 100 {
        let pool = Pool::builder().block_size(8).blocks(2).build().unwrap();
        let view = pool.acquire().unwrap().freeze();
        let mut block = pool.acquire().unwrap();
        block.copy_from(b"12345678");
        let last = block.freeze();
        let crossing = Crossing::default();
        thread::scope(|scope| {
            scope.spawn(|| {
                Walker::new(&crossing).meet();
                drop(view);
            });
            Walker::new(&crossing).meet();
            drop(pool);
        });
        assert_eq!(last, b"12345678");
    }
}
