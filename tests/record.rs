//! Records are packed and unpacked as `struct` does it, in place.

use buffers::{Format, RecordError, Value, copied};
use proptest::prelude::*;

fn format(text: &str) -> Format {
    Format::parse(text).unwrap()
}

fn error<T>(result: Result<T, RecordError>) -> String {
    result.err().expect("this is refused").to_string()
}

#[test]
fn native_records_have_padding_and_standard_ones_none() {
    let values = [Value::from(-2_i8), 300_000.into(), b"ab".into(), true.into()];
    assert_eq!(format(">bi3s?").pack(&values).unwrap(), b"\xfe\0\x04\x93\xe0ab\0\x01");
    assert_eq!(format("<bi3s?").pack(&values).unwrap(), b"\xfe\xe0\x93\x04\0ab\0\x01");
    let native = format("@bi3s?");
    let bytes = native.pack(&values).unwrap();
    assert_eq!((bytes.len(), &bytes[1..4]), (12, &[0; 3][..]));
    assert_eq!(native.unpack(&bytes).unwrap()[..2], values[..2]);
    assert_eq!(native.unpack(&bytes).unwrap()[2], Value::from(b"ab\0"));
}

#[test]
fn strings_are_borrowed_from_where_they_lie() {
    let bytes = b"\x03abcdef\x02zz";
    let format = format("<4p3sB2c");
    let (record, copied) = copied::during(|| format.unpack_from(bytes, 0).unwrap());
    let values: Vec<_> = record.values().collect();
    let expected: [Value<'_>; 5] =
        [b"abc".into(), b"def".into(), 2_u8.into(), b"z".into(), b"z".into()];
    assert_eq!(values, expected);
    assert_eq!(values[1].as_bytes().unwrap().as_ptr(), bytes[4..].as_ptr());
    assert_eq!((record.len(), record.get(2), record.get(5)), (5, Some(2_u8.into()), None));
    assert_eq!(copied.value(), Some(0));
    assert_eq!(format!("{record:?}"), r#"[b"abc", b"def", 2, b"z", b"z"]"#);
    // The positive control: what is packed is copied, and counted.
    let (_, copied) = copied::during(|| format.pack(&expected).unwrap());
    assert_eq!(copied.value(), Some(6));
}

#[test]
fn a_length_byte_that_lies_is_cut_to_the_field() {
    assert_eq!(format("3p").unpack(b"\xffab").unwrap(), [Value::from(b"ab")]);
    assert_eq!(format("0p").unpack(b"").unwrap(), [Value::from(b"")]);
    assert_eq!(format("3p").unpack_as::<(&[u8],)>(b"\xffab").unwrap(), (&b"ab"[..],));
    let long = [7; 400];
    let packed = format("300p").pack(&[(&long).into()]).unwrap();
    assert_eq!((packed[0], &packed[1..]), (255, &[7; 299][..]));
}

#[test]
fn what_struct_refuses_is_refused_in_words() {
    let record = format("<HB");
    assert_eq!(
        error(record.unpack(b"abcd")),
        "a record has 3 bytes, and 4 were given; unpack_from takes one out of many bytes, \
         iter_unpack takes all of them"
    );
    assert_eq!(
        error(record.iter_unpack(b"abcd")),
        "4 bytes are no whole number of records of 3 bytes each: 1 are left over"
    );
    assert_eq!(
        error(format("").iter_unpack(b"")),
        "a record of no bytes can be unpacked any number of times"
    );
    for offset in [2, 5, isize::MAX, -2, -5, isize::MIN] {
        let text = format!("a record of 3 bytes does not fit at offset {offset} of 4 bytes");
        assert_eq!(error(record.unpack_from(b"abcd", offset)), text);
        let values = [1.into(), 2.into()];
        assert_eq!(error(record.pack_into(&mut [0; 4], offset, &values)), text);
        assert_eq!(error(record.pack_into_as(&mut [0; 4], offset, (1_u16, 2_u8))), text);
    }
    assert_eq!(error(record.pack(&[1.into()])), "a record has 2 values, and 1 were given");
    for (code, value, why) in [
        ("B", Value::from(256), "it is out of range"),
        ("B", Value::from(-1), "it is out of range"),
        ("b", Value::from(128), "it is out of range"),
        ("q", Value::from(u64::MAX), "it is out of range"),
        ("h", Value::from(1.0), "it is no integer"),
        ("h", Value::from(b"1"), "it is no integer"),
        ("f", Value::from(1e39), "it is too large for 32 bits"),
        ("e", Value::from(65520.0), "it is too large for 16 bits"),
        ("d", Value::from(b"1"), "it is no number"),
        ("c", Value::from(b"ab"), "it is not one byte"),
        ("c", Value::from(1), "it is not one byte"),
        ("s", Value::from(1), "it is not bytes"),
        ("p", Value::from(1), "it is not bytes"),
    ] {
        let refused = format(&format!("<B{code}")).pack(&[0.into(), value]).unwrap_err();
        assert_eq!(refused.index(), Some(1));
        assert_eq!(refused.to_string(), format!("value 1 cannot be packed as '{code}': {why}"));
    }
    let enormous = format("9223372036854775807x");
    assert!(error(enormous.pack(&[])).starts_with("there is no memory for a record of"));
}

/// CPython may leave parts of the number that did not fit.
#[test]
fn a_refused_value_leaves_those_before_it_and_zeros() {
    for (text, packed) in [("<HqB", [7, 0]), (">HqB", [0, 7])] {
        let mut bytes = [0xaa; 13];
        let values = [7.into(), u64::MAX.into(), 1.into()];
        assert_eq!(format(text).pack_into(&mut bytes, 1, &values).unwrap_err().index(), Some(1));
        assert_eq!((bytes[0], &bytes[1..3], bytes[12]), (0xaa, &packed[..], 0xaa));
        assert_eq!(bytes[3..12], [0; 9]);
    }
}

#[test]
fn a_tuple_is_held_against_the_format() {
    let record = format("<IHb d");
    let bytes = record.pack_as((7_u32, 80_u16, -1_i8, 0.5)).unwrap();
    assert_eq!(record.unpack_as::<(u32, u16, i8, f64)>(&bytes).unwrap(), (7, 80, -1, 0.5));
    assert_eq!(
        error(record.unpack_as::<(u32, i16, i8, f64)>(&bytes)),
        "part 1 of the tuple is i16, and the format has 'H' there"
    );
    assert_eq!(
        error(record.unpack_as::<(u32, u16, i8)>(&bytes)),
        "the tuple has 3 parts, which are not all 4 values of the format"
    );
    assert_eq!(
        error(record.unpack_as::<(u32, u16, i8, f64, u8)>(&bytes)),
        "part 4 of the tuple is u8, and the format has ended there"
    );
    let many = format(">x2H 3s x ?");
    let tuple = ([1_u16, 2], &b"abc"[..], true);
    let bytes = many.pack_as(tuple).unwrap();
    assert_eq!(bytes, b"\0\0\x01\0\x02abc\0\x01");
    assert_eq!(many.unpack_as::<([u16; 2], &[u8], bool)>(&bytes).unwrap(), tuple);
    assert_eq!(many.unpack_as::<(u16, u16, &[u8], bool)>(&bytes).unwrap().1, 2);
    assert!(many.unpack_as::<([u16; 3], &[u8], bool)>(&bytes).is_err());
    // An array is of neighbours: padding or another field in between is no neighbour.
    assert!(format("<HxH").unpack_as::<([u16; 2],)>(&[0; 5]).is_err());
    assert_eq!(format("<H H").unpack_as::<([u16; 2],)>(&[1, 0, 2, 0]).unwrap(), ([1, 2],));
}

type Row = (u32, u16, i8, f64, u64, i32, f32, bool);

proptest! {
    #![proptest_config(oracles::cases(500))]

    #[test]
    fn tuples_and_values_see_the_same(
        order in prop::sample::select(vec!["<", ">", "=", "@"]),
        rows in prop::collection::vec(any::<Row>(), 0..20),
    ) {
        let format = format(&format!("{order}IHbdQif?"));
        let mut bytes = Vec::new();
        for &row in &rows {
            let (a, b, c, d, e, f, g, h) = row;
            let typed = format.pack_as(row).unwrap();
            let values = [
                a.into(), b.into(), c.into(), d.into(), e.into(), f.into(), g.into(), h.into(),
            ];
            prop_assert_eq!(&typed, &format.pack(&values).unwrap());
            bytes.extend(typed);
        }
        let tuples = format.iter_unpack_as::<Row>(&bytes).unwrap();
        let records = format.iter_unpack(&bytes).unwrap();
        prop_assert_eq!((tuples.len(), records.len()), (rows.len(), rows.len()));
        let text = |rows: &[Row]| format!("{rows:?}");
        prop_assert_eq!(text(&tuples.clone().collect::<Vec<_>>()), text(&rows));
        // By `next`, from the end, and by the fold under `collect`.
        let mut turned: Vec<_> = tuples.rev().collect();
        turned.reverse();
        prop_assert_eq!(text(&turned), text(&rows));
        for (record, row) in records.zip(&rows) {
            let values: Vec<_> = record.values().collect();
            prop_assert_eq!(values.len(), 8);
            prop_assert_eq!(values[0].as_u64(), Some(row.0.into()));
            prop_assert_eq!(values[2].as_i64(), Some(row.2.into()));
            prop_assert_eq!(values[3].as_f64().unwrap().to_bits(), row.3.to_bits());
            prop_assert_eq!(values[7].as_bool(), Some(row.7));
        }
    }

    #[test]
    fn no_bytes_break_a_format(
        text in "[@=<>]?([0-9]{0,2}[xcbB?hHiIlLqQefdsp]){0,6}",
        bytes in prop::collection::vec(any::<u8>(), 0..64),
        offset in -70_isize..70,
    ) {
        let format = format(&text);
        let _ = format.unpack(&bytes);
        let one = format.unpack_from(&bytes, offset);
        if let Ok(record) = &one {
            prop_assert_eq!(record.values().len(), format.values());
            prop_assert_eq!(record.values().count(), format.values());
        }
        if let Ok(records) = format.iter_unpack(&bytes) {
            prop_assert_eq!(records.len() * format.itemsize(), bytes.len());
            let values: usize = records.map(|record| record.values().count()).sum();
            prop_assert_eq!(values, bytes.len() / format.itemsize() * format.values());
        }
        let _ = format.iter_unpack_as::<(u8, u16, &[u8])>(&bytes);
        let mut copy = bytes.clone();
        let zeros = vec![0.into(); format.values()];
        let _ = format.pack_into(&mut copy, offset, &zeros);
    }

    #[test]
    fn what_is_unpacked_packs_to_the_same_bytes(
        text in "[=<>]([1-3]?[cbBhHiIlLqQds]){1,6}",
        seed in 0..1000_u64,
    ) {
        let format = format(&text);
        let bytes = oracles::content::pattern(format.itemsize(), seed);
        let values = format.unpack(&bytes).unwrap();
        prop_assert_eq!(format.pack(&values).unwrap(), bytes.clone());
        let mut into = vec![1; bytes.len() + 5];
        format.pack_into(&mut into, 3, &values).unwrap();
        prop_assert_eq!(&into[3..into.len() - 2], &bytes[..]);
        prop_assert_eq!((&into[..3], &into[into.len() - 2..]), (&[1; 3][..], &[1; 2][..]));
    }
}
