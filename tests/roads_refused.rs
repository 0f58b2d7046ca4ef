//! Where the kernel refuses one road, on the first call or on a later one, a file
//! goes on by the next road at the exact byte, and the refusal is remembered.

use std::fs::File;
use std::sync::Arc;
use std::thread;

use netsend::nonblocking::{Sender, Step};
use netsend::{
    Event, FileRange, Observer, Policy, Road, SendErrorKind, SendQueue, SendReport, Unobserved,
    blocking,
};
use oracles::content::{file_of, pattern};
use oracles::raw::refuse_calls;
use oracles::sockets::{Kind, await_room, collect, pair, tiny_pair};

/// More than one call is asked for, so that there is a later call to refuse.
const LEN: usize = 3 << 20;
const SENDFILE: &[libc::c_long] = &[libc::SYS_sendfile];
const BOTH: &[libc::c_long] = &[libc::SYS_sendfile, libc::SYS_splice];

/// Runs `test` in a thread of its own, whose filter dies with it.
fn in_thread<T: Send + 'static>(test: impl FnOnce() -> T + Send + 'static) -> T {
    thread::spawn(test).join().unwrap()
}

fn each_socket(test: impl Fn(Kind, bool) + Copy + Send + 'static) {
    for kind in [Kind::Unix, Kind::Tcp] {
        for nonblocking in [false, true] {
            in_thread(move || test(kind, nonblocking));
        }
    }
}

fn queue_of(file: &Arc<File>) -> SendQueue<'static> {
    let mut queue = SendQueue::new();
    queue.push("head");
    queue.push(FileRange::whole(Arc::clone(file)).unwrap());
    queue.push("tail");
    queue.end_message();
    queue
}

/// Sends a header, a file and a trailer; `refuse` sees each event and may take
/// roads away.
fn send(kind: Kind, nonblocking: bool, refuse: &mut impl Observer) -> SendReport {
    let bytes = pattern(LEN, 90);
    let (socket, peer) = pair(kind);
    socket.options().set_nonblocking(nonblocking).unwrap();
    let collected = collect(peer);
    let mut queue = queue_of(&file_of(&bytes));
    let policy = Policy::default();
    let report = blocking::drain_observed(&socket, &mut queue, &policy, refuse).unwrap();
    drop(socket);
    let received = collected.join().unwrap();
    assert!(received == [b"head", &bytes[..], b"tail"].concat(), "the bytes are others");
    report
}

#[test]
fn sendfile_refused_on_the_first_call_leaves_splice() {
    each_socket(|kind, nonblocking| {
        refuse_calls(SENDFILE, libc::EINVAL);
        let report = send(kind, nonblocking, &mut Unobserved);
        assert_eq!((report.by_splice, report.fallbacks), (LEN as u64, 1));
        assert_eq!((report.by_sendfile, report.by_scratch, report.by_send), (0, 0, 8));
        assert_eq!(report.kernel_copied(), 8);
    });
}

#[test]
fn both_refused_on_the_first_call_leave_the_scratch() {
    for errno in [libc::EINVAL, libc::ENOSYS, libc::EOPNOTSUPP, libc::EPERM, libc::EACCES] {
        in_thread(move || {
            refuse_calls(BOTH, errno);
            let report = send(Kind::Tcp, false, &mut Unobserved);
            assert_eq!((report.by_scratch, report.fallbacks), (LEN as u64, 2));
            assert_eq!((report.by_sendfile, report.by_splice), (0, 0));
        });
    }
}

/// Takes `calls` away when the first call by `road` has taken something.
fn after_the_first(road: Road, calls: &'static [libc::c_long]) -> impl FnMut(&Event<'_>) {
    let mut done = false;
    move |event| match event {
        Event::Call { road: this, answer: Ok(_), .. } if *this == road && !done => {
            done = true;
            refuse_calls(calls, libc::EINVAL);
        }
        _ => {}
    }
}

#[test]
fn a_refusal_on_a_later_call_goes_on_at_the_exact_byte() {
    for (calls, fallbacks) in [(SENDFILE, 1), (BOTH, 2)] {
        each_socket(move |kind, nonblocking| {
            let report = send(kind, nonblocking, &mut after_the_first(Road::Sendfile, calls));
            let after = if fallbacks == 1 { report.by_splice } else { report.by_scratch };
            assert_eq!(report.by_sendfile + after, LEN as u64);
            assert!(report.by_sendfile > 0 && after > 0, "{report:?}");
            assert_eq!(report.fallbacks, fallbacks);
        });
    }
}

#[test]
fn splice_refused_on_a_later_call_goes_on_at_the_exact_byte() {
    each_socket(|kind, nonblocking| {
        refuse_calls(SENDFILE, libc::EINVAL);
        let report = send(kind, nonblocking, &mut after_the_first(Road::Splice, BOTH));
        assert!(report.by_splice > 0 && report.by_scratch > 0);
        assert_eq!(report.by_splice + report.by_scratch, LEN as u64);
        assert_eq!(report.fallbacks, 2);
    });
}

#[test]
fn a_refusal_is_remembered_for_its_file_and_for_no_other() {
    in_thread(|| {
        refuse_calls(BOTH, libc::EINVAL);
        let (file, other) = (file_of(&pattern(1000, 91)), file_of(&pattern(1000, 92)));
        let (socket, peer) = pair(Kind::Unix);
        let collected = collect(peer);
        let mut sender = Sender::new(&Policy::default());
        let mut fallbacks = |files: &[&Arc<File>]| {
            let mut queue = SendQueue::new();
            for file in files {
                queue.push(FileRange::whole(Arc::clone(file)).unwrap());
            }
            loop {
                match sender.step(&socket, &mut queue).unwrap() {
                    Step::Done(report) => break report.fallbacks,
                    Step::Blocked(limit) => await_room(&socket, limit),
                    Step::TurnOver => {}
                }
            }
        };
        assert_eq!(fallbacks(&[&file, &file]), 2, "once for each road");
        assert_eq!(fallbacks(&[&file]), 0, "the next send knows");
        assert_eq!(fallbacks(&[&other, &file, &other]), 2);
        drop(socket);
        assert_eq!(collected.join().unwrap().len(), 6000);
    });
}

/// Steps until the socket is full.
fn until_blocked(
    sender: &mut Sender,
    socket: &oracles::sockets::Socket,
    queue: &mut SendQueue<'_>,
) {
    loop {
        match sender.step(socket, queue).unwrap() {
            Step::Blocked(_) => return,
            Step::TurnOver => {}
            Step::Done(report) => panic!("the socket is to be full: {report}"),
        }
    }
}

#[test]
fn bytes_that_wait_in_the_pipe_are_neither_lost_nor_sent_twice() {
    for kind in [Kind::Unix, Kind::Tcp] {
        in_thread(move || {
            refuse_calls(SENDFILE, libc::EINVAL);
            let bytes = pattern(LEN, 93);
            let file = file_of(&bytes);
            let (socket, peer) = tiny_pair(kind);
            socket.options().set_nonblocking(true).unwrap();
            let mut queue = queue_of(&file);
            let mut sender = Sender::new(&Policy::default());
            until_blocked(&mut sender, &socket, &mut queue);
            let first = usize::try_from(queue.offset()).unwrap();
            assert!(0 < first && first < LEN / 2, "{first}");
            // What was called off must not come out of the pipe any more.
            let rest = queue.cut().rest;
            let other = pattern(5000, 94);
            queue.push(&other[..]);
            queue.push(FileRange::new(file_of(&other), 0..5000));
            drop(rest);
            let collected = collect(peer);
            let report = blocking::drain(&socket, &mut queue, &Policy::default()).unwrap();
            assert_eq!(report.by_splice, 5000);
            drop(socket);
            let flat = [b"head", &bytes[..first - 4], &other[..], &other[..]].concat();
            assert!(collected.join().unwrap() == flat, "{kind:?}");
        });
    }
}

#[test]
fn a_pipe_goes_on_over_many_steps() {
    for kind in [Kind::Unix, Kind::Tcp] {
        in_thread(move || {
            refuse_calls(SENDFILE, libc::EINVAL);
            let bytes = pattern(LEN, 95);
            let (socket, peer) = tiny_pair(kind);
            socket.options().set_nonblocking(true).unwrap();
            let mut queue = queue_of(&file_of(&bytes));
            let mut sender = Sender::new(&Policy::default());
            until_blocked(&mut sender, &socket, &mut queue);
            let collected = collect(peer);
            let report = loop {
                match sender.step(&socket, &mut queue).unwrap() {
                    Step::Done(report) => break report,
                    Step::Blocked(limit) => await_room(&socket, limit),
                    Step::TurnOver => {}
                }
            };
            assert_eq!((report.by_splice, report.by_send), (LEN as u64, 8));
            assert!(report.partials > 0);
            drop(socket);
            assert!(collected.join().unwrap() == [b"head", &bytes[..], b"tail"].concat());
        });
    }
}

#[test]
fn a_file_that_shrank_ends_a_splice_too() {
    in_thread(|| {
        refuse_calls(SENDFILE, libc::EINVAL);
        let file = file_of(&pattern(LEN, 96));
        let mut queue = queue_of(&file);
        file.set_len(70_000).unwrap();
        let (socket, peer) = pair(Kind::Unix);
        let collected = collect(peer);
        let error = blocking::drain(&socket, &mut queue, &Policy::default()).unwrap_err();
        drop(socket);
        assert_eq!((error.kind(), error.sent()), (SendErrorKind::FileShrank, 70_004));
        assert_eq!((error.segment(), collected.join().unwrap().len()), (1, 70_004));
    });
}
