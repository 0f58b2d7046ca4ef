//! The lines of a log, by the processor's time that they take.
//!
//! The group `lines-85` reads a log of 64 MiB with lines of some 85 bytes out of
//! the page cache and adds up, for each line, its length and its first byte, by one
//! function that all contenders share. `read-alone` reads the same bytes into the
//! same blocks, and looks at none of them: what is left to win.
//!
//! | contender | what is new at each line |
//! |---|---|
//! | `bufread-lines` | a `String`, checked to be UTF-8 |
//! | `read-until` | bytes copied into one vector |
//! | `for-byte-line` | nothing; bstr's callback, 256 KiB |
//! | `linereader` | nothing; the crate's `next_line`, 256 KiB |
//! | `memchr` | nothing; memchr's iterator over the very batches of `next_lines` |
//! | `iterator` | nothing; `LineBatch::lines`, one by one |
//! | `callback` | nothing; the same by `for_each` |
//! | `str-lines` | nothing; text, checked once a batch |
//! | `promoted` | a `SharedBuf` of each line |
//! | `count` | nothing; counts the ends only, as `wc -l` does |
//!
//! The group `records-20k-60k` does the same with records of 20 to 60 KB that end in a zero
//! byte; `batches` are `next_records`, and `ring` is a `RingReader` of 256 KiB.
//!
//! The group `ranges` sums the same in one thread and in two, each with a part of the
//! file; by the clock on the wall, for that is what threads are for.
#![allow(missing_docs, reason = "criterion_group! makes public functions")]

mod cpu;

use std::cell::LazyCell;
use std::fs::File;
use std::hint::black_box;
use std::io::{self, BufRead, BufReader, Write};
use std::path::Path;
use std::thread;
use std::time::Duration;

use bench_suite::jobs::LogFile;
use bstr::io::BufReadExt;
use criterion::{
    BenchmarkGroup, Criterion, SamplingMode, Throughput, criterion_group, criterion_main,
};
use filereader::{At, FileReader, Pool, RangeReader, Records, RingReader};
use linereader::LineReader;
use tempfile::NamedTempFile;

use cpu::CpuTime;

const SIZE: u64 = 64 << 20;
const BLOCK: usize = 256 << 10;

/// What each contender finds out: the bytes of all lines, their number, and the sum
/// of their first bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Seen {
    bytes: usize,
    lines: u64,
    firsts: u64,
}

impl Seen {
    #[inline]
    fn see(&mut self, line: &[u8]) {
        self.bytes += line.len();
        self.lines += 1;
        self.firsts += line.first().map_or(0, |&byte| u64::from(byte));
    }
}

fn by_bufread_lines(path: &Path) -> io::Result<Seen> {
    let mut seen = Seen::default();
    for line in BufReader::new(File::open(path)?).lines() {
        seen.see(line?.as_bytes());
    }
    Ok(seen)
}

fn by_read_until(path: &Path) -> io::Result<Seen> {
    let mut seen = Seen::default();
    let mut file = BufReader::with_capacity(BLOCK, File::open(path)?);
    let mut line = Vec::new();
    while file.read_until(b'\n', &mut line)? > 0 {
        seen.see(line.strip_suffix(b"\n").unwrap_or(&line));
        line.clear();
    }
    Ok(seen)
}

fn by_for_byte_line(path: &Path) -> io::Result<Seen> {
    let mut seen = Seen::default();
    BufReader::with_capacity(BLOCK, File::open(path)?).for_byte_line(|line| {
        seen.see(line);
        Ok(true)
    })?;
    Ok(seen)
}

fn by_linereader(path: &Path) -> io::Result<Seen> {
    let mut seen = Seen::default();
    let mut file = LineReader::with_capacity(BLOCK, File::open(path)?);
    while let Some(line) = file.next_line() {
        let line = line?;
        seen.see(line.strip_suffix(b"\n").unwrap_or(line));
    }
    Ok(seen)
}

fn by_memchr(path: &Path, pool: &Pool) -> io::Result<Seen> {
    let mut seen = Seen::default();
    let mut file = FileReader::open(path)?.pool(pool);
    while let Some(batch) = file.next_lines()? {
        let bytes = batch.bytes().as_slice();
        let mut start = 0;
        for end in memchr::memchr_iter(b'\n', bytes) {
            seen.see(&bytes[start..end]);
            start = end + 1;
        }
    }
    Ok(seen)
}

fn by_iterator(path: &Path, pool: &Pool) -> io::Result<Seen> {
    let mut seen = Seen::default();
    let mut file = FileReader::open(path)?.pool(pool);
    while let Some(batch) = file.next_lines()? {
        for line in batch.lines() {
            seen.see(line);
        }
    }
    Ok(seen)
}

fn by_callback(path: &Path, pool: &Pool) -> io::Result<Seen> {
    let mut seen = Seen::default();
    let mut file = FileReader::open(path)?.pool(pool);
    while let Some(batch) = file.next_lines()? {
        batch.lines().for_each(|line| seen.see(line));
    }
    Ok(seen)
}

fn by_str_lines(path: &Path, pool: &Pool) -> io::Result<Seen> {
    let mut seen = Seen::default();
    let mut file = FileReader::open(path)?.pool(pool);
    while let Some(batch) = file.next_lines()? {
        for line in batch.str_lines().expect("the log is text") {
            seen.see(line.as_bytes());
        }
    }
    Ok(seen)
}

fn by_promoted(path: &Path, pool: &Pool) -> io::Result<Seen> {
    let mut seen = Seen::default();
    let mut file = FileReader::open(path)?.pool(pool);
    while let Some(batch) = file.next_lines()? {
        for line in batch.lines() {
            seen.see(&black_box(batch.promote(line).expect("a line of the batch")));
        }
    }
    Ok(seen)
}

fn count(path: &Path, pool: &Pool) -> io::Result<u64> {
    let mut lines = 0;
    let mut file = FileReader::open(path)?.pool(pool);
    while let Some(batch) = file.next_lines()? {
        lines += batch.lines().count() as u64;
    }
    Ok(lines)
}

fn read_alone(path: &Path, pool: &Pool) -> io::Result<u64> {
    let mut file = FileReader::open(path)?.pool(pool);
    while let Some(chunk) = file.next_chunk()? {
        black_box(&chunk);
    }
    Ok(file.position())
}

/// What one part of a file holds.
fn of_part(mut part: RangeReader) -> io::Result<Seen> {
    let mut seen = Seen::default();
    while let Some(batch) = part.next_lines()? {
        batch.lines().for_each(|line| seen.see(line));
    }
    Ok(seen)
}

fn by_ranges(path: &Path, pool: &Pool, n: usize) -> io::Result<Seen> {
    let parts = FileReader::open(path)?.pool(pool).ranges(n, At::Newline)?;
    let mut all = Seen::default();
    thread::scope(|scope| {
        let threads: Vec<_> = parts.into_iter().map(|part| scope.spawn(|| of_part(part))).collect();
        for thread in threads {
            let seen = thread.join().expect("no part panics")?;
            all.bytes += seen.bytes;
            all.lines += seen.lines;
            all.firsts += seen.firsts;
        }
        Ok(all)
    })
}

fn ranges(c: &mut Criterion) {
    let mut group = c.benchmark_group("ranges");
    group.throughput(Throughput::Bytes(SIZE)).sampling_mode(SamplingMode::Flat);
    let input: LazyCell<Input> = LazyCell::new(Input::make);
    let pool = Pool::builder().block_size(BLOCK).blocks(16).build().expect("4 MiB");
    for (id, n) in [("one-thread", 1), ("two-threads", 2)] {
        group.bench_function(id, |b| {
            let path = input.log.path();
            assert_eq!(by_ranges(&path, &pool, n).expect("the file is there"), input.seen);
            b.iter(|| by_ranges(&path, &pool, n).expect("the file is there"));
        });
    }
    group.finish();
}

/// The log, and what is to be found in it.
struct Input {
    log: LogFile,
    seen: Seen,
}

impl Input {
    fn make() -> Self {
        let log = LogFile::create(SIZE, |_| ()).expect("room for 64 MiB");
        let seen = by_bufread_lines(&log.path()).expect("the log can be read");
        assert!(seen.lines > SIZE / 100, "lines of some 85 bytes");
        Self { log, seen }
    }
}

fn lines(c: &mut Criterion<CpuTime>) {
    let mut group = c.benchmark_group("lines-85");
    group.throughput(Throughput::Bytes(SIZE)).sampling_mode(SamplingMode::Flat);
    let input: LazyCell<Input> = LazyCell::new(Input::make);
    let pool = Pool::builder().block_size(BLOCK).blocks(16).build().expect("4 MiB");

    contender(&mut group, "bufread-lines", &input, by_bufread_lines);
    contender(&mut group, "read-until", &input, by_read_until);
    contender(&mut group, "for-byte-line", &input, by_for_byte_line);
    contender(&mut group, "linereader", &input, by_linereader);
    contender(&mut group, "memchr", &input, |path| by_memchr(path, &pool));
    contender(&mut group, "iterator", &input, |path| by_iterator(path, &pool));
    contender(&mut group, "callback", &input, |path| by_callback(path, &pool));
    contender(&mut group, "str-lines", &input, |path| by_str_lines(path, &pool));
    contender(&mut group, "promoted", &input, |path| by_promoted(path, &pool));
    numbers(&mut group, "count", &input, |path| count(path, &pool), |input| input.seen.lines);
    numbers(&mut group, "read-alone", &input, |path| read_alone(path, &pool), |_| SIZE);
    group.finish();
    assert_eq!(pool.idle(), 16, "all blocks are back");
}

fn contender(
    group: &mut BenchmarkGroup<'_, CpuTime>,
    id: &str,
    input: &LazyCell<Input>,
    read: impl Fn(&Path) -> io::Result<Seen>,
) {
    group.bench_function(id, |b| {
        let path = input.log.path();
        assert_eq!(read(&path).expect("the file is there"), input.seen, "{id} sees every line");
        b.iter(|| read(&path).expect("the file is there"));
    });
}

/// A contender that finds out less.
/// 64 MiB of records of 20 to 60 KB that end in a zero byte, in blocks of 256 KiB: several
/// of them in each, and one that lies across the end.
fn records(c: &mut Criterion<CpuTime>) {
    let mut group = c.benchmark_group("records-20k-60k");
    group.throughput(Throughput::Bytes(SIZE)).sampling_mode(SamplingMode::Flat);
    let made: LazyCell<(NamedTempFile, Seen)> = LazyCell::new(make_records);
    let pool = Pool::builder().block_size(BLOCK).blocks(16).build().expect("4 MiB");
    let mut contender = |id: &str, read: &dyn Fn(&Path) -> io::Result<Seen>| {
        group.bench_function(id, |b| {
            let (file, seen) = &*made;
            assert_eq!(read(file.path()).expect("the file is there"), *seen, "{id}");
            b.iter(|| read(file.path()).expect("the file is there"));
        });
    };
    contender("linereader", &|path| {
        let mut seen = Seen::default();
        let mut file = LineReader::with_delimiter_and_capacity(0, BLOCK, File::open(path)?);
        while let Some(record) = file.next_line() {
            let record = record?;
            seen.see(record.strip_suffix(&[0]).unwrap_or(record));
        }
        Ok(seen)
    });
    contender("read-until", &|path| {
        let mut seen = Seen::default();
        let mut file = BufReader::with_capacity(BLOCK, File::open(path)?);
        let mut record = Vec::new();
        while file.read_until(0, &mut record)? > 0 {
            seen.see(record.strip_suffix(&[0]).unwrap_or(&record));
            record.clear();
        }
        Ok(seen)
    });
    contender("batches", &|path| {
        let mut seen = Seen::default();
        let mut file = FileReader::open(path)?.pool(&pool);
        while let Some(batch) = file.next_records(&Records::delimited([0], BLOCK))? {
            batch.records().for_each(|record| seen.see(record));
        }
        Ok(seen)
    });
    contender("ring", &|path| {
        let mut seen = Seen::default();
        let mut ring = RingReader::new(File::open(path)?, BLOCK)?;
        while let Some(record) = ring.next_record(&Records::delimited([0], BLOCK))? {
            seen.see(record);
        }
        Ok(seen)
    });
    group.finish();
}

fn make_records() -> (NamedTempFile, Seen) {
    let mut file = NamedTempFile::new().expect("a temporary file");
    let (mut seen, mut left) = (Seen::default(), usize::try_from(SIZE).expect("64 MiB"));
    for i in 0_usize.. {
        let len = (20_000 + i * 7919 % 40_000).min(left.saturating_sub(1));
        if left == 0 {
            break;
        }
        let record = vec![b'a' + u8::try_from(i % 26).expect("a letter"); len];
        seen.see(&record);
        file.write_all(&record).and_then(|()| file.write_all(&[0])).expect("room for 64 MiB");
        left -= len + 1;
    }
    (file, seen)
}

fn numbers(
    group: &mut BenchmarkGroup<'_, CpuTime>,
    id: &str,
    input: &LazyCell<Input>,
    read: impl Fn(&Path) -> io::Result<u64>,
    expected: impl Fn(&Input) -> u64,
) {
    group.bench_function(id, |b| {
        let path = input.log.path();
        assert_eq!(read(&path).expect("the file is there"), expected(input), "{id}");
        b.iter(|| read(&path).expect("the file is there"));
    });
}

fn config() -> Criterion<CpuTime> {
    Criterion::default()
        .with_measurement(CpuTime)
        .sample_size(15)
        .warm_up_time(Duration::from_millis(200))
        .measurement_time(Duration::from_millis(1500))
}

criterion_group! {
    name = benches;
    config = config();
    targets = lines, records
}
criterion_group! {
    name = threads;
    config = Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(200))
        .measurement_time(Duration::from_millis(1500));
    targets = ranges
}
criterion_main!(benches, threads);
