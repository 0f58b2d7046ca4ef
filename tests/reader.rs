//! A reader of a shared buffer reads and seeks as the standard library's cursor
//! does, and hands out parts in place.

use std::io::{BufRead, Cursor, ErrorKind, IoSliceMut, Read, Seek, SeekFrom};

use buffers::SharedBuf;
use buffers::copied::{self, Tally};
use oracles::content::pattern;
use proptest::prelude::*;

const LEN: usize = 40;

#[derive(Clone, Debug)]
enum Step {
    Read(usize),
    ReadExact(usize),
    ReadVectored(usize, usize),
    ReadToEnd,
    ReadUntil(u8),
    Consume(usize),
    Seek(SeekFrom),
    SeekRelative(i64),
    Take(usize),
}

/// Distances around the buffer's length, and those that overflow.
fn distance() -> impl Strategy<Value = i64> {
    prop_oneof![
        8 => -60..60_i64,
        1 => Just(i64::MIN),
        1 => Just(i64::MAX),
    ]
}

fn seek() -> impl Strategy<Value = SeekFrom> {
    prop_oneof![
        4 => (0..60_u64).prop_map(SeekFrom::Start),
        1 => Just(SeekFrom::Start(u64::MAX)),
        3 => distance().prop_map(SeekFrom::End),
        4 => distance().prop_map(SeekFrom::Current),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let n = || 0..15_usize;
    prop_oneof![
        3 => n().prop_map(Step::Read),
        2 => n().prop_map(Step::ReadExact),
        2 => (n(), n()).prop_map(|(a, b)| Step::ReadVectored(a, b)),
        1 => Just(Step::ReadToEnd),
        2 => (0..8_u8).prop_map(Step::ReadUntil),
        3 => n().prop_map(Step::Consume),
        5 => seek().prop_map(Step::Seek),
        1 => distance().prop_map(Step::SeekRelative),
        3 => n().prop_map(Step::Take),
        1 => Just(Step::Take(usize::MAX)),
    ]
}

/// What one step gave: the bytes, or the kind of error.
type Outcome = Result<Vec<u8>, ErrorKind>;

fn outcome<R: BufRead + Seek>(source: &mut R, step: &Step) -> Outcome {
    let mut target = [0; 15];
    let result = match *step {
        Step::Read(n) => source.read(&mut target[..n]).map(|n| target[..n].to_vec()),
        Step::ReadExact(n) => source.read_exact(&mut target[..n]).map(|()| target[..n].to_vec()),
        Step::ReadVectored(a, b) => {
            let (mut front, mut back) = (vec![0; a], vec![0; b]);
            let mut slices = [IoSliceMut::new(&mut front), IoSliceMut::new(&mut back)];
            source.read_vectored(&mut slices).map(|n| {
                let mut all = [front, back].concat();
                all.truncate(n);
                all
            })
        }
        Step::ReadToEnd => {
            let mut all = b"kept".to_vec();
            source.read_to_end(&mut all).map(|_| all)
        }
        Step::ReadUntil(byte) => {
            let mut line = Vec::new();
            source.read_until(byte, &mut line).map(|_| line)
        }
        Step::Consume(n) => source.fill_buf().map(<[u8]>::to_vec).inspect(|shown| {
            source.consume(n.min(shown.len()));
        }),
        Step::Seek(to) => source.seek(to).map(|at| at.to_le_bytes().to_vec()),
        Step::SeekRelative(by) => source.seek_relative(by).map(|()| Vec::new()),
        Step::Take(_) => unreachable!("only the reader has it"),
    };
    result.map_err(|error| error.kind())
}

proptest! {
    #![proptest_config(oracles::cases(400))]

    #[test]
    fn it_reads_and_seeks_as_a_cursor_does(
        start in 0..8_usize,
        steps in prop::collection::vec(step(), 0..30),
    ) {
        // Bytes of few values, so that searches find some.
        let flat: Vec<u8> = pattern(LEN, 55).iter().map(|byte| byte % 8).collect();
        let whole = SharedBuf::from(flat.clone());
        let mut reader = whole.slice(start..).reader();
        let mut cursor = Cursor::new(&flat[start..]);
        for step in &steps {
            let before = cursor.position();
            let rest = reader.rest().len();
            if let Step::Take(n) = step {
                let (taken, counted) = copied::during(|| reader.take_shared(*n));
                let mut expected = Vec::new();
                (&mut cursor).take(*n as u64).read_to_end(&mut expected).unwrap();
                prop_assert_eq!((&taken[..], counted), (&expected[..], Tally::Counted(0)));
                if taken.is_empty() {
                    prop_assert!(taken.backing().is_none());
                } else {
                    let at = start + usize::try_from(before).unwrap();
                    prop_assert_eq!(taken.as_ptr(), whole[at..].as_ptr());
                }
            } else {
                prop_assert_eq!(outcome(&mut reader, step), outcome(&mut cursor, step), "{:?}", step);
            }
            if let (Step::ReadExact(_), true) = (step, before > (LEN - start) as u64) {
                // A cursor is moved back to the end; a reader stays where it is.
                cursor.set_position(before);
            }
            prop_assert_eq!(reader.position(), cursor.position(), "{:?}", step);
            prop_assert_eq!(reader.stream_position().unwrap(), cursor.position());
            let at = usize::try_from(cursor.position()).unwrap_or(usize::MAX).min(LEN - start);
            prop_assert_eq!(reader.rest(), &flat[start + at..]);
            prop_assert!(reader.rest().len() <= rest || matches!(step, Step::Seek(_) | Step::SeekRelative(_)));
        }
        prop_assert_eq!(reader.buf(), &whole.slice(start..));
    }
}

#[test]
fn a_seek_outside_is_refused_in_words_and_moves_nothing() {
    let mut reader = SharedBuf::from(vec![1, 2, 3]).reader();
    assert_eq!(reader.seek(SeekFrom::End(2)).unwrap(), 5, "past the end is allowed");
    assert_eq!((reader.read(&mut [0; 2]).unwrap(), reader.rest()), (0, &[][..]));
    let cases = [
        (SeekFrom::Current(-6), "cannot seek to Current(-6) from 5 in a buffer of 3 bytes"),
        (SeekFrom::End(-4), "cannot seek to End(-4) from 5 in a buffer of 3 bytes"),
    ];
    for (to, text) in cases {
        let error = reader.seek(to).unwrap_err();
        assert_eq!((error.kind(), error.to_string().as_str()), (ErrorKind::InvalidInput, text));
        assert_eq!(reader.position(), 5);
    }
    assert_eq!(reader.seek(SeekFrom::Start(u64::MAX)).unwrap(), u64::MAX);
    let error = reader.seek(SeekFrom::Current(1)).unwrap_err();
    assert_eq!(
        error.to_string(),
        "cannot seek to Current(1) from 18446744073709551615 in a buffer of 3 bytes"
    );
    reader.rewind().unwrap();
    assert_eq!(reader.rest(), [1, 2, 3]);
}

#[test]
fn no_byte_is_lost_by_text_that_is_none() {
    let mut reader = SharedBuf::from(b"text \xff".to_vec()).reader();
    let mut text = String::from("before ");
    assert_eq!(reader.read_to_string(&mut text).unwrap_err().kind(), ErrorKind::InvalidData);
    assert_eq!(text, "before ");
    reader.rewind().unwrap();
    assert_eq!(reader.take_shared(9), b"text \xff", "the buffer is still there");
}

#[test]
fn what_is_copied_is_counted_and_what_is_taken_is_not() {
    let whole = SharedBuf::from(pattern(LEN, 56));
    let mut reader = whole.clone().reader();
    assert_eq!(copied::during(|| reader.read(&mut [0; 7]).unwrap()).1, 7);
    let (taken, counted) = copied::during(|| reader.take_shared(5));
    assert_eq!((taken.as_ptr(), counted), (whole[7..].as_ptr(), Tally::Counted(0)));
    assert_eq!(whole.backing().unwrap().handles(), 3);
    let mut other = reader.clone();
    assert_eq!(copied::during(|| reader.read_to_end(&mut Vec::new()).unwrap()).1, 28);
    assert_eq!((reader.take_shared(1).len(), other.take_shared(1).len()), (0, 1));
}
