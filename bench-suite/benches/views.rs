//! Cutting, keeping and dereferencing views.
//!
//! | group | what is timed |
//! |---|---|
//! | `slice` | cutting 64 bytes out of 4 KiB as a view, and dropping the view |
//! | `slice-two-threads` | the same by two threads from one backing: one slice each |
//! | `promote` | turning a borrowed part into a kept view, and dropping it |
//! | `deref` | the first byte of each of 1000 handles |
//! | `slice-1d` | 64 bytes out of 4 KiB, as the light row, a view, a `Bytes` and an array view |
//! | `slice-2d` | 16 rows, and every second of 40 columns, borrowed and shared |
//! | `gather` | every third element copied together to 32 KiB, for elements of 1 to 16 bytes |
//! | `copy-contiguous` | 32 KiB without gaps |
//! | `equality` | 32 KiB that are equal: as bytes, as integers of one format and of two byte orders |
//!
//! `borrow` and `row` in `slice` keep nothing alive, so they cost next to
//! nothing; they are the way to go for as long as a borrow will do, and show
//! what keeping costs on top. `to-vec` is the naive way: it allocates and
//! copies. For so few bytes that is some times a reference count, no more; and
//! where two threads share one backing, they wait for each other's count, which
//! two copies do not, so there it can win.
//!
//! `deref` is the group where `Bytes` wins. It keeps a pointer to its bytes in
//! the handle; a `SharedBuf` asks its header, and behind that the owner, which
//! takes unsafe code to avoid. The price is one or two loads a dereference, and
//! a virtual call for an owner of the user's. In the variant `own-backings`
//! each handle has memory of its own, so the headers have to be fetched too; in
//! `one-backing` all handles share one header, as the views of one block do.
#![allow(missing_docs, reason = "criterion_group! makes public functions")]

mod strided;
mod threads;

use std::hint::black_box;
use std::ops::{Deref, Range};
use std::sync::Arc;
use std::time::Duration;

use buffers::{Row, SharedBuf};
use bytes::Bytes;
use criterion::measurement::WallTime;
use criterion::{
    BenchmarkGroup, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main,
};
use filereader::Pool;

use threads::on_two_threads;

const PAGE: usize = 4096;
const HANDLES: usize = 1000;
/// The bytes that each of the 1000 handles shows.
const SHOWN: usize = 64;

/// Bytes that tell positions apart.
fn page() -> Vec<u8> {
    (0..PAGE).map(|i| (i * 7 % 251).to_le_bytes()[0]).collect()
}

/// The range that is cut out, which the compiler must not know.
fn range() -> Range<usize> {
    black_box(64)..black_box(128)
}

/// The hand-made shared view: a count and a range.
#[derive(Clone)]
struct ArcPart {
    whole: Arc<[u8]>,
    range: Range<usize>,
}

impl ArcPart {
    fn slice(&self, range: Range<usize>) -> Self {
        let (start, end) = (self.range.start + range.start, self.range.start + range.end);
        assert!(start <= end && end <= self.range.end, "the range must fit");
        Self { whole: Arc::clone(&self.whole), range: start..end }
    }
}

impl AsRef<[u8]> for ArcPart {
    fn as_ref(&self) -> &[u8] {
        &self.whole[self.range.clone()]
    }
}

/// A block of a pool as a view: memory that goes home when it is dropped.
fn pooled() -> SharedBuf {
    let pool = Pool::builder().block_size(PAGE).blocks(1).build().expect("one page");
    let mut block = pool.acquire().expect("the only block is free");
    block.copy_from(&page());
    block.freeze()
}

/// Shows a view to somebody whom the compiler does not know, in place: handing
/// it over would move it through memory, which costs as much as what is timed.
#[inline]
fn show<T>(view: &T) {
    black_box(view);
}

/// Times `cut`, whose result is dropped within the timed part.
fn contender<T: AsRef<[u8]>>(
    group: &mut BenchmarkGroup<'_, WallTime>,
    id: &str,
    mut cut: impl FnMut() -> T,
) {
    group.bench_function(id, |b| {
        assert_eq!(cut().as_ref(), &page()[64..128], "{id} cuts the right bytes");
        b.iter(|| show(&cut()));
    });
}

fn slice(c: &mut Criterion) {
    let mut group = c.benchmark_group("slice");
    group.throughput(Throughput::Elements(1));

    let page = page();
    let shared = SharedBuf::from(page.clone());
    let pooled = pooled();
    let bytes = Bytes::from(page.clone());
    let part = ArcPart { whole: Arc::from(&*page), range: 0..PAGE };

    contender(&mut group, "to-vec", || black_box(&page)[range()].to_vec());
    contender(&mut group, "shared-buf", || black_box(&shared).slice(range()));
    contender(&mut group, "shared-buf-pooled", || black_box(&pooled).slice(range()));
    contender(&mut group, "bytes", || black_box(&bytes).slice(range()));
    contender(&mut group, "arc", || black_box(&part).slice(range()));
    contender(&mut group, "borrow", || &black_box(&page)[range()]);
    contender(&mut group, "row", || Row::of_bytes(black_box(&page)).slice(range()).as_bytes());
    group.finish();
}

fn slice_two_threads(c: &mut Criterion) {
    let mut group = c.benchmark_group("slice-two-threads");
    group.throughput(Throughput::Elements(2));

    let page = page();
    let shared = SharedBuf::from(page.clone());
    let bytes = Bytes::from(page.clone());
    let part = ArcPart { whole: Arc::from(&*page), range: 0..PAGE };

    let mut both = |id: &str, work: &(dyn Fn(u64) -> Duration + Sync)| {
        group.bench_function(id, |b| b.iter_custom(work));
    };
    both("to-vec", &|iters| on_two_threads(iters, || show(&black_box(&page)[range()].to_vec())));
    both("shared-buf", &|iters| on_two_threads(iters, || show(&black_box(&shared).slice(range()))));
    both("bytes", &|iters| on_two_threads(iters, || show(&black_box(&bytes).slice(range()))));
    both("arc", &|iters| on_two_threads(iters, || show(&black_box(&part).slice(range()))));
    group.finish();
    // Every count that two threads raised at once was lowered again.
    assert!(shared.is_unique(), "all slices of the shared buffer are dropped");
    assert!(bytes.is_unique(), "all slices of the bytes are dropped");
}

fn promote(c: &mut Criterion) {
    let mut group = c.benchmark_group("promote");
    group.throughput(Throughput::Elements(1));

    let shared = SharedBuf::from(page());
    let bytes = Bytes::from(page());
    let (of_shared, of_bytes) = (&shared[64..128], &bytes[64..128]);

    contender(&mut group, "to-vec", || black_box(of_shared).to_vec());
    contender(&mut group, "shared-buf", || {
        black_box(&shared).promote(black_box(of_shared)).expect("a part of it")
    });
    contender(&mut group, "bytes", || black_box(&bytes).slice_ref(black_box(of_bytes)));
    group.finish();
}

/// 1000 views of one backing.
fn one_backing<T>(cut: impl Fn(Range<usize>) -> T) -> Vec<T> {
    (0..HANDLES).map(|i| cut(i * SHOWN..(i + 1) * SHOWN)).collect()
}

/// 1000 views of as many backings.
fn own_backings<T>(wrap: impl Fn(Vec<u8>) -> T) -> Vec<T> {
    backing().chunks_exact(SHOWN).map(|part| wrap(part.to_vec())).collect()
}

fn backing() -> Vec<u8> {
    (0..HANDLES * SHOWN).map(|i| (i / SHOWN).to_le_bytes()[0]).collect()
}

fn first_bytes<T: Deref<Target = [u8]>>(handles: &[T]) -> u64 {
    handles.iter().map(|handle| u64::from(handle[0])).sum()
}

fn deref(c: &mut Criterion) {
    let mut group = c.benchmark_group("deref");
    group.throughput(Throughput::Elements(HANDLES as u64));

    let plain = backing();
    let as_vec = SharedBuf::from(backing());
    let as_bytes = SharedBuf::from(Bytes::from(backing()));
    let as_owner = SharedBuf::from_owner(backing().into_boxed_slice());
    let as_static = SharedBuf::from_static(backing().leak());
    let bytes = Bytes::from(backing());

    let one = "one-backing";
    handles(&mut group, "borrow", one, &one_backing(|range| &plain[range]));
    handles(&mut group, "bytes", one, &one_backing(|range| bytes.slice(range)));
    handles(&mut group, "shared-buf-vec", one, &one_backing(|range| as_vec.slice(range)));
    handles(&mut group, "shared-buf-bytes", one, &one_backing(|range| as_bytes.slice(range)));
    handles(&mut group, "shared-buf-owner", one, &one_backing(|range| as_owner.slice(range)));
    handles(&mut group, "shared-buf-static", one, &one_backing(|range| as_static.slice(range)));

    let own = "own-backings";
    handles(&mut group, "vec", own, &own_backings(|vec| vec));
    handles(&mut group, "bytes", own, &own_backings(Bytes::from));
    handles(&mut group, "shared-buf-vec", own, &own_backings(SharedBuf::from));
    group.finish();
}

fn handles<T: Deref<Target = [u8]>>(
    group: &mut BenchmarkGroup<'_, WallTime>,
    id: &str,
    backing: &str,
    handles: &[T],
) {
    // What the positions say that the first bytes are.
    let expected: u64 = (0..HANDLES).map(|i| u64::from(i.to_le_bytes()[0])).sum();
    group.bench_function(BenchmarkId::new(id, backing), |b| {
        assert_eq!(first_bytes(handles), expected, "{id} shows the right bytes");
        b.iter(|| first_bytes(black_box(handles)));
    });
}

fn config() -> Criterion {
    Criterion::default()
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_millis(1500))
        .sample_size(60)
}

criterion_group! {
    name = views;
    config = config();
    targets = slice, slice_two_threads, promote, deref, strided::slice_one_axis,
        strided::slice_two_axes, strided::gather, strided::copy, strided::equality
}
criterion_main!(views);
