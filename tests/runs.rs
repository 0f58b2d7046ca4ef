//! The runs of a view are its bytes in the longest pieces that there are, and a window
//! of a matrix goes over a socket from where it lies.

use std::io::{IoSlice, Read, Write};
use std::os::unix::net::UnixStream;
use std::thread;

use buffers::{SharedBuf, SharedView, Slice, View, copied};
use netsend::{Op, Policy, SendQueue, blocking};
use oracles::content::pattern;
use oracles::sockets::{Kind, pair};
use proptest::prelude::*;

/// The longest pieces, found by looking at each element.
fn pieces(view: &View<'_>) -> Vec<(usize, usize)> {
    let mut pieces: Vec<(usize, usize)> = Vec::new();
    for item in view.items() {
        let at = item.as_ptr().addr();
        match pieces.last_mut() {
            Some((start, len)) if *start + *len == at => *len += item.len(),
            _ => pieces.push((at, item.len())),
        }
    }
    pieces
}

proptest! {
    #![proptest_config(oracles::cases(3000))]

    #[test]
    fn runs_are_the_longest_pieces_in_order(
        shape in prop::collection::vec(0..4_usize, 0..6),
        strides in prop::collection::vec(-9..10_isize, 6),
        offset in 0..200_usize,
        code in prop::sample::select(vec!["B", "<H", "<I"]),
    ) {
        let bytes = pattern(200, 50);
        let format = buffers::Format::parse(code).unwrap();
        let strides = &strides[..shape.len()];
        let view = View::strided(&bytes, format, &shape, strides, offset);
        // Layouts that do not fit are the business of another test.
        prop_assume!(view.is_ok());
        let view = view.unwrap();
        let runs: Vec<_> = view.runs().map(|run| (run.as_ptr().addr(), run.len())).collect();
        let (least, most) = view.runs().size_hint();
        prop_assert!(least <= runs.len() && runs.len() <= most.unwrap());
        prop_assert_eq!(runs, pieces(&view));
    }
}

#[test]
fn whole_rows_are_one_run_and_windows_one_a_row() {
    let bytes = pattern(600, 51);
    let cube = View::of_bytes(&bytes).reshape([5, 10, 12]).unwrap();
    assert_eq!(cube.runs().count(), 1);
    assert_eq!(cube.slice((1..4, .., ..)).runs().count(), 1);
    assert_eq!(cube.slice((.., 2..5, ..)).runs().count(), 5);
    assert_eq!(cube.slice((.., .., 1..)).runs().count(), 50);
    assert_eq!(cube.slice((.., .., Slice::every(2))).runs().count(), 300);
    assert_eq!(cube.slice((0, 0, 0)).runs().map(<[u8]>::len).collect::<Vec<_>>(), [1]);
    assert_eq!(cube.slice((.., 3..3, ..)).runs().count(), 0);
}

#[test]
fn runs_are_slices_for_vectored_writes() {
    let bytes = pattern(64, 52);
    let window = View::of_bytes(&bytes).reshape([8, 8]).unwrap().slice((2..6, 1..5));
    let slices: Vec<IoSlice<'_>> = window.runs().map(IoSlice::new).collect();
    let (mut near, mut far) = UnixStream::pair().unwrap();
    let (written, copies) = copied::during(|| near.write_vectored(&slices).unwrap());
    assert_eq!((written, copies), (16, copied::Tally::Counted(0)));
    let mut got = [0; 16];
    far.read_exact(&mut got).unwrap();
    assert_eq!(got.to_vec(), window.to_bytes());
}

/// Sends what is queued, and gives what came, the calls it took, and the copies.
fn send(kind: Kind, queue: &mut SendQueue<'_>) -> (Vec<u8>, u64, u64) {
    let (near, mut far) = pair(kind);
    let reader = thread::spawn(move || {
        let mut all = Vec::new();
        far.read_to_end(&mut all).map(|_| all)
    });
    let (report, copies) =
        copied::during(|| blocking::drain(&near, queue, &Policy::default()).unwrap());
    drop(near);
    (reader.join().unwrap().unwrap(), report.calls, copies.value().unwrap())
}

#[test]
fn a_window_goes_out_by_one_gathered_send_and_copies_nothing() {
    let memory = SharedBuf::from(pattern(100 * 1000, 53));
    let matrix = SharedView::of_bytes(memory.clone()).reshape([100, 1000]).unwrap();
    let window = matrix.slice((10..26, 100..900));
    let expected = window.to_bytes();
    for kind in [Kind::Unix, Kind::Tcp] {
        // Shared, borrowed from what is shared, and borrowed.
        let mut shared = SendQueue::new();
        let ((), copies) = copied::during(|| shared.push(window.clone()));
        assert_eq!(copies, 0);
        let mut slots = [IoSlice::new(&[]); 64];
        let Op::Memory { slices, more: false } = shared.next_op(&mut slots) else { panic!() };
        assert_eq!(slices.len(), 16, "a row each, all in one call");
        assert_eq!(slices[0].as_ptr(), memory[10_100..].as_ptr(), "from where they lie");
        assert_eq!(send(kind, &mut shared), (expected.clone(), 1, 0));

        let mut lent = SendQueue::new();
        lent.push(&window);
        assert_eq!(send(kind, &mut lent), (expected.clone(), 1, 0));

        let mut borrowed = SendQueue::new();
        borrowed.push(window.view());
        borrowed.extend(window.view().runs());
        assert_eq!(send(kind, &mut borrowed), ([&expected[..], &expected].concat(), 1, 0));
    }
}

#[test]
fn the_ledger_sees_a_window_that_is_gathered_first() {
    let matrix = SharedView::of_bytes(SharedBuf::from(pattern(100 * 1000, 54)));
    let window = matrix.reshape([100, 1000]).unwrap().slice((10..26, 100..900));
    let (sent, copies) = copied::during(|| {
        let mut queue = SendQueue::new();
        queue.push(window.to_bytes());
        send(Kind::Unix, &mut queue)
    });
    assert_eq!((sent.1, copies), (1, copied::Tally::Counted(12_800)));
    assert_eq!(sent.0, window.to_bytes());
}

#[test]
fn the_memory_goes_home_when_the_window_is_sent() {
    let window = SharedView::of_bytes(SharedBuf::from(pattern(100, 55)));
    let mut queue = SendQueue::new();
    let memory = window.buf().clone();
    queue.push(window.reshape([10, 10]).unwrap().slice((.., 3..5)));
    drop(window);
    assert_eq!(memory.backing().unwrap().handles(), 11);
    queue.advance(7);
    assert_eq!(memory.backing().unwrap().handles(), 8, "three rows are sent");
    queue.advance(13);
    assert!(memory.is_unique());
}
