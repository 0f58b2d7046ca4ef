//! A file that is cut for several readers: together they read it whole, each line
//! and each record in exactly one of them.

use std::fs::{self, File};
use std::io::{self, Seek, SeekFrom, Write};
use std::num::NonZeroU64;
use std::thread;

use filereader::{At, FileReader, LongLines, Pool, RangeReader, Records};
use oracles::content::{file_of, pattern};
use proptest::prelude::*;

fn reader(bytes: &[u8], block_size: usize) -> FileReader {
    let pool = Pool::builder().block_size(block_size).blocks(2).build().unwrap();
    FileReader::new(file_of(bytes).try_clone().unwrap()).pool(&pool)
}

/// The bytes of each part.
fn contents(parts: Vec<RangeReader>) -> Vec<Vec<u8>> {
    let read = |mut part: RangeReader| {
        let mut bytes = Vec::new();
        while let Some(chunk) = part.next_chunk().unwrap() {
            bytes.extend_from_slice(&chunk);
        }
        bytes
    };
    parts.into_iter().map(read).collect()
}

proptest! {
    #![proptest_config(oracles::cases(300))]

    #[test]
    fn each_line_is_in_exactly_one_part(
        bytes in prop::collection::vec(prop_oneof![1 => Just(b'\n'), 6 => b'a'..=b'e'], 0..300),
        n in 0..9_usize,
        block_size in 1..60_usize,
    ) {
        let parts = reader(&bytes, block_size).ranges(n, At::Newline).unwrap();
        prop_assert!(parts.len() <= n.max(1));
        let parts = contents(parts);
        prop_assert_eq!(parts.concat(), &bytes[..]);
        for (i, part) in parts.iter().enumerate() {
            prop_assert!(!part.is_empty());
            prop_assert!(part.ends_with(b"\n") || i + 1 == parts.len());
        }
        // Lines being short, no part is much longer than its share.
        let longest = bytes.split(|&byte| byte == b'\n').map(<[u8]>::len).max().unwrap_or(0) + 1;
        let most = bytes.len().div_ceil(n.max(1)) + longest;
        prop_assert!(parts.iter().all(|part| part.len() <= most));
    }

    #[test]
    fn each_record_is_in_exactly_one_part(
        len in 0..500_usize,
        n in 0..9_usize,
        size in 1..80_u64,
    ) {
        let bytes = pattern(len, 90);
        let size = NonZeroU64::new(size).unwrap();
        let parts = reader(&bytes, 64).ranges(n, At::Record(size)).unwrap();
        let parts = contents(parts);
        prop_assert_eq!(parts.concat(), &bytes[..]);
        let whole = |part: &Vec<u8>| (part.len() as u64).is_multiple_of(size.get());
        prop_assert!(parts.iter().rev().skip(1).all(whole));
        prop_assert!(parts.iter().all(|part| !part.is_empty()));
    }
}

/// Line `n` is `n`.
fn numbered(lines: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    (0..lines).for_each(|n| writeln!(bytes, "{n}").unwrap());
    bytes
}

#[test]
fn threads_see_each_line_once_and_know_where_it_is() {
    let bytes = numbered(50_000);
    let parts = reader(&bytes, 4096).max_line(9, LongLines::Refuse).ranges(4, At::Newline).unwrap();
    assert_eq!(parts.len(), 4);
    let starts: Vec<u64> = parts.iter().map(FileReader::position).collect();
    assert!(starts.is_sorted() && starts[0] == 0 && starts[3] > bytes.len() as u64 / 2);
    let mut seen: Vec<usize> = thread::scope(|scope| {
        let bytes = &bytes;
        let threads: Vec<_> = parts
            .into_iter()
            .map(|mut part| {
                scope.spawn(move || {
                    let mut seen = Vec::new();
                    while let Some(batch) = part.next_lines().unwrap() {
                        let at = usize::try_from(batch.position()).unwrap();
                        assert!(bytes[at..].starts_with(batch.bytes()), "in the file's places");
                        let lines = batch.str_lines().unwrap();
                        seen.extend(lines.map(|line| line.parse::<usize>().unwrap()));
                    }
                    seen
                })
            })
            .collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    seen.sort_unstable();
    assert!(seen.into_iter().eq(0..50_000));
}

#[test]
fn parts_are_read_as_records_too() {
    let bytes = pattern(7 * 100, 91);
    let parts = reader(&bytes, 64).ranges(3, At::Record(NonZeroU64::new(7).unwrap())).unwrap();
    let mut all = Vec::new();
    for mut part in parts {
        while let Some(batch) = part.next_records(&Records::fixed(7)).unwrap() {
            all.extend(batch.records().map(<[u8]>::to_vec));
        }
    }
    assert_eq!(all, bytes.chunks(7).map(<[u8]>::to_vec).collect::<Vec<_>>());
}

#[test]
fn a_file_that_changes_meanwhile_ends_early_or_is_read_as_it_was_cut() {
    let bytes = numbered(1000);
    let file = file_of(&bytes);
    let open = || FileReader::new(file.try_clone().unwrap());
    let parts = open().ranges(2, At::Newline).unwrap();
    (&*file).seek(SeekFrom::End(0)).unwrap();
    (&*file).write_all(b"appended\n").unwrap();
    assert_eq!(contents(parts).concat(), bytes, "what was appended is in no part");
    let parts = open().ranges(2, At::Newline).unwrap();
    file.set_len(100).unwrap();
    assert_eq!(contents(parts).concat(), bytes[..100]);
}

#[test]
fn what_has_no_parts_says_so() {
    for path in ["/proc/self/status", "/dev/zero"] {
        let error = FileReader::open(path).unwrap().ranges(2, At::Newline).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::Unsupported, "{path}");
    }
    let (from, to) = io::pipe().unwrap();
    let from = File::from(std::os::fd::OwnedFd::from(from));
    let error = FileReader::new(from).ranges(2, At::Newline).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::Unsupported);
    drop(to);
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("empty");
    fs::write(&path, b"").unwrap();
    assert!(FileReader::open(&path).unwrap().ranges(2, At::Newline).unwrap().is_empty());
}
