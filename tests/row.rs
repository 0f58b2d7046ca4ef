//! A row counts in elements what a flat vector counts in bytes, and a format
//! is what Python's `struct` says it is.

use buffers::{Code, Row};
use oracles::content::pattern;
use oracles::panic_text;
use proptest::prelude::*;

/// The sizes of CPython 3 on this target: native ones, and standard ones.
const CODES: [(char, usize, Option<usize>); 18] = [
    ('c', 1, Some(1)),
    ('b', 1, Some(1)),
    ('B', 1, Some(1)),
    ('?', 1, Some(1)),
    ('h', 2, Some(2)),
    ('H', 2, Some(2)),
    ('i', 4, Some(4)),
    ('I', 4, Some(4)),
    ('l', size_of::<std::ffi::c_long>(), Some(4)),
    ('L', size_of::<std::ffi::c_long>(), Some(4)),
    ('q', 8, Some(8)),
    ('Q', 8, Some(8)),
    ('n', size_of::<usize>(), None),
    ('N', size_of::<usize>(), None),
    ('e', 2, Some(2)),
    ('f', 4, Some(4)),
    ('d', 8, Some(8)),
    ('x', 0, None),
];

#[test]
fn each_code_has_its_size() {
    for (code, native, standard) in CODES {
        for order in ["", "@", "=", "<", ">", "!"] {
            let text = format!("{order}{code}");
            let size = match order {
                "" | "@" => Some(native),
                _ => standard,
            };
            let expected = size.filter(|_| code != 'x');
            let format = Code::parse(&text);
            assert_eq!(format.as_ref().ok().map(|f| f.itemsize()), expected, "{text}");
            if let Ok(format) = format {
                assert_eq!(format.as_char(), code);
                let big = matches!(order, ">" | "!")
                    || !matches!(order, "<") && cfg!(target_endian = "big");
                assert_eq!(format.is_big_endian(), big, "{text}");
                let shown = text.replace('@', "").replace('!', ">");
                assert_eq!(format.to_string(), shown);
                assert_eq!(Code::parse(&shown).unwrap(), format);
            }
        }
    }
    assert_eq!((Code::default(), Code::U8.itemsize()), (Code::U8, 1));
    assert_eq!(format!("{:?}", Code::parse("!I").unwrap()), "Code(\">I\")");
}

#[test]
fn a_bad_code_is_refused_at_its_position() {
    for (text, position, found) in [
        ("x", 0, 'x'),
        ("<n", 1, 'n'),
        ("II", 1, 'I'),
        ("<I4", 2, '4'),
        ("<<I", 1, '<'),
        ("é", 0, 'é'),
        ("Bé", 1, 'é'),
        (" B", 0, ' '),
    ] {
        let error = Code::parse(text).unwrap_err();
        assert_eq!(error.position(), position, "{text}");
        let says = format!("bad format: {found:?} at position {position} is no code here");
        assert!(error.to_string().starts_with(&says), "{error}");
    }
    for text in ["", "<", "!"] {
        let error = Code::parse(text).unwrap_err();
        assert_eq!(error.position(), text.len());
        let says = format!("bad format: it ends at position {} without a code", text.len());
        assert_eq!(error.to_string(), says);
    }
}

proptest! {
    #![proptest_config(oracles::cases(300))]

    #[test]
    fn a_row_is_its_flat_bytes(
        code in prop::sample::select(vec!["B", "<H", ">I", "d"]),
        count in 0..20_usize,
        (start, end) in (0..24_usize, 0..24_usize),
    ) {
        let format = Code::parse(code).unwrap();
        let size = format.itemsize();
        let flat = pattern(count * size, 30);
        let row = Row::new(&flat, format).unwrap();
        prop_assert_eq!((row.len(), row.nbytes(), row.itemsize()), (count, flat.len(), size));
        prop_assert_eq!((row.is_empty(), row.code()), (count == 0, format));
        prop_assert_eq!(row.as_bytes().as_ptr(), flat.as_ptr());
        let chunks: Vec<&[u8]> = flat.chunks(size).collect();
        prop_assert!(row.iter().eq(chunks.iter().copied()));
        prop_assert!((&row).into_iter().eq(chunks.iter().copied()));
        for index in 0..24 {
            prop_assert_eq!(row.item(index), chunks.get(index).copied());
        }
        let expected = chunks.get(start..end).map(<[_]>::concat);
        let part = row.get(start..end);
        prop_assert_eq!(part.map(|part| part.as_bytes().to_vec()), expected);
        if let Some(part) = part {
            prop_assert_eq!(part.as_bytes().as_ptr(), flat[start * size..].as_ptr());
            prop_assert_eq!(part.to_vec(), part.as_bytes());
        }
    }
}

#[test]
fn a_row_is_light_and_travels() {
    fn travels<T: Send + Sync + Copy>() {}
    travels::<Row<'_>>();
    assert_eq!(size_of::<Row<'_>>(), 24);
}

#[test]
fn what_does_not_fit_is_refused_in_words() {
    let format = Code::parse("<I").unwrap();
    let error = Row::new(&[0; 11], format).unwrap_err();
    assert_eq!(
        error.to_string(),
        "11 bytes are no whole number of elements of format \"<I\" (4 bytes each): 3 bytes are \
         left over"
    );
    let row = Row::new(&[0; 12], format).unwrap();
    let text = panic_text(|| row.slice(2..9).len());
    assert_eq!(text, "range 2..9 does not fit a row of 3 elements");
    assert!(row.get(..=usize::MAX).is_none());
    // Multiplied by the size of an element, this is 4 again.
    let wraps = usize::MAX / 4 + 2;
    assert!(row.get(..wraps).is_none() && row.get(wraps..).is_none());
    assert!(row.get(..=wraps).is_none() && row.item(wraps).is_none());
    assert!(row.item(usize::MAX).is_none(), "the product would overflow");
    assert_eq!(format!("{row:?}"), "Row(\"<I\", 3 x 4)");
}
