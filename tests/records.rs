//! Records come whole and in order, in place, however they are told apart and
//! however they lie across blocks; a length that lies costs nothing.

use std::io;
use std::num::Wrapping;
use std::time::Duration;

use bench_suite::meter::measure;
use buffers::copied;
use filereader::{FileReader, Pool, Prefix, Records, TooLong};
use oracles::content::pattern;
use oracles::source::{Answer, Source};
use proptest::prelude::*;
use zerocopy::byteorder::little_endian::U32;

bench_suite::install_meter!(allocations);

const PREFIXES: [Prefix; 7] = [
    Prefix::U8,
    Prefix::U16Le,
    Prefix::U16Be,
    Prefix::U32Le,
    Prefix::U32Be,
    Prefix::U64Le,
    Prefix::U64Be,
];

fn pool_of(block_size: usize) -> Pool {
    let builder = Pool::builder().block_size(block_size).blocks(2);
    builder.patience(Duration::from_millis(30)).build().unwrap()
}

/// The number in front of a record, made by other means than the reader's.
fn prefix(kind: Prefix, len: u64) -> Vec<u8> {
    let low: Vec<u8> = (0..kind.width()).map(|i| (len >> (8 * i)).to_le_bytes()[0]).collect();
    match kind {
        Prefix::U8 | Prefix::U16Le | Prefix::U32Le | Prefix::U64Le => low,
        Prefix::U16Be | Prefix::U32Be | Prefix::U64Be => low.into_iter().rev().collect(),
    }
}

/// Records cut at a delimiter, as `[u8]::split` would for one of any length.
fn split(bytes: &[u8], delimiter: &[u8]) -> Vec<Vec<u8>> {
    let (mut records, mut start, mut at) = (Vec::new(), 0, 0);
    while at + delimiter.len() <= bytes.len() {
        if bytes[at..].starts_with(delimiter) {
            records.push(bytes[start..at].to_vec());
            at += delimiter.len();
            start = at;
        } else {
            at += 1;
        }
    }
    if start < bytes.len() {
        records.push(bytes[start..].to_vec());
    }
    records
}

/// All records of a scripted source, whatever it says in between.
fn all_records(
    bytes: &[u8],
    answers: &[Answer],
    block_size: usize,
    records: &Records,
    keep: bool,
) -> Result<Vec<Vec<u8>>, io::Error> {
    let mut source = Source::new(&[answers, &[Answer::Give(50); 400]].concat());
    source.bytes = bytes.to_vec();
    let pool = pool_of(block_size);
    let mut reader = FileReader::new(source).pool(&pool);
    let (mut all, mut kept, mut at) = (Vec::new(), None, 0);
    loop {
        match reader.next_records(records) {
            Ok(None) => {
                assert_eq!(at, bytes.len());
                return Ok(all);
            }
            Ok(Some(batch)) => {
                assert_eq!(batch.position(), at as u64);
                at += batch.bytes().len();
                all.extend(batch.records().map(<[u8]>::to_vec));
                kept = keep.then_some(batch);
            }
            Err(error)
                if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Other) => {}
            Err(error) => {
                assert_eq!(reader.position(), at as u64, "it stands at what is wrong");
                drop(kept.take());
                let rest = reader.next_chunk().unwrap();
                let rest = rest.map_or(Vec::new(), |rest| rest.to_vec());
                assert!(bytes[at..].starts_with(&rest), "whose bytes are still there");
                return Err(error);
            }
        }
        let _ = &kept;
    }
}

fn answers() -> impl Strategy<Value = Vec<Answer>> {
    let answer = prop_oneof![
        8 => (1..60_usize).prop_map(Answer::Give),
        1 => Just(Answer::Interrupted),
        1 => Just(Answer::WouldBlock),
        1 => Just(Answer::Fail),
    ];
    prop::collection::vec(answer, 0..40)
}

proptest! {
    #![proptest_config(oracles::cases(200))]

    #[test]
    fn records_of_fixed_size_come_whole(
        size in 1..50_usize, count in 0..60_usize, extra in 0..50_usize,
        answers in answers(), block_size in 50..200_usize, keep in any::<bool>(),
    ) {
        let bytes = pattern(size * count + extra % size, 80);
        let answer = all_records(&bytes, &answers, block_size, &Records::fixed(size), keep);
        if extra % size == 0 {
            let expected: Vec<_> = bytes.chunks(size).map(<[u8]>::to_vec).collect();
            prop_assert_eq!(answer.unwrap(), expected);
        } else {
            let error = answer.unwrap_err();
            prop_assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
            let text = format!(
                "the source ends within the record at byte {}: {} of {size} bytes are there",
                size * count, extra % size,
            );
            prop_assert_eq!(error.to_string(), text);
        }
    }

    #[test]
    fn records_with_prefixes_come_whole(
        lens in prop::collection::vec(0..60_usize, 0..40), kind in 0..PREFIXES.len(),
        max in 20..100_usize, answers in answers(), block_size in 80..200_usize,
        keep in any::<bool>(), missing in 0..10_usize,
    ) {
        let kind = PREFIXES[kind];
        let payload = pattern(60, 81);
        let mut bytes = Vec::new();
        for &len in &lens {
            bytes.extend(prefix(kind, len as u64));
            bytes.extend_from_slice(&payload[..len]);
        }
        let cut = bytes.len() - missing.min(lens.last().map_or(0, |&len| len));
        let is_cut = cut < bytes.len();
        bytes.truncate(cut);
        let answer = all_records(&bytes, &answers, block_size, &Records::prefixed(kind, max), keep);
        let expected: Vec<_> = lens.iter().map(|&len| payload[..len].to_vec()).collect();
        if lens.iter().any(|&len| len > max) {
            let error = answer.unwrap_err();
            prop_assert_eq!(error.kind(), io::ErrorKind::InvalidData);
            let long = error.into_inner().unwrap().downcast::<TooLong>().unwrap();
            let before = lens.iter().take_while(|&&len| len <= max);
            let at: usize = before.map(|len| len + kind.width()).sum();
            prop_assert_eq!((long.position(), long.limit()), (at as u64, max));
        } else if is_cut {
            prop_assert_eq!(answer.unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
        } else {
            prop_assert_eq!(answer.unwrap(), expected);
        }
    }

    #[test]
    fn records_with_delimiters_come_whole(
        bytes in prop::collection::vec(prop_oneof![Just(b'a'), Just(b'b'), b'c'..=b'h'], 0..500),
        delimiter in prop::collection::vec(b'a'..=b'b', 1..4), max in 0..60_usize,
        answers in answers(), block_size in 70..200_usize, keep in any::<bool>(),
    ) {
        let records = Records::delimited(&delimiter, max);
        let answer = all_records(&bytes, &answers, block_size, &records, keep);
        let expected = split(&bytes, &delimiter);
        match expected.iter().position(|record| record.len() > max) {
            None => prop_assert_eq!(answer.unwrap(), expected),
            Some(first) => {
                let error = answer.unwrap_err();
                let long = error.into_inner().unwrap().downcast::<TooLong>().unwrap();
                let at: usize = expected[..first].iter().map(|r| r.len() + delimiter.len()).sum();
                prop_assert_eq!(long.position(), at as u64);
            }
        }
    }
}

#[test]
fn a_prefix_that_lies_allocates_nothing() {
    let pool = pool_of(4096);
    let sizes = [u64::MAX, 1 << 62, 1 << 40, 4097, 1001];
    for kind in [Prefix::U64Le, Prefix::U64Be] {
        for lie in sizes {
            let bytes = [prefix(kind, 2), b"ok".to_vec(), prefix(kind, lie), vec![1; 90]].concat();
            let records = Records::prefixed(kind, 1000);
            let mut reader = FileReader::new(&bytes[..]).pool(&pool);
            let batch = reader.next_records(&records).unwrap().unwrap();
            assert_eq!(batch.records().collect::<Vec<_>>(), [b"ok"]);
            drop(batch);
            for _ in 0..2 {
                let (error, reading) = measure(|| reader.next_records(&records).unwrap_err());
                let text = format!(
                    "the record at byte 10 is longer than 1000 bytes (it says {lie}): allow longer \
                     ones"
                );
                assert_eq!(error.to_string(), text);
                assert!(reading.alloc_bytes.value().unwrap() < 1000, "{reading}");
            }
        }
    }
    // The control: what an attacker hopes for is seen.
    let (_, reading) = measure(|| std::hint::black_box(vec![0_u8; 4097]).len());
    assert!(reading.alloc_bytes.value().unwrap() >= 4097);
}

#[test]
fn a_record_that_no_block_can_hold_is_refused() {
    let pool = pool_of(100);
    let long = [prefix(Prefix::U32Be, 97), vec![1; 97]].concat();
    let cases = [
        (Records::prefixed(Prefix::U32Be, 5000), &long[..]),
        (Records::fixed(101), &[1; 101]),
        (Records::delimited(b"::", 5000), &[1; 200]),
        (Records::delimited(b"\n", 5000), &[1; 200]),
        (Records::delimited(vec![1; 101], 5000), &[1; 101]),
    ];
    for (records, bytes) in cases {
        let error = FileReader::new(bytes).pool(&pool).next_records(&records).unwrap_err();
        let text = error.to_string();
        assert!(text.contains("read into blocks of more than 100 bytes"), "{text}");
    }
    let fits = [prefix(Prefix::U32Be, 96), vec![1; 96]].concat();
    let mut reader = FileReader::new(&fits[..]).pool(&pool);
    let records = Records::prefixed(Prefix::U32Be, 5000);
    assert_eq!(reader.next_records(&records).unwrap().unwrap().bytes().len(), 100);
    let tiny = Pool::builder().block_size(3).blocks(2).build().unwrap();
    let error = FileReader::new(&fits[..]).pool(&tiny).next_records(&records).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::InvalidData, "not even its prefix fits");
}

#[test]
fn records_of_no_size_are_refused() {
    let mut reader = FileReader::new(&b"bytes"[..]).pool(&pool_of(100));
    for records in [Records::fixed(0), Records::delimited(b"", 10)] {
        let error = reader.next_records(&records).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
    }
    assert_eq!(reader.next_chunk().unwrap().unwrap(), b"bytes");
}

#[test]
fn records_of_different_kinds_follow_each_other() {
    let bytes = [b"HEAD".to_vec(), prefix(Prefix::U8, 3), b"one".to_vec()].concat();
    let mut source = Source::new(&[Answer::Give(4), Answer::Give(4)]);
    source.bytes = bytes;
    let mut reader = FileReader::new(source).pool(&pool_of(100));
    let head = reader.next_records(&Records::fixed(4)).unwrap().unwrap();
    assert_eq!(head.bytes(), b"HEAD");
    let body = reader.next_records(&Records::prefixed(Prefix::U8, 255)).unwrap().unwrap();
    assert_eq!(body.records().next().unwrap(), b"one");
    assert_eq!(format!("{body:?}"), "RecordBatch(4 bytes at 4, 1 records)");
    let kept = body.promote(body.records().next().unwrap()).unwrap();
    drop((head, body));
    assert_eq!(kept, b"one");
}

type Trade = [U32; 3];

#[test]
fn records_of_fixed_size_are_seen_as_their_type() {
    let bytes = pattern(12 * 1000, 82);
    let pool = Pool::builder().block_size(4096).blocks(1).build().unwrap();
    let mut reader = FileReader::new(&bytes[..]).pool(&pool);
    let records = Records::fixed(12);
    let (mut sum, mut seen) = (Wrapping(0_u32), 0);
    let ((), copies) = copied::during(|| {
        while let Some(batch) = reader.next_records(&records).unwrap() {
            let trades: &[Trade] = batch.typed().unwrap();
            assert_eq!(trades.as_ptr().cast(), batch.bytes().as_ptr());
            assert_eq!(batch.bytes().alignment() % 64, 0, "good for every type");
            seen += trades.len();
            sum += trades.iter().map(|trade| Wrapping(trade[2].get())).sum::<Wrapping<u32>>();
            assert!(batch.typed::<[U32; 4096]>().is_err());
        }
    });
    let expected: Wrapping<u32> = bytes
        .chunks(12)
        .map(|record| Wrapping(u32::from_le_bytes(record[8..].try_into().unwrap())))
        .sum();
    assert_eq!((seen, sum), (1000, expected));
    let copies = copies.value().unwrap();
    assert!((1..36).contains(&copies), "at most a tail for each block: {copies}");
}
