//! A chain is the flat bytes of its pieces, whatever was put on, cut and taken off
//! meanwhile, and each of its bytes stays where it was.

use std::ops::Range;

use buffers::copied::{self, Tally};
use buffers::{Chain, SharedBuf};
use bytes::Buf;
use oracles::content::pattern;
use oracles::panic_text;
use proptest::prelude::*;

const LEN: usize = 48;

static STATIC: [u8; LEN] = *b"These forty-eight bytes live as long as programs";

/// A part of one of four memories, the first of which is static.
type Piece = (usize, Range<usize>);

/// A byte and where it lies.
type Byte = (u8, usize);

fn sources() -> [SharedBuf; 4] {
    [
        SharedBuf::from(&STATIC),
        SharedBuf::from(pattern(LEN, 30)),
        SharedBuf::from_owner(pattern(LEN, 31)),
        SharedBuf::from(bytes::Bytes::from(pattern(LEN, 32))),
    ]
}

fn bytes_of<'p>(pieces: impl IntoIterator<Item = &'p SharedBuf>) -> Vec<Byte> {
    let bytes = pieces.into_iter().flat_map(SharedBuf::as_slice);
    bytes.map(|byte| (*byte, std::ptr::from_ref(byte).addr())).collect()
}

fn values(bytes: &[Byte]) -> Vec<u8> {
    bytes.iter().map(|(byte, _)| *byte).collect()
}

#[derive(Clone, Debug)]
enum Step {
    Push(Piece),
    Prepend(Piece),
    /// Pushes two neighbours one after the other, or puts them before all others.
    Neighbours(Piece, bool),
    Append(Vec<Piece>),
    Advance(usize),
    Truncate(usize),
    /// Goes on with the other half, if it says so.
    SplitTo(usize, bool),
    SplitOff(usize, bool),
    /// Takes both halves apart and puts them together again.
    Rejoin(usize),
    Slice(usize, usize),
    PopFront,
    PopBack,
    Clone,
    Clear,
    CopyToSlice(usize),
    CopyToBytes(usize),
}

fn piece() -> impl Strategy<Value = Piece> {
    (0..4_usize, 0..LEN, 0..10_usize)
        .prop_map(|(source, start, len)| (source, start..(start + len).min(LEN)))
}

fn step() -> impl Strategy<Value = Step> {
    let n = any::<usize>;
    prop_oneof![
        6 => piece().prop_map(Step::Push),
        4 => piece().prop_map(Step::Prepend),
        4 => (piece(), any::<bool>()).prop_map(|(piece, at_end)| Step::Neighbours(piece, at_end)),
        3 => prop::collection::vec(piece(), 0..5).prop_map(Step::Append),
        3 => (0..12_usize).prop_map(Step::Advance),
        2 => n().prop_map(Step::Truncate),
        2 => (n(), any::<bool>()).prop_map(|(at, other)| Step::SplitTo(at, other)),
        2 => (n(), any::<bool>()).prop_map(|(at, other)| Step::SplitOff(at, other)),
        4 => n().prop_map(Step::Rejoin),
        2 => (n(), n()).prop_map(|(a, b)| Step::Slice(a, b)),
        1 => Just(Step::PopFront),
        1 => Just(Step::PopBack),
        1 => Just(Step::Clone),
        1 => Just(Step::Clear),
        2 => (0..12_usize).prop_map(Step::CopyToSlice),
        2 => (0..12_usize).prop_map(Step::CopyToBytes),
    ]
}

/// A chain beside what it has to be.
struct Pair {
    sources: [SharedBuf; 4],
    chain: Chain,
    flat: Vec<Byte>,
}

impl Pair {
    fn part(&self, (source, range): &Piece) -> (SharedBuf, Vec<Byte>) {
        let part = self.sources[*source].slice(range.clone());
        let bytes = bytes_of([&part]);
        (part, bytes)
    }

    fn push(&mut self, piece: &Piece) {
        let (part, bytes) = self.part(piece);
        self.chain.push(part);
        self.flat.extend(bytes);
    }

    fn prepend(&mut self, piece: &Piece) {
        let (part, bytes) = self.part(piece);
        self.chain.prepend(part);
        self.flat.splice(0..0, bytes);
    }

    fn neighbours(&mut self, (source, range): &Piece, at_end: bool) {
        let middle = range.start + range.len() / 2;
        let (front, back) = ((*source, range.start..middle), (*source, middle..range.end));
        if at_end {
            self.push(&front);
            self.push(&back);
        } else {
            self.prepend(&back);
            self.prepend(&front);
        }
    }

    fn append(&mut self, pieces: &[Piece]) {
        let parts: Vec<_> = pieces.iter().map(|piece| self.part(piece)).collect();
        self.chain.append(parts.iter().map(|(part, _)| part.clone()).collect());
        self.flat.extend(parts.into_iter().flat_map(|(_, bytes)| bytes));
    }

    /// Goes on with the half that is wanted, after a look at the other one.
    fn keep(&mut self, other: (Chain, Vec<Byte>), wanted: bool) {
        check(&other.0, &other.1);
        if wanted {
            (self.chain, self.flat) = other;
        }
    }

    /// Counted memory is one piece again afterwards; static bytes stay cut.
    fn rejoin(&mut self, at: usize) {
        let mut start = 0;
        let cuts_static = self.chain.iter().any(|piece| {
            let inside = start < at && at < start + piece.len();
            start += piece.len();
            inside && piece.backing().is_none()
        });
        let pieces = self.chain.pieces() + usize::from(cuts_static);
        let back = self.chain.split_off(at);
        self.chain.append(back);
        assert_eq!(self.chain.pieces(), pieces);
        let mut front = self.chain.split_to(at);
        front.append(std::mem::take(&mut self.chain));
        assert_eq!(front.pieces(), pieces);
        self.chain = front;
    }

    fn slice(&mut self, a: usize, b: usize) {
        let range = a.min(b)..a.max(b);
        let slice = self.chain.slice(range.clone());
        check(&slice, &self.flat[range]);
        assert!(self.chain.try_slice(a.min(b)..=self.flat.len()).is_err());
        self.keep((slice, self.flat[a.min(b)..a.max(b)].to_vec()), a.is_multiple_of(4));
    }

    fn pop(&mut self, piece: Option<&SharedBuf>, from: usize) {
        let len = piece.map_or(0, SharedBuf::len);
        let taken: Vec<Byte> = self.flat.drain(from..from + len).collect();
        assert_eq!(bytes_of(piece), taken);
        assert_eq!(piece.is_none(), self.chain.is_empty() && taken.is_empty());
    }

    fn copy_to_slice(&mut self, n: usize) {
        let mut target = vec![0; n];
        let ((), counted) = copied::during(|| self.chain.copy_to_slice(&mut target));
        assert_eq!(counted, n as u64);
        assert_eq!(target, values(&self.flat[..n]));
        self.flat.drain(..n);
    }

    fn copy_to_bytes(&mut self, n: usize) {
        let in_place = Buf::chunk(&self.chain).len() >= n;
        let (taken, counted) = copied::during(|| self.chain.copy_to_bytes(n));
        assert_eq!(counted, if in_place { 0 } else { n as u64 });
        assert_eq!(taken, values(&self.flat[..n]));
        if in_place && n > 0 {
            assert_eq!(taken.as_ptr().addr(), self.flat[0].1);
        }
        self.flat.drain(..n);
    }

    fn apply(&mut self, step: &Step) {
        let len = self.flat.len();
        let within = |n: &usize| n % (len + 1);
        match step {
            Step::Push(piece) => self.push(piece),
            Step::Prepend(piece) => self.prepend(piece),
            Step::Neighbours(piece, at_end) => self.neighbours(piece, *at_end),
            Step::Append(pieces) => self.append(pieces),
            Step::Advance(n) => {
                self.chain.advance(within(n));
                self.flat.drain(..within(n));
            }
            Step::Truncate(n) => {
                // One more than there are has no effect.
                self.chain.truncate(n % (len + 2));
                self.flat.truncate(n % (len + 2));
            }
            Step::SplitTo(at, other) => {
                let front = self.chain.split_to(within(at));
                let back = self.flat.split_off(within(at));
                let flat = std::mem::replace(&mut self.flat, back);
                self.keep((front, flat), *other);
            }
            Step::SplitOff(at, other) => {
                let back = self.chain.split_off(within(at));
                let flat = self.flat.split_off(within(at));
                self.keep((back, flat), *other);
            }
            Step::Rejoin(at) => self.rejoin(within(at)),
            Step::Slice(a, b) => self.slice(within(a), within(b)),
            Step::PopFront => {
                let piece = self.chain.pop_front();
                self.pop(piece.as_ref(), 0);
            }
            Step::PopBack => {
                let piece = self.chain.pop_back();
                let from = len - piece.as_ref().map_or(0, SharedBuf::len);
                self.pop(piece.as_ref(), from);
            }
            Step::Clone => self.chain = self.chain.clone(),
            Step::Clear => {
                self.chain.clear();
                self.flat.clear();
            }
            Step::CopyToSlice(n) => self.copy_to_slice(within(n)),
            Step::CopyToBytes(n) => self.copy_to_bytes(within(n)),
        }
    }
}

/// Whether `next` begins where `piece` ends, in the same memory that is counted.
fn continues(piece: &SharedBuf, next: &SharedBuf) -> bool {
    piece.backing().zip(next.backing()).is_some_and(|(piece, next)| {
        piece.id() == next.id() && piece.range().end == next.range().start
    })
}

fn check(chain: &Chain, flat: &[Byte]) {
    assert_eq!(bytes_of(chain), flat, "bytes, and where they lie");
    assert_eq!((chain.len(), chain.is_empty()), (flat.len(), flat.is_empty()));
    assert!(chain.iter().all(|piece| !piece.is_empty()));
    let pieces: Vec<&SharedBuf> = chain.iter().collect();
    assert_eq!(pieces.len(), chain.pieces());
    assert!(pieces.windows(2).all(|pair| !continues(pair[0], pair[1])), "not joined: {pieces:?}");
    for at in 0..=flat.len() {
        assert_eq!(chain.get(at), flat.get(at).map(|(byte, _)| *byte));
    }
    let bytes = values(flat);
    assert_eq!(*chain, bytes);
    check_whole(chain, flat, &bytes);
    // The same bytes in other memory, cut in other places.
    let elsewhere: Chain = bytes.chunks(3).map(<[u8]>::to_vec).collect();
    assert_eq!(*chain, elsewhere);
    assert_eq!(elsewhere, *chain);
    for at in [0, flat.len() / 2, flat.len().saturating_sub(1)] {
        let mut other = bytes.clone();
        if let Some(byte) = other.get_mut(at) {
            *byte ^= 1;
            let other_chain: Chain = other.chunks(5).map(<[u8]>::to_vec).collect();
            assert_ne!(*chain, other);
            assert_ne!(*chain, other_chain);
            assert_ne!(other_chain, *chain);
            assert_ne!(*chain, bytes[1..]);
            assert_ne!(*chain, elsewhere.slice(1..));
        }
    }
}

/// The whole as one buffer: in place exactly if there is one piece.
fn check_whole(chain: &Chain, flat: &[Byte], bytes: &[u8]) {
    let (whole, counted) = copied::during(|| chain.to_shared());
    assert_eq!(whole, bytes);
    let in_place = chain.pieces() <= 1;
    assert_eq!(counted, if in_place { 0 } else { flat.len() as u64 });
    assert_eq!(chain.is_empty(), whole.backing().is_none() && whole.is_empty());
    match chain.clone().try_join() {
        Ok(joined) => {
            assert!(in_place);
            assert_eq!(bytes_of([&joined]), flat);
            assert_eq!(bytes_of([&whole]), flat);
        }
        Err(back) => {
            assert!(!in_place);
            assert_eq!(bytes_of(&back), flat, "nothing is lost");
        }
    }
}

proptest! {
    #![proptest_config(oracles::cases(300))]

    #[test]
    fn any_chain_is_its_flat_bytes(steps in prop::collection::vec(step(), 0..40)) {
        let mut pair = Pair { sources: sources(), chain: Chain::new(), flat: Vec::new() };
        for step in &steps {
            let before = (pair.chain.clone(), pair.flat.clone());
            pair.apply(step);
            check(&pair.chain, &pair.flat);
            check(&before.0, &before.1);
        }
    }
}

#[test]
fn parts_of_one_memory_become_one_piece_again() {
    let whole = SharedBuf::from(pattern(LEN, 33));
    let parts = || whole.chunks(5).map(|part| whole.slice_ref(part));
    let pushed: Chain = parts().collect();
    let mut prepended = Chain::with_capacity(2);
    parts().rev().for_each(|part| prepended.prepend(part));
    let mut appended = Chain::new();
    parts().for_each(|part| appended.append(part.into()));
    assert_eq!(whole.backing().unwrap().handles(), 4, "one for each chain");
    for chain in [pushed, prepended, appended] {
        assert_eq!(chain.pieces(), 1);
        assert_eq!(chain.try_join().unwrap().as_ptr(), whole.as_ptr());
    }
    let backwards: Chain = parts().rev().collect();
    assert_eq!(backwards.pieces(), LEN.div_ceil(5), "these do not continue each other");
}

/// Memory that is promised and never touched is long enough for that.
#[test]
fn more_bytes_than_can_be_counted_are_refused_and_nothing_is_put_on() {
    const PIECE: usize = 1 << 45;
    const HALF: usize = 1 << 63;
    let map = memmap2::MmapOptions::new().len(PIECE).no_reserve_swap().map_anon().unwrap();
    let piece = SharedBuf::from_owner(map);
    let mut chain = Chain::from(piece.clone());
    while chain.len() < HALF {
        chain.append(chain.clone());
    }
    assert_eq!((chain.len(), chain.pieces()), (HALF, HALF / PIECE));
    let text = panic_text(|| chain.append(chain.clone()));
    assert_eq!(text, format!("a chain of {HALF} bytes cannot hold {HALF} more"));
    assert_eq!((chain.len(), chain.pieces()), (HALF, HALF / PIECE), "not even the first of them");
    chain.append(chain.slice(PIECE..));
    assert_eq!(chain.len(), HALF + (HALF - PIECE));
    chain.push(piece.slice(1..));
    let ways: [fn(&mut Chain, SharedBuf); 2] = [Chain::push, Chain::prepend];
    for put_on in ways {
        let text = panic_text(|| put_on(&mut chain, piece.slice(..2)));
        assert_eq!(text, format!("a chain of {} bytes cannot hold 2 more", usize::MAX));
    }
    assert_eq!((chain.len(), chain.pieces()), (usize::MAX, 2 * (HALF / PIECE)));
}

#[test]
fn what_a_chain_does_not_hold_is_refused_in_words_and_nothing_is_lost() {
    let mut chain: Chain = [vec![1, 2], vec![3]].into_iter().collect();
    let text = panic_text(|| chain.advance(4));
    assert_eq!(text, "cannot advance by 4: only 3 bytes are left");
    let text = panic_text(|| Buf::advance(&mut chain, usize::MAX));
    assert_eq!(text, "cannot advance by 18446744073709551615: only 3 bytes are left");
    let text = panic_text(|| chain.split_to(5));
    assert_eq!(text, "cannot split at 5: there are only 3 bytes");
    let text = panic_text(|| chain.split_off(4));
    assert_eq!(text, "cannot split at 4: there are only 3 bytes");
    let text = panic_text(|| chain.copy_to_bytes(4));
    assert_eq!(text, "cannot split at 4: there are only 3 bytes");
    let text = panic_text(|| chain.copy_to_slice(&mut [0; 4]));
    assert_eq!(text, "cannot copy 4 bytes: only 3 are left");
    let text = panic_text(|| chain.slice(2..4));
    assert_eq!(text, "range 2..4 does not fit a buffer of 3 bytes");
    assert_eq!(chain.try_slice(..=3).unwrap_err().buffer_len(), 3);
    assert_eq!(copied::during(|| chain.try_copy_to_slice(&mut [0; 4]).is_err()).1, 0);
    assert_eq!(chain, [1, 2, 3]);
    assert_eq!(copied::during(|| chain.to_vec()).1, Tally::Counted(3), "the ledger is awake");
}
