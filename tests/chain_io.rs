//! A chain is read, written and advanced without losing a byte, and copies only
//! what straddles two memories.

use std::io::{BufRead, IoSlice, IoSliceMut, Read};

use buffers::copied::{self, Tally};
use buffers::{Chain, SharedBuf};
use bytes::{Buf, Bytes};
use oracles::content::pattern;
use proptest::prelude::*;

/// A chain of new memories of these lengths, and its bytes.
fn chain_of(lens: &[usize]) -> (Chain, Vec<u8>) {
    let flat = pattern(lens.iter().sum(), 40);
    let mut rest = flat.as_slice();
    let mut chain = Chain::new();
    for &len in lens {
        let (front, back) = rest.split_at(len);
        chain.push(front.to_vec());
        rest = back;
    }
    (chain, flat)
}

/// Replays of lost data elsewhere: the wrong half of a slice was kept.
#[test]
fn advancing_keeps_the_right_half() {
    let (mut chain, flat) = chain_of(&[2, 2]);
    let at = chain.iter().nth(1).unwrap().as_ptr();
    chain.advance(2);
    assert_eq!((chain.pieces(), &chain), (1, &Chain::from(SharedBuf::from(flat[2..].to_vec()))));
    assert_eq!(chain.iter().next().unwrap().as_ptr(), at);

    let (mut chain, flat) = chain_of(&[5, 5]);
    let at = chain.iter().next().unwrap()[3..].as_ptr();
    chain.advance(3);
    assert_eq!((chain.pieces(), chain.to_vec()), (2, flat[3..].to_vec()));
    assert_eq!(chain.chunk().as_ptr(), at);
    chain.advance(3);
    assert_eq!((chain.pieces(), chain.to_vec()), (1, flat[6..].to_vec()));
    chain.advance(4);
    assert_eq!((chain.pieces(), chain.is_empty()), (0, true));
}

#[test]
fn each_advance_of_small_chains_is_that_of_flat_bytes() {
    for lens in [&[1, 1, 1][..], &[3, 1, 2], &[2, 0, 2], &[4], &[0], &[]] {
        let (whole, flat) = chain_of(lens);
        for first in 0..=flat.len() {
            for second in 0..=flat.len() - first {
                let mut chain = whole.clone();
                chain.advance(first);
                chain.advance(second);
                assert_eq!(chain, flat[first + second..], "{lens:?} {first} {second}");
                assert_eq!(chain.len(), flat.len() - first - second);
            }
        }
    }
}

/// One more than a system takes in one vectored write.
#[test]
fn more_pieces_than_a_system_takes_are_written_in_turns() {
    let (mut chain, flat) = chain_of(&[3; 1025]);
    assert_eq!((chain.pieces(), chain.io_slices().len()), (1025, 1025));
    let mut written = Vec::new();
    let mut turns = 0;
    while chain.has_remaining() {
        let mut slots = [IoSlice::new(&[]); 1024];
        let used = chain.chunks_vectored(&mut slots);
        // The last slice is written in part only.
        let offered: Vec<u8> = slots[..used].iter().flat_map(|slot| slot.to_vec()).collect();
        let taken = if used > 1 { offered.len() - 1 } else { offered.len() };
        written.extend_from_slice(&offered[..taken]);
        chain.advance(taken);
        turns += 1;
    }
    assert!(written == flat);
    assert_eq!(turns, 3, "1024 slices, then two, then the byte that was left of these");
}

proptest! {
    #![proptest_config(oracles::cases(200))]

    #[test]
    fn any_number_of_slots_is_filled_in_order(
        lens in prop::collection::vec(0..6_usize, 0..12),
        slots in 0..14_usize,
        advance in 0..20_usize,
    ) {
        let (mut chain, flat) = chain_of(&lens);
        let advance = advance.min(flat.len());
        chain.advance(advance);
        let mut slices = vec![IoSlice::new(b"untouched"); slots];
        let (used, counted) = copied::during(|| chain.chunks_vectored(&mut slices));
        prop_assert_eq!(counted, 0);
        prop_assert_eq!(used, slots.min(chain.pieces()));
        for (slice, piece) in slices.iter().zip(&chain) {
            prop_assert_eq!((slice.as_ptr(), slice.len()), (piece.as_ptr(), piece.len()));
        }
        prop_assert!(slices[used..].iter().all(|slice| **slice == *b"untouched"));
        let shown: Vec<u8> = slices[..used].iter().flat_map(|slice| slice.to_vec()).collect();
        prop_assert!(flat[advance..].starts_with(&shown));
        let all: Vec<u8> = chain.io_slices().flat_map(|slice| slice.to_vec()).collect();
        prop_assert_eq!(all, &flat[advance..]);
    }

    #[test]
    fn reading_gives_the_flat_bytes(
        lens in prop::collection::vec(0..6_usize, 0..12),
        steps in prop::collection::vec((0..9_usize, any::<bool>()), 0..20),
    ) {
        let (mut chain, flat) = chain_of(&lens);
        let mut rest = flat.as_slice();
        for (n, in_place) in steps {
            if in_place {
                let ((at, shown), counted) = copied::during(|| {
                    let shown = chain.fill_buf().unwrap();
                    (shown.as_ptr(), shown.len())
                });
                prop_assert_eq!((chain.chunk().as_ptr(), counted), (at, Tally::Counted(0)));
                prop_assert_eq!(shown == 0, rest.is_empty());
                prop_assert_eq!(chain.fill_buf().unwrap(), &rest[..shown]);
                chain.consume(n.min(shown));
                rest = &rest[n.min(shown)..];
            } else {
                let mut target = vec![0; n];
                let (read, counted) = copied::during(|| chain.read(&mut target).unwrap());
                prop_assert_eq!((read, counted), (n.min(rest.len()), Tally::Counted(read as u64)));
                prop_assert_eq!(&target[..read], &rest[..read]);
                rest = &rest[read..];
            }
            prop_assert_eq!(chain.len(), rest.len());
        }
        let mut last = Vec::new();
        prop_assert_eq!(chain.read_to_end(&mut last).unwrap(), rest.len());
        prop_assert_eq!((&last[..], chain.is_empty()), (rest, true));
    }
}

#[test]
fn one_vectored_read_fills_all_slices() {
    let (mut chain, flat) = chain_of(&[3, 4]);
    let (mut front, mut back) = ([0; 5], [0; 5]);
    let mut slices = [&mut front[..], &mut [], &mut back].map(IoSliceMut::new);
    let (read, counted) = copied::during(|| chain.read_vectored(&mut slices).unwrap());
    assert_eq!((read, counted, chain.is_empty()), (7, Tally::Counted(7), true));
    assert_eq!((&front[..], &back[..2]), (&flat[..5], &flat[5..]));
}

#[test]
fn lines_are_read_across_pieces() {
    let chain: Chain = ["one\ntw", "o\n", "\nfour"].into_iter().collect();
    let lines: Vec<String> = chain.lines().map(Result::unwrap).collect();
    assert_eq!(lines, ["one", "two", "", "four"]);
}

#[test]
fn a_buf_that_may_refuse_counts_too() {
    let (mut chain, flat) = chain_of(&[4, 4]);
    let mut target = [0; 6];
    let (result, counted) = copied::during(|| chain.try_copy_to_slice(&mut target));
    assert_eq!((result.is_ok(), counted), (true, Tally::Counted(6)));
    assert_eq!(target, flat[..6]);
    let (error, counted) = copied::during(|| chain.try_copy_to_slice(&mut target).unwrap_err());
    assert_eq!((error.requested, error.available, counted), (6, 2, Tally::Counted(0)));
    assert_eq!(chain, flat[6..]);
}

/// A `Buf` that overrides nothing, to show what the defaults do.
struct Plain(Chain);

impl Buf for Plain {
    fn remaining(&self) -> usize {
        self.0.len()
    }

    fn chunk(&self) -> &[u8] {
        self.0.chunk()
    }

    fn advance(&mut self, n: usize) {
        self.0.advance(n);
    }
}

#[test]
fn only_what_straddles_two_memories_is_copied_out() {
    let at_of = |chain: &Chain| chain.chunk().as_ptr();
    let (mut chain, flat) = chain_of(&[10, 10]);
    let at = at_of(&chain);
    let (taken, counted) = copied::during(|| chain.copy_to_bytes(4));
    assert_eq!((taken.as_ptr(), taken.len(), counted), (at, 4, Tally::Counted(0)));
    let (taken, counted) = copied::during(|| chain.copy_to_bytes(6));
    assert_eq!((taken.as_ptr(), counted), (at.wrapping_add(4), Tally::Counted(0)));
    assert_eq!(copied::during(|| chain.copy_to_bytes(0)).1, 0);

    // The control: the default of the trait copies within a piece too.
    let (chain_of_two, _) = chain_of(&[10, 10]);
    let at = at_of(&chain_of_two);
    let taken: Bytes = Plain(chain_of_two).copy_to_bytes(4);
    assert_eq!(taken, flat[..4]);
    assert_ne!(taken.as_ptr(), at, "a default that copies nothing would make this test blind");

    let (mut chain, flat) = chain_of(&[10, 10]);
    chain.advance(5);
    let (taken, counted) = copied::during(|| chain.copy_to_bytes(7));
    assert_eq!((&taken[..], counted), (&flat[5..12], Tally::Counted(7)));
    assert_eq!(chain, flat[12..]);
}

#[test]
fn no_slots_fit_the_default_either() {
    let (chain, _) = chain_of(&[1, 1]);
    assert_eq!(chain.chunks_vectored(&mut []), 0);
    let mut slots = [IoSlice::new(&[]); 3];
    let plain = Plain(chain.clone());
    assert_eq!(plain.chunks_vectored(&mut slots), 1, "the default shows one");
    assert_eq!(chain.chunks_vectored(&mut slots), 2);
}
