//! When a peer stops reading or goes away, the count of what was sent is the
//! count of what it can read, and the queue goes on from there.

use std::io::Read;
use std::net::Shutdown;
use std::sync::Arc;
use std::time::{Duration, Instant};

use netsend::{FileRange, Policy, SendError, SendErrorKind, SendQueue, blocking};
use oracles::content::{file_of, pattern};
use oracles::sockets::{Kind, Socket, collect, pair};

const LEN: usize = 8 << 20;
const SHORT: Duration = Duration::from_millis(100);

const STALL: Policy = Policy { stall: Some(SHORT), deadline: None, ..Policy::DEFAULT };
const DEADLINE: Policy = Policy { stall: None, deadline: Some(SHORT), ..Policy::DEFAULT };

/// A queue of `bytes`, from memory or from a file.
fn queue_of(bytes: &[u8], from_file: bool) -> SendQueue<'_> {
    let mut queue = SendQueue::new();
    if from_file {
        queue.push(FileRange::new(file_of(bytes), 0..bytes.len() as u64));
    } else {
        queue.push(bytes);
    }
    queue.end_message();
    queue
}

/// Sends to a peer that does not read, which must end within bounds.
fn stuck(socket: &Socket, queue: &mut SendQueue<'_>, policy: &Policy) -> SendError {
    let (start, before) = (Instant::now(), queue.offset());
    let error = blocking::drain(socket, queue, policy).unwrap_err();
    let took = start.elapsed();
    assert!(took >= SHORT, "it gave up after {took:?}");
    assert!(took < Duration::from_secs(20), "it took {took:?} to give up");
    assert_eq!(queue.offset(), before + error.sent());
    assert_eq!(queue.pending(), error.pending());
    error
}

/// Everything else than what is tested: socket kinds, modes, and roads.
fn each_way(test: impl Fn(Kind, bool, bool)) {
    for kind in [Kind::Unix, Kind::Tcp] {
        for nonblocking in [false, true] {
            for from_file in [false, true] {
                test(kind, nonblocking, from_file);
            }
        }
    }
}

#[test]
fn a_peer_that_does_not_read_can_read_exactly_what_was_sent() {
    let bytes = pattern(LEN, 11);
    each_way(|kind, nonblocking, from_file| {
        for (policy, expected) in
            [(&STALL, SendErrorKind::Stalled), (&DEADLINE, SendErrorKind::Deadline)]
        {
            let (socket, peer) = pair(kind);
            socket.options().set_nonblocking(nonblocking).unwrap();
            let mut queue = queue_of(&bytes, from_file);
            let error = stuck(&socket, &mut queue, policy);
            assert_eq!(error.kind(), expected);
            assert_eq!(error.sent() + error.pending(), LEN as u64);
            assert!(error.in_message());
            assert!(0 < error.sent() && error.pending() > 0);
            drop(socket);
            let received = collect(peer).join().unwrap();
            assert_eq!(received.len() as u64, error.sent(), "{kind:?} {from_file}");
            assert!(received == bytes[..received.len()]);
        }
    });
}

#[test]
fn a_send_goes_on_after_a_stall() {
    let bytes = pattern(LEN, 12);
    each_way(|kind, nonblocking, from_file| {
        let (socket, peer) = pair(kind);
        socket.options().set_nonblocking(nonblocking).unwrap();
        let mut queue = queue_of(&bytes, from_file);
        let error = stuck(&socket, &mut queue, &STALL);
        let collected = collect(peer);
        let report = blocking::drain(&socket, &mut queue, &Policy::default()).unwrap();
        assert_eq!(error.sent() + report.accepted, LEN as u64);
        assert!(queue.at_boundary());
        drop(socket);
        assert!(collected.join().unwrap() == bytes);
    });
}

#[test]
fn a_stalled_socket_keeps_its_write_timeout() {
    for from_file in [false, true] {
        let (socket, _peer) = pair(Kind::Unix);
        let timeout = Some(Duration::from_secs(5));
        socket.options().set_write_timeout(timeout).unwrap();
        let bytes = pattern(LEN, 13);
        stuck(&socket, &mut queue_of(&bytes, from_file), &STALL);
        assert_eq!(socket.options().write_timeout().unwrap(), timeout);
    }
}

#[test]
fn a_peer_that_has_gone_takes_no_byte() {
    let bytes = pattern(1000, 14);
    for from_file in [false, true] {
        let (socket, peer) = pair(Kind::Unix);
        drop(peer);
        let mut queue = queue_of(&bytes, from_file);
        let error = blocking::drain(&socket, &mut queue, &Policy::default()).unwrap_err();
        assert_eq!(error.kind(), SendErrorKind::Closed);
        assert_eq!(error.io_kind(), Some(std::io::ErrorKind::BrokenPipe));
        assert_eq!((error.sent(), error.pending(), queue.pending()), (0, 1000, 1000));
        assert!(!error.in_message(), "not even a byte of it was sent");
    }
}

#[test]
fn a_socket_shut_down_on_this_side_is_closed() {
    for kind in [Kind::Unix, Kind::Tcp] {
        for from_file in [false, true] {
            let (socket, _peer) = pair(kind);
            socket.options().shutdown(Shutdown::Write).unwrap();
            let mut queue = queue_of(b"1234", from_file);
            let error = blocking::drain(&socket, &mut queue, &Policy::default()).unwrap_err();
            assert_eq!((error.kind(), error.sent()), (SendErrorKind::Closed, 0));
        }
    }
}

#[test]
fn a_peer_that_leaves_with_bytes_unread_is_told_from_one_that_stalls() {
    let bytes = pattern(LEN, 15);
    each_way(|kind, nonblocking, from_file| {
        let (socket, mut peer) = pair(kind);
        socket.options().set_nonblocking(nonblocking).unwrap();
        let mut queue = queue_of(&bytes, from_file);
        let stalled = stuck(&socket, &mut queue, &STALL);
        let mut read = vec![0; 1000];
        peer.read_exact(&mut read).unwrap();
        drop(peer);
        let gone = blocking::drain(&socket, &mut queue, &Policy::default()).unwrap_err();
        let expected = [SendErrorKind::Closed, SendErrorKind::Reset];
        assert!(expected.contains(&gone.kind()), "{gone}");
        assert_eq!(stalled.sent() + gone.sent(), queue.offset());
        assert_eq!(queue.offset() + queue.pending(), LEN as u64);
        if kind == Kind::Unix {
            assert_eq!(gone.sent(), 0, "nobody is there to take a byte");
        }
    });
}

#[test]
fn a_descriptor_that_is_no_socket_is_refused_without_loss() {
    for from_file in [false, true] {
        let file = file_of(b"");
        let mut queue = queue_of(b"1234", from_file);
        let error = blocking::drain(&Arc::clone(&file), &mut queue, &Policy::default());
        let error = error.unwrap_err();
        assert_eq!((error.kind(), error.sent()), (SendErrorKind::Transport, 0));
        assert_eq!(queue.pending(), 4);
        assert_eq!(file.metadata().unwrap().len(), 0, "nothing was written either");
    }
}

/// Many tiny packets take more of the socket's buffer than they have bytes.
#[test]
fn a_file_behind_tiny_segments_does_not_wait_where_no_clock_is_heard() {
    let file = file_of(&pattern(LEN, 13));
    for kind in [Kind::Tcp, Kind::Unix] {
        for segments in [20, 300, 300, 300, 300, 300, 300, 1000] {
            let (socket, _peer) = pair(kind);
            let mut queue = SendQueue::new();
            for i in 0..segments {
                queue.push(vec![1; 1 + i % 50]);
                queue.push(FileRange::new(Arc::clone(&file), i as u64..i as u64 + 7));
            }
            queue.push(FileRange::new(Arc::clone(&file), 0..LEN as u64));
            queue.push(FileRange::new(Arc::clone(&file), 0..LEN as u64));
            assert_eq!(stuck(&socket, &mut queue, &STALL).kind(), SendErrorKind::Stalled);
        }
    }
}

/// A Unix socket that is full does not tell `poll` that it was shut down.
#[test]
fn a_full_socket_that_is_shut_down_is_closed_also_without_clocks() {
    const NONE: Policy = Policy { stall: None, deadline: None, ..Policy::DEFAULT };
    let bytes = pattern(LEN, 14);
    each_way(|kind, nonblocking, from_file| {
        if kind == Kind::Tcp {
            return; // reading is shut down on this side alone, which the peer never hears
        }
        let (socket, peer) = pair(kind);
        socket.options().set_nonblocking(nonblocking).unwrap();
        let mut queue = queue_of(&bytes, from_file);
        let closes = std::thread::spawn(move || {
            std::thread::sleep(SHORT);
            peer.options().shutdown(Shutdown::Read).unwrap();
            std::thread::sleep(20 * SHORT);
            peer
        });
        let error = stuck(&socket, &mut queue, &NONE);
        assert_eq!(error.kind(), SendErrorKind::Closed, "{from_file}");
        drop(closes.join().unwrap());
    });
}
