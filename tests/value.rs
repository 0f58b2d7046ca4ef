//! Values are equal as they are in Python, and halves are exact.

use buffers::{Format, Value};

/// What `binary16` of IEEE 754 says, by its definition.
fn by_definition(half: u16) -> f64 {
    let sign = if half & 0x8000 == 0 { 1.0 } else { -1.0 };
    let fraction = f64::from(half & 0x3ff);
    sign * match half >> 10 & 0x1f {
        0 => fraction * 2_f64.powi(-24),
        0x1f if fraction == 0.0 => f64::INFINITY,
        0x1f => f64::NAN,
        exponent => (1.0 + fraction / 1024.0) * 2_f64.powi(i32::from(exponent) - 15),
    }
}

fn unpack(bytes: &[u8]) -> f64 {
    Format::parse("<e").unwrap().unpack(bytes).unwrap()[0].as_f64().unwrap()
}

fn pack(number: f64) -> Option<u16> {
    let bytes = Format::parse("<e").unwrap().pack(&[number.into()]).ok()?;
    Some(u16::from_le_bytes(bytes.try_into().unwrap()))
}

#[test]
fn all_halves_are_what_the_standard_says_and_pack_to_themselves() {
    for half in 0..=u16::MAX {
        let number = unpack(&half.to_le_bytes());
        let expected = by_definition(half);
        if expected.is_nan() {
            assert!(number.is_nan(), "{half:04x}");
            assert_eq!(pack(number), Some(half & 0x8000 | 0x7e00), "{half:04x}");
        } else {
            assert_eq!(number.to_bits(), expected.to_bits(), "{half:04x}");
            assert_eq!(pack(number), Some(half), "{half:04x}");
        }
    }
}

#[test]
fn what_lies_between_two_halves_is_rounded_to_the_nearer_and_ties_to_the_even_one() {
    for half in 0..0x7bff_u16 {
        let (low, high) = (by_definition(half), by_definition(half + 1));
        let middle = f64::midpoint(low, high);
        let even = half + (half & 1);
        for sign in [1.0, -1.0] {
            let bit = if sign < 0.0 { 0x8000 } else { 0 };
            assert_eq!(pack(sign * middle), Some(even | bit), "{half:04x}");
            assert_eq!(pack(sign * middle.next_down()), Some(half | bit), "{half:04x}");
            assert_eq!(pack(sign * middle.next_up()), Some((half + 1) | bit), "{half:04x}");
        }
    }
    // Half a step above the largest, where Python says that it is too large as well.
    assert_eq!(pack(65519.99), Some(0x7bff));
    assert_eq!(pack(65520.0), None);
    assert_eq!(pack(f64::INFINITY), Some(0x7c00));
    assert_eq!(pack(f64::MIN_POSITIVE), Some(0));
    assert_eq!(pack(-f64::MIN_POSITIVE), Some(0x8000));
}

#[test]
fn numbers_are_equal_exactly() {
    let big = 1_u64 << 53;
    let equal = [
        (Value::from(1_i8), Value::from(1_u64)),
        (Value::from(1_u8), Value::from(1.0)),
        (Value::from(true), Value::from(1)),
        (Value::from(false), Value::from(-0.0)),
        (Value::from(-0.0), Value::from(0.0)),
        (Value::from(big), Value::from(9_007_199_254_740_992.0)),
        (Value::from(i64::MIN), Value::from(-9_223_372_036_854_775_808.0)),
        (Value::from(b"ab"), Value::from(&b"ab"[..])),
    ];
    for (a, b) in equal {
        assert_eq!(a, b);
        assert_eq!(b, a);
    }
    let different = [
        (Value::from(-1), Value::from(u64::MAX)),
        (Value::from(big + 1), Value::from(9_007_199_254_740_992.0)),
        (Value::from(u64::MAX), Value::from(18_446_744_073_709_551_616.0)),
        (Value::from(i64::MAX), Value::from(9_223_372_036_854_775_808.0)),
        (Value::from(f64::NAN), Value::from(f64::NAN)),
        (Value::from(f64::INFINITY), Value::from(u64::MAX)),
        (Value::from(1), Value::from(1.5)),
        (Value::from(b"\x01"), Value::from(1)),
        (Value::from(b"a"), Value::from(b"ab")),
    ];
    for (a, b) in different {
        assert_ne!(a, b);
        assert_ne!(b, a);
    }
}

#[test]
fn a_value_gives_what_it_is_and_nothing_else() {
    assert_eq!(Value::from(-3).as_i64(), Some(-3));
    assert_eq!(Value::from(-3).as_u64(), None);
    assert_eq!(Value::from(u64::MAX).as_i64(), None);
    assert_eq!(Value::from(7_u8).as_i64(), Some(7));
    assert_eq!(Value::from(7).as_u64(), Some(7));
    assert_eq!(Value::from(1.5).as_f64(), Some(1.5));
    assert_eq!((Value::from(1.5).as_i64(), Value::from(1).as_f64()), (None, None));
    assert_eq!((Value::from(true).as_bool(), Value::from(1).as_bool()), (Some(true), None));
    let bytes = *b"abc";
    assert_eq!(Value::from(&bytes).as_bytes().unwrap().as_ptr(), bytes.as_ptr());
    assert_eq!(format!("{:?} {:?}", Value::from(b"a\n"), Value::from(2.0)), "b\"a\\n\" 2.0");
    assert_eq!(size_of::<Value<'_>>(), 24);
}
