//! A peer that takes a byte now and then trips the rate clock, which no stall clock
//! would see; what is seen of a send is what happened.

use std::io;
use std::thread;
use std::time::Duration;

use netsend::nonblocking::{Sender, Step};
use netsend::testing::{Answer, Scripted, pattern};
use netsend::{
    Budget, Event, FileRange, MinRate, Policy, Printer, SendErrorKind, SendQueue, Transport,
    Unobserved, drive, drive_observed,
};
use oracles::content::file_of;

const REST: Duration = Duration::from_millis(10);
const HOUR: Duration = Duration::from_secs(3600);

/// Takes one byte after each rest, and blocks in between.
#[derive(Default)]
struct Trickle {
    rested: bool,
    taken: u64,
}

impl Transport for Trickle {
    fn send_vectored(&mut self, _: &[io::IoSlice<'_>], _: bool) -> io::Result<usize> {
        if !self.rested {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        self.rested = false;
        self.taken += 1;
        Ok(1)
    }

    fn wait(&mut self, limit: Option<Duration>) -> io::Result<()> {
        thread::sleep(limit.map_or(REST, |limit| limit.min(REST)));
        self.rested = true;
        Ok(())
    }
}

fn rate(bytes_per_second: u64, grace: Duration) -> Policy {
    let min_rate = Some(MinRate { bytes_per_second, grace });
    Policy { stall: Some(HOUR), min_rate, ..Policy::DEFAULT }
}

#[test]
fn a_trickle_trips_the_rate_clock_and_not_the_stall_clock() {
    let bytes = pattern(1 << 20, 80);
    let mut queue = SendQueue::new();
    queue.push(&bytes);
    queue.end_message();
    let mut transport = Trickle::default();
    let error = drive(&mut transport, &mut queue, &rate(1 << 30, REST * 5)).unwrap_err();
    assert_eq!(error.kind(), SendErrorKind::TooSlow);
    assert_eq!((error.sent(), queue.offset()), (transport.taken, transport.taken));
    assert!(error.in_message());
    assert_eq!(io::Error::from(error).kind(), io::ErrorKind::TimedOut);
}

#[test]
fn a_rate_that_is_kept_trips_nothing() {
    // The control: the same trickle under a rate that it keeps, over several
    // windows. A machine so slow that 10 ms become 10 s would fail it.
    let mut queue = SendQueue::new();
    queue.push("twenty bytes of this");
    let policy =
        Policy { min_rate: Some(MinRate { bytes_per_second: 0, grace: REST }), ..rate(0, REST) };
    assert_eq!(drive(&mut Trickle::default(), &mut queue, &policy).unwrap().accepted, 20);
}

#[test]
fn the_first_window_is_grace() {
    // Scripted waits return at once, so that no window comes to its end.
    let mut transport = Scripted::new([Answer::WouldBlock; 5]);
    let mut queue = SendQueue::new();
    queue.push("1");
    drive(&mut transport, &mut queue, &rate(u64::MAX, HOUR)).unwrap();
    assert!(transport.waits.iter().all(|wait| *wait <= Some(HOUR)));
}

#[test]
fn a_fast_beginning_is_no_licence_to_trickle() {
    let bytes = pattern(1 << 20, 81);
    let mut queue = SendQueue::new();
    queue.push(&bytes);
    let mut transport = Scripted::new([Answer::Take((1 << 20) - 10)]);
    transport.always = Some(Answer::WouldBlock);
    transport.sleeps = true;
    // The mean since the start stays far above this rate for minutes.
    let error = drive(&mut transport, &mut queue, &rate(1000, REST)).unwrap_err();
    assert_eq!((error.kind(), error.pending()), (SendErrorKind::TooSlow, 10));
}

#[test]
fn a_turn_ends_when_its_budget_does() {
    let bytes = pattern(1000, 82);
    for (turn, turns) in [
        (Budget { bytes: 100, calls: 1000 }, 10),
        (Budget { bytes: 1 << 20, calls: 4 }, 5),
        (Budget { bytes: 0, calls: 0 }, 20),
    ] {
        let mut queue = SendQueue::new();
        queue.push(&bytes);
        let mut transport = Scripted::new([Answer::Take(50); 20]);
        let mut sender = Sender::new(&Policy { turn, ..Policy::DEFAULT });
        let mut over = 0;
        let report = loop {
            match sender.step_through(&mut transport, &mut queue, &mut Unobserved).unwrap() {
                Step::Done(report) => break report,
                Step::TurnOver => over += 1,
                Step::Blocked(_) => unreachable!("it always takes something"),
            }
        };
        assert_eq!((over + 1, report.calls, report.accepted), (turns, 20, 1000), "{turn:?}");
    }
}

#[test]
fn a_step_blocks_with_a_limit_and_goes_on_where_it_was() {
    let mut queue = SendQueue::new();
    queue.push("12345");
    let script = [Answer::Take(2), Answer::WouldBlock, Answer::Take(3), Answer::WouldBlock];
    let mut transport = Scripted::new(script);
    let mut sender = Sender::new(&Policy::default());
    let mut step = |queue: &mut SendQueue<'_>, sender: &mut Sender| {
        sender.step_through(&mut transport, queue, &mut Unobserved).unwrap()
    };
    let Step::Blocked(Some(limit)) = step(&mut queue, &mut sender) else {
        panic!("the script blocks");
    };
    assert!(limit <= Duration::from_secs(30));
    let Step::Done(report) = step(&mut queue, &mut sender) else {
        panic!("the script takes all");
    };
    assert_eq!((report.accepted, report.waits, report.partials), (5, 1, 1), "of the whole send");
    // The next send is counted anew.
    queue.push("6");
    assert!(matches!(step(&mut queue, &mut sender), Step::Blocked(_)));
    assert_eq!(sender.report().accepted, 0);
    let Step::Done(report) = step(&mut queue, &mut sender) else {
        panic!("the script is at its end");
    };
    assert_eq!((report.accepted, report.waits), (1, 1));
}

#[test]
fn the_trace_tells_each_call_and_why() {
    let mut queue = SendQueue::new();
    queue.extend(["tiny"; 20]);
    queue.push(FileRange::new(file_of(b"in a file"), 0..9));
    let script = [
        Answer::Take(30),
        Answer::Interrupted,
        Answer::WouldBlock,
        Answer::Take(50),
        Answer::Take(4),
        Answer::Take(5),
    ];
    let mut transport = Scripted::new(script).refusing_files(1);
    let mut trace = Printer::new(Vec::new());
    let report =
        drive_observed(&mut transport, &mut queue, &Policy::default(), &mut trace).unwrap();
    let expected = "\
        20 small segments of 80 bytes are copied together\n\
        at 0: send offers 80 bytes in 1 slice, more follow; 30 taken, for want of room\n\
        at 30: send offers 50 bytes in 1 slice, more follow; none taken: operation interrupted\n\
        at 30: send offers 50 bytes in 1 slice, more follow; none taken: operation would block\n\
        waiting, up to 20.0ms\n\
        at 30: send offers 50 bytes in 1 slice, more follow; all taken\n\
        at 80: sendfile offers 9 bytes in 1 slice; 4 taken, for want of room\n\
        at 84: sendfile offers 5 bytes in 1 slice; none taken: unsupported\n\
        sendfile is refused; the file goes by splice\n\
        at 84: splice offers 5 bytes in 1 slice; none taken: unsupported\n\
        splice is refused; the file goes by scratch\n\
        at 84: scratch offers 5 bytes in 1 slice; all taken\n";
    assert_eq!(String::from_utf8_lossy(trace.get_ref()), expected);
    assert_eq!((report.coalesced, report.fallbacks, report.calls), (80, 2, 8));
}

#[test]
fn who_looks_on_sees_as_many_calls_as_are_counted() {
    let bytes = pattern(500, 83);
    let mut queue = SendQueue::new();
    queue.extend(bytes.chunks(9));
    let (mut calls, mut taken, mut waits) = (0, 0, 0);
    let mut count = |event: &Event<'_>| match event {
        Event::Call { answer, .. } => {
            calls += 1;
            taken += answer.as_ref().map_or(0, |n| *n);
        }
        Event::Blocked { .. } => waits += 1,
        _ => {}
    };
    let mut transport = Scripted::new([Answer::Take(7), Answer::WouldBlock].repeat(30));
    let policy = Policy::default();
    let report = drive_observed(&mut transport, &mut queue, &policy, &mut count).unwrap();
    assert_eq!((calls, taken, waits), (report.calls, report.accepted, report.waits));
    assert!(report.waits > 10);
}
