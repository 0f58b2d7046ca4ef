//! Sending over a TCP connection of the loopback interface.
//!
//! | group | what is sent |
//! |---|---|
//! | `send-memory` | 16 MiB from memory |
//! | `send-memory-tight` | 4 MiB from memory, through buffers of 64 KiB |
//! | `send-file` | 32 MiB from a file in the page cache, opened each time |
//! | `small-segments` | 1000 pieces of 1 KiB from memory |
//!
//! What is timed ends when the receiver, a thread of its own, has taken the
//! last byte. It lets the kernel throw the bytes away (`MSG_TRUNC`), so that the
//! sender is the slower end; the variant `copy` of `send-memory` copies them
//! out, as real receivers do, and there the receiver decides. Before a contender
//! is timed, it sends once to a receiver that compares every byte.
//!
//! `send-memory` has no winner, and should have none: a cursor over bytes is a
//! cursor, whether `write_all`, a hand-written loop or the queue moves it. The
//! difference is what happens when something fails, which no clock shows.
//! `vec-drain`, the naive way of keeping a write buffer, moves the rest to the
//! front after each partial send. How much that costs depends on how little the
//! socket takes at a time, so it stands in `send-memory-tight`.
//!
//! In `send-file`, `sendfile-loop` is a bare call with nothing around it, and
//! the lower bound. The queue adds a mask for SIGPIPE, and on a blocking socket
//! a short send timeout, so that its own clocks are heard.
//!
//! In `small-segments`, `concat` is the naive way. Copying so little is cheap: it
//! is about as good as `write-vectored` and the queue, which hand the pieces over
//! in one call. Whoever has them in one place already should send that. What
//! counts is the number of calls, for each may wake the receiver: `write-each` is
//! what the others save.
#![allow(missing_docs, reason = "criterion_group! makes public functions")]

mod receiver;

use std::cell::LazyCell;
use std::fs::{self, File};
use std::io::{self, IoSlice, Read, Write};
use std::net::TcpStream;
use std::os::fd::AsFd;
use std::path::Path;
use std::sync::LazyLock;
use std::time::Duration;

use criterion::measurement::WallTime;
use criterion::{
    BatchSize, BenchmarkGroup, BenchmarkId, Criterion, SamplingMode, Throughput, criterion_group,
    criterion_main,
};
use netsend::{FileRange, Policy, SendQueue, blocking};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use tempfile::NamedTempFile;

use receiver::{Connection, Line, Taking, received};

const MIB: usize = 1 << 20;
const SEGMENTS: usize = 1000;

const BLOCKING: Line = Line { taking: Taking::Discard, nonblocking: false, buffers: None };
const NONBLOCKING: Line = Line { nonblocking: true, ..BLOCKING };

/// What is sent, or the front of it.
static PAYLOAD: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let words = (0..32 * MIB as u64 / 8).map(|i| i.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    words.flat_map(u64::to_le_bytes).collect()
});

/// A group whose contenders all send the first `len` bytes of the payload.
struct Race<'c> {
    group: BenchmarkGroup<'c, WallTime>,
    len: usize,
}

impl<'c> Race<'c> {
    fn start(c: &'c mut Criterion, name: &str, len: usize) -> Self {
        let mut group = c.benchmark_group(name);
        group.throughput(Throughput::Bytes(len as u64));
        group.sampling_mode(SamplingMode::Flat).sample_size(40);
        Self { group, len }
    }

    fn run(&mut self, id: impl Into<Id>, line: Line, send: impl Fn(&TcpStream) -> io::Result<()>) {
        self.run_prepared(id, line, || (), |(), socket| send(socket));
    }

    /// Times `send` until the receiver has everything. What `prepare` makes for
    /// it, and the end of what it gives back, are not in the time.
    fn run_prepared<T, U>(
        &mut self,
        id: impl Into<Id>,
        line: Line,
        prepare: impl Fn() -> T,
        send: impl Fn(T, &TcpStream) -> io::Result<U>,
    ) {
        let len = self.len;
        let connection = LazyCell::new(|| {
            let all = received(line, |socket| send(prepare(), socket).map(drop));
            assert!(all.expect("it is sent") == PAYLOAD[..len], "the bytes arrive as they are");
            Connection::open(line, len).expect("a connection")
        });
        self.group.bench_function(id.into().0, |b| {
            let connection = &*connection;
            let turn = |input| {
                let output = send(input, connection.socket()).expect("it is sent");
                connection.await_message();
                output
            };
            b.iter_batched(&prepare, turn, BatchSize::PerIteration);
        });
    }
}

/// A contender's name, with or without a variant.
struct Id(BenchmarkId);

impl From<&str> for Id {
    fn from(name: &str) -> Self {
        Self(BenchmarkId::from_parameter(name))
    }
}

impl From<(&str, &str)> for Id {
    fn from((name, variant): (&str, &str)) -> Self {
        Self(BenchmarkId::new(name, variant))
    }
}

fn by_queue(bytes: &[u8], socket: &TcpStream) -> io::Result<()> {
    let mut queue = SendQueue::new();
    queue.push(bytes);
    blocking::drain(socket, &mut queue, &Policy::default())?;
    Ok(())
}

fn by_hand(bytes: &[u8], mut socket: &TcpStream) -> io::Result<()> {
    let mut sent = 0;
    while sent < bytes.len() {
        match socket.write(&bytes[sent..]) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(n) => sent += n,
            Err(e) if e.kind() == io::ErrorKind::WouldBlock => wait_until_writable(socket)?,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    Ok(())
}

/// Gives the empty vector back, so that freeing it is not timed.
fn by_vec_drain(mut bytes: Vec<u8>, mut socket: &TcpStream) -> io::Result<Vec<u8>> {
    while !bytes.is_empty() {
        match socket.write(&bytes) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(n) => drop(bytes.drain(..n)),
            Err(e) if e.kind() == io::ErrorKind::WouldBlock => wait_until_writable(socket)?,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    Ok(bytes)
}

fn wait_until_writable(socket: &TcpStream) -> io::Result<()> {
    poll(&mut [PollFd::new(socket.as_fd(), PollFlags::POLLOUT)], PollTimeout::NONE)?;
    Ok(())
}

fn send_memory(c: &mut Criterion) {
    let len = 16 * MIB;
    let mut race = Race::start(c, "send-memory", len);
    for (variant, taking) in [("discard", Taking::Discard), ("copy", Taking::Copy)] {
        let nonblocking = Line { taking, ..NONBLOCKING };
        let blocking = Line { taking, ..BLOCKING };
        race.run(("hand-loop", variant), nonblocking, |socket| by_hand(&PAYLOAD[..len], socket));
        race.run(("write-all", variant), blocking, |mut socket| socket.write_all(&PAYLOAD[..len]));
        race.run(("queue", variant), nonblocking, |socket| by_queue(&PAYLOAD[..len], socket));
    }
}

fn send_memory_tight(c: &mut Criterion) {
    let len = 4 * MIB;
    let mut race = Race::start(c, "send-memory-tight", len);
    let blocking = Line { buffers: Some(64 << 10), ..BLOCKING };
    let nonblocking = Line { nonblocking: true, ..blocking };
    race.run_prepared("vec-drain", nonblocking, || PAYLOAD[..len].to_vec(), by_vec_drain);
    race.run("hand-loop", nonblocking, |socket| by_hand(&PAYLOAD[..len], socket));
    race.run("write-all", blocking, |mut socket| socket.write_all(&PAYLOAD[..len]));
    race.run("queue", nonblocking, |socket| by_queue(&PAYLOAD[..len], socket));
}

fn file_by_queue(path: &Path, socket: &TcpStream) -> io::Result<()> {
    let mut queue = SendQueue::new();
    queue.push(FileRange::whole(File::open(path)?)?);
    blocking::drain(socket, &mut queue, &Policy::default())?;
    Ok(())
}

fn file_by_sendfile(path: &Path, socket: &TcpStream) -> io::Result<()> {
    let file = File::open(path)?;
    let len = file.metadata()?.len();
    let mut at = 0;
    while at < len {
        let left = usize::try_from(len - at).unwrap_or(usize::MAX);
        match rustix::fs::sendfile(socket, &file, Some(&mut at), left) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(rustix::io::Errno::AGAIN) => wait_until_writable(socket)?,
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

fn file_by_io_copy(path: &Path, mut socket: &TcpStream) -> io::Result<()> {
    io::copy(&mut File::open(path)?, &mut socket)?;
    Ok(())
}

fn file_by_read_write(path: &Path, mut socket: &TcpStream, buf: &mut [u8]) -> io::Result<()> {
    let mut file = File::open(path)?;
    loop {
        match file.read(buf)? {
            0 => return Ok(()),
            n => socket.write_all(&buf[..n])?,
        }
    }
}

fn file_by_fs_read(path: &Path, mut socket: &TcpStream) -> io::Result<()> {
    socket.write_all(&fs::read(path)?)
}

fn send_file(c: &mut Criterion) {
    let len = 32 * MIB;
    let mut race = Race::start(c, "send-file", len);
    let file = LazyCell::new(|| {
        let mut file = NamedTempFile::new().expect("a temporary file");
        file.write_all(&PAYLOAD[..len]).expect("room for 32 MiB");
        file
    });
    // One buffer for all turns, as a server would keep it.
    let buf = std::cell::RefCell::new(vec![0; 64 << 10]);

    race.run("fs-read", BLOCKING, |socket| file_by_fs_read(file.path(), socket));
    race.run("io-copy", BLOCKING, |socket| file_by_io_copy(file.path(), socket));
    race.run("read-write-64k", BLOCKING, |socket| {
        file_by_read_write(file.path(), socket, &mut buf.borrow_mut())
    });
    for (variant, line) in [("blocking", BLOCKING), ("nonblocking", NONBLOCKING)] {
        race.run(("sendfile-loop", variant), line, |socket| file_by_sendfile(file.path(), socket));
        race.run(("queue", variant), line, |socket| file_by_queue(file.path(), socket));
    }
}

fn segments_by_queue(segments: &[&[u8]], socket: &TcpStream) -> io::Result<()> {
    let mut queue = SendQueue::new();
    for &segment in segments {
        queue.push(segment);
    }
    blocking::drain(socket, &mut queue, &Policy::default())?;
    Ok(())
}

fn segments_by_write_each(segments: &[&[u8]], mut socket: &TcpStream) -> io::Result<()> {
    segments.iter().try_for_each(|segment| socket.write_all(segment))
}

fn segments_by_concat(segments: &[&[u8]], mut socket: &TcpStream) -> io::Result<()> {
    socket.write_all(&segments.concat())
}

fn segments_by_vectored(segments: &[&[u8]], mut socket: &TcpStream) -> io::Result<()> {
    let mut slices: Vec<_> = segments.iter().map(|segment| IoSlice::new(segment)).collect();
    let mut left = &mut slices[..];
    while !left.is_empty() {
        match socket.write_vectored(left) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(n) => IoSlice::advance_slices(&mut left, n),
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    Ok(())
}

fn small_segments(c: &mut Criterion) {
    let len = SEGMENTS * 1024;
    let mut race = Race::start(c, "small-segments", len);
    let segments = LazyCell::new(|| PAYLOAD[..len].chunks(1024).collect::<Vec<_>>());

    race.run("concat", BLOCKING, |socket| segments_by_concat(&segments, socket));
    race.run("write-each", BLOCKING, |socket| segments_by_write_each(&segments, socket));
    race.run("write-vectored", BLOCKING, |socket| segments_by_vectored(&segments, socket));
    race.run("queue", BLOCKING, |socket| segments_by_queue(&segments, socket));
}

fn config() -> Criterion {
    Criterion::default()
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_millis(1500))
}

criterion_group! {
    name = sending;
    config = config();
    targets = send_memory, send_memory_tight, send_file, small_segments
}
criterion_main!(sending);
