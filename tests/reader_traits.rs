//! A reader is a `Read`, a `BufRead` and a `Seek` like any other, under its pool's
//! ceiling, and counts the copies that these traits force on it.

use std::fs::File;
use std::io::{self, BufRead, Cursor, Read, Seek, SeekFrom};

use buffers::copied;
use filereader::{FileReader, LongLines, Pool};
use oracles::content::{file_of, pattern};
use oracles::panic_text;
use proptest::prelude::*;

const BLOCK: usize = 64;

fn pool() -> Pool {
    Pool::builder().block_size(BLOCK).blocks(1).build().unwrap()
}

fn reader(bytes: &[u8]) -> (Pool, FileReader<File>) {
    let pool = pool();
    let file = file_of(bytes).try_clone().unwrap();
    (&file).rewind().unwrap();
    (pool.clone(), FileReader::new(file).pool(&pool))
}

#[derive(Clone, Debug)]
enum Step {
    Read(usize),
    Fill(usize),
    Until(u8),
    Chunk,
    Seek(SeekFrom),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => (0..3 * BLOCK).prop_map(Step::Read),
        2 => (0..BLOCK).prop_map(Step::Fill),
        1 => any::<u8>().prop_map(Step::Until),
        1 => Just(Step::Chunk),
        1 => (0..600_u64).prop_map(|at| Step::Seek(SeekFrom::Start(at))),
        2 => (-300..300_i64).prop_map(|by| Step::Seek(SeekFrom::Current(by))),
        1 => (-500..10_i64).prop_map(|by| Step::Seek(SeekFrom::End(by))),
    ]
}

proptest! {
    #![proptest_config(oracles::cases(300))]

    #[test]
    fn it_does_what_a_cursor_does(
        len in 0..500_usize,
        steps in prop::collection::vec(step(), 0..40),
    ) {
        let bytes = pattern(len, 98);
        let (pool, mut reader) = reader(&bytes);
        let mut cursor = Cursor::new(&bytes);
        for step in steps {
            match step {
                Step::Read(n) => {
                    // It may give less than a cursor, but not nothing if there is more.
                    let mut target = vec![0; n];
                    let got = reader.read(&mut target).unwrap();
                    let mut expected = vec![0; got];
                    cursor.read_exact(&mut expected).unwrap();
                    prop_assert_eq!(&target[..got], expected);
                    let left = cursor.fill_buf().unwrap().len();
                    prop_assert!(got > 0 || n == 0 || left == 0);
                }
                Step::Fill(n) => {
                    let held = reader.fill_buf().unwrap();
                    let expected = cursor.fill_buf().unwrap();
                    prop_assert!(expected.starts_with(held));
                    prop_assert_eq!(held.is_empty(), expected.is_empty());
                    let n = n.min(held.len());
                    reader.consume(n);
                    cursor.consume(n);
                }
                Step::Until(byte) => {
                    let (mut got, mut expected) = (Vec::new(), Vec::new());
                    reader.read_until(byte, &mut got).unwrap();
                    cursor.read_until(byte, &mut expected).unwrap();
                    prop_assert_eq!(got, expected);
                }
                Step::Chunk => {
                    if let Some(chunk) = reader.next_chunk().unwrap() {
                        let mut expected = vec![0; chunk.len()];
                        cursor.read_exact(&mut expected).unwrap();
                        prop_assert_eq!(chunk, &expected[..]);
                    }
                }
                Step::Seek(to) => match (reader.seek(to), cursor.seek(to)) {
                    (Ok(a), Ok(b)) => prop_assert_eq!(a, b),
                    (Err(a), Err(b)) => prop_assert_eq!(a.kind(), b.kind()),
                    (a, b) => prop_assert!(false, "{a:?} is not {b:?}"),
                },
            }
            prop_assert_eq!(reader.position(), cursor.position());
            prop_assert_eq!(reader.stream_position().unwrap(), cursor.position());
        }
        drop(reader);
        prop_assert_eq!(pool.idle(), 1);
    }
}

#[test]
fn what_a_trait_copies_is_counted_and_what_it_need_not_is_not() {
    let bytes = pattern(10 * BLOCK, 99);
    let (_, mut small) = reader(&bytes);
    let mut target = [0; 10];
    let ((), copies) = copied::during(|| small.read_exact(&mut target).unwrap());
    assert_eq!((copies.value(), &target[..]), (Some(10), &bytes[..10]));
    let ((), none) = copied::during(|| {
        assert_eq!(small.fill_buf().unwrap(), &bytes[10..BLOCK]);
        small.consume(BLOCK - 10);
    });
    assert_eq!(none, 0);
    let mut large = vec![0; 5 * BLOCK];
    let (n, none) = copied::during(|| small.read(&mut large).unwrap());
    assert_eq!((n, none.value()), (5 * BLOCK, Some(0)), "past the blocks");
    assert!(large == bytes[BLOCK..6 * BLOCK]);
}

#[test]
fn the_standard_library_builds_on_it() {
    let text = "a line\nanother\n\nthe last";
    let (_, reader) = reader(text.as_bytes());
    let lines: Vec<String> = reader.lines().collect::<io::Result<_>>().unwrap();
    assert_eq!(lines, ["a line", "another", "", "the last"]);
    let pool = pool();
    let mut all = String::new();
    FileReader::new(text.as_bytes()).pool(&pool).read_to_string(&mut all).unwrap();
    assert_eq!(all, text);
    let mut reader = FileReader::new(text.as_bytes()).pool(&pool);
    assert_eq!(io::copy(&mut reader, &mut io::sink()).unwrap(), text.len() as u64);
}

#[test]
fn several_readers_share_a_pool() {
    let pool = Pool::builder().block_size(BLOCK).blocks(2).build().unwrap();
    let (left, right) = (pattern(1000, 1), pattern(1000, 2));
    let mut a = FileReader::new(&left[..]).pool(&pool);
    let mut b = FileReader::new(&right[..]).pool(&pool);
    let (mut from_a, mut from_b) = (Vec::new(), Vec::new());
    let mut target = [0; 7];
    while from_a.len() < 1000 || from_b.len() < 1000 {
        let n = a.read(&mut target).unwrap();
        from_a.extend_from_slice(&target[..n]);
        let n = b.read(&mut target).unwrap();
        from_b.extend_from_slice(&target[..n]);
    }
    assert!(from_a == left && from_b == right);
}

#[test]
fn seeking_begins_anew() {
    let (_, reader) = reader(&[b'x'; 200]);
    let mut reader = reader.max_line(10, LongLines::Refuse);
    assert!(reader.next_lines().is_err());
    assert!(!reader.next_lines().unwrap().unwrap().continues());
    assert!(reader.next_lines().unwrap().unwrap().continues());
    reader.rewind().unwrap();
    assert!(reader.rest().is_empty());
    assert!(reader.next_lines().is_err(), "it is a line again, and refused again");
    reader.seek(SeekFrom::End(0)).unwrap();
    assert!(reader.next_lines().unwrap().is_none());
    reader.seek(SeekFrom::Start(195)).unwrap();
    assert_eq!(reader.next_lines().unwrap().unwrap().bytes().len(), 5, "past the end it was");
    assert!(reader.seek(SeekFrom::Current(-201)).is_err());
    assert_eq!(
        reader.seek(SeekFrom::Current(i64::MIN)).unwrap_err().kind(),
        io::ErrorKind::InvalidInput
    );
    assert_eq!(reader.position(), 200);
    let text = panic_text(|| reader.consume(1));
    assert_eq!(text, "cannot consume 1 bytes: only 0 are held");
}
