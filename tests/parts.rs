//! Parts that were promoted together are the parts that were promoted one by one,
//! under one count.

use std::ops::Range;

use buffers::copied;
use buffers::{Parts, SharedBuf};
use bytes::Bytes;
use oracles::content::pattern;
use oracles::panic_text;
use proptest::prelude::*;

const LEN: usize = 64;

static STATIC: [u8; LEN] = *b"These sixty-four bytes live as long as the whole program runs on";

fn handles(buf: &SharedBuf) -> usize {
    buf.backing().map_or(0, |backing| backing.handles())
}

proptest! {
    #![proptest_config(oracles::cases(200))]

    #[test]
    fn together_or_one_by_one_is_the_same(
        kind in 0..3_usize,
        start in 0..20_usize,
        cuts in prop::collection::vec((0..=LEN, 0..=LEN), 0..40),
    ) {
        let whole = match kind {
            0 => SharedBuf::from(&STATIC),
            1 => SharedBuf::from(pattern(LEN, 50)),
            _ => SharedBuf::from(Bytes::from(pattern(LEN, 51))),
        };
        let buf = whole.slice(start..);
        let ranges: Vec<Range<usize>> = cuts
            .iter()
            .map(|&(a, b)| a.min(b).min(buf.len())..a.max(b).min(buf.len()))
            .collect();
        let before = handles(&buf);
        let (parts, copies) =
            copied::during(|| buf.promote_all(ranges.iter().map(|range| &buf[range.clone()])));
        let parts = parts.unwrap();
        let pins = ranges.iter().any(|range| !range.is_empty()) && before > 0;
        prop_assert_eq!(copies, 0);
        prop_assert_eq!(handles(&buf), before + usize::from(pins), "one count for all");
        prop_assert_eq!((parts.len(), parts.is_empty()), (ranges.len(), ranges.is_empty()));
        prop_assert_eq!(parts.iter().len(), ranges.len());
        for (index, (range, shown)) in ranges.iter().zip(parts.iter()).enumerate() {
            let single = buf.promote(&buf[range.clone()]).unwrap();
            let alone = parts.part(index).unwrap();
            prop_assert_eq!(&alone, &single);
            prop_assert_eq!((shown, parts.get(index)), (&single[..], Some(&single[..])));
            prop_assert_eq!(&parts[index], &single);
            if !range.is_empty() {
                prop_assert_eq!((alone.as_ptr(), shown.as_ptr()), (single.as_ptr(), single.as_ptr()));
                let place = |buf: &SharedBuf| buf.backing().map(|backing| backing.range());
                prop_assert_eq!(place(&alone), place(&single));
            }
            prop_assert_eq!(alone.backing().is_some(), single.backing().is_some());
        }
        prop_assert_eq!((parts.get(ranges.len()), parts.part(ranges.len())), (None, None));
        let copy = parts.clone();
        prop_assert_eq!(handles(&buf), before + 2 * usize::from(pins));
        drop((parts, copy));
        prop_assert_eq!(handles(&buf), before);
    }
}

#[test]
fn parts_keep_the_memory_after_all_else_is_gone() {
    let line = SharedBuf::from(b"GET /index.html HTTP/1.1".to_vec());
    let at = line.as_ptr();
    let parts = line.promote_all(line.split(|&byte| byte == b' ')).unwrap();
    drop(line);
    assert_eq!(parts.iter().collect::<Vec<_>>(), [&b"GET"[..], b"/index.html", b"HTTP/1.1"]);
    assert_eq!(parts[1].as_ptr(), at.wrapping_add(4));
    assert_eq!(parts.ranges(), [0..3, 4..15, 16..24]);
    assert_eq!((parts.whole().len(), handles(parts.whole())), (24, 1));
    assert_eq!(format!("{parts:?}"), r#"[b"GET", b"/index.html", b"HTTP/1.1"]"#);
    let text = panic_text(|| parts[3].len());
    assert_eq!(text, "there is no part 3: there are 3 parts");
}

#[test]
fn empty_parts_pin_nothing_wherever_they_lie() {
    let buf = SharedBuf::from(pattern(LEN, 52));
    let elsewhere = pattern(4, 52);
    let parts = buf.promote_all([&[][..], &buf[5..5], &elsewhere[2..2]]).unwrap();
    assert_eq!((parts.len(), handles(&buf)), (3, 1));
    assert!(parts.whole().backing().is_none() && parts.iter().all(<[u8]>::is_empty));
    assert_eq!(parts.part(2), Some(SharedBuf::new()));
    let none = buf.promote_all([]).unwrap();
    assert!(none.is_empty() && Parts::default().is_empty());
    let mixed = buf.promote_all([&elsewhere[..0], &buf[3..6]]).unwrap();
    assert_eq!((&mixed[0], &mixed[1], handles(&buf)), (&[][..], &buf[3..6], 2));
}

#[test]
fn a_part_of_other_memory_is_named() {
    let buf = SharedBuf::from(pattern(LEN, 53));
    let (front, back) = (buf.slice(..32), buf.slice(32..));
    let equal = pattern(LEN, 53);
    let cases: [(&[u8], usize); 4] =
        [(&equal, 64), (&back, 32), (&buf[30..33], 3), (&STATIC[..1], 1)];
    for (stranger, len) in cases {
        let before = handles(&buf);
        let error = front.promote_all([&front[1..2], &front[..], stranger, &equal]).unwrap_err();
        assert_eq!(error.index(), 2);
        assert_eq!(
            error.to_string(),
            format!(
                "part 2 ({len} bytes) does not lie within the buffer of 32 bytes; \
                 nothing was promoted"
            )
        );
        assert_eq!(handles(&buf), before);
    }
}

/// An iterator that says of itself what it likes.
struct Boasting<I>(I, usize);

impl<I: Iterator> Iterator for Boasting<I> {
    type Item = I::Item;

    fn next(&mut self) -> Option<I::Item> {
        self.0.next()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.1, None)
    }
}

#[test]
fn what_an_iterator_says_of_its_length_is_not_trusted() {
    let buf = SharedBuf::from(pattern(LEN, 54));
    for hint in [0, 3, 1 << 40, usize::MAX] {
        let parts = buf.promote_all(Boasting(buf.chunks(10), hint)).unwrap();
        assert_eq!(parts.len(), 7);
        assert!(parts.iter().eq(buf.chunks(10)));
    }
    let many = buf.promote_all(Boasting((0..10_000).map(|n| &buf[n % LEN..]), usize::MAX));
    assert_eq!(many.unwrap().len(), 10_000);
    let text = panic_text(|| Boasting(buf.chunks(10), usize::MAX).collect::<Vec<_>>());
    assert_eq!(text, "capacity overflow", "the control: who trusts it, falls");
}
