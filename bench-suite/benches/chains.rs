//! Several pieces as one sequence of bytes.
//!
//! | group | what is timed |
//! |---|---|
//! | `chain-advance` | advancing from the first byte to the last, in steps of 3/8 of a piece and of 2 1/2 pieces; the pieces are let go of on the way |
//! | `chain-chunks-vectored` | filling a list of slices for one vectored write, of at most 1024 |
//!
//! `buf-list` is the crate of that name. `http-body-util` is the list that a collected
//! body gives as its `aggregate()`; hyper keeps the same one, in a module of its own,
//! for what it is about to write. `by-hand` is a `VecDeque<Bytes>` and a loop. Where
//! there are two pieces, `buf-chain` is [`bytes::Buf::chain`].
//!
//! Each piece is memory of its own, as when each came from the network by itself, and
//! one more handle of it exists, so that letting go of a piece takes a count down and
//! frees nothing. The parameter is the number of pieces, the size of each, and the step.
//!
//! `Chain` loses to all of them in `chain-chunks-vectored`: it has to fetch the header of
//! each piece, where a `Bytes` has the address in the handle. In `chain-advance` it is
//! ahead of `buf-list` in most rows, and behind `http-body-util` in about half of them:
//! it keeps the number of bytes left, which that list adds up whenever it is asked, and
//! which this group does not ask for. With two pieces it is behind both, and
//! `buf-chain`, which knows its two pieces by type, is ahead of all lists.
#![allow(missing_docs, reason = "criterion_group! makes public functions")]

use std::collections::VecDeque;
use std::convert::Infallible;
use std::fmt;
use std::hint::black_box;
use std::io::IoSlice;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use buf_list::BufList;
use buffers::{Chain, SharedBuf};
use bytes::{Buf, Bytes};
use criterion::measurement::WallTime;
use criterion::{
    BatchSize, BenchmarkGroup, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main,
};
use http_body::{Body, Frame};
use http_body_util::BodyExt;

/// The pieces that every contender is made of.
#[derive(Clone, Copy)]
struct Shape {
    pieces: usize,
    size: usize,
}

impl Shape {
    fn all() -> impl Iterator<Item = Self> {
        [2, 16, 64, 1000]
            .into_iter()
            .flat_map(|pieces| [16, 1024].map(|size| Self { pieces, size }))
    }

    fn len(self) -> usize {
        self.pieces * self.size
    }

    /// The bytes of each piece, in vectors of their own.
    fn vecs(self) -> impl Iterator<Item = Vec<u8>> {
        (0..self.pieces).map(move |i| vec![i.to_le_bytes()[0]; self.size])
    }

    fn bytes(self) -> VecDeque<Bytes> {
        self.vecs().map(Bytes::from).collect()
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}x{}", self.pieces, self.size)
    }
}

/// What somebody without a library writes.
struct ByHand(VecDeque<Bytes>);

impl Buf for ByHand {
    fn remaining(&self) -> usize {
        self.0.iter().map(Bytes::len).sum()
    }

    fn chunk(&self) -> &[u8] {
        self.0.front().map_or(&[], |first| first)
    }

    fn advance(&mut self, mut n: usize) {
        while let Some(first) = self.0.front_mut() {
            if n < first.len() {
                first.advance(n);
                return;
            }
            n -= first.len();
            self.0.pop_front();
        }
        assert_eq!(n, 0, "the end was passed");
    }

    fn chunks_vectored<'a>(&'a self, slots: &mut [IoSlice<'a>]) -> usize {
        let mut used = 0;
        for (slot, piece) in slots.iter_mut().zip(&self.0) {
            *slot = IoSlice::new(piece);
            used += 1;
        }
        used
    }
}

/// A body whose frames are there already.
struct Frames(VecDeque<Bytes>);

impl Body for Frames {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(self.0.pop_front().map(|data| Ok(Frame::data(data))))
    }
}

/// The list behind a collected body.
fn collected(frames: VecDeque<Bytes>) -> impl Buf {
    let mut collecting = pin!(Frames(frames).collect());
    match collecting.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(Ok(body)) => body.aggregate(),
        Poll::Ready(Err(never)) => match never {},
        Poll::Pending => unreachable!("all frames are there"),
    }
}

/// Advances to the end. How much is left is known here, so that no contender is asked
/// for it: some of them add it up each time.
fn advance_to_the_end(list: &mut impl Buf, len: usize, step: usize) -> usize {
    let (mut left, mut steps) = (len, 0);
    while left > 0 {
        let n = step.min(left);
        list.advance(n);
        left -= n;
        steps += 1;
    }
    steps
}

/// What is timed of a list, for every contender alike.
trait Question {
    fn ask<L: Buf>(&mut self, id: &str, make: impl Fn() -> L);
}

/// Has each contender asked, all of the same pieces.
fn contenders(shape: Shape, question: &mut impl Question) {
    let shared: Vec<SharedBuf> = shape.vecs().map(SharedBuf::from).collect();
    let bytes = shape.bytes();
    question.ask("chain", || shared.iter().cloned().collect::<Chain>());
    question.ask("buf-list", || bytes.iter().cloned().collect::<BufList>());
    question.ask("http-body-util", || collected(bytes.clone()));
    question.ask("by-hand", || ByHand(bytes.clone()));
    if shape.pieces == 2 {
        question.ask("buf-chain", || bytes[0].clone().chain(bytes[1].clone()));
    }
}

struct Advance<'g, 'c> {
    group: &'g mut BenchmarkGroup<'c, WallTime>,
    shape: Shape,
}

impl Question for Advance<'_, '_> {
    fn ask<L: Buf>(&mut self, id: &str, make: impl Fn() -> L) {
        let (size, len) = (self.shape.size, self.shape.len());
        for step in [size * 3 / 8, size * 5 / 2] {
            self.group.throughput(Throughput::Elements(len.div_ceil(step) as u64));
            let id = BenchmarkId::new(id, format!("{}-by-{step}", self.shape));
            self.group.bench_function(id, |b| {
                check_advance(make(), self.shape, step);
                b.iter_batched(
                    &make,
                    |mut list| {
                        let steps = advance_to_the_end(&mut list, black_box(len), black_box(step));
                        (steps, list) // its memory is freed when the clock has stopped
                    },
                    BatchSize::SmallInput,
                );
            });
        }
    }
}

/// After each step the right byte is the first.
fn check_advance(mut list: impl Buf, shape: Shape, step: usize) {
    let mut at = 0;
    while at < shape.len() {
        assert_eq!(list.remaining(), shape.len() - at);
        assert_eq!(list.chunk()[0], (at / shape.size).to_le_bytes()[0], "the byte at {at}");
        let n = step.min(shape.len() - at);
        list.advance(n);
        at += n;
    }
    assert!(!list.has_remaining());
}

fn chain_advance(c: &mut Criterion) {
    let mut group = c.benchmark_group("chain-advance");
    for shape in Shape::all() {
        contenders(shape, &mut Advance { group: &mut group, shape });
    }
    group.finish();
}

struct ChunksVectored<'g, 'c> {
    group: &'g mut BenchmarkGroup<'c, WallTime>,
    shape: Shape,
}

impl Question for ChunksVectored<'_, '_> {
    fn ask<L: Buf>(&mut self, id: &str, make: impl Fn() -> L) {
        let pieces = self.shape.pieces;
        self.group.throughput(Throughput::Elements(pieces as u64));
        self.group.bench_function(BenchmarkId::new(id, self.shape), |b| {
            let list = make();
            check_slices(&list, self.shape);
            let mut slots = vec![IoSlice::new(&[]); pieces];
            b.iter(|| {
                let used = black_box(&list).chunks_vectored(black_box(&mut slots));
                assert_eq!(used, pieces);
            });
        });
    }
}

/// The slices are the pieces, in their order.
fn check_slices(list: &impl Buf, shape: Shape) {
    let mut slots = [IoSlice::new(&[]); 1024];
    let used = list.chunks_vectored(&mut slots);
    let slices: Vec<&[u8]> = slots[..used].iter().map(|slot| &**slot).collect();
    assert_eq!(slices, shape.vecs().collect::<Vec<_>>());
}

fn chain_chunks_vectored(c: &mut Criterion) {
    let mut group = c.benchmark_group("chain-chunks-vectored");
    for shape in Shape::all() {
        contenders(shape, &mut ChunksVectored { group: &mut group, shape });
    }
    group.finish();
}

fn config() -> Criterion {
    Criterion::default()
        .warm_up_time(Duration::from_millis(200))
        .measurement_time(Duration::from_millis(600))
        .sample_size(40)
}

criterion_group! {
    name = chains;
    config = config();
    targets = chain_advance, chain_chunks_vectored
}
criterion_main!(chains);
