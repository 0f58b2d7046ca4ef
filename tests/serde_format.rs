//! What serde makes of a shared buffer is what it makes of a `Bytes`; memory that
//! a format gives away is taken over in place, what it only lends is copied and
//! counted, and no length is believed that the input merely claims.

use bench_suite::meter::{Reading, measure};
use buffers::{SharedBuf, copied};
use bytes::Bytes;
use oracles::content::pattern;
use serde_core::de::value::{
    BorrowedBytesDeserializer, Error, SeqDeserializer, StringDeserializer,
};
use serde_core::de::{Deserialize, Deserializer, Visitor};
use serde_core::forward_to_deserialize_any;

bench_suite::install_meter!();

/// A format that gives away the vector that it read.
struct Owned(Vec<u8>);

impl<'de> Deserializer<'de> for Owned {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_byte_buf(self.0)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char str string bytes byte_buf option unit
        unit_struct newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

/// What reading from `source` gives, and what it costs.
fn read<'de, D: Deserializer<'de>>(source: D) -> (SharedBuf, Reading)
where
    D::Error: std::fmt::Debug,
{
    measure(|| SharedBuf::deserialize(source).unwrap())
}

fn cbor(value: &impl serde_core::Serialize) -> Vec<u8> {
    let mut encoded = Vec::new();
    ciborium::into_writer(value, &mut encoded).unwrap();
    encoded
}

#[test]
fn a_vector_and_a_string_are_taken_over_in_place() {
    let vec = pattern(10_000, 1);
    let at = vec.as_ptr();
    let (taken, cost) = read(Owned(vec));
    assert_eq!((taken.as_ptr(), taken.len()), (at, 10_000));
    assert_eq!((cost.allocs.value(), cost.ledger_bytes.value()), (Some(1), Some(0)));

    let text = "x".repeat(10_000);
    let at = text.as_ptr();
    let (taken, cost) = read(StringDeserializer::<Error>::new(text));
    assert_eq!((taken.as_ptr(), taken.len()), (at, 10_000));
    assert_eq!((cost.allocs.value(), cost.ledger_bytes.value()), (Some(1), Some(0)));
}

#[test]
fn bytes_that_are_lent_are_copied_and_counted() {
    let lent = pattern(10_000, 2);
    let (copy, cost) = read(BorrowedBytesDeserializer::<Error>::new(&lent));
    assert_eq!(copy, lent);
    assert_ne!(copy.as_ptr(), lent.as_ptr());
    assert_eq!((cost.allocs.value(), cost.ledger_bytes.value()), (Some(2), Some(10_000)));
    assert!(cost.copied_bytes.value().unwrap() >= 10_000, "{cost}");
}

#[test]
fn json_writes_a_list_and_reads_lists_and_text() {
    let whole = SharedBuf::from(pattern(300, 3));
    let json = serde_json::to_string(&whole.slice(10..)).unwrap();
    assert_eq!(json, serde_json::to_string(&whole[10..]).unwrap());
    let (back, counted) = copied::during(|| serde_json::from_str::<SharedBuf>(&json).unwrap());
    assert_eq!(back, whole[10..]);
    assert_eq!(counted, 0, "numbers are decoded, each into its place");

    let text = r#""a\u00e9\n""#;
    let (back, counted) = copied::during(|| serde_json::from_str::<SharedBuf>(text).unwrap());
    assert_eq!(back, "aé\n");
    assert_eq!(counted, 4);
}

#[test]
fn binary_formats_write_the_slice_itself() {
    let whole = SharedBuf::from(pattern(5000, 4));
    let part = whole.slice(100..4900);
    let expected = ciborium::Value::Bytes(part.as_slice().to_vec());
    assert_eq!(cbor(&part), cbor(&expected));
    let packed = postcard::to_stdvec(&part).unwrap();
    assert_eq!(packed, postcard::to_stdvec(&part.as_slice()).unwrap());

    let (back, counted) = copied::during(|| ciborium::from_reader::<SharedBuf, _>(&*cbor(&part)));
    assert_eq!(back.unwrap(), part);
    assert_eq!(counted, 0, "this format gives its vector away");
    let (back, counted) = copied::during(|| postcard::from_bytes::<SharedBuf>(&packed));
    assert_eq!(back.unwrap(), part);
    assert_eq!(counted, 4800, "this one lends");
}

#[test]
fn bytes_that_a_format_lends_out_of_a_shared_frame_are_promoted_in_place() {
    let payload = pattern(5000, 5);
    let frame = SharedBuf::from(postcard::to_stdvec(&(7_u32, &*payload)).unwrap());
    let (kept, cost) = measure(|| {
        let (id, lent): (u32, &[u8]) = postcard::from_bytes(&frame).unwrap();
        assert_eq!(id, 7);
        frame.promote(lent).unwrap()
    });
    assert_eq!((cost.allocs.value(), cost.ledger_bytes.value()), (Some(0), Some(0)));
    assert!(cost.copied_bytes.value().unwrap() < 1000, "{cost}");
    assert_eq!(kept.as_ptr(), frame[frame.len() - 5000..].as_ptr());
    drop(frame);
    assert_eq!(kept, payload);
}

#[test]
fn what_is_read_and_what_is_refused_is_what_it_is_for_bytes() {
    let inputs = [
        "[]",
        "[0,255]",
        " [ 1 , 2 ] ",
        r#""""#,
        r#""text""#,
        r#""\ud83e\udd80""#,
        "[256]",
        "[-1]",
        "[1.5]",
        "[\"1\"]",
        "[1,",
        "[1]]",
        "[[1]]",
        "\"open",
        "{}",
        "null",
        "true",
        "7",
        "",
        "\"\\ud800\"",
    ];
    let mut refused = 0;
    for json in inputs {
        let ours = serde_json::from_str::<SharedBuf>(json);
        let theirs = serde_json::from_str::<Bytes>(json);
        refused += usize::from(ours.is_err());
        match (&ours, &theirs) {
            (Ok(ours), Ok(theirs)) => assert_eq!(ours, theirs, "{json}"),
            (Err(_), Err(_)) => {}
            _ => panic!("{json}: {ours:?} for a SharedBuf, {theirs:?} for a Bytes"),
        }
    }
    assert_eq!(refused, 13);
    let value = SharedBuf::from(pattern(300, 6));
    let same = Bytes::from(value.clone());
    assert_eq!(cbor(&value), cbor(&same));
    assert_eq!(serde_json::to_vec(&value).unwrap(), serde_json::to_vec(&same).unwrap());
    assert_eq!(postcard::to_stdvec(&value).unwrap(), postcard::to_stdvec(&same).unwrap());
}

#[test]
fn an_error_says_what_was_wanted() {
    let error = serde_json::from_str::<SharedBuf>("true").unwrap_err().to_string();
    assert_eq!(error, "invalid type: boolean `true`, expected bytes at line 1 column 4");
    let error = serde_json::from_str::<SharedBuf>("[1, 256]").unwrap_err().to_string();
    assert_eq!(error, "invalid value: integer `256`, expected u8 at line 1 column 7");
}

/// A list of CBOR that claims `claimed` elements, and then `elements`.
fn list(claimed: u64, elements: &[u8]) -> Vec<u8> {
    let mut encoded = vec![0x9b];
    encoded.extend(claimed.to_be_bytes());
    encoded.extend(elements);
    encoded
}

#[test]
fn a_claimed_length_allocates_next_to_nothing() {
    for claimed in [5000, 1 << 40, u64::MAX] {
        let lie = list(claimed, &[1, 2, 3]);
        let (result, cost) = measure(|| ciborium::from_reader::<SharedBuf, _>(&*lie));
        assert!(result.is_err(), "{claimed}: {result:?}");
        let allocated = cost.alloc_bytes.value().unwrap();
        assert!((4096..16 << 10).contains(&allocated), "{claimed}: {cost}");
    }
    // An element of which there are a million does cost a million.
    let honest = list(1 << 20, &vec![7; 1 << 20]);
    let (result, cost) = measure(|| ciborium::from_reader::<SharedBuf, _>(&*honest));
    assert_eq!(result.unwrap().len(), 1 << 20);
    assert!(cost.alloc_bytes.value().unwrap() >= 1 << 20, "{cost}");
}

#[test]
fn a_sequence_may_keep_its_length_to_itself() {
    let bytes = pattern(10_000, 7);
    let unknown = bytes.iter().copied().filter(|_| true);
    let (read, cost) = read(SeqDeserializer::<_, Error>::new(unknown));
    assert_eq!(read, bytes);
    assert_eq!(cost.ledger_bytes.value(), Some(0));
}
