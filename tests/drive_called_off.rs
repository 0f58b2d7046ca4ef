//! A send that is called off, observed by somebody who panics, or held to odd limits
//! loses no byte, doubles none, sends none of a file that is no more, and ends by its
//! clocks.

use std::io::{self, IoSlice, Read};
use std::net::UdpSocket;
use std::os::unix::fs::FileExt;
use std::os::unix::net::UnixStream;
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use netsend::nonblocking::{Sender, Step};
use netsend::{
    Event, FileMode, FileRange, MinRate, Observer, Policy, SendErrorKind, SendQueue,
    SocketTransport, Standing, Transport, Unobserved, blocking, limit_unsent,
};
use oracles::content::file_of;
use oracles::panic_text;
use oracles::sockets::{Kind, pair};

/// Long enough for any of these on a busy machine.
const MUCH: Duration = Duration::from_secs(20);

#[test]
fn a_deadline_is_kept_beside_a_limit_of_unsent_bytes() {
    let file = file_of(&vec![7; 4 << 20]);
    for limit in [1, 16_384, 131_072] {
        let (done, answer) = mpsc::channel();
        let file = Arc::clone(&file);
        thread::spawn(move || {
            let (socket, _peer) = pair(Kind::Tcp);
            limit_unsent(&socket, limit).unwrap();
            let mut queue = SendQueue::new();
            queue.push("header");
            queue.push(FileRange::new(file, 0..4 << 20));
            let deadline = Some(Duration::from_millis(200));
            let policy = Policy { deadline, ..Policy::default() };
            let error = blocking::drain(&socket, &mut queue, &policy).unwrap_err();
            let _ = done.send((error.kind(), error.sent() == queue.offset()));
        });
        let answer = answer.recv_timeout(MUCH).expect("a call hides from the clocks");
        assert_eq!(answer, (SendErrorKind::Deadline, true), "limit {limit}");
    }
}

#[test]
fn the_shortest_window_ends_a_send_too() {
    let (socket, _peer) = pair(Kind::Unix);
    let rate = MinRate { bytes_per_second: u64::MAX, grace: Duration::ZERO };
    let policy = Policy { stall: None, min_rate: Some(rate), ..Policy::default() };
    let mut queue = SendQueue::new();
    queue.push(vec![0; 10 << 20]);
    let error = blocking::drain(&socket, &mut queue, &policy).unwrap_err();
    assert_eq!(error.kind(), SendErrorKind::TooSlow);
}

/// Panics at the first call.
struct Shocked;

impl Observer for Shocked {
    fn see(&mut self, event: &Event<'_>) {
        assert!(!matches!(event, Event::Call { .. }), "an observer's own trouble");
    }
}

#[test]
fn an_observer_that_panics_doubles_nothing() {
    let (socket, mut peer) = UnixStream::pair().unwrap();
    let mut queue = SendQueue::new();
    queue.push("hello");
    let policy = Policy::default();
    panic_text(|| blocking::drain_observed(&socket, &mut queue, &policy, &mut Shocked));
    assert_eq!(queue.pending(), 0, "what was taken is off the queue");
    blocking::drain(&socket, &mut queue, &policy).unwrap();
    drop(socket);
    let mut got = String::new();
    peer.read_to_string(&mut got).unwrap();
    assert_eq!(got, "hello");
}

#[test]
fn steps_refuse_datagrams_as_drains_do() {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.connect(socket.local_addr().unwrap()).unwrap();
    let mut queue = SendQueue::new();
    queue.push("hello");
    let error = Sender::new(&Policy::default()).step(&socket, &mut queue).unwrap_err();
    assert_eq!((error.io_kind(), queue.pending()), (Some(io::ErrorKind::InvalidInput), 5));
}

#[test]
fn what_was_wholly_sent_can_still_be_ended() {
    for cut in [false, true] {
        for sent in [3, 2] {
            let mut queue = SendQueue::new();
            queue.push("abc");
            queue.advance(sent);
            if cut {
                drop(queue.cut());
            } else {
                queue.clear();
            }
            queue.end_message();
            assert_eq!(queue.standing() == Standing::AtBoundary, sent == 3, "{cut} {sent}");
        }
    }
}

#[test]
fn a_send_that_is_called_off_takes_its_clock_along() {
    let (socket, mut peer) = UnixStream::pair().unwrap();
    socket.set_nonblocking(true).unwrap();
    let deadline = Some(Duration::from_millis(50));
    let mut sender = Sender::new(&Policy { deadline, ..Policy::default() });
    let mut queue = SendQueue::new();
    queue.push(vec![0; 4 << 20]);
    let step = sender.step(&socket, &mut queue).unwrap();
    assert!(matches!(step, Step::Blocked(_) | Step::TurnOver));
    queue.clear();
    let mut taken = vec![0; usize::try_from(queue.offset()).unwrap()];
    peer.read_exact(&mut taken).unwrap();
    thread::sleep(Duration::from_millis(80));
    queue.push("new message");
    sender.restart();
    let Step::Done(report) = sender.step(&socket, &mut queue).unwrap() else {
        panic!("there is room for it");
    };
    assert_eq!(report.accepted, 11);
}

/// A socket for which `sendfile` is refused.
struct BySplice<'s>(SocketTransport<'s>);

impl Transport for BySplice<'_> {
    fn send_vectored(&mut self, slices: &[IoSlice<'_>], more: bool) -> io::Result<usize> {
        self.0.send_vectored(slices, more)
    }

    fn splice_file(
        &mut self,
        file: &Arc<std::fs::File>,
        offset: u64,
        len: u64,
        more: bool,
    ) -> io::Result<usize> {
        self.0.splice_file(file, offset, len, more)
    }

    fn begin_turn(&mut self) {
        self.0.begin_turn();
    }

    fn wait(&mut self, limit: Option<Duration>) -> io::Result<()> {
        self.0.wait(limit)
    }
}

#[test]
fn nothing_of_a_file_that_is_no_more_waits_in_a_pipe() {
    const LEN: u64 = 4 << 20;
    let file = file_of(&vec![b'A'; 4 << 20]);
    let (socket, mut peer) = UnixStream::pair().unwrap();
    socket.set_nonblocking(true).unwrap();
    let mut transport = BySplice(SocketTransport::new(&socket));
    let mut sender = Sender::new(&Policy::default());
    let mut queue = SendQueue::new();
    queue.push(FileRange::new(Arc::clone(&file), 0..LEN));
    while !matches!(
        sender.step_through(&mut transport, &mut queue, &mut Unobserved).unwrap(),
        Step::Blocked(_)
    ) {}
    let offset = queue.offset();
    queue.clear();
    sender.restart();
    file.set_len(0).unwrap();
    file.write_all_at(&vec![b'B'; 4 << 20], 0).unwrap();
    let mut old = vec![0; usize::try_from(offset).unwrap()];
    peer.read_exact(&mut old).unwrap();
    assert!(old.iter().all(|&byte| byte == b'A'), "the control: these were sent before");

    let range = FileRange::new(file, offset..LEN).with_mode(FileMode::CheckUnchanged).unwrap();
    queue.push(range);
    let _ = sender.step_through(&mut transport, &mut queue, &mut Unobserved).unwrap();
    let mut new = vec![0; usize::try_from(queue.offset() - offset).unwrap()];
    peer.read_exact(&mut new).unwrap();
    assert!(!new.is_empty() && new.iter().all(|&byte| byte == b'B'), "only what the file holds");
}
