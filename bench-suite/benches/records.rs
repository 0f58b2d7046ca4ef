//! Records of a `u32`, a `u16`, an `i8` and an `f64`, without padding: all of them decoded
//! and summed.
//!
//! | group | what is timed |
//! |---|---|
//! | `unpack` | ways whose record is known when the program is written |
//! | `unpack-values` | ways that learn the format at run time |
//! | `unpack-cpython` | `struct.iter_unpack` of CPython, in a process of its own, beside both of ours |
//!
//! Each contender's sum is checked against the sum of what was packed.
#![allow(missing_docs, reason = "criterion_group! makes public functions")]

use std::hint::black_box;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

use buffers::{Format, Value};
use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Criterion, Throughput, criterion_group, criterion_main};
use zerocopy::byteorder::little_endian::{F64, U16, U32};
use zerocopy::{FromBytes, Immutable, KnownLayout, Unaligned};

const FORMAT: &str = "<IHbd";
const RECORDS: usize = 20_000;

type Row = (u32, u16, i8, f64);

/// The same record as a struct.
#[derive(FromBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
struct Struct {
    id: U32,
    port: U16,
    level: i8,
    load: F64,
}

fn rows() -> impl Iterator<Item = Row> {
    (0..RECORDS).map(|i| {
        let [a, b, c, _] = u32::try_from(i).expect("few records").to_le_bytes();
        (u32::from(b) << 12 | u32::from(a), u16::from(a) << 3, c.cast_signed() ^ 5, f64::from(b))
    })
}

fn packed() -> Vec<u8> {
    let format = Format::parse(FORMAT).expect("a format");
    rows().flat_map(|row| format.pack_as(row).expect("it fits the format")).collect()
}

/// Sums of small whole numbers, which a float holds exactly in any order.
fn add(sum: f64, (a, b, c, d): Row) -> f64 {
    sum + f64::from(a) + f64::from(b) + f64::from(c) + d
}

fn by_tuples(format: &Format, bytes: &[u8]) -> f64 {
    let mut sum = 0.0;
    for row in format.iter_unpack_as::<Row>(bytes).expect("whole records") {
        sum = add(sum, row);
    }
    sum
}

fn by_struct(bytes: &[u8]) -> f64 {
    let rows = <[Struct]>::ref_from_bytes(bytes).expect("whole records");
    let mut sum = 0.0;
    for row in rows {
        sum = add(sum, (row.id.get(), row.port.get(), row.level, row.load.get()));
    }
    sum
}

fn by_hand(bytes: &[u8]) -> f64 {
    let mut sum = 0.0;
    for record in bytes.chunks_exact(15) {
        let [a @ .., _, _, _, _, _, _, _, _, _, _, _] = *record.first_chunk::<15>().expect("15");
        let id = u32::from_le_bytes(a);
        let port = u16::from_le_bytes([record[4], record[5]]);
        let load = f64::from_le_bytes(record[7..15].try_into().expect("8"));
        sum = add(sum, (id, port, record[6].cast_signed(), load));
    }
    sum
}

#[expect(clippy::cast_precision_loss, reason = "the numbers are small")]
fn number(value: Value<'_>) -> f64 {
    match value {
        Value::Int(number) => number as f64,
        Value::UInt(number) => number as f64,
        Value::Float(number) => number,
        Value::Bool(_) | Value::Bytes(_) => 0.0,
    }
}

fn by_values(format: &Format, bytes: &[u8]) -> f64 {
    let mut sum = 0.0;
    for record in format.iter_unpack(bytes).expect("whole records") {
        for value in record.values() {
            sum += number(value);
        }
    }
    sum
}

/// A list of values for each record, as CPython makes a tuple.
fn by_lists(format: &Format, bytes: &[u8]) -> f64 {
    let mut sum = 0.0;
    for record in bytes.chunks_exact(format.itemsize()) {
        let values = format.unpack(record).expect("a record");
        sum += values.into_iter().map(number).sum::<f64>();
    }
    sum
}

/// Reads a number of rounds, does them, and prints the seconds and the sum.
const SCRIPT: &str = "\
import struct, sys, time
data = open(sys.argv[1], 'rb').read()
form = struct.Struct('<IHbd')
for line in sys.stdin:
    start = time.perf_counter()
    for _ in range(int(line)):
        total = 0.0
        for a, b, c, d in form.iter_unpack(data):
            total += a + b + c + d
    print(time.perf_counter() - start, total, flush=True)
";

struct Python {
    child: Child,
    orders: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Python {
    fn start(file: &std::path::Path) -> Option<Self> {
        let mut child = Command::new("python3")
            .args(["-c", SCRIPT])
            .arg(file)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .ok()?;
        let (orders, answers) = (child.stdin.take()?, BufReader::new(child.stdout.take()?));
        Some(Self { child, orders, answers })
    }

    fn rounds(&mut self, rounds: u64) -> (Duration, f64) {
        writeln!(self.orders, "{rounds}").expect("it reads on");
        let mut line = String::new();
        self.answers.read_line(&mut line).expect("it answers");
        let mut words = line.split_whitespace().map(|word| word.parse().expect("a number"));
        let (seconds, sum) = (words.next().expect("seconds"), words.next().expect("a sum"));
        (Duration::from_secs_f64(seconds), sum)
    }
}

impl Drop for Python {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn bench(
    group: &mut BenchmarkGroup<'_, WallTime>,
    name: &str,
    bytes: &[u8],
    run: impl Fn(&[u8]) -> f64,
) {
    let expected = rows().fold(0.0, add);
    assert_eq!(run(bytes).to_bits(), expected.to_bits(), "{name}: another sum");
    group.bench_function(name, |b| b.iter(|| run(black_box(bytes))));
}

fn unpack(c: &mut Criterion) {
    let (bytes, format) = (packed(), Format::parse(FORMAT).expect("a format"));
    let mut group = c.benchmark_group("unpack");
    group.throughput(Throughput::Elements(RECORDS as u64));
    bench(&mut group, "zerocopy", &bytes, by_struct);
    bench(&mut group, "by-hand", &bytes, by_hand);
    bench(&mut group, "tuples", &bytes, |bytes| by_tuples(black_box(&format), bytes));
    group.finish();

    let mut group = c.benchmark_group("unpack-values");
    group.throughput(Throughput::Elements(RECORDS as u64));
    bench(&mut group, "zerocopy", &bytes, by_struct);
    bench(&mut group, "values", &bytes, |bytes| by_values(black_box(&format), bytes));
    bench(&mut group, "lists", &bytes, |bytes| by_lists(black_box(&format), bytes));
    group.finish();
}

fn cpython(c: &mut Criterion) {
    let (bytes, format) = (packed(), Format::parse(FORMAT).expect("a format"));
    let mut file = tempfile::NamedTempFile::new().expect("a temporary file");
    file.write_all(&bytes).expect("room for 300 KB");
    let Some(mut python) = Python::start(file.path()) else {
        eprintln!("unpack-cpython: SKIPPED, there is no python3");
        return;
    };
    let (_, sum) = python.rounds(1);
    assert_eq!(sum.to_bits(), rows().fold(0.0, add).to_bits(), "CPython has another sum");
    let mut group = c.benchmark_group("unpack-cpython");
    group.throughput(Throughput::Elements(RECORDS as u64));
    group.bench_function("cpython", |b| b.iter_custom(|rounds| python.rounds(rounds).0));
    bench(&mut group, "tuples", &bytes, |bytes| by_tuples(black_box(&format), bytes));
    bench(&mut group, "values", &bytes, |bytes| by_values(black_box(&format), bytes));
    bench(&mut group, "lists", &bytes, |bytes| by_lists(black_box(&format), bytes));
    group.finish();
}

criterion_group! {
    name = records;
    config = Criterion::default()
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(2))
        .sample_size(50);
    targets = unpack, cpython
}
criterion_main!(records);
