//! Views with strides, beside `ndarray` and loops by hand.

use std::hint::black_box;
use std::ops::Range;

use buffers::{Format, Row, SharedBuf, SharedView, Slice, View};
use bytes::Bytes;
use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, BenchmarkId, Criterion, Throughput};
use ndarray::{ArcArray2, ArrayView1, ArrayView2, ArrayViewMut1, s};

use crate::{page, range, show};

/// Times `cut`, whose result is dropped within the timed part, after `sees` said that
/// it is the right one.
fn cutting<T>(
    group: &mut BenchmarkGroup<'_, WallTime>,
    id: &str,
    cut: impl Fn() -> T,
    sees: impl Fn(&T) -> Vec<u8>,
    expected: &[u8],
) {
    group.bench_function(id, |b| {
        assert_eq!(sees(&cut()), expected, "{id} cuts the right bytes");
        b.iter(|| show(&cut()));
    });
}

pub(crate) fn slice_one_axis(c: &mut Criterion) {
    let mut group = c.benchmark_group("slice-1d");
    group.throughput(Throughput::Elements(1));
    let page = page();
    let expected = &page[64..128];
    let bytes = Bytes::from(page.clone());
    let (row, view) = (Row::of_bytes(&page), View::of_bytes(&page));
    let array = ArrayView1::from(&page);

    let cut = || black_box(&bytes).slice(range());
    cutting(&mut group, "bytes", cut, |part| part.to_vec(), expected);
    let cut = || black_box(&row).slice(range());
    cutting(&mut group, "row", cut, |part| part.as_bytes().to_vec(), expected);
    let cut = || black_box(&view).slice(range());
    cutting(&mut group, "view", cut, View::to_bytes, expected);
    let cut = || black_box(&array).slice_move(s![range()]);
    cutting(&mut group, "ndarray", cut, |part| part.to_vec(), expected);
    group.finish();
}

const COLUMNS: usize = 64;

fn rows() -> Range<usize> {
    black_box(8)..black_box(24)
}

/// Every second column from `from` to `to`.
fn columns() -> (isize, isize, isize) {
    (black_box(10), black_box(50), black_box(2))
}

pub(crate) fn slice_two_axes(c: &mut Criterion) {
    let mut group = c.benchmark_group("slice-2d");
    group.throughput(Throughput::Elements(1));
    let page = page();
    let expected: Vec<u8> = (8..24)
        .flat_map(|row| (10..50).step_by(2).map(move |column| row * COLUMNS + column))
        .map(|at| page[at])
        .collect();
    let shape = [page.len() / COLUMNS, COLUMNS];
    let view = View::of_bytes(&page).reshape(shape).expect("whole rows");
    let shared = SharedView::of_bytes(SharedBuf::from(page.clone()));
    let shared = shared.reshape(shape).expect("whole rows");
    let array = ArrayView2::from_shape(shape, &page).expect("whole rows");
    let arc = ArcArray2::from_shape_vec(shape, page.clone()).expect("whole rows");
    let ours = || {
        let (from, to, step) = columns();
        (rows(), Slice::new(from, to, step))
    };
    let theirs = || {
        let (from, to, step) = columns();
        s![rows(), from..to; step]
    };

    let cut = || black_box(&view).slice(ours());
    cutting(&mut group, "view", cut, View::to_bytes, &expected);
    let cut = || black_box(&array).slice_move(theirs());
    cutting(&mut group, "ndarray-view", cut, |part| part.iter().copied().collect(), &expected);
    let cut = || black_box(&shared).slice(ours());
    cutting(&mut group, "shared-view", cut, SharedView::to_bytes, &expected);
    let cut = || black_box(&arc).clone().slice_move(theirs());
    cutting(&mut group, "ndarray-arc", cut, |part| part.iter().copied().collect(), &expected);
    group.finish();
}

/// The bytes that are gathered at once.
const WINDOW: usize = 32 << 10;

/// A type of each size, with the format that has it, and what is gathered of it.
trait Item: Copy + Default + PartialEq + std::fmt::Debug + 'static {
    const FORMAT: &'static str;
    fn from_bytes(bytes: &[u8]) -> Self;
}

macro_rules! items {
    ($($item:ty: $format:literal),+ $(,)?) => {$(
        impl Item for $item {
            const FORMAT: &'static str = $format;

            fn from_bytes(bytes: &[u8]) -> Self {
                Self::from_ne_bytes(bytes.try_into().expect("as many bytes as it has"))
            }
        }
    )+};
}

items!(u8: "B", u16: "H", u32: "I", u64: "Q");

pub(crate) fn gather(c: &mut Criterion) {
    let mut group = c.benchmark_group("gather");
    group.throughput(Throughput::Bytes(WINDOW as u64));
    gather_items::<u8, 1>(&mut group);
    gather_items::<u16, 2>(&mut group);
    gather_items::<u32, 4>(&mut group);
    gather_items::<u64, 8>(&mut group);
    gather_sixteen(&mut group);
    group.finish();
}

/// Every third element of some, so that 32 KiB come together.
fn gather_items<T: Item, const U: usize>(group: &mut BenchmarkGroup<'_, WallTime>) {
    let bytes: Vec<u8> = page().into_iter().cycle().take(3 * WINDOW).collect();
    let expected = by_hand::<U>(&bytes, vec![0; WINDOW]);
    let format = Format::parse(T::FORMAT).expect("a single code");
    let view = View::new(&bytes, format).expect("whole items").slice(Slice::every(3));
    ours::<U>(group, &view, &bytes, &expected);

    let items: Vec<T> = bytes.chunks_exact(U).map(T::from_bytes).collect();
    let array = ArrayView1::from(&items).slice_move(s![..;3]);
    let expected: Vec<T> = expected.chunks_exact(U).map(T::from_bytes).collect();
    group.bench_function(BenchmarkId::new("ndarray", U), |b| {
        let mut to = vec![T::default(); expected.len()];
        b.iter(|| ArrayViewMut1::from(black_box(&mut to[..])).assign(black_box(&array)));
        assert_eq!(to, expected, "ndarray gathers the right items");
    });
}

/// Items of 16 bytes have no code of their own: they are windows of two numbers.
fn gather_sixteen(group: &mut BenchmarkGroup<'_, WallTime>) {
    let bytes: Vec<u8> = page().into_iter().cycle().take(3 * WINDOW).collect();
    let expected = by_hand::<16>(&bytes, vec![0; WINDOW]);
    let pairs = View::new(&bytes, Format::parse("Q").expect("a code")).expect("whole items");
    let pairs = pairs.reshape([bytes.len() / 16, 2]).expect("whole pairs");
    ours::<16>(group, &pairs.slice(Slice::every(3)), &bytes, &expected);

    let items: Vec<u128> = bytes
        .chunks_exact(16)
        .map(|item| u128::from_ne_bytes(item.try_into().expect("16 bytes")))
        .collect();
    let array = ArrayView1::from(&items).slice_move(s![..;3]);
    group.bench_function(BenchmarkId::new("ndarray", 16), |b| {
        let mut to = vec![0_u128; WINDOW / 16];
        b.iter(|| ArrayViewMut1::from(black_box(&mut to[..])).assign(black_box(&array)));
        let to: Vec<u8> = to.iter().flat_map(|item| item.to_ne_bytes()).collect();
        assert_eq!(to, expected, "ndarray gathers the right items");
    });
}

fn ours<const U: usize>(
    group: &mut BenchmarkGroup<'_, WallTime>,
    view: &View<'_>,
    bytes: &[u8],
    expected: &[u8],
) {
    group.bench_function(BenchmarkId::new("view", U), |b| {
        let mut to = vec![0; WINDOW];
        b.iter(|| black_box(view).copy_to_slice(black_box(&mut to[..])));
        assert_eq!(to, expected, "a view gathers the right items");
    });
    group.bench_function(BenchmarkId::new("by-hand", U), |b| {
        let mut to = vec![0; WINDOW];
        b.iter(|| by_hand_into::<U>(black_box(bytes), black_box(3 * U), black_box(&mut to[..])));
        assert_eq!(to, expected, "the loop gathers the right items");
    });
}

fn by_hand<const U: usize>(bytes: &[u8], mut to: Vec<u8>) -> Vec<u8> {
    by_hand_into::<U>(bytes, 3 * U, &mut to);
    to
}

/// The loop that one writes who knows the size of the elements. Their stride is known at
/// run time, as that of a window is.
#[inline(never)]
fn by_hand_into<const U: usize>(bytes: &[u8], stride: usize, to: &mut [u8]) {
    for (to, from) in to.chunks_exact_mut(U).zip(bytes.chunks_exact(stride)) {
        to.copy_from_slice(&from[..U]);
    }
}

pub(crate) fn copy(c: &mut Criterion) {
    let mut group = c.benchmark_group("copy-contiguous");
    group.throughput(Throughput::Bytes(WINDOW as u64));
    let bytes: Vec<u8> = page().into_iter().cycle().take(WINDOW).collect();
    let view = View::of_bytes(&bytes).reshape([32, 32, 32]).expect("32 KiB");
    let array = ArrayView1::from(&bytes);
    let mut to = vec![0; WINDOW];
    let mut times = |id: &str, copy: &dyn Fn(&mut [u8])| {
        to.fill(0);
        group.bench_function(id, |b| b.iter(|| copy(black_box(&mut to[..]))));
        assert_eq!(to, bytes, "{id} copies the right bytes");
    };
    times("memcpy", &|to| to.copy_from_slice(black_box(&bytes)));
    times("view", &|to| black_box(&view).copy_to_slice(to).expect("as many bytes"));
    times("ndarray", &|to| ArrayViewMut1::from(to).assign(black_box(&array)));
    group.finish();
}

pub(crate) fn equality(c: &mut Criterion) {
    let mut group = c.benchmark_group("equality");
    group.throughput(Throughput::Bytes(WINDOW as u64));
    let bytes: Vec<u8> = page().into_iter().cycle().take(WINDOW).collect();
    let (copy, mut changed) = (bytes.clone(), bytes.clone());
    changed[WINDOW - 1] ^= 1;
    let view =
        |code, bytes| View::new(bytes, Format::parse(code).expect("a code")).expect("whole items");
    let swapped: Vec<u8> =
        bytes.chunks_exact(4).flat_map(|item| item.iter().rev().copied()).collect();
    let times = |group: &mut BenchmarkGroup<'_, WallTime>,
                 id: &str,
                 same: &dyn Fn() -> bool,
                 other: bool| {
        group.bench_function(id, |b| {
            assert!(same() && !other, "{id} tells equal from different");
            b.iter(same);
        });
    };
    times(
        &mut group,
        "memcmp",
        &|| black_box(&bytes[..]) == black_box(&copy[..]),
        bytes == changed,
    );
    let (a, b) = (view("<I", &bytes), view("<I", &copy));
    let differs = a == view("<I", &changed);
    times(&mut group, "view-integers", &|| black_box(&a) == black_box(&b), differs);
    let (a, b) = (ArrayView1::from(&bytes), ArrayView1::from(&copy));
    let differs = a == ArrayView1::from(&changed);
    times(&mut group, "ndarray-bytes", &|| black_box(&a) == black_box(&b), differs);
    let (a, b) = (view("<I", &bytes), view(">I", &swapped));
    let differs = a == view(">I", &copy);
    times(&mut group, "view-two-orders", &|| black_box(&a) == black_box(&b), differs);
    group.finish();
}
