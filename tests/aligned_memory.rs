//! Aligned memory begins where it was asked to, is zero, keeps its alignment when
//! it is frozen and sliced, and is an error where it cannot be had.

use std::process::Command;

use buffers::{AllocErrorKind, BackingKind, SharedBuf, UniqueBuf};
use oracles::raw;
use proptest::prelude::*;

/// Tells a child how much memory it may take.
const LIMIT: &str = "UNCOPIED_ALIGNED_LIMIT";

const REFUSED: &str = "the limit was noticed";

#[test]
fn each_power_of_two_is_kept() {
    for align in (0..=21).map(|power| 1 << power) {
        for len in [0, 1, 7, 64, 4097] {
            let mut memory = UniqueBuf::try_zeroed(len, align).unwrap();
            assert_eq!(memory.as_ptr().align_offset(align), 0, "{len} at {align}");
            assert_eq!(memory.as_ptr().addr() % align, 0);
            assert_eq!((memory.len(), memory.iter().all(|&byte| byte == 0)), (len, true));
            let capacity = memory.backing().capacity();
            assert!(capacity >= len + align - 1, "the slack is kept too: {capacity}");
            assert!(capacity <= len + align + 64, "and little more: {capacity}");
            let at = memory.as_ptr();
            memory.fill(9);
            memory.truncate(len / 2);
            assert_eq!((memory.expand(), memory.len(), memory.as_ptr()), (0, len, at));
            let shared = memory.freeze();
            assert_eq!(shared, vec![9; len]);
            assert_eq!(shared.backing().is_none(), len == 0);
            if len > 0 {
                assert_eq!((shared.as_ptr(), shared.alignment() % align), (at, 0));
                assert_eq!(shared.backing().unwrap().as_slice().len(), len);
                let memory = shared.try_into_mut().unwrap();
                assert_eq!(memory.as_ptr(), at, "it is writable again, in place");
            }
        }
    }
}

/// The greatest power of two that divides both.
fn common(align: usize, offset: usize) -> usize {
    1 << align.trailing_zeros().min(offset.trailing_zeros())
}

proptest! {
    #![proptest_config(oracles::cases(200))]

    #[test]
    fn a_slice_keeps_what_its_offset_divides_by(
        power in 0..16_u32,
        first in 0..6000_usize,
        second in 0..2000_usize,
    ) {
        let align = 1 << power;
        let page = UniqueBuf::try_zeroed(8192, align).unwrap().freeze();
        let slice = page.slice(first..);
        let again = slice.slice(second..);
        for (slice, offset) in [(page, 0), (slice, first), (again, first + second)] {
            let promised = if offset == 0 { align } else { common(align, offset) };
            prop_assert_eq!(slice.as_ptr().addr() % promised, 0);
            prop_assert!(slice.alignment() >= promised, "{} at {}", slice.alignment(), promised);
            // It is the largest power of two, not any.
            let told = slice.alignment();
            prop_assert_eq!(slice.as_ptr().addr() & (2 * told - 1), told);
        }
    }
}

#[test]
fn an_alignment_of_one_is_a_vector() {
    let memory = UniqueBuf::try_zeroed(100, 1).unwrap();
    assert_eq!(memory.backing().kind(), BackingKind::Vec);
    assert_eq!(memory.freeze().try_into_vec().unwrap(), [0; 100]);
    let memory = UniqueBuf::try_zeroed(100, 2).unwrap();
    assert_eq!(memory.backing().kind(), BackingKind::Owner);
    assert!(memory.freeze().try_into_vec().is_err(), "its bytes are a part of a vector");
}

#[test]
fn numbers_that_make_no_sense_are_errors_in_words() {
    use AllocErrorKind::{NoPowerOfTwo, OutOfMemory, TooLarge};
    const MAX: usize = usize::MAX;
    const HALF: usize = isize::MAX as usize;
    let too_large = "with the slack of alignment that is more than 9223372036854775807 bytes";
    let not_so_much = "the allocator has not got so much";
    let cases = [
        (8, 0, NoPowerOfTwo, "0 is no power of two"),
        (8, 3, NoPowerOfTwo, "3 is no power of two"),
        (MAX, MAX, NoPowerOfTwo, "18446744073709551615 is no power of two"),
        (MAX, 1, TooLarge, too_large),
        (MAX, 64, TooLarge, too_large),
        (MAX, 1 << 63, TooLarge, too_large),
        (HALF + 1, 1, TooLarge, too_large),
        (HALF, 2, TooLarge, too_large),
        (1, 1 << 63, TooLarge, too_large),
        (HALF, 1, OutOfMemory, not_so_much),
        (HALF - 63, 64, OutOfMemory, not_so_much),
        (0, 1 << 63, OutOfMemory, not_so_much),
        (1, 1 << 62, OutOfMemory, not_so_much),
    ];
    for (len, align, kind, why) in cases {
        let error = UniqueBuf::try_zeroed(len, align).unwrap_err();
        assert_eq!((error.requested(), error.align(), error.kind()), (len, align, kind));
        let text = format!("cannot allocate {len} bytes at a multiple of {align}: {why}");
        assert_eq!(error.to_string(), text);
    }
}

/// What the child runs; in the parent it has nothing to do.
#[test]
fn child() {
    const MUCH: usize = 64 << 20;
    if std::env::var_os(LIMIT).is_none() {
        return;
    }
    // The control: without the limit there is so much.
    drop(UniqueBuf::try_zeroed(MUCH, 4096).unwrap());
    raw::limit_address_space(raw::address_space() + MUCH as u64 / 2);
    for align in [1, 4096] {
        let error = UniqueBuf::try_zeroed(MUCH, align).unwrap_err();
        assert_eq!(error.kind(), AllocErrorKind::OutOfMemory);
    }
    let small: SharedBuf = UniqueBuf::try_zeroed(1 << 20, 4096).unwrap().freeze();
    assert_eq!((small.len(), small.alignment() % 4096), (1 << 20, 0), "what fits is had");
    println!("{REFUSED}");
}

#[test]
fn memory_that_the_system_refuses_is_an_error() {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["child", "--exact", "--nocapture", "--test-threads=1"])
        .env(LIMIT, "1")
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && text.contains(REFUSED), "{output:?}");
}
