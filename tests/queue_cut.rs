//! A queue that is cut says where the peer stands and gives the rest back; small
//! segments are copied together once, and only where that is worth it.

use std::io::IoSlice;
use std::sync::Arc;

use buffers::{Chain, SharedBuf, copied};
use netsend::testing::Scripted;
use netsend::{FileRange, Op, Policy, SendErrorKind, SendQueue, Standing, drain_to, drive};
use oracles::content::{file_of, pattern};
use proptest::prelude::*;

/// What `work` gives, and how many bytes it adds to the ledger.
fn counting<T>(work: impl FnOnce() -> T) -> (T, u64) {
    let (result, copied) = copied::during(work);
    (result, copied.value().expect("there is a ledger"))
}

fn drained(queue: &mut SendQueue<'_>) -> Vec<u8> {
    let mut out = Vec::new();
    drain_to(&mut out, queue, &Policy::default()).unwrap();
    out
}

/// Three messages with a file in the middle one, and their bytes.
fn three_messages(bytes: &[u8]) -> SendQueue<'_> {
    let mut queue = SendQueue::new();
    queue.push(&bytes[..10]);
    queue.end_message();
    queue.push(bytes[10..15].to_vec());
    queue.push(FileRange::new(file_of(bytes), 15..30));
    queue.end_message();
    queue.push(SharedBuf::from(bytes[30..].to_vec()));
    queue.end_message();
    queue
}

#[test]
fn every_cut_says_where_the_peer_stands_and_gives_the_rest_back() {
    let bytes = pattern(40, 20);
    for cut_at in 0..=40 {
        let mut queue = three_messages(&bytes);
        queue.advance(cut_at);
        let cut = queue.cut();
        let start = [0, 10, 30, 40].into_iter().rev().find(|&start| start <= cut_at).unwrap();
        let expected = if start == cut_at {
            Standing::AtBoundary
        } else {
            let end = [10, 30, 40].into_iter().find(|&end| end > cut_at).unwrap();
            Standing::InMessage { sent: cut_at - start, missing: Some(end - cut_at) }
        };
        assert_eq!(cut.standing, expected, "cut at {cut_at}");
        assert_eq!((queue.offset(), queue.pending()), (cut_at, 0));
        assert_eq!(queue.standing() == Standing::AtBoundary, expected == Standing::AtBoundary);
        let mut rest = cut.rest;
        assert_eq!((rest.offset(), rest.pending(), rest.segment()), (0, 40 - cut_at, 0));
        assert_eq!((queue.invariants(), rest.invariants()), (Ok(()), Ok(())));
        assert_eq!(drained(&mut rest), bytes[usize::try_from(cut_at).unwrap()..]);
        assert!(rest.at_boundary());
    }
}

#[test]
fn a_message_without_an_end_misses_nobody_knows_how_much() {
    let mut queue = SendQueue::new();
    queue.push("abcd");
    queue.advance(1);
    let cut = queue.cut();
    assert_eq!(cut.standing, Standing::InMessage { sent: 1, missing: None });
    let mut rest = cut.rest;
    rest.push("ef");
    rest.end_message();
    assert_eq!(drained(&mut rest), b"bcdef");
    assert!(rest.at_boundary());
}

#[test]
fn staged_bytes_go_with_the_rest() {
    let bytes = pattern(400, 21);
    let mut queue = SendQueue::new();
    queue.extend(bytes.chunks(4));
    assert_eq!(queue.coalesce(10).segments, 100);
    queue.advance(123);
    assert_eq!(queue.segment(), 30);
    let mut rest = queue.cut().rest;
    assert_eq!((queue.segment(), rest.segment()), (100, 0), "all of them have left the queue");
    assert_eq!(drained(&mut rest), bytes[123..]);
    queue.push("more");
    assert_eq!(drained(&mut queue), b"more");
}

#[test]
fn a_step_too_far_is_refused_and_changes_nothing() {
    let mut queue = three_messages(&[0; 40]);
    queue.advance(5);
    let error = queue.try_advance(36).unwrap_err();
    assert_eq!(error.to_string(), "cannot advance by 36: only 35 bytes are pending");
    assert_eq!((error.pending(), queue.offset(), queue.pending()), (35, 5, 35));
    assert!(queue.try_advance(u64::MAX).is_err());
    assert_eq!(queue.try_advance(35), Ok(()));
}

#[test]
fn an_error_names_the_segment() {
    let file = file_of(&pattern(10, 22));
    let mut queue = SendQueue::new();
    queue.push("zero");
    queue.push("");
    queue.push("one");
    queue.push(FileRange::new(file, 5..20));
    let error = drive(&mut Scripted::new([]), &mut queue, &Policy::default()).unwrap_err();
    assert_eq!((error.kind(), error.segment()), (SendErrorKind::FileShrank, 2));
    assert_eq!((error.sent(), error.pending()), (12, 10));
    assert_eq!(error.standing(), Standing::InMessage { sent: 12, missing: None });
}

#[test]
fn a_chain_s_pieces_are_sent_from_where_they_lie() {
    let bytes = pattern(300, 27);
    let pieces: Vec<SharedBuf> = bytes.chunks(100).map(SharedBuf::copy_from_slice).collect();
    let chain: Chain = pieces.iter().cloned().collect();
    let mut queue = SendQueue::new();
    let ((), counted) = counting(|| {
        queue.push(&chain);
        queue.push(chain.clone());
        queue.push("end");
    });
    assert_eq!((queue.pending(), counted), (603, 0));
    let mut slots = [IoSlice::new(&[]); 8];
    let Op::Memory { slices, .. } = queue.next_op(&mut slots) else {
        panic!("this is memory");
    };
    let addresses: Vec<_> = slices[..6].iter().map(|slice| slice.as_ptr()).collect();
    let twice = pieces.iter().chain(&pieces);
    assert_eq!(addresses, twice.map(|piece| piece.as_ptr()).collect::<Vec<_>>());
    assert_eq!(drained(&mut queue), [&bytes[..], &bytes[..], b"end"].concat());
}

/// What is shown next: the slices' lengths, and whether the first lies there.
fn shown(queue: &SendQueue<'_>, at: *const u8) -> (Vec<usize>, bool) {
    let mut slots = [IoSlice::new(&[]); 64];
    let Op::Memory { slices, .. } = queue.next_op(&mut slots) else {
        panic!("this is memory");
    };
    (slices.iter().map(|slice| slice.len()).collect(), slices[0].as_ptr() == at)
}

#[test]
fn a_short_queue_is_shown_in_place() {
    let bytes = pattern(64, 23);
    let mut queue = SendQueue::new();
    queue.extend(bytes.chunks(4));
    let (done, counted) = counting(|| queue.coalesce(100));
    assert_eq!((done.bytes, counted), (0, 0));
    assert_eq!(shown(&queue, bytes.as_ptr()), (vec![4; 16], true));
    // The control: with one segment more, the same call copies.
    queue.push("more");
    let mut longer = SendQueue::new();
    longer.extend(bytes.chunks(4).chain([&b"more"[..]]));
    let (done, counted) = counting(|| longer.coalesce(100));
    assert_eq!((done.segments, done.bytes, counted), (17, 68, 68));
    assert_eq!(shown(&longer, bytes.as_ptr()), (vec![68], false));
}

#[test]
fn large_segments_and_lone_small_ones_stay_in_place() {
    let bytes = pattern(400, 24);
    let mut queue = SendQueue::new();
    for pair in bytes.chunks(20) {
        queue.push(&pair[..4]);
        queue.push(&pair[4..]);
    }
    let (done, counted) = counting(|| queue.coalesce(10));
    assert_eq!((done.bytes, counted), (0, 0), "no two small ones are neighbours");
    // The control: with a higher threshold all of them are small.
    let mut queue = SendQueue::new();
    queue.extend(bytes.chunks(20).flat_map(|pair| [&pair[..4], &pair[4..]]));
    assert_eq!(queue.coalesce(17).segments, 40);
}

#[test]
fn what_was_copied_is_let_go_of_and_not_copied_again() {
    let owners: Vec<Arc<[u8]>> = (0..40).map(|n| pattern(8, n).into()).collect();
    let mut queue = SendQueue::new();
    for owner in &owners {
        queue.push(SharedBuf::from_owner(Arc::clone(owner)));
    }
    assert_eq!(queue.coalesce(10).segments, 40);
    assert!(owners.iter().all(|owner| Arc::strong_count(owner) == 1), "all went home");
    for _ in 0..40 {
        let (again, counted) = counting(|| queue.coalesce(10));
        assert_eq!((again.bytes, counted), (0, 0));
        queue.advance(7);
    }
    assert_eq!(queue.segment(), 280 / 8);
    assert_eq!(drained(&mut queue), owners.concat()[280..]);
}

#[test]
fn what_does_not_fit_waits_its_turn() {
    // 300,000 bytes of small segments are more than the staging memory holds.
    let bytes = pattern(300_000, 25);
    let mut queue = SendQueue::new();
    queue.extend(bytes.chunks(50));
    let mut transport = Scripted::new([]);
    let (report, counted) =
        counting(|| drive(&mut transport, &mut queue, &Policy::default()).unwrap());
    assert!(transport.taken == bytes);
    assert_eq!((report.coalesced, counted), (300_000, 300_000), "each byte once");
    assert_eq!(report.calls, 5, "64 KiB a call");
}

proptest! {
    #![proptest_config(oracles::cases(300))]

    #[test]
    fn coalescing_changes_no_byte(
        lens in prop::collection::vec(prop_oneof![4 => 1..12_usize, 1 => 12..90_usize], 0..90),
        steps in prop::collection::vec((0..20_usize, 0..200_u64), 0..30),
    ) {
        let bytes = pattern(lens.iter().sum(), 26);
        let mut queue = SendQueue::new();
        let (mut start, mut sent, mut lens) = (0, 0, lens.into_iter());
        for (pushes, take) in steps {
            for len in lens.by_ref().take(pushes) {
                queue.push(&bytes[start..start + len]);
                start += len;
            }
            queue.coalesce(12);
            let take = take.min(queue.pending());
            queue.advance(take);
            sent += usize::try_from(take).unwrap();
            prop_assert_eq!(queue.invariants(), Ok(()));
            prop_assert_eq!(queue.offset(), sent as u64);
        }
        prop_assert_eq!(drained(&mut queue), &bytes[sent..start]);
    }
}
