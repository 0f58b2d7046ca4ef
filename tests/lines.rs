//! Lines come whole and in order, in place, however they lie across blocks; what
//! is copied for that is counted, and what is too long is never lost.

use std::io::{self, Read, Write};
use std::thread;
use std::time::Duration;

use buffers::copied;
use filereader::{Exhausted, FileReader, LineBatch, LongLines, Pool, TooLong};
use oracles::content::file_of;
use oracles::source::{Answer, Source};
use proptest::prelude::*;

fn pool_of(block_size: usize, blocks: usize) -> Pool {
    let builder = Pool::builder().block_size(block_size).blocks(blocks);
    builder.patience(Duration::from_millis(30)).build().unwrap()
}

/// The lines as `BufRead::lines` would cut them, from the front.
fn oracle(bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut lines: Vec<Vec<u8>> = bytes
        .split_inclusive(|&byte| byte == b'\n')
        .map(|line| match line {
            [line @ .., b'\r', b'\n'] | [line @ .., b'\n'] | line => line.to_vec(),
        })
        .collect();
    lines.shrink_to_fit();
    lines
}

fn owned(batch: &LineBatch) -> Vec<Vec<u8>> {
    batch.lines().map(<[u8]>::to_vec).collect()
}

/// All lines of a source, in each way that a batch gives them.
fn lines<R: Read>(mut reader: FileReader<R>) -> Vec<Vec<u8>> {
    let mut all = Vec::new();
    while let Some(batch) = reader.next_lines().unwrap() {
        let lines = owned(&batch);
        let mut called = Vec::new();
        batch.lines().for_each(|line| called.push(line.to_vec()));
        assert_eq!(called, lines);
        assert_eq!(batch.lines().count(), lines.len());
        let mut rest = batch.lines();
        if rest.next().is_some() {
            let after = rest.clone().fold(Vec::new(), |mut after, line| {
                after.push(line.to_vec());
                after
            });
            assert_eq!((after, rest.count()), (lines[1..].to_vec(), lines.len() - 1));
        }
        all.extend(lines);
    }
    assert!(reader.next_lines().unwrap().is_none(), "the end stays the end");
    all
}

#[test]
fn lines_end_as_text_files_end_them() {
    let long =
        [vec![b'x'; 200], b"\r\n".to_vec(), vec![b'y'; 64], b"\n\r\nend\r".to_vec()].concat();
    let texts: [&[u8]; 10] = [
        b"",
        b"\n",
        b"one",
        b"one\n",
        b"one\ntwo",
        b"\n\n\nfour\n\n",
        b"dos\r\nunix\nmac\rno\r\n\r\n",
        b"nul\0byte\n\0\n\xff\xfe\n",
        b"\r",
        &long,
    ];
    for text in texts {
        let reader = FileReader::new(text).pool(&pool_of(4096, 1));
        assert_eq!(lines(reader), oracle(text), "{}", text.escape_ascii());
        if let Ok(text) = str::from_utf8(text) {
            let std: Vec<_> = text.as_bytes().lines_of_std();
            assert_eq!(oracle(text.as_bytes()), std);
        }
    }
}

/// What the standard library makes of it.
trait LinesOfStd {
    fn lines_of_std(&self) -> Vec<Vec<u8>>;
}

impl LinesOfStd for [u8] {
    fn lines_of_std(&self) -> Vec<Vec<u8>> {
        io::BufRead::lines(self).map(|line| line.unwrap().into_bytes()).collect()
    }
}

/// What a reader gives, whole or in pieces, and that no call of it loses a byte.
struct Collected {
    bytes: Vec<u8>,
    lines: Vec<Vec<u8>>,
    refused: Vec<u64>,
}

fn collect(mut reader: FileReader<Source>, limit: usize, keep: bool) -> Collected {
    let mut seen = Collected { bytes: Vec::new(), lines: Vec::new(), refused: Vec::new() };
    let mut kept = Vec::new();
    loop {
        match reader.next_lines() {
            Ok(None) => return seen,
            Ok(Some(batch)) => {
                assert_eq!(batch.position(), seen.bytes.len() as u64);
                seen.bytes.extend_from_slice(batch.bytes());
                assert_eq!(reader.position(), seen.bytes.len() as u64);
                assert!(batch.lines().all(|line| line.len() <= limit), "{batch:?} {limit}");
                let mut lines = owned(&batch);
                if batch.continues() {
                    // Pieces of one line; `\r\n` may have been torn apart.
                    assert_eq!(lines.len(), 1);
                    let mut whole = seen.lines.pop().unwrap();
                    whole.append(&mut lines[0]);
                    if batch.bytes() == b"\n" && whole.ends_with(b"\r") {
                        whole.pop();
                    }
                    lines = vec![whole];
                }
                seen.lines.extend(lines);
                kept = if keep { vec![batch] } else { Vec::new() };
            }
            Err(error) => {
                let text = error.to_string();
                match error.into_inner().and_then(|inner| inner.downcast::<TooLong>().ok()) {
                    Some(long) => {
                        assert_eq!(long.position(), seen.bytes.len() as u64);
                        seen.refused.push(long.position());
                    }
                    None => assert!(
                        text.contains("the disk burns") || text.contains("after 0 bytes"),
                        "{text}"
                    ),
                }
            }
        }
        let _ = &kept;
    }
}

fn text(len: usize) -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(
        prop_oneof![3 => Just(b'\n'), 1 => Just(b'\r'), 12 => b'a'..=b'e'],
        0..len,
    )
}

proptest! {
    #![proptest_config(oracles::cases(300))]

    #[test]
    fn however_lines_lie_across_blocks_they_come_whole(
        bytes in text(400),
        answers in prop::collection::vec(prop_oneof![
            8 => (1..60_usize).prop_map(Answer::Give),
            1 => Just(Answer::Interrupted),
            1 => Just(Answer::WouldBlock),
            1 => Just(Answer::Fail),
        ], 0..60),
        block_size in 2..80_usize,
        max in prop::option::of(0..90_usize),
        split in any::<bool>(),
        keep in any::<bool>(),
    ) {
        let mut script = answers;
        script.extend([Answer::Give(50); 400]);
        let mut source = Source::new(&script);
        source.bytes.clone_from(&bytes);
        let long = if split { LongLines::Split } else { LongLines::Refuse };
        let pool = pool_of(block_size, 2);
        let mut reader = FileReader::new(source).pool(&pool);
        if let Some(max) = max {
            reader = reader.max_line(max, long);
        }
        let limit = max.unwrap_or(usize::MAX).min(block_size - 1).max(1);
        let seen = collect(reader, limit, keep);
        prop_assert_eq!(&seen.bytes, &bytes, "no byte is lost or doubled");
        prop_assert_eq!(&seen.lines, &oracle(&bytes));
        prop_assert_eq!(pool.idle(), 2);
        // Refused is what is too long with everything before its `\n`, once.
        let mut at = 0;
        let mut too_long = Vec::new();
        for line in bytes.split_inclusive(|&byte| byte == b'\n') {
            if line.strip_suffix(b"\n").unwrap_or(line).len() > limit {
                too_long.push(at);
            }
            at += line.len() as u64;
        }
        let refuses = max.is_none() || !split;
        prop_assert_eq!(seen.refused, if refuses { too_long } else { Vec::new() });
    }

    #[test]
    fn batches_of_any_bytes_are_cut_like_the_oracle_cuts(
        bytes in prop::collection::vec(prop_oneof![Just(b'\n'), Just(b'\r'), any::<u8>()], 0..400),
    ) {
        let reader = FileReader::new(&bytes[..]).pool(&pool_of(4096, 1));
        prop_assert_eq!(lines(reader), oracle(&bytes));
    }
}

/// Lines of 85 bytes on average.
fn log(len: usize) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(len + 200);
    for n in 0_usize.. {
        if bytes.len() >= len {
            break;
        }
        let width = 60 + n * 7919 % 40;
        writeln!(bytes, "{n:05} {:width$}", "x").unwrap();
    }
    bytes
}

#[test]
fn a_straddling_line_costs_its_tail_and_nothing_else() {
    let bytes = log(4 << 20);
    let pool = pool_of(256 << 10, 1);
    let mut reader = FileReader::new(&bytes[..]).pool(&pool);
    let (lines, copies) = copied::during(|| {
        let mut lines = 0;
        while let Some(batch) = reader.next_lines().unwrap() {
            lines += batch.lines().count();
        }
        lines
    });
    assert_eq!(lines, oracle(&bytes).len());
    let copies = copies.value().unwrap();
    assert!(copies > 0, "lines do not end where blocks end");
    assert!(copies * 1000 < bytes.len() as u64 * 2, "{copies} of {}", bytes.len());
    // The control: the same with each line copied is all of it.
    let mut reader = FileReader::new(&bytes[..]).pool(&pool);
    let (n, copies) = copied::during(|| {
        let mut n = 0;
        while let Some(batch) = reader.next_lines().unwrap() {
            let lens = batch.lines().map(|line| batch.promote(line).unwrap().to_vec().len());
            n += lens.sum::<usize>();
        }
        n
    });
    assert!(n > bytes.len() * 9 / 10 && copies.value().unwrap() > n as u64);
}

#[test]
fn lines_are_where_the_read_put_them() {
    let pool = pool_of(4096, 1);
    let mut reader = FileReader::new(&b"first\nsecond\n"[..]).pool(&pool);
    let batch = reader.next_lines().unwrap().unwrap();
    assert_eq!(pool.idle(), 0);
    let start = batch.bytes().as_ptr();
    let second = batch.lines().nth(1).unwrap();
    assert_eq!(second.as_ptr(), start.wrapping_add(6));
    let kept = batch.promote(second).unwrap();
    assert!(batch.promote(b"other memory").is_none());
    drop(batch);
    assert_eq!((kept.as_ptr(), pool.idle()), (start.wrapping_add(6), 0));
    assert_eq!(kept, b"second");
    drop(kept);
    assert_eq!(pool.idle(), 1, "nothing else holds the block");
}

#[test]
fn text_is_checked_once_and_the_error_says_where() {
    let mut reader = FileReader::new("grün\r\nπ\n\nend".as_bytes()).pool(&pool_of(100, 1));
    let batch = reader.next_lines().unwrap().unwrap();
    assert_eq!(batch.str_lines().unwrap().collect::<Vec<_>>(), ["grün", "π", ""]);
    assert_eq!(reader.rest(), b"end");
    drop(batch);
    let batch = reader.next_lines().unwrap().unwrap();
    assert_eq!(batch.str_lines().unwrap().collect::<Vec<_>>(), ["end"]);
    let mut reader = FileReader::new(&b"good\nb\xffd\n"[..]).pool(&pool_of(100, 1));
    let batch = reader.next_lines().unwrap().unwrap();
    assert_eq!(batch.str_lines().unwrap_err().valid_up_to(), 6);
    assert_eq!(batch.lines().next().unwrap(), b"good", "and the bytes are still there");
}

#[test]
fn what_is_too_long_is_refused_in_words_and_then_given_in_pieces() {
    let bytes = [&b"short\n"[..], &[b'x'; 25], b"\nshort\n"].concat();
    let mut reader = FileReader::new(&bytes[..]).pool(&pool_of(100, 2));
    reader = reader.max_line(10, LongLines::Refuse);
    assert_eq!(owned(&reader.next_lines().unwrap().unwrap()), [b"short"]);
    let error = reader.next_lines().unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::InvalidData);
    let text =
        "the line at byte 6 is longer than 10 bytes: allow longer ones, or take it in pieces";
    assert_eq!(error.to_string(), text);
    assert_eq!(error.into_inner().unwrap().downcast::<TooLong>().unwrap().limit(), 10);
    let mut flags = Vec::new();
    for expected in [10, 10, 5] {
        let piece = reader.next_lines().unwrap().unwrap();
        assert_eq!(owned(&piece), [vec![b'x'; expected]]);
        flags.push((piece.continues(), piece.is_continued()));
    }
    assert_eq!(flags, [(false, true), (true, true), (true, false)]);
    assert_eq!(owned(&reader.next_lines().unwrap().unwrap()), [b"short"]);
    assert!(reader.next_lines().unwrap().is_none());

    let mut reader = FileReader::new(&[b'x'; 300][..]).pool(&pool_of(100, 2));
    let text = reader.next_lines().unwrap_err().to_string();
    assert!(
        text.contains("longer than 99 bytes: read into blocks of more than 100 bytes"),
        "{text}"
    );
}

#[test]
fn a_block_of_one_byte_gives_its_lines_in_pieces() {
    let mut source = Source::new(&[Answer::Give(1); 12]);
    source.bytes = b"ab\n\nc\r\nd".to_vec();
    let expected = source.bytes.clone();
    let reader = FileReader::new(source).pool(&pool_of(1, 1)).max_line(5, LongLines::Split);
    let seen = collect(reader, 1, false);
    assert_eq!((&seen.bytes, &seen.lines), (&expected, &oracle(&expected)));
}

#[test]
fn a_batch_that_is_kept_needs_a_second_block_and_says_so() {
    let bytes = log(2000);
    let pool = pool_of(300, 1);
    let mut reader = FileReader::new(&bytes[..]).pool(&pool);
    let kept = reader.next_lines().unwrap().unwrap();
    let error = reader.next_lines().unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    let inner = error.into_inner().unwrap().downcast::<Exhausted>().unwrap();
    assert_eq!(inner.holders()[0].location.file(), file!());
    let mut all = owned(&kept);
    drop(kept);
    all.extend(lines(reader));
    assert_eq!(all, oracle(&bytes), "and lost nothing by it");
}

#[test]
fn a_slow_writer_gets_its_lines_through_as_it_ends_them() {
    let (from, mut to) = io::pipe().unwrap();
    let (next, wait) = std::sync::mpsc::sync_channel::<()>(0);
    let writes = thread::spawn(move || {
        for part in ["one\ntw", "o\nthr", "ee", "\n", "four"] {
            wait.recv().unwrap();
            to.write_all(part.as_bytes()).unwrap();
        }
    });
    let pool = pool_of(4096, 1);
    let mut reader = FileReader::new(from).pool(&pool);
    let (lines, copies) = copied::during(|| {
        let mut lines = Vec::new();
        for steps in [1, 1, 2, 1] {
            for _ in 0..steps {
                next.send(()).unwrap();
            }
            let batch = reader.next_lines().unwrap().unwrap();
            lines.extend(batch.lines().map(|line| String::from_utf8(line.to_vec()).unwrap()));
        }
        lines
    });
    assert_eq!(lines, ["one", "two", "three", "four"]);
    assert_eq!(copies, 0, "a block with room is read on into");
    writes.join().unwrap();
}

#[test]
fn chunks_and_lines_may_be_mixed() {
    let file = file_of(b"one\ntwo\nthr");
    let section = filereader::Section::new(file, ..);
    let mut reader = FileReader::new(section).pool(&pool_of(100, 1));
    assert_eq!(owned(&reader.next_lines().unwrap().unwrap()), [b"one", b"two"]);
    assert_eq!((reader.position(), reader.rest()), (8, &b"thr"[..]));
    assert_eq!(reader.next_chunk().unwrap().unwrap(), b"thr");
    assert!(reader.next_chunk().unwrap().is_none());
    assert_eq!(reader.position(), 11);
}
