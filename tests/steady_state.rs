//! From a file through a block, a slice and a queue into a socket, and back:
//! once it runs, nothing is allocated and no payload is copied in user space.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::os::unix::net::UnixStream;
use std::sync::Arc;

use bench_suite::meter::{Reading, assert_steady, measure, steady_reading};
use buffers::SharedBuf;
use bytes::Bytes;
use filereader::Pool;
use netsend::testing::Scripted;
use netsend::{FileRange, Policy, SendQueue, blocking, drive};
use oracles::content::{file_of, pattern};
use oracles::panic_text;

bench_suite::install_meter!();

/// The payload of one round; it fits a socket's default buffer, so that one
/// thread can send it and then read it.
const BLOCK: usize = 32 << 10;

const WARMUP: u32 = 3;
const ROUNDS: u32 = 50;

/// All that the path needs, made once.
struct Path {
    pool: Pool,
    file: Arc<File>,
    queue: SendQueue<'static>,
    sender: UnixStream,
    receiver: UnixStream,
    received: Box<[u8]>,
}

impl Path {
    fn new() -> Self {
        let pool = Pool::builder().block_size(BLOCK).blocks(2).build().unwrap();
        let (sender, receiver) = UnixStream::pair().unwrap();
        Self {
            pool,
            file: file_of(&pattern(BLOCK, 60)),
            queue: SendQueue::new(),
            sender,
            receiver,
            received: vec![0; BLOCK].into(),
        }
    }

    /// Acquires, reads and freezes; `view` makes what is sent out of it.
    fn round(&mut self, view: impl Fn(&SharedBuf) -> SharedBuf) {
        let mut block = self.pool.acquire().unwrap();
        let mut file = &*self.file;
        file.seek(SeekFrom::Start(0)).unwrap();
        assert_eq!(block.read_into(&mut file).unwrap().n, BLOCK);
        let whole = block.freeze();
        let sent = view(&whole);
        drop(whole);
        self.push_and_drain(sent);
        assert_eq!(self.pool.idle(), 2);
    }

    fn push_and_drain(&mut self, segment: impl netsend::Segments<'static>) {
        self.queue.push(segment);
        self.queue.end_message();
        let policy = Policy::default();
        let report = blocking::drain(&self.sender, &mut self.queue, &policy).unwrap();
        let sent = usize::try_from(report.accepted).unwrap();
        self.receiver.read_exact(&mut self.received[..sent]).unwrap();
    }
}

/// Slices, and promotes what a parser would have found in the slice.
fn slice_and_promote(whole: &SharedBuf) -> SharedBuf {
    let slice = whole.slice(100..);
    let found = &slice[100..BLOCK - 300];
    slice.promote(found).unwrap()
}

/// Fails unless `ROUNDS` rounds allocate nothing and copy no payload.
///
/// Without optimisation the compiler moves large values by `memcpy`, such as a
/// queue's slots; then the rounds must move less than a quarter of a block.
fn assert_quiet(f: impl FnMut()) {
    if cfg!(debug_assertions) {
        assert_moves_less(BLOCK / 4, f);
    } else {
        assert_steady(WARMUP, ROUNDS, f);
    }
}

/// Fails unless `ROUNDS` rounds allocate nothing, report no copy, and move less
/// than `bytes` each.
fn assert_moves_less(bytes: usize, f: impl FnMut()) {
    let reading = steady_reading(WARMUP, ROUNDS, f);
    let most = bytes as u64 * u64::from(ROUNDS);
    let quiet = reading.allocs.value() == Some(0)
        && reading.ledger_bytes.value() == Some(0)
        && reading.copied_bytes.value().is_some_and(|moved| moved < most);
    assert!(quiet, "not steady, in {ROUNDS} rounds: {reading}");
}

#[test]
fn the_whole_path_neither_allocates_nor_copies() {
    let mut path = Path::new();
    assert_quiet(|| path.round(slice_and_promote));
    let expected = &pattern(BLOCK, 60)[200..BLOCK - 200];
    assert!(path.received[..expected.len()] == *expected);
}

#[test]
fn one_copy_in_the_path_is_caught() {
    let copies: [fn(&SharedBuf) -> SharedBuf; 3] = [
        |whole| SharedBuf::from(whole.to_vec()),
        |whole| SharedBuf::from(whole.as_slice().to_vec()),
        |whole| SharedBuf::copy_from_slice(&whole[1..]),
    ];
    for copy in copies {
        let mut path = Path::new();
        let text = panic_text(|| assert_quiet(|| path.round(copy)));
        assert!(text.starts_with("not steady, in 50 rounds: "), "{text}");
    }
}

#[test]
fn one_allocation_in_the_path_is_caught() {
    let mut path = Path::new();
    let text = panic_text(|| {
        assert_quiet(|| {
            drop(std::hint::black_box(Box::new(1)));
            path.round(slice_and_promote);
        });
    });
    assert!(text.contains("50 allocations"), "{text}");
}

#[test]
fn a_file_range_neither_allocates_nor_copies() {
    let mut path = Path::new();
    let file = Arc::clone(&path.file);
    assert_quiet(|| {
        path.push_and_drain(FileRange::new(Arc::clone(&file), 0..BLOCK as u64));
    });
    assert!(path.received[..] == pattern(BLOCK, 60));
}

#[test]
fn the_bytes_are_sent_from_where_they_were_read_to() {
    let pool = Pool::builder().block_size(BLOCK).blocks(1).build().unwrap();
    let mut block = pool.acquire().unwrap();
    let start = block.unfilled_mut().as_ptr();
    let mut source = &pattern(BLOCK, 61)[..];
    assert_eq!(block.read_into(&mut source).unwrap().n, BLOCK);
    let view = block.freeze().slice(10..);
    let view = view.promote(&view[5..]).unwrap();
    let mut queue = SendQueue::new();
    queue.push(view);
    let mut transport = Scripted::new([]);
    drive(&mut transport, &mut queue, &Policy::default()).unwrap();
    assert_eq!(transport.bases, [start as usize + 15]);
}

/// The figures of one conversion into `Bytes` and the drop of it.
fn into_bytes(shared: SharedBuf) -> Reading {
    let at = shared.as_ptr();
    let (bytes, reading) = measure(|| Bytes::from(shared));
    assert!(bytes.is_empty() || bytes.as_ptr() == at, "in place");
    reading
}

#[test]
fn what_a_conversion_into_bytes_allocates_is_what_its_documentation_says() {
    let exact = || SharedBuf::from(vec![7; BLOCK].into_boxed_slice());
    let mut spare = Vec::with_capacity(2 * BLOCK);
    spare.resize(BLOCK, 7);
    let lender = Pool::builder().block_size(BLOCK).blocks(1).build().unwrap();
    let held = exact();
    let cases = [
        ("static", 0, SharedBuf::from_static(b"static")),
        ("a whole vector", 0, exact()),
        ("a `Bytes` of a vector", 0, Bytes::from(vec![7; BLOCK]).into()),
        ("a part of a fresh `Bytes`", 1, {
            SharedBuf::from(Bytes::from(vec![7; BLOCK])).slice(1..)
        }),
        ("a part of a shared `Bytes`", 0, {
            let bytes = Bytes::from(vec![7; BLOCK]);
            drop(bytes.clone());
            SharedBuf::from(bytes).slice(1..)
        }),
        ("a `Bytes` of an owner", 0, Bytes::from_owner([7; 100]).into()),
        ("a vector with spare capacity", 1, spare.into()),
        ("a part of a vector", 1, exact().slice(1..)),
        ("one of two handles", 1, held.clone()),
        ("an owner", 1, SharedBuf::from_owner([7; 100])),
        ("a lent block", 1, {
            let mut block = lender.acquire().unwrap();
            block.copy_from(&held);
            block.freeze()
        }),
    ];
    let mut wrong = Vec::new();
    for (what, allocs, shared) in cases {
        let reading = into_bytes(shared);
        assert_eq!(reading.ledger_bytes.value(), Some(0));
        assert!(reading.copied_bytes.value().unwrap() < 1000, "{what}: {reading}");
        if reading.allocs.value() != Some(allocs) {
            wrong.push(format!("{what}: {} instead of {allocs}", reading.allocs));
        }
    }
    assert!(wrong.is_empty(), "{wrong:?}");
}

#[test]
fn handles_allocate_what_their_documentation_says() {
    fn allocs<T>(work: impl FnOnce() -> T) -> Option<u64> {
        let (kept, reading) = measure(work);
        drop(kept);
        reading.allocs.value()
    }
    let vec = vec![7; BLOCK];
    assert_eq!(allocs(|| SharedBuf::from(vec)), Some(1));
    assert_eq!(allocs(|| SharedBuf::from_owner([7; 100])), Some(2));
    assert_eq!(allocs(|| SharedBuf::from_static(b"static")), Some(0));
    assert_eq!(allocs(|| SharedBuf::copy_from_slice(&[7; 100])), Some(2));
    assert_eq!(allocs(SendQueue::new), Some(0));
    let shared = SharedBuf::from(vec![7; BLOCK]);
    let last = shared.clone();
    assert_eq!(allocs(|| shared.slice(3..).promote(&shared[5..])), Some(0));
    drop(shared);
    assert_eq!(allocs(|| last.try_into_mut().unwrap().freeze()), Some(0));
}
