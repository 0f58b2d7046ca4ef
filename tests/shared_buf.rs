//! A shared handle is a slice of its memory: it shows the same bytes at the
//! same address, whatever was sliced, cloned, promoted and dropped meanwhile.

use std::ops::{Bound, Range};

use buffers::{RangeError, SharedBuf, UniqueBuf};
use bytes::Bytes;
use oracles::content::pattern;
use oracles::panic_text;
use proptest::prelude::*;

const LEN: usize = 64;

#[test]
fn a_handle_takes_three_words_and_travels() {
    fn travels<T: Send + Sync + 'static>() {}
    travels::<SharedBuf>();
    travels::<UniqueBuf>();
    assert_eq!(size_of::<SharedBuf>(), 24);
}

/// What is done to one of the handles there are, chosen round and round.
#[derive(Clone, Debug)]
enum Step {
    Slice(usize, Range<usize>),
    Clone(usize),
    Advance(usize, usize),
    Truncate(usize, usize),
    SplitTo(usize, usize),
    SplitOff(usize, usize),
    Join(usize, usize),
    Promote(usize, Range<usize>),
    SliceRef(usize, Range<usize>),
    Clear(usize),
    Drop(usize),
}

fn step() -> impl Strategy<Value = Step> {
    let range = || (0..=LEN, 0..=LEN).prop_map(|(a, b)| a.min(b)..a.max(b));
    let which = any::<usize>;
    let few = || 0..20_usize;
    prop_oneof![
        3 => (which(), range()).prop_map(|(which, range)| Step::Slice(which, range)),
        2 => which().prop_map(Step::Clone),
        3 => (which(), few()).prop_map(|(which, n)| Step::Advance(which, n)),
        3 => (which(), 0..=LEN).prop_map(|(which, n)| Step::Truncate(which, n)),
        4 => (which(), few()).prop_map(|(which, n)| Step::SplitTo(which, n)),
        4 => (which(), few()).prop_map(|(which, n)| Step::SplitOff(which, n)),
        // Split handles are often at the end of the list, and so are joined again.
        4 => (0..4_usize, 0..4_usize).prop_map(|(a, b)| Step::Join(a, b)),
        4 => (which(), which()).prop_map(|(a, b)| Step::Join(a, b)),
        3 => (which(), range()).prop_map(|(which, range)| Step::Promote(which, range)),
        2 => (which(), range()).prop_map(|(which, range)| Step::SliceRef(which, range)),
        1 => which().prop_map(Step::Clear),
        2 => which().prop_map(Step::Drop),
    ]
}

/// A handle with what it is to show: a range of the flat bytes.
type Handle = (SharedBuf, Range<usize>);

/// The part `range` of what is shown, as far as it lies within.
fn within(shown: &Range<usize>, range: &Range<usize>) -> Option<Range<usize>> {
    (range.end <= shown.len()).then(|| shown.start + range.start..shown.start + range.end)
}

/// Cuts the handle or makes another of it.
fn change((handle, shown): &mut Handle, step: &Step) -> Option<Handle> {
    match step {
        Step::Slice(_, range) => {
            let expected = within(shown, range);
            let got = handle.try_slice(range.clone());
            assert_eq!(got.is_ok(), expected.is_some());
            got.ok().zip(expected)
        }
        Step::Promote(_, range) => within(shown, range).map(|expected| {
            let part = &handle.as_slice()[range.clone()];
            (handle.promote(part).unwrap(), expected)
        }),
        Step::SliceRef(_, range) => within(shown, range).map(|expected| {
            let part = &handle.as_slice()[range.clone()];
            (handle.slice_ref(part), expected)
        }),
        Step::SplitTo(_, n) => {
            let at = shown.start + n.min(&shown.len());
            let front = shown.start..at;
            shown.start = at;
            Some((handle.split_to(front.len()), front))
        }
        Step::SplitOff(_, n) => {
            let at = shown.start + n.min(&shown.len());
            let back = at..shown.end;
            shown.end = at;
            Some((handle.split_off(shown.len()), back))
        }
        Step::Advance(_, n) => {
            let n = n.min(&shown.len()).to_owned();
            handle.advance(n);
            shown.start += n;
            None
        }
        Step::Truncate(_, n) => {
            handle.truncate(*n);
            shown.end = shown.end.min(shown.start + n);
            None
        }
        Step::Clear(_) => {
            handle.clear();
            shown.end = shown.start;
            None
        }
        Step::Clone(_) => Some((handle.clone(), shown.clone())),
        Step::Drop(_) | Step::Join(..) => unreachable!("these change the list"),
    }
}

/// Joins two handles, or finds both unchanged if they are no neighbours. Static
/// neighbours are not joined.
fn join(handles: &mut Vec<Handle>, which: usize, other: usize, is_static: bool) {
    let (front, left) = handles.swap_remove(which % handles.len());
    let (back, right) = handles.swap_remove(other % handles.len());
    let neighbours = left.end == right.start && !is_static;
    match front.try_join(back) {
        Ok(joined) => {
            assert!(left.is_empty() || right.is_empty() || neighbours, "{left:?} {right:?}");
            let shown = match (left.is_empty(), right.is_empty()) {
                (true, _) => right,
                (_, true) => left,
                _ => left.start..right.end,
            };
            handles.push((joined, shown));
        }
        Err((front, back)) => {
            assert!(!left.is_empty() && !right.is_empty() && !neighbours, "{left:?} {right:?}");
            handles.extend([(front, left), (back, right)]);
        }
    }
}

fn apply(step: &Step, handles: &mut Vec<Handle>, is_static: bool) {
    let (Step::Slice(which, _)
    | Step::Clone(which)
    | Step::Advance(which, _)
    | Step::Truncate(which, _)
    | Step::SplitTo(which, _)
    | Step::SplitOff(which, _)
    | Step::Join(which, _)
    | Step::Promote(which, _)
    | Step::SliceRef(which, _)
    | Step::Clear(which)
    | Step::Drop(which)) = step;
    let count = handles.len();
    match step {
        Step::Drop(_) | Step::Join(..) if count == 1 => {}
        Step::Drop(_) => drop(handles.swap_remove(which % count)),
        Step::Join(_, other) => join(handles, *which, *other, is_static),
        _ => {
            let new = change(&mut handles[which % count], step);
            handles.extend(new);
        }
    }
}

fn play(whole: SharedBuf, flat: &[u8], steps: &[Step]) {
    let base = whole.as_ptr();
    let is_static = whole.backing().is_none();
    let mut handles = vec![(whole, 0..flat.len())];
    for step in steps {
        apply(step, &mut handles, is_static);
        let pinning = handles.iter().filter(|(_, shown)| !shown.is_empty()).count();
        for (handle, shown) in &handles {
            assert_eq!(handle, &flat[shown.clone()]);
            assert_eq!(handle.len(), shown.len());
            assert_eq!(handle.is_empty(), shown.is_empty());
            let backing = handle.backing().map(|backing| (backing.range(), backing.handles()));
            if shown.is_empty() || is_static {
                assert_eq!(backing, None, "it pins nothing");
            } else {
                assert_eq!(backing, Some((shown.clone(), pinning)));
            }
            if !shown.is_empty() {
                assert_eq!(handle.as_ptr(), base.wrapping_add(shown.start));
            }
        }
    }
}

static STATIC: [u8; LEN] = *b"These sixty-four bytes live as long as the whole program runs on";

proptest! {
    #![proptest_config(oracles::cases(300))]

    #[test]
    fn any_tree_of_handles_shows_the_flat_bytes(
        kind in 0..4_usize,
        steps in prop::collection::vec(step(), 0..60),
    ) {
        let flat = if kind == 0 { STATIC.to_vec() } else { pattern(LEN, 20) };
        let whole = match kind {
            0 => SharedBuf::from(&STATIC),
            1 => SharedBuf::from(flat.clone()),
            2 => SharedBuf::from(Bytes::from(flat.clone())),
            _ => SharedBuf::from_owner(flat.clone()),
        };
        play(whole, &flat, &steps);
    }
}

#[test]
fn memory_stays_where_it_is() {
    let vec = pattern(LEN, 21);
    let at = vec.as_ptr();
    let mut unique = UniqueBuf::from(vec);
    assert_eq!(unique.as_ptr(), at);
    unique.truncate(60);
    let shared = unique.freeze();
    assert_eq!((shared.as_ptr(), shared.len()), (at, 60));
    let mut unique = shared.try_into_mut().unwrap();
    assert_eq!(unique.as_mut_ptr().cast_const(), at);
    assert_eq!((unique.expand(), unique.len()), (0, LEN));
    let vec = unique.freeze().try_into_vec().unwrap();
    assert_eq!((vec.as_ptr(), vec.len()), (at, LEN));

    let boxed = vec.into_boxed_slice();
    let shared = SharedBuf::from(boxed);
    assert_eq!(shared.as_ptr(), at);
    let text = String::from("text");
    let at = text.as_ptr();
    assert_eq!(SharedBuf::from(text).as_ptr(), at);
}

#[test]
fn a_slice_made_writable_knows_where_it_began() {
    let shared = SharedBuf::from(pattern(LEN, 22));
    let slice = shared.slice(10..20);
    let slice = slice.try_into_mut().unwrap_err();
    drop(shared);
    let mut unique = slice.try_into_mut().unwrap();
    assert_eq!(*unique, pattern(LEN, 22)[10..20]);
    unique[0] = 0;
    assert_eq!((unique.expand(), unique.len()), (10, LEN));
    assert_eq!(unique[..10], pattern(LEN, 22)[..10]);
}

#[test]
fn bytes_go_both_ways_in_place() {
    for bytes in [Bytes::from(pattern(LEN, 23)), Bytes::from_static(&STATIC)] {
        let at = bytes.as_ptr();
        let shared = SharedBuf::from(bytes);
        assert_eq!(shared.as_ptr(), at);
        assert_eq!(Bytes::from(shared.clone()).as_ptr(), at);
        let part = Bytes::from(shared.slice(5..9));
        assert_eq!((part.as_ptr(), part.len()), (at.wrapping_add(5), 4));
    }
    let shared = SharedBuf::from(pattern(LEN, 23));
    let at = shared.as_ptr();
    let (whole, part) = (Bytes::from(shared.clone()), Bytes::from(shared.slice(3..)));
    assert_eq!((whole.as_ptr(), part.as_ptr()), (at, at.wrapping_add(3)));
    drop((shared, whole));
    assert_eq!(part, pattern(LEN, 23)[3..], "one part keeps the memory alive");
    assert_eq!(Bytes::from(SharedBuf::from_static(&STATIC)).as_ptr(), STATIC.as_ptr());
    assert!(Bytes::from(SharedBuf::from(vec![1]).slice(1..)).is_empty());
}

#[test]
fn what_cannot_be_taken_out_is_given_back() {
    let shared = SharedBuf::from(pattern(LEN, 24));
    let at = shared.as_ptr();
    let other = shared.clone();
    let shared = shared.try_into_vec().unwrap_err();
    drop(other);
    let mut part = shared.slice(1..);
    drop(shared);
    part = part.try_into_vec().unwrap_err();
    assert_eq!((part.as_ptr(), part.len()), (at.wrapping_add(1), LEN - 1));
    let mut front = SharedBuf::from(pattern(LEN, 24));
    front.truncate(LEN - 1);
    assert!(front.try_into_vec().is_err(), "a part is not the vector");
    assert!(SharedBuf::from(&STATIC).try_into_vec().is_err());
    assert!(SharedBuf::from(&STATIC).try_into_mut().is_err());
    assert!(SharedBuf::from(Bytes::from(vec![1])).try_into_mut().is_err());
    assert!(SharedBuf::from_owner([1; 3]).try_into_mut().is_err());
    assert!(UniqueBuf::from_owner([1; 3]).freeze().try_into_mut().is_ok());
}

#[test]
fn only_own_memory_is_promoted() {
    let shared = SharedBuf::from(pattern(LEN, 25));
    let (front, back) = (shared.slice(..32), shared.slice(32..));
    assert!(front.promote(&back).is_none(), "the same memory, another part");
    assert!(front.promote(&shared[30..33]).is_none(), "half outside");
    assert!(back.promote(&shared[30..33]).is_none(), "half outside");
    assert!(shared.promote(&pattern(LEN, 25)).is_none(), "equal bytes elsewhere");
    let whole = shared.promote(&shared).unwrap();
    assert!(whole.same_backing(&shared) && !whole.is_unique());
    let text = panic_text(|| front.slice_ref(&back));
    let (part, all) = (back.as_ptr(), front.as_ptr());
    assert_eq!(text, format!("32 bytes at {part:p} do not lie within the 32 bytes at {all:p}"));
    let empty = front.promote(&shared[40..40]).unwrap();
    assert!(empty.is_empty() && !empty.same_backing(&shared));
}

#[test]
fn bad_ranges_are_refused_in_words() {
    use Bound::{Excluded, Included, Unbounded};
    const MAX: usize = usize::MAX;
    let buf = SharedBuf::from(vec![0; 5]);
    let cases = [
        ((Included(2), Excluded(6)), "2..6"),
        ((Included(6), Unbounded), "6.."),
        ((Included(4), Excluded(3)), "4..3"),
        ((Included(0), Included(5)), "0..=5"),
        ((Unbounded, Included(MAX)), "..=18446744073709551615"),
        ((Unbounded, Excluded(MAX)), "..18446744073709551615"),
        ((Included(MAX), Unbounded), "18446744073709551615.."),
        ((Included(MAX), Included(MAX)), "18446744073709551615..=18446744073709551615"),
        ((Excluded(MAX), Unbounded), "(18446744073709551615, excluded).."),
        ((Excluded(5), Excluded(5)), "(5, excluded)..5"),
    ];
    for (range, text) in cases {
        let expected = format!("range {text} does not fit a buffer of 5 bytes");
        let error: RangeError = buf.try_slice(range).unwrap_err();
        assert_eq!((error.to_string(), error.buffer_len()), (expected.clone(), 5));
        assert_eq!(panic_text(|| buf.slice(range)), expected);
        assert!(SharedBuf::from_static(&STATIC[..5]).try_slice(range).is_err());
    }
    for range in [(Included(5), Unbounded), (Excluded(4), Included(4)), (Unbounded, Excluded(0))] {
        assert_eq!(buf.try_slice(range).unwrap(), b"");
    }
    assert_eq!(buf.slice(..).len(), 5);
}

#[test]
fn cutting_too_far_panics_and_loses_nothing() {
    for mut buf in [SharedBuf::from(vec![1, 2, 3]), SharedBuf::from(b"abc")] {
        let text = panic_text(|| buf.advance(4));
        assert_eq!(text, "cannot advance by 4: only 3 bytes are left");
        assert_eq!(buf.len(), 3, "nothing happened");
        let text = panic_text(|| buf.split_to(4));
        assert_eq!(text, "cannot split at 4: there are only 3 bytes");
        let text = panic_text(|| buf.split_off(usize::MAX));
        assert_eq!(text, "cannot split at 18446744073709551615: there are only 3 bytes");
        assert_eq!(buf.len(), 3, "nothing happened");
    }
}

#[test]
fn a_handle_over_shared_bytes_is_not_the_only_one() {
    let bytes = Bytes::from(vec![1, 2, 3]);
    let shared = SharedBuf::from(bytes.clone());
    assert!(!shared.is_unique());
    drop(bytes);
    assert!(shared.is_unique());
}
