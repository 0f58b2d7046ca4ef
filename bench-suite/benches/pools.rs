//! Getting memory for 4 KiB, and giving it back.
//!
//! | group | what is timed |
//! |---|---|
//! | `pool-acquire` | getting the memory and giving it back, by one thread and by two (one block each) |
//! | `pool-cycle` | getting, filling from a slice, freezing, cutting a view, dropping both |
//!
//! `malloc` is the naive way. `malloc-zeroed` clears the memory too, which a
//! program that hands `&mut [u8]` to `read` has to do somewhere. `mutex-vec` is
//! the least that a shared pool with a lock can cost, and `array-queue`
//! (crossbeam's) one without.
//!
//! All of them but `malloc-zeroed` beat the pool in `pool-acquire`, the last two
//! by some times. They take no block back by themselves when its last view is
//! dropped, do not know who holds what, and let no thread wait in line; the pool pays
//! for that with eight atomic operations where `mutex-vec` has four, and with moving
//! the handle in and out. With two threads, the pool's do not meet: each keeps to a
//! block of its own, as the C library gives each thread an arena.
//! What a pool is for is its ceiling, and memory that is mapped and touched once;
//! not this race. How often two threads meet is a matter of luck and of what else
//! runs, so the figures of `two-threads` scatter more than the others.
//!
//! In `pool-cycle`, `bytes-mut` reuses one piece of memory, without a lock, and is
//! as fast as the pool or faster, which differs from run to run. It may reuse it
//! because each view is dropped before the next cycle starts; a view that is kept
//! makes it allocate, where the pool takes another block.
#![allow(missing_docs, reason = "criterion_group! makes public functions")]

mod threads;

use std::hint::black_box;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use buffers::SharedBuf;
use bytes::{Bytes, BytesMut};
use criterion::measurement::WallTime;
use criterion::{
    BenchmarkGroup, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main,
};
use crossbeam_queue::ArrayQueue;
use filereader::Pool;

use threads::on_two_threads;

const BLOCK: usize = 4096;
const BLOCKS: usize = 16;

fn pool() -> Pool {
    Pool::builder().block_size(BLOCK).blocks(BLOCKS).prefault(true).build().expect("64 KiB")
}

fn blocks() -> impl Iterator<Item = Box<[u8]>> {
    (0..BLOCKS).map(|_| vec![0; BLOCK].into_boxed_slice())
}

fn by_pool(pool: &Pool) -> usize {
    let block = pool.acquire().expect("a block is free");
    black_box(&block).capacity()
}

fn by_mutex_vec(stack: &Mutex<Vec<Box<[u8]>>>) -> usize {
    let lock = || stack.lock().unwrap_or_else(PoisonError::into_inner);
    // Bound first: the guard of a scrutinee would live as long as the block.
    let popped = lock().pop();
    let block = black_box(popped.expect("a block is free"));
    let len = block.len();
    lock().push(block);
    len
}

fn by_array_queue(queue: &ArrayQueue<Box<[u8]>>) -> usize {
    let block = black_box(queue.pop().expect("a block is free"));
    let len = block.len();
    queue.push(block).expect("there is room for what was taken out");
    len
}

fn by_malloc() -> usize {
    black_box(Vec::<u8>::with_capacity(black_box(BLOCK))).capacity()
}

fn by_malloc_zeroed() -> usize {
    black_box(vec![0_u8; black_box(BLOCK)]).len()
}

fn pool_acquire(c: &mut Criterion) {
    let mut group = c.benchmark_group("pool-acquire");
    let pool = pool();
    let stack = Mutex::new(blocks().collect::<Vec<_>>());
    let queue = ArrayQueue::new(BLOCKS);
    for block in blocks() {
        queue.push(block).expect("as many as it has room for");
    }

    one_and_two_threads(&mut group, "malloc", by_malloc);
    one_and_two_threads(&mut group, "malloc-zeroed", by_malloc_zeroed);
    one_and_two_threads(&mut group, "pool", || by_pool(&pool));
    one_and_two_threads(&mut group, "mutex-vec", || by_mutex_vec(&stack));
    one_and_two_threads(&mut group, "array-queue", || by_array_queue(&queue));
    group.finish();

    let left = stack.into_inner().unwrap_or_else(PoisonError::into_inner).len();
    assert_eq!((pool.idle(), left, queue.len()), (BLOCKS, BLOCKS, BLOCKS), "all blocks are back");
}

/// Times `turn`, which gets memory, gives it back, and says how much it was.
fn one_and_two_threads(
    group: &mut BenchmarkGroup<'_, WallTime>,
    id: &str,
    turn: impl Fn() -> usize + Sync,
) {
    assert!(turn() >= BLOCK, "{id} gives memory for a block");
    group.throughput(Throughput::Elements(1));
    group.bench_function(BenchmarkId::new(id, "one-thread"), |b| b.iter(&turn));
    group.throughput(Throughput::Elements(2));
    group.bench_function(BenchmarkId::new(id, "two-threads"), |b| {
        b.iter_custom(|iters| {
            on_two_threads(iters, || {
                black_box(turn());
            })
        });
    });
}

fn pool_cycle(c: &mut Criterion) {
    let mut group = c.benchmark_group("pool-cycle");
    group.throughput(Throughput::Bytes(BLOCK as u64));
    let source: Vec<u8> = (0..BLOCK).map(|i| (i * 7 % 251).to_le_bytes()[0]).collect();
    let source = source.as_slice();

    cycle(&mut group, "vec-bytes", source, || {
        let whole = Bytes::from(black_box(source).to_vec());
        whole.slice(64..128)
    });
    cycle(&mut group, "vec-shared-buf", source, || {
        let whole = SharedBuf::from(black_box(source).to_vec());
        whole.slice(64..128)
    });
    let mut buf = BytesMut::with_capacity(BLOCK);
    cycle(&mut group, "bytes-mut", source, || {
        // Takes the same memory again, for all views of it are dropped.
        buf.reserve(BLOCK);
        buf.extend_from_slice(black_box(source));
        let whole = buf.split().freeze();
        whole.slice(64..128)
    });
    let pool = pool();
    cycle(&mut group, "pool", source, || {
        let mut block = pool.acquire().expect("a block is free");
        block.copy_from(black_box(source));
        let whole = block.freeze();
        whole.slice(64..128)
    });
    group.finish();
    assert_eq!(pool.idle(), BLOCKS, "all blocks are back");
}

/// Times `turn`, which drops the whole and gives a view; that is dropped within
/// the timed part as well.
fn cycle<T: AsRef<[u8]>>(
    group: &mut BenchmarkGroup<'_, WallTime>,
    id: &str,
    source: &[u8],
    mut turn: impl FnMut() -> T,
) {
    group.bench_function(id, |b| {
        assert_eq!(turn().as_ref(), &source[64..128], "{id} shows what it was filled with");
        // Shown in place: handing the view over would move it through memory.
        b.iter(|| {
            black_box(&turn());
        });
    });
}

fn config() -> Criterion {
    Criterion::default()
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_millis(1500))
        .sample_size(60)
}

criterion_group! {
    name = pools;
    config = config();
    targets = pool_acquire, pool_cycle
}
criterion_main!(pools);
