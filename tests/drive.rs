//! Whatever a transport answers, the driver's counts are exact, and the next
//! call goes on right behind the last byte taken.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::sync::Arc;

use buffers::copied;
use netsend::testing::{Answer, Scripted};
use netsend::{
    FileRange, Policy, SendError, SendErrorKind, SendQueue, SendReport, WriteTransport, drive,
};
use oracles::content::{file_of, pattern};
use oracles::flat::{Flat, Piece, Source, piece};
use oracles::transport::answer;
use proptest::prelude::*;

/// Some of the segments are shorter than that.
const COALESCE_BELOW: usize = 100;

/// The queue's scratch; a larger file takes several rounds through it.
const SCRATCH: usize = 64 << 10;

/// Drives once and holds the report against the transport's own tally.
fn drive_once(
    transport: &mut Scripted,
    queue: &mut SendQueue<'_>,
    flat: &mut Flat,
) -> Result<SendReport, SendError> {
    transport.tally = SendReport::default();
    let start = flat.sent;
    let policy = Policy { coalesce_below: COALESCE_BELOW, ..Policy::default() };
    let (answer, copied) = copied::during(|| drive(transport, queue, &policy));
    let report = match &answer {
        Ok(report) => *report,
        Err(error) => *error.report(),
    };
    let tally = &transport.tally;
    flat.sent += usize::try_from(report.accepted).unwrap();
    let in_files = flat.in_files(start..flat.sent) as u64;

    assert_eq!(report.accepted, tally.accepted);
    assert_eq!(report.calls, tally.calls);
    assert_eq!(report.partials, tally.partials);
    assert_eq!(report.would_blocks, tally.would_blocks);
    assert_eq!(report.interrupts, tally.interrupts);
    assert_eq!(report.fallbacks, tally.fallbacks);
    assert_eq!(report.waits, tally.would_blocks);
    assert_eq!(report.by_sendfile, tally.by_sendfile);
    assert_eq!(report.by_splice, tally.by_splice);
    assert_eq!(report.by_sendfile + report.by_splice + report.by_scratch, in_files);
    assert_eq!(report.by_send + in_files, report.accepted);
    assert_eq!(Some(report.coalesced), copied.value(), "the ledger and the report agree");
    assert_eq!(report.kernel_copied(), report.by_send + 2 * report.by_scratch);

    assert!(transport.taken == flat.bytes[..flat.sent], "the bytes that came are others");
    assert_eq!(queue.offset(), flat.sent as u64);
    assert_eq!(queue.pending(), flat.pending() as u64);
    assert_eq!(queue.invariants(), Ok(()));
    answer
}

fn check_error(error: &SendError, start: usize, flat: &Flat) {
    assert_eq!(error.sent(), (flat.sent - start) as u64);
    assert_eq!(error.pending(), flat.pending() as u64);
    assert_eq!(error.in_message(), !flat.at_boundary());
}

/// Drives through all failures of the script to the queue's end.
fn play(pieces: &[(Piece, bool)], script: &[Answer], files_served: usize, splices: usize) {
    let source = Source::new(400);
    let (mut queue, mut flat) = (SendQueue::new(), Flat::default());
    for (piece, ends) in pieces {
        flat.push(piece, &source, &mut queue);
        if *ends {
            flat.end_message(&mut queue);
        }
    }
    let mut transport =
        Scripted::new(script.iter().copied()).refusing_files(files_served).splicing(splices);
    loop {
        let start = flat.sent;
        match drive_once(&mut transport, &mut queue, &mut flat) {
            Ok(_) => break,
            Err(error) => check_error(&error, start, &flat),
        }
    }
    assert_eq!(flat.pending(), 0);
    assert!(queue.is_empty());
}

proptest! {
    #![proptest_config(oracles::cases(400))]

    #[test]
    fn any_script_gives_the_flat_bytes(
        pieces in prop::collection::vec((piece(300), any::<bool>()), 0..60),
        script in prop::collection::vec(answer(150), 0..40),
        files_served in prop_oneof![Just(0), 1..6_usize, Just(usize::MAX)],
        splices in prop_oneof![Just(0), 1..6_usize, Just(usize::MAX)],
    ) {
        play(&pieces, &script, files_served, splices);
    }
}

/// Memory, a file larger than the scratch, memory.
fn sandwich(source: &Source) -> (SendQueue<'_>, Flat) {
    let (mut queue, mut flat) = (SendQueue::new(), Flat::default());
    flat.push(&Piece::Borrowed(0..7), source, &mut queue);
    flat.push(&Piece::File(10..SCRATCH + 5000), source, &mut queue);
    flat.push(&Piece::Vec(20..25), source, &mut queue);
    flat.end_message(&mut queue);
    (queue, flat)
}

#[test]
fn a_failure_at_every_call_loses_no_byte() {
    let source = Source::new(SCRATCH + 6000);
    for files_served in [0, 1, 3, usize::MAX] {
        for calls_before in 0..12 {
            let (mut queue, mut flat) = sandwich(&source);
            let takes = std::iter::repeat_n(Answer::Take(10_000), calls_before);
            let fails = Answer::Fail(io::ErrorKind::BrokenPipe);
            let script = takes.chain([fails]);
            let mut transport = Scripted::new(script).refusing_files(files_served);
            // A script that is longer than the send does not fail it.
            if let Err(error) = drive_once(&mut transport, &mut queue, &mut flat) {
                assert_eq!(error.kind(), SendErrorKind::Closed);
                check_error(&error, 0, &flat);
                transport.script.clear();
                drive_once(&mut transport, &mut queue, &mut flat).unwrap();
            }
            assert_eq!(flat.pending(), 0);
        }
    }
}

#[test]
fn the_fallback_goes_on_where_sendfile_stopped() {
    let source = Source::new(SCRATCH + 6000);
    for served in 0..4 {
        let (mut queue, mut flat) = sandwich(&source);
        let takes = std::iter::repeat_n(Answer::Take(9_000), 1 + served);
        let mut transport = Scripted::new(takes).refusing_files(served);
        let report = drive_once(&mut transport, &mut queue, &mut flat).unwrap();
        assert_eq!(report.by_sendfile, 9_000 * served as u64);
        assert_eq!((report.by_send, report.fallbacks), (12, 2), "by way of `splice`");
        assert_eq!(report.file_reads, if served == 0 { 2 } else { 1 });
    }
}

#[test]
fn what_the_scratch_holds_survives_a_change_of_transport() {
    let source = Source::new(SCRATCH + 6000);
    let (mut queue, mut flat) = sandwich(&source);
    let mut first =
        Scripted::new([Answer::Take(7), Answer::Take(1000), Answer::Fail(io::ErrorKind::Other)])
            .refusing_files(0);
    let error = drive_once(&mut first, &mut queue, &mut flat).unwrap_err();
    assert_eq!((error.sent(), error.report().file_reads), (1007, 1));
    // The second takes files by itself for a while, past some of the scratch.
    let mut second = Scripted::new([Answer::Take(500)]).refusing_files(1);
    second.taken = first.taken;
    let report = drive_once(&mut second, &mut queue, &mut flat).unwrap();
    assert_eq!(report.by_sendfile, 500);
    assert_eq!(report.file_reads, 1, "the rest of the scratch was still good");
}

#[test]
fn more_is_said_while_the_queue_has_more() {
    for files_served in [0, usize::MAX] {
        let source = Source::new(SCRATCH + 6000);
        let (mut queue, _) = sandwich(&source);
        let stop = Answer::Fail(io::ErrorKind::Other);
        let mut transport = Scripted::new([stop]).refusing_files(files_served);
        drive(&mut transport, &mut queue, &Policy::default()).unwrap_err();
        assert!(transport.more, "a file follows");
        drive(&mut transport, &mut queue, &Policy::default()).unwrap();
        assert!(!transport.more, "nothing follows the last bytes");
    }
}

#[test]
fn a_transport_that_claims_too_much_is_not_believed() {
    for (files_served, offered) in [(0, 4), (usize::MAX, 4)] {
        let mut queue = SendQueue::new();
        queue.push(FileRange::new(file_of(b"file"), 0..4));
        queue.push("tail");
        let mut transport = Scripted::new([Answer::Overclaim]).refusing_files(files_served);
        let error = drive(&mut transport, &mut queue, &Policy::default()).unwrap_err();
        assert_eq!(error.kind(), SendErrorKind::Transport);
        assert_eq!(error.io_kind(), Some(io::ErrorKind::InvalidData));
        assert_eq!((error.sent(), error.pending(), queue.offset()), (0, 8, 0));
        let claim = format!("claims to have taken {} of {offered} bytes", offered + 1);
        assert!(error.to_string().contains(&claim), "{error}");
        drive(&mut transport, &mut queue, &Policy::default()).unwrap();
        assert_eq!(transport.taken, b"filetail");
    }
}

#[test]
fn a_file_that_shrank_ends_the_send_with_the_exact_count() {
    let bytes = pattern(100_000, 5);
    for files_served in [0, usize::MAX] {
        let file = file_of(&bytes);
        let mut queue = SendQueue::new();
        queue.push("head");
        queue.push(FileRange::whole(Arc::clone(&file)).unwrap());
        queue.end_message();
        file.set_len(40_000).unwrap();
        let mut transport = Scripted::new([]).refusing_files(files_served);
        let error = drive(&mut transport, &mut queue, &Policy::default()).unwrap_err();
        assert_eq!(error.kind(), SendErrorKind::FileShrank);
        assert_eq!((error.sent(), error.pending()), (40_004, 60_000));
        assert!(error.in_message() && error.io_kind().is_none());
        assert!(transport.taken[4..] == bytes[..40_000]);
        assert_eq!(queue.invariants(), Ok(()));
    }
}

#[test]
fn a_file_that_cannot_be_read_is_told_from_a_transport_that_fails() {
    let directory = tempfile::tempdir().unwrap();
    let mut write_only = OpenOptions::new();
    let path = directory.path().join("write-only");
    let mut file = write_only.write(true).create(true).open(path).unwrap();
    file.write_all(b"bytes").unwrap();
    let mut queue = SendQueue::new();
    queue.push(FileRange::whole(file).unwrap());
    let mut out = Vec::new();
    let error = drive(&mut WriteTransport(&mut out), &mut queue, &Policy::default()).unwrap_err();
    assert_eq!(error.kind(), SendErrorKind::FileRead);
    assert_eq!((error.sent(), error.pending()), (0, 5));
    assert!(error.io_kind().is_some());
}

#[test]
fn any_writer_takes_a_queue() {
    let source = Source::new(SCRATCH + 6000);
    let (mut queue, flat) = sandwich(&source);
    let mut out = Vec::new();
    let report = drive(&mut WriteTransport(&mut out), &mut queue, &Policy::default()).unwrap();
    assert!(out == flat.bytes);
    assert_eq!(report.by_scratch, SCRATCH as u64 + 4990);
    assert_eq!(report.kernel_copied(), 12 + 2 * report.by_scratch);
}

#[test]
fn a_writer_without_room_is_closed_with_the_exact_count() {
    let mut room = [0; 5];
    let mut queue = SendQueue::new();
    queue.push("12345678");
    let mut transport = WriteTransport(&mut room[..]);
    let error = drive(&mut transport, &mut queue, &Policy::default()).unwrap_err();
    assert_eq!(error.kind(), SendErrorKind::Closed);
    assert_eq!((error.sent(), error.pending()), (5, 3));
    assert_eq!(&room, b"12345");
}

/// A writer without `write_vectored`, which is offered the first of the slices.
struct Plain {
    bytes: Vec<u8>,
    most_offered: Vec<usize>,
}

impl std::io::Write for Plain {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.bytes.extend(bytes);
        Ok(bytes.len())
    }

    fn write_vectored(&mut self, slices: &[std::io::IoSlice<'_>]) -> std::io::Result<usize> {
        self.most_offered.push(slices.len());
        self.write(&slices[0])
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_writer_that_takes_one_slice_at_a_time_is_not_shown_a_thousand_each_time() {
    let segment = [7; 4096];
    let mut queue: SendQueue<'_> = std::iter::repeat_n(&segment, 100).collect();
    let mut writer = Plain { bytes: Vec::new(), most_offered: Vec::new() };
    netsend::drain_to(&mut writer, &mut queue, &Policy::default()).unwrap();
    assert!(writer.bytes == segment.repeat(100), "the bytes are others");
    assert_eq!(writer.most_offered[..3], [100, 16, 16]);
}
