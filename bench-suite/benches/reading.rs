//! Reading a file of 64 MiB and looking at each of its bytes.
//!
//! The group `read-sum` times opening the file, getting at its bytes, and adding
//! them up as 64-bit words with one function that all contenders share. The
//! file is in the page cache, so no disk is waited for; what differs is how
//! often the bytes are copied, into memory of which kind, and by how many calls.
//!
//! Buffers that a program would make once and keep (the pool, the one buffer of
//! the hand-written loop) are made once here too. `fs-read` is the naive way:
//! it takes fresh memory for the whole file each time, and its page faults cost
//! more than the copy. `to-vec` is the loop that hands each block on as a
//! `Vec` of its own.
//!
//! `one-buffer` makes the same calls as the pool, into one block that stays in
//! the processor's cache, as the pool's last returned block does. Where the
//! pool is faster than it, that is not the pool's merit but its alignment: the
//! kernel copies faster to the start of a page than to where `vec!` puts its
//! bytes. `one-buffer-aligned` is the same loop with a page-aligned buffer, and
//! what the pool can come up to and not beat. Neither loop can keep a block
//! while it reads the next one.
//!
//! `mmap` copies nothing, and pays by page faults instead; `mmap-populate` takes
//! them all in one call. With the file in the cache and one pass over it, both
//! beat everything that reads, the pool included. Neither survives a file that
//! is truncated meanwhile, both take unsafe code, and memory in use is as much
//! as the file.
#![allow(missing_docs, reason = "criterion_group! makes public functions")]

use std::cell::LazyCell;
use std::fs::{self, File};
use std::hint::black_box;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::Path;
use std::time::Duration;

use criterion::measurement::WallTime;
use criterion::{
    BenchmarkGroup, Criterion, SamplingMode, Throughput, criterion_group, criterion_main,
};
use filereader::{FileReader, Pool};
use memmap2::{Mmap, MmapOptions};
use tempfile::NamedTempFile;

const SIZE: usize = 64 << 20;
const BLOCK: usize = 256 << 10;
const PAGE: usize = 4096;

/// The file, with the sum of its words.
struct Input {
    file: NamedTempFile,
    sum: u64,
}

impl Input {
    fn make() -> Self {
        // A multiplication by an odd number, so that no two words are alike.
        let words = (0..SIZE as u64 / 8).map(|i| i.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let mut file = NamedTempFile::new().expect("a temporary file");
        let bytes: Vec<u8> = words.clone().flat_map(u64::to_le_bytes).collect();
        file.write_all(&bytes).expect("room for 64 MiB");
        Self { file, sum: words.fold(0, u64::wrapping_add) }
    }
}

/// The sum of the words, the same code for everyone.
///
/// Blocks may only be cut at multiples of eight, or the words would be others;
/// the check of each contender's sum would show that.
#[inline(never)]
fn sum(bytes: &[u8]) -> u64 {
    let (words, rest) = bytes.as_chunks();
    let tail = rest.iter().map(|&byte| u64::from(byte)).sum();
    words.iter().fold(tail, |sum, &word| sum.wrapping_add(u64::from_le_bytes(word)))
}

fn by_fs_read(path: &Path) -> io::Result<u64> {
    Ok(sum(&fs::read(path)?))
}

fn by_buf_reader(path: &Path) -> io::Result<u64> {
    let mut file = BufReader::new(File::open(path)?);
    let mut total = 0_u64;
    loop {
        let bytes = file.fill_buf()?;
        if bytes.is_empty() {
            return Ok(total);
        }
        total = total.wrapping_add(sum(bytes));
        let n = bytes.len();
        file.consume(n);
    }
}

fn by_one_buffer(path: &Path, buf: &mut [u8]) -> io::Result<u64> {
    let mut file = File::open(path)?;
    let mut total = 0_u64;
    loop {
        match file.read(buf)? {
            0 => return Ok(total),
            n => total = total.wrapping_add(sum(&buf[..n])),
        }
    }
}

fn by_to_vec(path: &Path, buf: &mut [u8]) -> io::Result<u64> {
    let mut file = File::open(path)?;
    let mut total = 0_u64;
    loop {
        match file.read(buf)? {
            0 => return Ok(total),
            n => {
                let block = black_box(buf[..n].to_vec());
                total = total.wrapping_add(sum(&block));
            }
        }
    }
}

fn by_pool(path: &Path, pool: &Pool) -> io::Result<u64> {
    let mut file = FileReader::open(path)?.pool(pool);
    let mut total = 0_u64;
    while let Some(chunk) = file.next_chunk()? {
        total = total.wrapping_add(sum(&chunk));
    }
    Ok(total)
}

fn by_mmap(path: &Path) -> io::Result<u64> {
    let file = File::open(path)?;
    // SAFETY: the file is this program's own temporary one, and nobody writes
    // to it or cuts it while it is mapped.
    let map = unsafe { Mmap::map(&file) }?;
    map.advise(memmap2::Advice::Sequential)?;
    Ok(sum(&map))
}

fn by_mmap_populate(path: &Path) -> io::Result<u64> {
    let file = File::open(path)?;
    // SAFETY: as above.
    let map = unsafe { MmapOptions::new().populate().map(&file) }?;
    Ok(sum(&map))
}

fn read_sum(c: &mut Criterion) {
    let mut group = c.benchmark_group("read-sum");
    group.throughput(Throughput::Bytes(SIZE as u64));
    // An iteration takes milliseconds, so there is no need to grow their number.
    group.sampling_mode(SamplingMode::Flat).sample_size(30);

    let input: LazyCell<Input> = LazyCell::new(Input::make);
    let mut buf = vec![0; BLOCK];
    let mut room = vec![0; BLOCK + PAGE];
    let aligned = room.as_ptr().align_offset(PAGE);
    let aligned = &mut room[aligned..aligned + BLOCK];
    let pool = Pool::builder().block_size(BLOCK).blocks(16).build().expect("4 MiB");

    contender(&mut group, "fs-read", &input, by_fs_read);
    contender(&mut group, "buf-reader-8k", &input, by_buf_reader);
    contender(&mut group, "to-vec", &input, |path| by_to_vec(path, &mut buf));
    contender(&mut group, "one-buffer", &input, |path| by_one_buffer(path, &mut buf));
    contender(&mut group, "one-buffer-aligned", &input, |path| by_one_buffer(path, aligned));
    contender(&mut group, "pool", &input, |path| by_pool(path, &pool));
    contender(&mut group, "mmap", &input, by_mmap);
    contender(&mut group, "mmap-populate", &input, by_mmap_populate);
    group.finish();
    assert_eq!(pool.idle(), 16, "all blocks are back");
}

fn contender(
    group: &mut BenchmarkGroup<'_, WallTime>,
    id: &str,
    input: &LazyCell<Input>,
    mut read: impl FnMut(&Path) -> io::Result<u64>,
) {
    group.bench_function(id, |b| {
        let path = input.file.path();
        assert_eq!(read(path).expect("the file is there"), input.sum, "{id} sees every byte");
        b.iter(|| read(path).expect("the file is there"));
    });
}

fn config() -> Criterion {
    Criterion::default()
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_millis(1500))
}

criterion_group! {
    name = reading;
    config = config();
    targets = read_sum
}
criterion_main!(reading);
