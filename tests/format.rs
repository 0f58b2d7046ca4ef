//! A format is what Python's `struct` says it is.

use std::process::Command;

use buffers::Format;
use proptest::prelude::*;

/// `struct.calcsize` of CPython 3.11 on a target of 64 bits, or the position at which this
/// crate refuses what it refuses.
const SIZES: [(&str, Result<usize, usize>); 38] = [
    ("", Ok(0)),
    ("<", Ok(0)),
    ("x", Ok(1)),
    ("4x", Ok(4)),
    ("bI", Ok(8)),
    ("Ib", Ok(5)),
    ("b0I", Ok(4)),
    ("<bI", Ok(5)),
    ("=bI", Ok(5)),
    ("!bI", Ok(5)),
    ("@b h\ti\nq", Ok(16)),
    ("bxhxixq", Ok(24)),
    ("3s", Ok(3)),
    ("0s", Ok(0)),
    ("5p", Ok(5)),
    ("s3sp", Ok(5)),
    ("n", Ok(8)),
    ("bN", Ok(16)),
    ("bP", Ok(16)),
    ("<IHbd", Ok(15)),
    ("@IHbd", Ok(16)),
    ("bd0q", Ok(16)),
    ("d0b", Ok(8)),
    ("?e", Ok(4)),
    ("<?e", Ok(3)),
    ("le", Ok(10)),
    ("9223372036854775807x", Ok(9_223_372_036_854_775_807)),
    ("<n", Err(1)),
    ("<P", Err(1)),
    (" <I", Err(1)),
    ("I<", Err(1)),
    ("3", Err(1)),
    ("3 I", Err(1)),
    ("Iz", Err(1)),
    ("Iü", Err(1)),
    ("9223372036854775808x", Err(0)),
    ("99999999999999999999999x", Err(0)),
    ("I9223372036854775807x", Err(1)),
];

#[test]
fn sizes_are_those_of_calcsize() {
    for (text, expected) in SIZES {
        let format = Format::parse(text);
        let answer = format.as_ref().map(Format::itemsize).map_err(buffers::FormatError::position);
        assert_eq!(answer, expected, "{text:?}");
    }
}

/// What a stock CPython answers, so that the table above is not believed blindly.
#[test]
fn the_table_is_what_python_says() {
    let script = "
import struct, sys
for text in sys.argv[1:]:
    try: print(struct.calcsize(text))
    except (struct.error, UnicodeEncodeError): print('refused')
";
    let texts = SIZES.map(|(text, _)| text);
    let Ok(output) = Command::new("python3").args(["-c", script]).args(texts).output() else {
        eprintln!("SKIPPED: there is no python3");
        return;
    };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let printed = String::from_utf8(output.stdout).unwrap();
    let answers: Vec<&str> = printed.lines().collect();
    assert_eq!(answers.len(), SIZES.len());
    for ((text, expected), answer) in SIZES.into_iter().zip(answers) {
        let ours = expected.map_or("refused".into(), |size| size.to_string());
        assert_eq!(ours, answer, "{text:?}");
    }
}

#[test]
fn fields_tell_where_values_lie() {
    let format = Format::parse("@c 3h x 2I 4s 0d").unwrap();
    let fields: Vec<_> =
        format.fields().map(|f| (f.offset(), f.count(), f.code(), f.values())).collect();
    assert_eq!(
        fields,
        [(0, 1, 'c', 1), (2, 3, 'h', 3), (8, 1, 'x', 0), (12, 2, 'I', 2), (20, 4, 's', 1)]
    );
    assert_eq!((format.itemsize(), format.values(), format.code()), (24, 7, None));
    assert_eq!(format.to_string(), "c3hx2I4s");
}

#[test]
fn one_plain_code_is_kept_in_place() {
    let format = Format::parse(" I ").unwrap();
    assert_eq!(format.code().unwrap().as_char(), 'I');
    assert_eq!(format, buffers::Code::parse("I").unwrap().into());
    assert_eq!(Format::default(), Format::U8);
    assert_eq!(size_of::<Format>(), 16);
    // What aligns behind a code changes its size, and so is part of the format.
    assert_eq!(Format::parse("b0I").unwrap().code(), None);
    assert_ne!(Format::parse("I").unwrap(), Format::parse("=I").unwrap());
}

#[test]
fn what_a_count_of_nothing_aligned_is_shown_as_padding() {
    for (text, shown) in
        [("b0i", "b3x"), ("b0qb", "b7xb"), ("0q", ""), ("bi0q", "bi"), ("i0q", "i4x")]
    {
        let format = Format::parse(text).unwrap();
        let again = Format::parse(&format.to_string()).unwrap();
        assert_eq!((format.to_string().as_str(), again.itemsize()), (shown, format.itemsize()));
    }
}

#[test]
fn a_claim_of_many_values_allocates_nothing_for_them() {
    let format = Format::parse("<1000000000000B 1000000000000s").unwrap();
    assert_eq!((format.values(), format.fields().len()), (1_000_000_000_001, 2));
}

proptest! {
    #![proptest_config(oracles::cases(500))]

    #[test]
    fn no_text_breaks_the_parser(text in "[@=<>!]?[xcbB?hHiIlLqQnNefdspP0-9 z]{0,30}|.{0,20}") {
        match Format::parse(&text) {
            Ok(format) => {
                prop_assert!(isize::try_from(format.itemsize()).is_ok());
                let values: usize = format.fields().map(|field| field.values()).sum();
                prop_assert_eq!(values, format.values());
                for field in format.fields() {
                    prop_assert!(field.offset() <= format.itemsize());
                }
            }
            Err(error) => {
                prop_assert!(error.position() <= text.len());
                prop_assert!(text.is_char_boundary(error.position()));
                prop_assert!(!error.to_string().is_empty());
            }
        }
    }

    #[test]
    fn what_is_shown_parses_to_the_same(text in "[=<>]?([1-9]?[xcbB?hHiIlLqQefdsp]){1,8}") {
        let format = Format::parse(&text).unwrap();
        let again = Format::parse(&format.to_string()).unwrap();
        prop_assert!(again == format, "{text} is shown as {format}");
    }
}
