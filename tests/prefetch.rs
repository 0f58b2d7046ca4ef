//! A thread that reads ahead changes no byte, no count and no order, keeps to the pool's
//! ceiling, waits for nobody for ever, and is gone with its reader.

use std::fs::{self, File};
use std::io::{self, BufRead, Read, Seek, SeekFrom, Write};
use std::process::Command;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use buffers::{SharedBuf, copied};
use filereader::{At, Exhausted, FileReader, Pool, Records};
use oracles::content::{file_of, pattern};
use proptest::prelude::*;

const BLOCK: usize = 32 << 10;
/// The room before what is read ahead.
const HEAD: usize = 4096;
const SHORT: Duration = Duration::from_millis(50);
const LONG: Duration = Duration::from_secs(30);

/// One test at a time: some count the threads of this process.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

fn pool_of(block_size: usize, blocks: usize) -> Pool {
    let builder = Pool::builder().block_size(block_size).blocks(blocks);
    builder.patience(SHORT).build().unwrap()
}

fn reader(bytes: &[u8], pool: &Pool) -> FileReader {
    let mut file = file_of(bytes).try_clone().unwrap();
    file.rewind().unwrap();
    FileReader::new(file).pool(pool)
}

/// The threads that read ahead now.
fn threads() -> usize {
    let names = fs::read_dir("/proc/self/task").unwrap().flatten();
    names
        .filter_map(|task| fs::read_to_string(task.path().join("comm")).ok())
        .filter(|name| name.trim_end() == "reads ahead")
        .count()
}

fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < LONG, "{what}");
        thread::sleep(Duration::from_millis(1));
    }
}

fn chunks<R: Read>(mut reader: FileReader<R>) -> Vec<u8> {
    let mut all = Vec::new();
    while let Some(chunk) = reader.next_chunk().unwrap() {
        all.extend_from_slice(&chunk);
    }
    assert!(reader.next_chunk().unwrap().is_none(), "the end stays the end");
    all
}

#[test]
fn chunks_are_the_files_bytes_and_none_is_copied() {
    let _alone = alone();
    let pool = pool_of(BLOCK, 6);
    for len in [0, 1, BLOCK - HEAD, BLOCK, 10 * BLOCK + 7] {
        let bytes = pattern(len, 120);
        let reader = reader(&bytes, &pool).prefetch(3).unwrap();
        assert_eq!(reader.reads_ahead(), 3);
        let mut found = Vec::new();
        let ((), copies) = copied::during(|| {
            let mut reader = reader;
            while let Some(chunk) = reader.next_chunk().unwrap() {
                found.extend_from_slice(&chunk);
            }
        });
        assert!(found == bytes, "{len}");
        assert_eq!(copies, 0);
        assert_eq!(pool.idle(), 6);
    }
}

#[test]
fn so_many_blocks_are_read_ahead_and_no_more() {
    let _alone = alone();
    let pool = pool_of(BLOCK, 8);
    let bytes = pattern(40 * BLOCK, 121);
    let reader = reader(&bytes, &pool).prefetch(3).unwrap();
    wait_until("three blocks are out", || pool.idle() == 5);
    thread::sleep(Duration::from_millis(20));
    assert_eq!(pool.idle(), 5, "though nobody has asked for a byte");
    assert!(chunks(reader) == bytes);
}

#[test]
fn a_pool_that_is_too_small_reads_as_before() {
    let _alone = alone();
    let bytes = pattern(9 * BLOCK, 122);
    for (blocks, ahead) in [(1, 0), (3, 0), (4, 1), (5, 2), (20, 5)] {
        let pool = pool_of(BLOCK, blocks);
        let reader = reader(&bytes, &pool).prefetch(5).unwrap();
        assert_eq!(reader.reads_ahead(), ahead);
        wait_until("a thread has its name", || threads() == usize::from(ahead > 0));
        assert!(chunks(reader) == bytes, "{blocks} blocks");
        assert_eq!(pool.idle(), blocks);
    }
}

#[test]
fn who_waits_too_long_hears_who_has_the_blocks_and_loses_nothing() {
    let _alone = alone();
    let pool = pool_of(BLOCK, 4);
    let bytes = pattern(9 * BLOCK, 123);
    let held: Vec<_> = (0..4).map(|_| pool.acquire().unwrap()).collect();
    let mut reader = reader(&bytes, &pool).prefetch(1).unwrap();
    for _ in 0..2 {
        let start = Instant::now();
        let error = reader.next_chunk().unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut, "{error}");
        assert!(start.elapsed() < LONG / 2);
        let exhausted = error.get_ref().unwrap().downcast_ref::<Exhausted>().unwrap();
        assert_eq!(exhausted.holders()[0].location.file(), file!());
    }
    drop(held);
    assert!(chunks(reader) == bytes);
}

#[test]
fn a_caller_who_keeps_all_blocks_hears_of_it() {
    let _alone = alone();
    let pool = pool_of(BLOCK, 5);
    let bytes = pattern(9 * BLOCK, 124);
    let mut reader = reader(&bytes, &pool).prefetch(2).unwrap();
    let mut kept: Vec<SharedBuf> = Vec::new();
    let error = loop {
        match reader.next_chunk() {
            Ok(chunk) => kept.push(chunk.expect("the file is longer than the pool")),
            Err(error) => break error,
        }
    };
    assert_eq!((kept.len(), error.kind()), (5, io::ErrorKind::TimedOut));
    let mut found: Vec<u8> = kept.iter().flat_map(SharedBuf::to_vec).collect();
    drop(kept);
    found.extend(chunks(reader));
    assert!(found == bytes);
}

#[test]
fn two_readers_of_one_small_pool_both_come_to_their_ends() {
    let _alone = alone();
    let pool = Pool::builder().block_size(BLOCK).blocks(4).patience(LONG).build().unwrap();
    let bytes = pattern(60 * BLOCK, 125);
    thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                let reader = reader(&bytes, &pool).prefetch(4).unwrap();
                assert!(chunks(reader) == bytes);
            });
        }
    });
    assert_eq!((pool.idle(), threads()), (4, 0));
}

#[test]
fn the_thread_is_gone_with_its_reader_wherever_it_waits() {
    let _alone = alone();
    let directory = tempfile::tempdir().unwrap();
    let fifo = directory.path().join("fifo");
    assert!(Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    // Both ends, so that opening waits for nobody and the end never comes.
    let both_ends = File::options().read(true).write(true).open(&fifo).unwrap();
    let bytes = pattern(40 * BLOCK, 126);
    let pool = Pool::builder().block_size(BLOCK).blocks(5).patience(LONG).build().unwrap();
    assert_eq!(threads(), 0);

    let is_far_ahead = reader(&bytes, &pool).prefetch(2).unwrap();
    wait_until("it is ahead", || pool.idle() == 3);
    wait_until("the control: it is there", || threads() == 1);
    drop(is_far_ahead);
    assert_eq!((threads(), pool.idle()), (0, 5));

    let waits_for_a_writer = FileReader::new(both_ends).pool(&pool).prefetch(1).unwrap();
    wait_until("it has its block", || pool.idle() == 4);
    let start = Instant::now();
    drop(waits_for_a_writer);
    assert_eq!((threads(), pool.idle()), (0, 5));

    let held: Vec<_> = (0..5).map(|_| pool.acquire().unwrap()).collect();
    let waits_for_a_block = reader(&bytes, &pool).prefetch(2).unwrap();
    wait_until("it stands in line", || pool.stats()[0].waiting == 1);
    drop(waits_for_a_block);
    assert_eq!((threads(), pool.stats()[0].waiting), (0, 0));
    drop(held);
    assert!(start.elapsed() < LONG / 2, "nothing was waited for");

    let at_the_end = reader(&bytes, &pool).prefetch(2).unwrap();
    assert!(chunks(at_the_end) == bytes);
    assert_eq!((threads(), pool.idle()), (0, 5));
}

#[test]
fn reads_that_give_less_come_as_they_were_and_the_error_after_them() {
    let _alone = alone();
    let pool = pool_of(BLOCK, 6);
    let (from, mut to) = io::pipe().unwrap();
    let file = File::from(std::os::fd::OwnedFd::from(from));
    let mut reader = FileReader::new(file).pool(&pool).prefetch(3).unwrap();
    for part in [&b"abc"[..], b"d", b"efgh"] {
        to.write_all(part).unwrap();
        assert_eq!(reader.next_chunk().unwrap().unwrap(), part);
    }
    drop(to);
    assert!(reader.next_chunk().unwrap().is_none());

    // Memory behind which there is none: bytes, and then EIO.
    let maps = fs::read_to_string("/proc/self/maps").unwrap();
    let stack = maps.lines().find(|line| line.ends_with("[stack]")).expect("a stack");
    let end = stack.split([' ', '-']).nth(1).unwrap();
    let end = u64::from_str_radix(end, 16).unwrap();
    let read = |ahead: usize| {
        let mut memory = File::open("/proc/self/mem").unwrap();
        memory.seek(SeekFrom::Start(end - 70_000)).unwrap();
        let mut reader = FileReader::new(memory).pool(&pool).prefetch(ahead).unwrap();
        let mut n = 0;
        loop {
            match reader.next_chunk() {
                Ok(chunk) => n += chunk.expect("memory has no end").len(),
                Err(error) => break (n, error.raw_os_error_of_its_cause()),
            }
        }
    };
    let without = read(0);
    assert_eq!(without, (70_000, Some(5)));
    assert_eq!(read(3), without);
}

trait Cause {
    fn raw_os_error_of_its_cause(&self) -> Option<i32>;
}

impl Cause for io::Error {
    fn raw_os_error_of_its_cause(&self) -> Option<i32> {
        let cause = std::error::Error::source(self.get_ref()?)?;
        cause.downcast_ref::<io::Error>()?.raw_os_error()
    }
}

#[test]
fn a_line_over_two_blocks_costs_a_copy_of_its_beginning() {
    let _alone = alone();
    let pool = pool_of(BLOCK, 6);
    let bytes: Vec<u8> = (0..20_000).flat_map(|n| format!("line {n}\n").into_bytes()).collect();
    let mut reader = reader(&bytes, &pool).prefetch(3).unwrap();
    let (n, copies) = copied::during(|| {
        let mut n = 0;
        while let Some(batch) = reader.next_lines().unwrap() {
            n += batch.lines().count();
        }
        n
    });
    assert_eq!(n, 20_000);
    let blocks = bytes.len().div_ceil(BLOCK - HEAD) as u64;
    let copies = copies.value().unwrap();
    assert!(copies > 0 && copies < blocks * 12, "{copies} bytes for {blocks} blocks");
}

#[test]
fn seeking_ends_the_thread_and_nothing_else() {
    let _alone = alone();
    let pool = pool_of(BLOCK, 6);
    let bytes = pattern(20 * BLOCK, 127);
    let mut reader = reader(&bytes, &pool).prefetch(3).unwrap();
    let mut first = [0; 100];
    reader.read_exact(&mut first).unwrap();
    assert!(reader.seek(SeekFrom::Current(i64::MIN)).is_err());
    assert_eq!(threads(), 0);
    assert_eq!(reader.fill_buf().unwrap()[..9], bytes[100..109], "an error loses nothing");
    assert_eq!(reader.seek(SeekFrom::Current(50)).unwrap(), 150);
    assert!(chunks(reader) == bytes[150..]);
    assert_eq!(pool.idle(), 6);
}

#[test]
fn a_failed_seek_leaves_what_was_read_ahead() {
    let _alone = alone();
    let pool = pool_of(BLOCK, 6);
    let bytes = pattern(20 * BLOCK, 128);
    let mut reader = reader(&bytes, &pool).prefetch(3).unwrap();
    wait_until("it is ahead", || pool.idle() == 3);
    assert!(reader.seek(SeekFrom::Current(-1)).is_err());
    assert!(chunks(reader) == bytes);
}

#[test]
fn ranges_and_files_that_are_not_kept_are_read_ahead_too() {
    let _alone = alone();
    let pool = pool_of(BLOCK, 12);
    let bytes: Vec<u8> = (0..30_000).flat_map(|n| format!("line {n}\n").into_bytes()).collect();
    let parts = reader(&bytes, &pool).ranges(3, At::Newline).unwrap();
    let found: Vec<u8> = parts
        .into_iter()
        .flat_map(|part| {
            let part = part.prefetch(2).unwrap();
            assert_eq!(part.reads_ahead(), 2);
            chunks(part)
        })
        .collect();
    assert!(found == bytes);
    let reader = reader(&bytes, &pool).dont_keep().prefetch(2).unwrap();
    assert_eq!(reader.reads_ahead(), 2);
    assert!(chunks(reader) == bytes);
}

/// Lines, and records of fixed size, as one that reads ahead gives them; every `keep`th
/// batch is kept for as long as two more.
fn read_all(bytes: &[u8], pool: &Pool, ahead: usize, keep: usize) -> (Vec<Vec<u8>>, Vec<u8>) {
    let mut kept = Vec::new();
    let mut lines = Vec::new();
    let mut by_lines = reader(bytes, pool).prefetch(ahead).unwrap();
    while let Some(batch) = by_lines.next_lines().unwrap() {
        lines.extend(batch.lines().map(<[u8]>::to_vec));
        kept.push(batch);
        if kept.len() > keep {
            kept.clear();
        }
    }
    drop((kept, by_lines));
    let mut records = Vec::new();
    let mut by_records = reader(bytes, pool).prefetch(ahead).unwrap();
    let shape = Records::fixed(7);
    while by_records.rest().len() < 7 {
        match by_records.next_records(&shape) {
            Ok(Some(batch)) => batch.records().for_each(|record| records.extend_from_slice(record)),
            Ok(None) => break,
            Err(error) => {
                assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
                records.extend_from_slice(by_records.rest());
                break;
            }
        }
    }
    (lines, records)
}

proptest! {
    #![proptest_config(oracles::cases(60))]

    #[test]
    fn lines_and_records_are_what_they_are_without_it(
        lens in prop::collection::vec(0..700_usize, 0..60),
        long in prop::collection::vec((0..40_usize, 0..3000_usize), 0..4),
        ahead in 1..5_usize,
        keep in 0..2_usize,
        block in prop::sample::select(vec![4 << 10, 5000, 16 << 10]),
    ) {
        let _alone = alone();
        let mut lens = lens;
        for (at, len) in long {
            if at < lens.len() {
                lens[at] = len;
            }
        }
        let mut bytes = Vec::new();
        for (n, len) in lens.iter().enumerate() {
            bytes.extend(pattern(*len, n as u64).iter().map(|byte| byte | 1 << 6));
            bytes.push(b'\n');
        }
        let pool = Pool::builder().block_size(block).blocks(7).patience(LONG).build().unwrap();
        let expected: Vec<Vec<u8>> =
            bytes.split_inclusive(|&byte| byte == b'\n').map(|line| line[..line.len() - 1].to_vec()).collect();
        let (lines, records) = read_all(&bytes, &pool, ahead, keep);
        prop_assert_eq!(lines, expected);
        prop_assert!(records == bytes);
        prop_assert_eq!(pool.idle(), 7);
    }
}
