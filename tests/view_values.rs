//! What a view says of its elements as values is what CPython's `memoryview` says.
#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "whether numbers have exact floats is found by going there and back"
)]

use std::hash::{BuildHasher, Hasher, RandomState};

use buffers::{Format, SharedBuf, SharedView, Slice, Value, View, copied};
use oracles::content::pattern;
use oracles::panic_text;
use proptest::prelude::*;

#[test]
fn hex_is_that_of_cpython() {
    let bytes: Vec<u8> = (0..11).collect();
    let view = View::of_bytes(&bytes);
    for (group, text) in [
        (-12, "000102030405060708090a"),
        (-11, "000102030405060708090a"),
        (-3, "000102-030405-060708-090a"),
        (-1, "00-01-02-03-04-05-06-07-08-09-0a"),
        (0, "000102030405060708090a"),
        (1, "00-01-02-03-04-05-06-07-08-09-0a"),
        (3, "0001-020304-050607-08090a"),
        (4, "000102-03040506-0708090a"),
        (12, "000102030405060708090a"),
        (isize::MIN, "000102030405060708090a"),
    ] {
        assert_eq!(view.hex('-', group), text, "{group}");
        assert_eq!(view.slice(Slice::every(-1)).slice(Slice::every(-1)).hex('-', group), text);
    }
    assert_eq!(view.slice(..0).hex('-', 1), "");
    let columns = View::of_bytes(b"abcdef").reshape([2, 3]).unwrap().transpose();
    assert_eq!(columns.hex(None, 1), "616462656366");
}

#[test]
fn views_of_bytes_hash_as_their_bytes_and_others_do_not() {
    let state = RandomState::new();
    let hash = |view: &View<'_>| {
        let mut hasher = state.build_hasher();
        view.hash_bytes(&mut hasher).map(|()| hasher.finish())
    };
    let bytes: Vec<u8> = (0..12).collect();
    for code in ["B", "b", "c"] {
        let view = View::new(&bytes, Format::parse(code).unwrap()).unwrap();
        assert_eq!(hash(&view), Ok(state.hash_one(&bytes[..])));
        let columns = view.reshape([3, 4]).unwrap().transpose();
        assert_eq!(hash(&columns), Ok(state.hash_one(&columns.to_bytes()[..])));
    }
    for code in ["H", "?", "d"] {
        let view = View::new(&bytes[..8], Format::parse(code).unwrap()).unwrap();
        let text = "only views of the formats \"B\", \"b\" and \"c\" have a hash";
        assert_eq!(hash(&view).unwrap_err().to_string(), text);
    }
}

/// A number in that format, if it has it.
fn pack(code: &str, number: i128) -> Option<Vec<u8>> {
    let (big, letter) = match code.as_bytes() {
        [b'>', letter] => (true, *letter),
        [b'<', letter] => (false, *letter),
        [letter] => (cfg!(target_endian = "big"), *letter),
        _ => panic!("{code} is no code"),
    };
    // Floats are exact if the way back says so.
    let float = number as f64;
    let exact = float as i128 == number;
    let mut bytes = match letter {
        b'b' => i8::try_from(number).ok()?.to_le_bytes().to_vec(),
        b'B' => u8::try_from(number).ok()?.to_le_bytes().to_vec(),
        b'h' => i16::try_from(number).ok()?.to_le_bytes().to_vec(),
        b'H' => u16::try_from(number).ok()?.to_le_bytes().to_vec(),
        b'i' => i32::try_from(number).ok()?.to_le_bytes().to_vec(),
        b'I' => u32::try_from(number).ok()?.to_le_bytes().to_vec(),
        b'q' => i64::try_from(number).ok()?.to_le_bytes().to_vec(),
        b'Q' => u64::try_from(number).ok()?.to_le_bytes().to_vec(),
        b'?' => vec![u8::try_from(number).ok().filter(|n| *n < 2)?],
        b'd' if exact => float.to_le_bytes().to_vec(),
        b'f' if exact && (float as f32) as i128 == number => (float as f32).to_le_bytes().to_vec(),
        _ => return None,
    };
    if big {
        bytes.reverse();
    }
    Some(bytes)
}

const CODES: [&str; 17] = [
    "b", "B", "?", "<h", ">h", "<H", ">H", "<i", ">i", ">I", "<q", ">q", "<Q", ">Q", "<f", "<d",
    ">d",
];

fn number() -> impl Strategy<Value = i128> {
    let odd = [0, 1, 2, -1, 127, 128, 255, 256, -128, -129, 65535, 1 << 24, (1 << 24) + 1];
    let large = [1 << 53, (1 << 53) + 1, (1 << 53) + 2, i64::MAX.into(), i64::MIN.into()];
    let largest = [u64::MAX.into(), 1 << 63, (1 << 63) - 1024];
    let all: Vec<i128> = odd.into_iter().chain(large).chain(largest).collect();
    prop::sample::select(all)
}

proptest! {
    #![proptest_config(oracles::cases(4000))]

    #[test]
    fn numbers_are_equal_by_value_whatever_their_formats(
        ours in prop::collection::vec(number(), 1..4),
        change in prop::option::of((0..3_usize, number())),
        codes in (prop::sample::select(&CODES[..]), prop::sample::select(&CODES[..])),
        gaps in any::<bool>(),
    ) {
        let mut theirs = ours.clone();
        if let Some((at, number)) = change {
            let at = at % ours.len();
            theirs[at] = number;
        }
        let all = |code, numbers: &[i128]| -> Option<Vec<u8>> {
            let items: Option<Vec<_>> = numbers.iter().map(|&n| pack(code, n)).collect();
            Some(items?.concat())
        };
        let packed = (all(codes.0, &ours), all(codes.1, &theirs));
        let (Some(our_bytes), Some(their_bytes)) = packed else { return Ok(()) };
        let mut a = View::new(&our_bytes, Format::parse(codes.0).unwrap()).unwrap();
        let b = View::new(&their_bytes, Format::parse(codes.1).unwrap()).unwrap();
        let backwards: Vec<u8> = our_bytes.chunks(a.itemsize()).rev().flatten().copied().collect();
        if gaps {
            a = View::new(&backwards, a.format().clone()).unwrap().slice(Slice::every(-1));
        }
        prop_assert_eq!(a == b, ours == theirs);
        prop_assert_eq!(b == a, ours == theirs);
    }

    #[test]
    fn bytes_are_equal_wherever_they_lie(
        shape in prop::collection::vec(1..4_usize, 1..4),
        code in prop::sample::select(vec!["B", "<H", ">I", "<q"]),
        change in prop::option::of(0..1000_usize),
    ) {
        let format = Format::parse(code).unwrap();
        let size = format.itemsize();
        let bytes = pattern(shape.iter().product::<usize>() * size, 90);
        let view = View::new(&bytes, format.clone()).unwrap().reshape(&shape).unwrap();
        let mut columns = view.to_bytes_in(buffers::Order::F);
        if let Some(at) = change {
            let at = at % columns.len();
            columns[at] ^= 1;
        }
        let backwards: Vec<usize> = shape.iter().rev().copied().collect();
        let other = View::new(&columns, format).unwrap().reshape(&backwards).unwrap().transpose();
        prop_assert_eq!(view == other, change.is_none());
        prop_assert_eq!(view.transpose() == other.transpose(), change.is_none());
        let copy = other.to_bytes();
        let shared = SharedView::new(SharedBuf::from(copy), other.format().clone()).unwrap();
        let shared = shared.reshape(&shape).unwrap();
        prop_assert_eq!(&shared, &other);
        prop_assert_eq!(&other, &shared);
        prop_assert_eq!(&shared.clone(), &shared);
    }
}

fn equal(ours: (&str, &[u8]), theirs: (&str, &[u8])) -> bool {
    let view = |(code, bytes)| View::new(bytes, Format::parse(code).unwrap()).unwrap();
    assert_eq!(view(ours) == view(theirs), view(theirs) == view(ours));
    view(ours) == view(theirs)
}

/// Each line was asked of `memoryview`s of CPython 3.11's `_testbuffer.ndarray`, except
/// those of truths that are not 1, which that cannot make.
#[test]
fn what_python_finds_equal_is_equal() {
    let nan = f64::NAN.to_le_bytes();
    assert!(!equal(("<d", &nan), ("<d", &nan)), "not even to itself");
    assert!(equal(("<d", &0.0_f64.to_le_bytes()), ("<d", &(-0.0_f64).to_le_bytes())));
    assert!(equal(("<d", &(-0.0_f64).to_le_bytes()), ("B", &[0])));
    assert!(equal(("<d", &1.5_f64.to_le_bytes()), ("<f", &1.5_f32.to_le_bytes())));
    assert!(!equal(("<d", &1.5_f64.to_le_bytes()), ("B", &[1])));
    assert!(!equal(("<d", &f64::INFINITY.to_le_bytes()), ("<Q", &[255; 8])));
    assert!(!equal(("c", b"a"), ("B", b"a")), "a string is no number");
    assert!(equal(("c", b"a"), ("1s", b"a")));
    assert!(equal(("?", &[1]), ("?", &[2])), "both are true");
    assert!(equal(("?", &[2]), ("B", &[1])));
    assert!(!equal(("?", &[2]), ("B", &[2])));
    assert!(equal(("<e", &[0, 0x3c]), ("B", &[1])), "a half");
    assert!(equal(("<e", &[1, 0]), ("<d", &2.0_f64.powi(-24).to_le_bytes())));
    assert!(equal(("<e", &[0, 0xfc]), ("<f", &f32::NEG_INFINITY.to_le_bytes())));
    assert!(!equal(("<e", &[0, 0x7e]), ("<e", &[0, 0x7e])), "a half that is no number");
    assert!(equal(("3p", b"\x01ab"), ("1s", b"a")), "behind its length");
    assert!(equal(("<HB", &[1, 0, 2]), (">BxH", &[1, 9, 0, 2])), "padding does not count");
    assert!(!equal(("<HB", &[1, 0, 2]), ("<HBB", &[1, 0, 2, 2])));
    assert!(!equal(("<2H", &[1, 0, 2, 0]), ("<H", &[1, 0])));
}

#[test]
fn shapes_count() {
    let bytes = pattern(12, 91);
    let row = View::of_bytes(&bytes);
    assert_ne!(row, row.reshape([12, 1]).unwrap());
    assert_ne!(row.slice(..0).reshape([0, 2]).unwrap(), row.slice(..0));
    assert_eq!(row.slice(..0), row.slice(4..4));
    assert_eq!(row.slice(3), View::of_bytes(&bytes[3..]).slice(0), "without axes");
    let copy = bytes.clone();
    assert_eq!(row.broadcast([2, 12]).unwrap(), View::of_bytes(&copy).broadcast([2, 12]).unwrap());
}

/// What a list of Python's says, searched by hand.
fn by_hand(values: &[i128], wanted: i128) -> (Option<usize>, usize) {
    let same = |value: &i128| *value == wanted;
    (values.iter().position(same), values.iter().filter(|value| same(value)).count())
}

proptest! {
    #![proptest_config(oracles::cases(1000))]

    #[test]
    fn searching_is_that_of_a_list(
        numbers in prop::collection::vec(number(), 0..8),
        wanted in number(),
        code in prop::sample::select(&CODES[..]),
        rows in any::<bool>(),
    ) {
        let numbers: Vec<i128> =
            numbers.into_iter().filter(|&number| pack(code, number).is_some()).collect();
        let bytes: Vec<u8> = numbers.iter().flat_map(|&n| pack(code, n).unwrap()).collect();
        let mut view = View::new(&bytes, Format::parse(code).unwrap()).unwrap();
        if rows {
            view = view.reshape([numbers.len(), 1]).unwrap();
        }
        let expected = by_hand(&numbers, wanted);
        let mut all = Vec::new();
        if let Ok(wanted) = i64::try_from(wanted) {
            all.push(Value::from(wanted));
        }
        if let Ok(wanted) = u64::try_from(wanted) {
            all.push(Value::from(wanted));
        }
        if pack("<d", wanted).is_some() {
            all.push(Value::from(wanted as f64));
        }
        for value in all {
            prop_assert_eq!((view.index(value), view.count(value)), expected, "{:?}", value);
            prop_assert_eq!(view.contains(value), expected.0.is_some());
        }
        prop_assert_eq!((view.index(f64::NAN), view.count(b"a")), (None, 0));
        let list: Vec<i128> = view.records().map(|record| exact(record.get(0).unwrap())).collect();
        prop_assert_eq!(&list, &numbers);
        for (at, &number) in numbers.iter().enumerate() {
            let value = if rows { view.value((at, 0)) } else { view.value(at) };
            prop_assert_eq!(exact(value.unwrap()), number);
        }
    }
}

fn exact(value: Value<'_>) -> i128 {
    match value {
        Value::Int(number) => number.into(),
        Value::UInt(number) => number.into(),
        Value::Bool(value) => value.into(),
        Value::Float(number) => number as i128,
        Value::Bytes(_) => panic!("no number"),
    }
}

#[test]
fn lists_are_nested_as_axes_are() {
    let bytes: Vec<u8> = (0..12).collect();
    let cube = View::of_bytes(&bytes).reshape([2, 3, 2]).unwrap();
    let text = "[[[0, 1], [2, 3], [4, 5]], [[6, 7], [8, 9], [10, 11]]]";
    let (list, copies) = copied::during(|| cube.to_list());
    assert_eq!((format!("{list:?}").as_str(), copies), (text, copied::Tally::Counted(12)));
    assert_eq!(format!("{:?}", cube.slice((1, 2, 0)).to_list()), "10");
    assert_eq!(format!("{:?}", cube.slice((.., 3..)).to_list()), "[[], []]");
    let records = View::new(b"\x01\0ab\x02\0cd", Format::parse("<H2s").unwrap()).unwrap();
    assert_eq!(format!("{:?}", records.to_list()), "[[1, b\"ab\"], [2, b\"cd\"]]");
    assert_eq!(format!("{:?}", records.slice(1).to_list()), "[2, b\"cd\"]");
    assert_eq!(records.to_list(), records.to_list());
    assert_ne!(records.to_list(), cube.to_list());
}

#[test]
fn an_element_has_one_value_or_is_a_record() {
    let records = View::new(b"\x01\0ab\x02\0cd", Format::parse("<H2s").unwrap()).unwrap();
    let error = records.value(0).unwrap_err();
    assert_eq!(error.to_string(), "the elements have 2 values, not one: ask for the record");
    assert_eq!(records.record(-1).unwrap().get(1), Some(Value::from(b"cd")));
    assert!(records.record(2).is_err() && records.value(2).is_err());
    assert_eq!((records.index(1), records.count(b"ab")), (None, 0), "a record is no value");
    let text = View::new(b"abcd", Format::parse("2s").unwrap()).unwrap();
    assert_eq!((text.value(1).unwrap(), text.index(b"cd")), (Value::from(b"cd"), Some(1)));
    let padding = View::new(b"ab", Format::parse("x").unwrap()).unwrap();
    let error = padding.value(0).unwrap_err();
    assert_eq!(error.to_string(), "the elements have 0 values, not one: ask for the record");
}

/// What a shape claims is not asked of the allocator in a way that ends the process.
#[test]
fn a_copy_that_no_memory_holds_is_a_panic_with_words() {
    let many = View::of_bytes(b"a").broadcast([1 << 45]).unwrap();
    let lists = View::of_bytes(b"").reshape([1 << 40, 0]).unwrap();
    let texts = [
        panic_text(|| many.to_bytes().len()),
        panic_text(|| many.hex(None, 0).len()),
        panic_text(|| many.to_list() == many.to_list()),
        panic_text(|| many.hash_bytes(&mut std::hash::DefaultHasher::new()).is_ok()),
        panic_text(|| lists.to_list() == lists.to_list()),
    ];
    for text in texts {
        assert!(text.starts_with("there is no memory for a copy that takes"), "{text}");
    }
    let error = View::of_bytes(b"abcd").copy_to_slice(&mut [0; 5]).unwrap_err();
    assert_eq!(error.to_string(), "5 bytes were given for a view of 4");
}
