//! A send ends when its clocks say so, and says in words what happened.

use std::error::Error;
use std::io;
use std::time::{Duration, Instant};

use netsend::testing::{Answer, Scripted};
use netsend::{Policy, SendError, SendErrorKind, SendQueue, Transport, WriteTransport, drive};

const SHORT: Duration = Duration::from_millis(20);
const LONG: Duration = Duration::from_secs(3600);

fn queue_of(bytes: &[u8]) -> SendQueue<'_> {
    let mut queue = SendQueue::new();
    queue.push(bytes);
    queue.end_message();
    queue
}

/// A transport that takes `n` bytes and then would block for ever.
fn stuck_after(n: usize) -> Scripted {
    let mut transport = Scripted::new([Answer::Take(n)]);
    transport.always = Some(Answer::WouldBlock);
    transport.sleeps = true;
    transport
}

#[test]
fn a_peer_that_takes_nothing_is_given_up() {
    let mut transport = stuck_after(3);
    let mut queue = queue_of(b"12345678");
    let policy = Policy { stall: Some(SHORT), deadline: Some(LONG), ..Policy::default() };
    let start = Instant::now();
    let error = drive(&mut transport, &mut queue, &policy).unwrap_err();
    assert!(start.elapsed() >= SHORT);
    assert_eq!(error.kind(), SendErrorKind::Stalled);
    assert_eq!((error.sent(), error.pending()), (3, 5));
    assert_eq!((queue.offset(), queue.pending()), (3, 5));
    assert_eq!(transport.taken, b"123");
    assert!(transport.waits.iter().all(|wait| *wait <= Some(SHORT)));
    let report = error.report();
    assert!(report.blocked_for >= SHORT);
    assert_eq!(report.waits, transport.waits.len() as u64);
    assert_eq!(report.would_blocks, transport.tally.would_blocks);
}

#[test]
fn waits_begin_short_and_double_until_the_stall_clock_ends_them() {
    // The scripted waits return at once, so that the clock hardly moves.
    let mut transport = Scripted::new([(); 6].map(|()| Answer::WouldBlock));
    let policy = Policy { stall: Some(LONG), deadline: None, ..Policy::default() };
    drive(&mut transport, &mut queue_of(b"1"), &policy).unwrap();
    let expected: Vec<_> = (0..6).map(|i| Some(FIRST_WAIT * (1 << i))).collect();
    assert_eq!(transport.waits, expected);
}

/// The first wait after a byte was taken, when there is a stall clock.
const FIRST_WAIT: Duration = Duration::from_millis(20);

#[test]
fn progress_sets_the_stall_clock_back() {
    // Three rests of 20 ms each in a row would be longer than the stall of
    // 50 ms; with a byte between any two of them they are not a stall.
    struct Resting(u32, Vec<u8>);
    impl Transport for Resting {
        fn send_vectored(&mut self, slices: &[io::IoSlice<'_>], _: bool) -> io::Result<usize> {
            self.0 += 1;
            if self.0 % 2 == 1 {
                return Err(io::ErrorKind::WouldBlock.into());
            }
            self.1.push(slices[0][0]);
            Ok(1)
        }
        fn wait(&mut self, limit: Option<Duration>) -> io::Result<()> {
            // The rest is not slept but said, so that a slow machine does not
            // turn it into a stall. Each is a first wait after progress, which
            // is short; a stall that went on would not be.
            assert_eq!(limit, Some(FIRST_WAIT));
            Ok(())
        }
    }
    let mut transport = Resting(0, Vec::new());
    let mut queue = queue_of(b"12345");
    let policy = Policy { stall: Some(LONG), deadline: None, ..Policy::default() };
    let report = drive(&mut transport, &mut queue, &policy).unwrap();
    assert_eq!(transport.1, b"12345");
    assert_eq!((report.waits, report.would_blocks, report.partials), (5, 5, 4));
}

#[test]
fn the_deadline_ends_a_wait() {
    let mut transport = stuck_after(2);
    let mut queue = queue_of(b"12345678");
    let policy = Policy { stall: None, deadline: Some(SHORT), ..Policy::default() };
    let error = drive(&mut transport, &mut queue, &policy).unwrap_err();
    assert_eq!(error.kind(), SendErrorKind::Deadline);
    assert!(transport.waits.iter().all(|wait| *wait <= Some(SHORT)));
    assert_eq!((error.sent() + error.pending(), queue.pending()), (8, error.pending()));
    assert_eq!(transport.taken.len() as u64, error.sent());
}

/// Takes up to `most` bytes a call, slowly, and never asks to be waited for.
struct Slow {
    most: usize,
    taken: usize,
}

impl Transport for Slow {
    fn send_vectored(&mut self, slices: &[io::IoSlice<'_>], _: bool) -> io::Result<usize> {
        std::thread::sleep(SHORT);
        let n = slices[0].len().min(self.most);
        self.taken += n;
        Ok(n)
    }

    fn wait(&mut self, _: Option<Duration>) -> io::Result<()> {
        unreachable!("it always takes something")
    }
}

#[test]
fn the_deadline_ends_a_send_that_never_waits() {
    let mut transport = Slow { most: 3, taken: 0 };
    let mut queue = queue_of(b"12345678");
    let policy = Policy { deadline: Some(SHORT / 2), ..Policy::default() };
    let error = drive(&mut transport, &mut queue, &policy).unwrap_err();
    assert_eq!(error.kind(), SendErrorKind::Deadline);
    assert_eq!((transport.taken, error.report().calls), (3, 1));
    assert_eq!((error.sent(), error.pending()), (3, 5));
}

#[test]
fn a_deadline_that_has_passed_sends_nothing() {
    let mut queue = queue_of(b"12345678");
    let policy = Policy { deadline: Some(Duration::ZERO), ..Policy::default() };
    let error = drive(&mut Scripted::new([]), &mut queue, &policy).unwrap_err();
    assert_eq!((error.kind(), error.sent()), (SendErrorKind::Deadline, 0));
    assert_eq!(error.report().calls, 0);
}

#[test]
fn a_storm_of_signals_does_not_outlive_the_stall_clock() {
    let mut transport = Scripted::new([]);
    transport.always = Some(Answer::Interrupted);
    let policy = Policy { stall: Some(SHORT), deadline: None, ..Policy::default() };
    let error = drive(&mut transport, &mut queue_of(b"12345678"), &policy).unwrap_err();
    assert_eq!(error.kind(), SendErrorKind::Stalled);
}

#[test]
fn a_storm_of_signals_does_not_outlive_the_deadline() {
    let mut transport = Scripted::new([]);
    transport.always = Some(Answer::Interrupted);
    let mut queue = queue_of(b"12345678");
    let policy = Policy { deadline: Some(SHORT), ..Policy::default() };
    let error = drive(&mut transport, &mut queue, &policy).unwrap_err();
    assert_eq!(error.kind(), SendErrorKind::Deadline);
    assert_eq!(error.report().interrupts, transport.tally.interrupts);
}

#[test]
fn the_last_byte_comes_before_the_deadline() {
    let mut queue = queue_of(b"12345678");
    let policy = Policy { deadline: Some(SHORT / 2), ..Policy::default() };
    let report = drive(&mut Slow { most: 8, taken: 0 }, &mut queue, &policy);
    assert_eq!(report.unwrap().accepted, 8, "what was sent is not an error");
}

#[test]
fn without_clocks_a_wait_has_no_limit() {
    let mut transport = Scripted::new([Answer::WouldBlock]);
    let policy = Policy { stall: None, deadline: None, ..Policy::default() };
    drive(&mut transport, &mut queue_of(b"1"), &policy).unwrap();
    assert_eq!(transport.waits, [None]);
}

#[test]
fn a_clock_beyond_all_time_is_none() {
    let mut transport = Scripted::new([Answer::WouldBlock]);
    let policy =
        Policy { stall: Some(Duration::MAX), deadline: Some(Duration::MAX), ..Policy::default() };
    drive(&mut transport, &mut queue_of(b"1"), &policy).unwrap();
    assert_eq!(transport.waits, [None]);
}

/// A send of 7 bytes that fails like that after 3.
fn failed(answer: Answer) -> SendError {
    let mut transport = Scripted::new([Answer::Take(3), answer]);
    let mut queue = queue_of(b"1234567");
    drive(&mut transport, &mut queue, &Policy::default()).unwrap_err()
}

#[test]
fn a_transport_s_failure_keeps_its_kind() {
    use SendErrorKind::{Closed, Reset, Transport};
    let cases = [
        (io::ErrorKind::BrokenPipe, Closed),
        (io::ErrorKind::WriteZero, Closed),
        (io::ErrorKind::NotConnected, Closed),
        (io::ErrorKind::ConnectionReset, Reset),
        (io::ErrorKind::ConnectionAborted, Reset),
        (io::ErrorKind::PermissionDenied, Transport),
        // No file was offered, so this is no refusal of one.
        (io::ErrorKind::Unsupported, Transport),
    ];
    for (kind, expected) in cases {
        let error = failed(Answer::Fail(kind));
        assert_eq!((error.kind(), error.io_kind()), (expected, Some(kind)));
        assert_eq!((error.sent(), error.pending()), (3, 4));
        assert!(error.source().is_some());
        let error = io::Error::from(error);
        assert_eq!(error.kind(), kind);
        let inner = error.into_inner().unwrap().downcast::<SendError>().unwrap();
        assert_eq!(inner.sent(), 3, "the count is still there");
    }
}

#[test]
fn clocks_and_files_have_kinds_of_their_own() {
    let mut policy = Policy { stall: Some(Duration::ZERO), deadline: None, ..Policy::default() };
    let mut stuck = stuck_after(1);
    let error = drive(&mut stuck, &mut queue_of(b"123"), &policy).unwrap_err();
    assert_eq!(error.kind(), SendErrorKind::Stalled);
    assert_eq!(io::Error::from(error).kind(), io::ErrorKind::TimedOut);
    policy.deadline = Some(Duration::ZERO);
    let error = drive(&mut stuck_after(1), &mut queue_of(b"123"), &policy).unwrap_err();
    assert_eq!(error.kind(), SendErrorKind::Deadline);
    assert_eq!(io::Error::from(error).kind(), io::ErrorKind::TimedOut);

    let mut queue = SendQueue::new();
    queue.push(netsend::FileRange::new(oracles::content::file_of(b"12"), 0..3));
    let error = drive(&mut Scripted::new([]), &mut queue, &policy).unwrap_err();
    assert_eq!((error.kind(), error.sent()), (SendErrorKind::Deadline, 0));
    let error = drive(&mut Scripted::new([]), &mut queue, &Policy::default()).unwrap_err();
    let kinds = (error.kind(), error.sent(), error.pending());
    assert_eq!(kinds, (SendErrorKind::FileShrank, 2, 1));
    assert_eq!(io::Error::from(error).kind(), io::ErrorKind::UnexpectedEof);
}

#[test]
fn an_error_says_all_in_one_line() {
    let closed = failed(Answer::Fail(io::ErrorKind::BrokenPipe));
    assert_eq!(
        closed.to_string(),
        "the connection is closed (broken pipe); 3 bytes were sent, 4 are left, inside a message"
    );
    let policy = Policy { stall: Some(Duration::ZERO), deadline: None, ..Policy::default() };
    let mut queue = queue_of(b"123");
    queue.push("45");
    let error = drive(&mut stuck_after(3), &mut queue, &policy).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the peer took no byte for too long; 3 bytes were sent, 2 are left, at a message boundary"
    );
}

#[test]
fn a_report_says_all_in_one_line() {
    let mut transport = Scripted::new([Answer::Take(3)]);
    let mut queue = queue_of(b"1234567");
    let report = drive(&mut transport, &mut queue, &Policy::default()).unwrap();
    assert_eq!(
        report.to_string(),
        "7 bytes accepted in 2 calls (1 partial, 0 waits of 0.0ns in all)"
    );
}

#[test]
fn a_writer_that_would_block_is_not_waited_for() {
    struct Busy;
    impl io::Write for Busy {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::WouldBlock.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let mut queue = queue_of(b"123");
    let error = drive(&mut WriteTransport(Busy), &mut queue, &Policy::default()).unwrap_err();
    assert_eq!(error.kind(), SendErrorKind::Transport);
    assert_eq!(error.io_kind(), Some(io::ErrorKind::WouldBlock));
    assert_eq!((error.sent(), error.pending()), (0, 3));
}
