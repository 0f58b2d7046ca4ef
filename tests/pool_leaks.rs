//! Whatever order a pool, its blocks and their views are dropped in, all of
//! their memory is freed.

use std::hint::black_box;

use bench_suite::meter::{alloc, measure};
use buffers::SharedBuf;
use filereader::{Block, Pool};

bench_suite::install_meter!(allocations);

/// Allocations that `work` makes and does not free again, of all that it makes.
fn unfreed(work: impl FnOnce()) -> (u64, u64) {
    let (moved, _) = measure(|| {
        let before = alloc::counts();
        work();
        alloc::counts().since(before)
    });
    (moved.allocations - moved.deallocations, moved.allocations)
}

/// A pool of three blocks, of which one is being filled and one is seen.
fn lent(block_size: usize) -> (Pool, Block, SharedBuf) {
    let pool = Pool::builder().block_size(block_size).blocks(3).build();
    let pool = pool.expect("a few kilobytes");
    let block = pool.acquire().expect("three are here");
    let mut other = pool.acquire().expect("two are here");
    other.copy_from(b"seen");
    (pool, block, other.freeze().slice(1..))
}

/// Heap blocks, and mapped ones.
const SIZES: [usize; 2] = [100, 8192];

#[test]
fn the_control_sees_what_is_not_freed() {
    let mut kept = None;
    // The optimiser would leave allocations out that nobody looks at.
    let boxed = || black_box(Box::new(black_box(1)));
    assert_eq!(unfreed(|| kept = Some(boxed())), (1, 1));
    assert_eq!(unfreed(|| drop(boxed())), (0, 1));
    assert!(kept.is_some());
}

#[test]
fn a_pool_dropped_last_frees_all() {
    for size in SIZES {
        let (left, made) = unfreed(|| {
            let (pool, block, view) = lent(size);
            drop((view, block));
            assert_eq!(pool.idle(), 3);
        });
        assert_eq!(left, 0, "of {made} allocations");
        assert!(made > 6, "this was to allocate a pool");
    }
}

#[test]
fn a_pool_dropped_first_frees_all() {
    for size in SIZES {
        let (left, made) = unfreed(|| {
            let (pool, block, view) = lent(size);
            drop(pool);
            assert_eq!(view, b"een");
            drop(block);
            drop(view);
        });
        assert_eq!(left, 0, "of {made} allocations");
    }
}

#[test]
fn a_block_made_from_a_view_after_the_pool_is_freed_too() {
    for size in SIZES {
        let (left, _) = unfreed(|| {
            let (pool, block, view) = lent(size);
            drop((pool, block));
            let mut again = Block::try_from_shared(view).expect("the last view");
            again.copy_from(b"!");
            assert_eq!(again.freeze(), b"seen!");
        });
        assert_eq!(left, 0);
    }
}

#[test]
fn a_pool_that_could_not_be_built_frees_what_it_had() {
    let (left, _) = unfreed(|| {
        let builder = Pool::builder().block_size(1 << 46).blocks(4);
        assert!(builder.build().is_err());
    });
    assert_eq!(left, 0);
}
