//! However a queue is drained, it gives each byte once, in order, and its
//! counts are exact.

use std::borrow::Cow;
use std::io::IoSlice;
use std::os::unix::fs::FileExt;
use std::sync::Arc;

use buffers::SharedBuf;
use filereader::Pool;
use netsend::{FileRange, Op, SendQueue};
use oracles::content::{file_of, pattern};
use oracles::flat::{Flat, Piece, Source, piece};
use oracles::panic_text;
use proptest::prelude::*;

#[derive(Clone, Debug)]
enum Step {
    Push(Piece),
    EndMessage,
    /// Show the next bytes in that many slots, and take some of them.
    Take(usize, Take),
}

#[derive(Clone, Debug)]
enum Take {
    Nothing,
    OneByte,
    /// Up to a segment's end, one byte less, or one byte more.
    Boundary(usize, isize),
    Bytes(usize),
    All,
    /// Past what is shown, as far as bytes are pending.
    Leap(usize),
}

fn take() -> impl Strategy<Value = Take> {
    prop_oneof![
        Just(Take::Nothing),
        Just(Take::OneByte),
        (any::<usize>(), -1..=1_isize).prop_map(|(n, side)| Take::Boundary(n, side)),
        (0..100_usize).prop_map(Take::Bytes),
        Just(Take::All),
        (0..100_usize).prop_map(Take::Leap),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => piece(40).prop_map(Step::Push),
        1 => Just(Step::EndMessage),
        5 => (1..=8_usize, take()).prop_map(|(slots, take)| Step::Take(slots, take)),
    ]
}

/// What the queue shows next, fetched from wherever it stands, and its `more`.
fn shown(queue: &SendQueue<'_>, slots: usize) -> (Vec<u8>, bool) {
    let mut room = [IoSlice::new(&[]); 8];
    match queue.next_op(&mut room[..slots]) {
        Op::Done => (Vec::new(), false),
        Op::Memory { slices, more } => {
            assert!(slices.iter().all(|slice| !slice.is_empty()));
            (slices.iter().flat_map(|slice| slice.to_vec()).collect(), more)
        }
        Op::File { file, offset, len, more } => {
            let mut bytes = vec![0; usize::try_from(len).unwrap()];
            file.read_exact_at(&mut bytes, offset).unwrap();
            assert_ne!(len, 0);
            (bytes, more)
        }
    }
}

fn check(queue: &SendQueue<'_>, flat: &Flat) {
    assert_eq!(queue.invariants(), Ok(()));
    assert_eq!(queue.offset(), flat.sent as u64);
    assert_eq!(queue.pending(), flat.pending() as u64);
    assert_eq!(queue.is_empty(), flat.pending() == 0);
    assert_eq!(queue.at_boundary(), flat.at_boundary());
}

/// Shows, takes, and puts what was taken into `got`.
fn consume(
    queue: &mut SendQueue<'_>,
    flat: &mut Flat,
    got: &mut Vec<u8>,
    slots: usize,
    take: &Take,
) {
    let (bytes, more) = shown(queue, slots);
    assert_eq!(bytes.len(), flat.shown(slots), "as much is shown as fits");
    assert_eq!(more, flat.pending() > bytes.len());
    let n = match *take {
        Take::Nothing => 0,
        Take::OneByte => 1,
        Take::Boundary(n, side) => {
            flat.boundary(n).saturating_add_signed(side).saturating_sub(flat.sent)
        }
        Take::Bytes(n) => n,
        Take::All => bytes.len(),
        Take::Leap(n) => {
            let n = n.min(flat.pending()).max(bytes.len());
            got.extend(&bytes);
            got.extend(&flat.bytes[flat.sent + bytes.len()..flat.sent + n]);
            queue.advance(n as u64);
            flat.sent += n;
            return;
        }
    };
    let n = n.min(bytes.len());
    got.extend(&bytes[..n]);
    queue.advance(n as u64);
    flat.sent += n;
}

fn play(steps: &[Step]) {
    let source = Source::new(200);
    let (mut queue, mut flat, mut got) = (SendQueue::new(), Flat::default(), Vec::new());
    for step in steps {
        match step {
            Step::Push(piece) => flat.push(piece, &source, &mut queue),
            Step::EndMessage => flat.end_message(&mut queue),
            Step::Take(slots, take) => consume(&mut queue, &mut flat, &mut got, *slots, take),
        }
        check(&queue, &flat);
    }
    while !queue.is_empty() {
        consume(&mut queue, &mut flat, &mut got, 3, &Take::All);
        check(&queue, &flat);
    }
    assert!(got == flat.bytes, "the bytes that came are others");
    assert!(matches!(queue.next_op(&mut []), Op::Done));
}

proptest! {
    #![proptest_config(oracles::cases(600))]

    #[test]
    fn any_drain_gives_the_flat_bytes(steps in prop::collection::vec(step(), 0..60)) {
        play(&steps);
    }
}

/// Sends `first` bytes of two segments of `len` bytes each, then the rest.
fn two_segments(len: usize, first: u64) {
    let bytes = pattern(2 * len, 9);
    let mut queue = SendQueue::new();
    queue.push(&bytes[..len]);
    queue.push(&bytes[len..]);
    queue.advance(first);
    let (rest, more) = shown(&queue, 8);
    assert_eq!(rest, bytes[usize::try_from(first).unwrap()..]);
    assert!(!more);
    assert_eq!((queue.offset(), queue.pending()), (first, (2 * len) as u64 - first));
    assert_eq!(queue.invariants(), Ok(()));
}

#[test]
fn a_send_that_ends_with_a_segment_goes_on_with_the_next() {
    two_segments(2, 2);
}

#[test]
fn a_send_that_ends_within_a_segment_goes_on_within_it() {
    two_segments(5, 3);
}

#[test]
fn every_cut_of_a_file_range_is_told_where_to_go_on() {
    let bytes = pattern(20, 4);
    let file = file_of(&bytes);
    for cut in 0..10 {
        let mut queue = SendQueue::new();
        queue.push(FileRange::new(Arc::clone(&file), 5..15));
        queue.push("tail");
        queue.advance(cut);
        match queue.next_op(&mut [IoSlice::new(&[])]) {
            Op::File { offset, len, more, .. } => {
                assert_eq!((offset, len, more), (5 + cut, 10 - cut, true));
            }
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn advancing_past_the_end_panics_and_changes_nothing() {
    let mut queue = SendQueue::new();
    queue.push("abc");
    queue.advance(1);
    let text = panic_text(|| queue.advance(3));
    assert_eq!(text, "cannot advance by 3: only 2 bytes are pending");
    assert_eq!((queue.offset(), queue.pending()), (1, 2));
    assert_eq!(queue.invariants(), Ok(()));
    assert_eq!(shown(&queue, 1).0, b"bc");
}

#[test]
fn memory_without_a_slot_panics() {
    let mut queue = SendQueue::new();
    queue.push("abc");
    let text = panic_text(|| queue.next_op(&mut []));
    assert_eq!(text, "next_op needs at least one slot to show a slice in");
}

#[test]
fn a_segment_is_dropped_with_its_last_byte() {
    let owners: Vec<Arc<[u8]>> = (0..3).map(|n| pattern(4, n).into()).collect();
    let mut queue = SendQueue::new();
    for owner in &owners {
        queue.push(SharedBuf::from_owner(Arc::clone(owner)));
    }
    for sent in 0..=12 {
        let held: Vec<usize> = owners.iter().map(|owner| Arc::strong_count(owner) - 1).collect();
        let expected: Vec<usize> = (1..=3).map(|end| usize::from(sent < 4 * end)).collect();
        assert_eq!(held, expected, "after {sent} bytes");
        if sent < 12 {
            queue.advance(1);
        }
    }
}

#[test]
fn a_pooled_block_goes_home_while_the_queue_goes_on() {
    let pool = Pool::builder().block_size(8).blocks(2).build().unwrap();
    let mut queue = SendQueue::new();
    for _ in 0..2 {
        let mut block = pool.acquire().unwrap();
        block.copy_from(b"12345678");
        queue.push(block.freeze());
    }
    queue.advance(7);
    assert_eq!(pool.idle(), 0);
    queue.advance(1);
    assert_eq!(pool.idle(), 1);
    assert_eq!(queue.clear(), 8);
    assert_eq!(pool.idle(), 2);
}

#[test]
fn clearing_forgets_what_is_pending_and_not_what_was_sent() {
    let mut queue = SendQueue::new();
    queue.push("whole");
    queue.end_message();
    queue.push("half");
    queue.end_message();
    queue.advance(7);
    assert_eq!(queue.clear(), 2);
    assert_eq!((queue.offset(), queue.pending()), (7, 0));
    assert!(!queue.at_boundary(), "the peer has seen a half");
    queue.push("lf");
    queue.end_message();
    assert_eq!(queue.invariants(), Ok(()));
    assert_eq!(shown(&queue, 1).0, b"lf");
    queue.advance(2);
    assert!(queue.at_boundary());
}

#[test]
fn everything_that_holds_bytes_can_be_pushed_in_place() {
    let vec = vec![1_u8; 3];
    let (vec_at, bytes) = (vec.as_ptr(), bytes::Bytes::from(vec![2_u8; 4]));
    let bytes_at = bytes.as_ptr();
    let row = buffers::Row::of_bytes(b"row");
    let kept = vec![3_u8; 2];
    let mut queue = SendQueue::new();
    queue.push(vec);
    queue.push(bytes);
    queue.push(row);
    queue.push(&kept);
    queue.push(String::from("text"));
    queue.push(b"array");
    let (text, boxed) = (String::from("lent"), Box::<[u8]>::from(*b"boxed"));
    let (text_at, boxed_at) = (text.as_ptr(), boxed.as_ptr());
    queue.push(&text);
    queue.push(boxed);
    queue.push(Cow::Borrowed("cow"));
    queue.push(Cow::Borrowed(&b"bytes"[..]));
    let mut slots = [IoSlice::new(&[]); 16];
    let Op::Memory { slices, more } = queue.next_op(&mut slots) else {
        panic!("all of this is memory");
    };
    let starts: Vec<_> = slices.iter().map(|slice| slice.as_ptr()).collect();
    assert_eq!(starts[..4], [vec_at, bytes_at, row.as_bytes().as_ptr(), kept.as_ptr()]);
    assert_eq!(starts[6..8], [text_at, boxed_at]);
    assert_eq!((slices.len(), more), (10, false));
}

#[test]
fn a_range_that_is_no_regular_file_is_refused_as_a_whole() {
    let device = std::fs::File::open("/dev/zero").unwrap();
    let error = FileRange::whole(device).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::InvalidInput);
    let whole = FileRange::whole(file_of(b"12345")).unwrap();
    assert_eq!((whole.range(), whole.len()), (0..5, 5));
    let file = file_of(b"");
    assert_eq!(FileRange::new(Arc::clone(&file), 5..9).len(), 4);
    #[expect(clippy::reversed_empty_ranges, reason = "such a range is to be empty")]
    let backwards = FileRange::new(file, 9..5);
    assert!(backwards.is_empty());
}

#[test]
fn a_queue_gives_its_memory_back_when_it_is_asked_to() {
    let mut queue = SendQueue::new();
    for _ in 0..1000 {
        queue.push("tiny");
    }
    queue.coalesce(64);
    queue.advance(10);
    // What is still to be sent stays what it was.
    queue.shrink_to_fit();
    let mut slots = [IoSlice::new(&[]); 2];
    let Op::Memory { slices, .. } = queue.next_op(&mut slots) else { panic!("there is more") };
    assert_eq!((slices[0].len(), &slices[0][..4]), (3990, &b"nyti"[..]));
    queue.advance(3990);
    queue.shrink_to_fit();
    assert_eq!(queue.invariants(), Ok(()));
    queue.push("again");
    assert_eq!((queue.pending(), queue.offset()), (5, 4000));
}
