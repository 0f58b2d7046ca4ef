//! What it takes to keep a part of some memory, and to let go of the rest.
//!
//! | group | what is timed |
//! |---|---|
//! | `promote-many` | keeping 16 borrowed parts of one buffer, and dropping them |
//! | `compact` | keeping n bytes of 64 KiB: as a slice, copied out by `compact_if`, or as a fresh `Bytes` |
//! | `sites` | slicing and dropping while one in so many handles is put on record |
//!
//! In `promote-many`, `promote-all` keeps one handle and a list of ranges; the others keep
//! sixteen handles. A part is then a `&[u8]`, and becomes a handle when one is asked
//! for, which is another count.
//!
//! `compact` is where copying loses time: always, and the more, the more is copied. What
//! it gains is memory. `compact-if` slices first, since that is how a small handle of a
//! large memory comes about.
//!
//! `sites` needs two builds, one of them with the crate feature:
//! `cargo bench --bench keeping -- sites`, then the same with `--features sites`. In each
//! build `bytes` is timed too: it knows nothing of the feature, so that what differs
//! in it between the builds is the machine.
#![allow(missing_docs, reason = "criterion_group! makes public functions")]

use std::hint::black_box;
use std::time::Duration;

use buffers::SharedBuf;
use buffers::retention::CompactPolicy;
use bytes::Bytes;
use criterion::measurement::WallTime;
use criterion::{
    BenchmarkGroup, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main,
};

const PAGE: usize = 64 << 10;
const PARTS: usize = 16;

/// Bytes that tell positions apart.
fn page() -> Vec<u8> {
    (0..PAGE).map(|i| (i * 7 % 251).to_le_bytes()[0]).collect()
}

/// Shows something to somebody whom the compiler does not know, in place.
#[inline]
fn show<T>(kept: &T) {
    black_box(kept);
}

/// Sixteen words of a page, with other bytes between them.
fn words(page: &[u8]) -> Vec<&[u8]> {
    page.chunks(40).take(PARTS).map(|line| &line[4..28]).collect()
}

fn promote_many(c: &mut Criterion) {
    let mut group = c.benchmark_group("promote-many");
    group.throughput(Throughput::Elements(PARTS as u64));

    let page = page();
    let shared = SharedBuf::from(page.clone());
    let bytes = Bytes::from(page.clone());
    let (of_shared, of_bytes) = (words(&shared), words(&bytes));

    let all = || {
        let parts = black_box(&of_shared).iter().copied();
        black_box(&shared).promote_all(parts).expect("parts of it")
    };
    let each = || -> Vec<SharedBuf> {
        let parts = black_box(&of_shared).iter();
        parts.map(|part| black_box(&shared).promote(part).expect("a part of it")).collect()
    };
    let refs = || -> Vec<Bytes> {
        black_box(&of_bytes).iter().map(|part| black_box(&bytes).slice_ref(part)).collect()
    };

    assert!(all().iter().eq(words(&page)), "promote-all keeps the right bytes");
    assert_eq!(each(), words(&page));
    assert_eq!(refs(), words(&page));
    group.bench_function("promote-all", |b| b.iter(|| show(&all())));
    group.bench_function("promote-each", |b| b.iter(|| show(&each())));
    group.bench_function("bytes-slice-ref", |b| b.iter(|| show(&refs())));
    group.finish();
}

fn compact(c: &mut Criterion) {
    let mut group = c.benchmark_group("compact");
    let page = page();
    let shared = SharedBuf::from(page.clone());
    let policy = CompactPolicy::default().at_most(usize::MAX);

    for n in [20, 64, 512, 4096] {
        let whole = || black_box(&shared);
        kept(&mut group, "slice", &page[..n], || whole().slice(..black_box(n)));
        kept(&mut group, "compact-if", &page[..n], || {
            let mut kept = whole().slice(..black_box(n));
            assert!(kept.compact_if(&policy), "64 KiB for so few bytes");
            kept
        });
        kept(&mut group, "bytes-copy-from-slice", &page[..n], || {
            Bytes::copy_from_slice(&black_box(&page)[..black_box(n)])
        });
    }
    group.finish();
}

/// Times `keep`, whose result is dropped within the timed part.
fn kept<T: AsRef<[u8]>>(
    group: &mut BenchmarkGroup<'_, WallTime>,
    id: &str,
    expected: &[u8],
    mut keep: impl FnMut() -> T,
) {
    group.bench_function(BenchmarkId::new(id, expected.len()), |b| {
        assert_eq!(keep().as_ref(), expected, "{id} keeps the right bytes");
        b.iter(|| show(&keep()));
    });
}

fn sites(c: &mut Criterion) {
    let mut group = c.benchmark_group("sites");
    let page = page();
    let shared = SharedBuf::from(page.clone());
    let bytes = Bytes::from(page.clone());
    let build = if cfg!(feature = "sites") { "with-feature" } else { "without-feature" };

    let expected = &page[..64];
    kept(&mut group, &format!("bytes-{build}"), expected, || {
        black_box(&bytes).slice(..black_box(64))
    });
    for &(id, every) in sampling() {
        sample_every(every);
        kept(&mut group, id, expected, || black_box(&shared).slice(..black_box(64)));
    }
    sample_every(0);
    group.finish();
}

/// What this build can do, and how many handles go by for each one on record.
fn sampling() -> &'static [(&'static str, u32)] {
    if cfg!(feature = "sites") {
        &[("off", 0), ("one-in-1024", 1024), ("every-one", 1)]
    } else {
        &[("without-feature", 0)]
    }
}

#[cfg(feature = "sites")]
fn sample_every(n: u32) {
    buffers::retention::sample_every(n);
}

#[cfg(not(feature = "sites"))]
fn sample_every(_: u32) {}

fn config() -> Criterion {
    Criterion::default()
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_millis(1500))
        .sample_size(60)
}

criterion_group! {
    name = keeping;
    config = config();
    targets = promote_many, compact, sites
}
criterion_main!(keeping);
