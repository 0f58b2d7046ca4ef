//! A file that cannot be sent is named as the cause, and the socket is left as it
//! was found.

use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Read, Write};
use std::os::unix::net::{UnixDatagram, UnixStream};
use std::time::Duration;

use netsend::{
    FileRange, Policy, SendErrorKind, SendQueue, SocketTransport, Transport, WriteTransport,
    blocking, drive,
};
use oracles::content::{file_of, pattern};

fn queue_of(file: File, range: std::ops::Range<u64>) -> SendQueue<'static> {
    let mut queue = SendQueue::new();
    queue.push("head");
    queue.push(FileRange::new(file, range));
    queue.end_message();
    queue
}

fn failure(file: File, range: std::ops::Range<u64>) -> (SendErrorKind, u64) {
    let (socket, _peer) = UnixStream::pair().unwrap();
    let mut queue = queue_of(file, range);
    let error = blocking::drain(&socket, &mut queue, &Policy::default()).unwrap_err();
    assert!(error.in_message());
    (error.kind(), error.sent())
}

#[test]
fn a_file_that_cannot_be_read_is_not_the_transport_s_fault() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "content").unwrap();
    let write_only = OpenOptions::new().write(true).open(file.path()).unwrap();
    assert_eq!(failure(write_only, 0..7), (SendErrorKind::FileRead, 4));
    let directory = File::open("/").unwrap();
    assert_eq!(failure(directory, 0..7), (SendErrorKind::FileRead, 4));
}

#[test]
fn a_range_that_no_file_has_is_a_file_too_short() {
    for start in [8, 1 << 40, i64::MAX as u64 - 10] {
        let file = tempfile::tempfile().unwrap();
        (&file).write_all(b"content").unwrap();
        let (kind, sent) = failure(file, start..start + 5);
        let expected = [SendErrorKind::FileShrank, SendErrorKind::FileRead];
        assert!(expected.contains(&kind), "{kind:?} at {start}");
        assert_eq!(sent, 4);
    }
}

#[test]
fn a_file_that_hides_its_size_is_refused_as_a_whole() {
    let Ok(status) = File::open("/proc/self/status") else {
        eprintln!("skipped: there is no /proc");
        return;
    };
    let error = FileRange::whole(status).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
    let empty = FileRange::whole(tempfile::tempfile().unwrap()).unwrap();
    assert!(empty.is_empty(), "a file that is really empty is a range");
}

#[test]
fn datagrams_are_refused_before_one_is_sent() {
    let (socket, peer) = UnixDatagram::pair().unwrap();
    let mut queue = SendQueue::new();
    queue.push("one");
    let error = blocking::drain(&socket, &mut queue, &Policy::default()).unwrap_err();
    assert_eq!((error.kind(), error.sent()), (SendErrorKind::Transport, 0));
    assert_eq!(error.io_error().unwrap().to_string(), "only stream sockets are served");
    peer.set_nonblocking(true).unwrap();
    assert_eq!(peer.recv(&mut [0; 9]).unwrap_err().kind(), io::ErrorKind::WouldBlock);
}

#[test]
fn a_blocking_socket_is_nobody_else_s_trouble_while_a_file_is_sent() {
    let file = file_of(&pattern(1000, 70));
    let (socket, mut peer) = UnixStream::pair().unwrap();
    let mut first = SocketTransport::new(&socket);
    let mut second = SocketTransport::new(&socket);
    assert_eq!(first.send_file(&file, 0, 1000).unwrap(), 1000);
    assert_eq!(second.send_file(&file, 0, 1000).unwrap(), 1000);
    assert_eq!(socket.write_timeout().unwrap(), None, "others may still wait as they like");
    peer.read_exact(&mut [0; 2000]).unwrap();
}

#[test]
fn a_full_blocking_socket_would_block_instead_of_waiting_out_of_sight() {
    let file = file_of(&pattern(1 << 20, 71));
    let (socket, _peer) = UnixStream::pair().unwrap();
    let mut transport = SocketTransport::new(&socket);
    let mut sent = 0;
    let error = loop {
        match transport.send_file(&file, 0, 1 << 20) {
            Ok(n) => sent += n,
            Err(error) => break error,
        }
    };
    assert_eq!(error.kind(), io::ErrorKind::WouldBlock);
    assert!(sent > 0);
    transport.wait(Some(Duration::from_millis(1))).unwrap();
}

#[test]
fn what_a_writer_holds_back_is_flushed_and_its_failure_told() {
    let mut out = BufWriter::new(Vec::new());
    let mut queue = SendQueue::new();
    queue.push("held back");
    drive(&mut WriteTransport(&mut out), &mut queue, &Policy::default()).unwrap();
    assert_eq!(out.get_ref(), b"held back");

    let read_only = File::open("/dev/null").unwrap();
    queue.push("lost");
    let mut transport = WriteTransport(BufWriter::new(read_only));
    let error = drive(&mut transport, &mut queue, &Policy::default()).unwrap_err();
    assert_eq!((error.kind(), error.sent(), error.pending()), (SendErrorKind::Transport, 4, 0));
    std::mem::forget(transport);
}

#[test]
fn a_message_cut_off_stays_cut_off() {
    let mut queue = SendQueue::new();
    queue.push("abcd");
    queue.end_message();
    queue.advance(2);
    assert_eq!(queue.clear(), 2);
    queue.end_message();
    assert!(!queue.at_boundary(), "the peer still has half of a message");
    queue.push("ef");
    queue.end_message();
    queue.advance(2);
    assert!(queue.at_boundary());
}

#[test]
fn a_range_past_the_end_of_all_files_is_a_file_that_shrank() {
    let (socket, _peer) = std::os::unix::net::UnixStream::pair().unwrap();
    let file = file_of(b"short");
    for start in [i64::MAX as u64 - 5, i64::MAX as u64, i64::MAX as u64 + 1, u64::MAX - 9] {
        for mode in [netsend::FileMode::Live, netsend::FileMode::Copy] {
            let range = netsend::FileRange::new(std::sync::Arc::clone(&file), start..start + 9);
            let mut queue = netsend::SendQueue::new();
            queue.push(range.with_mode(mode).unwrap());
            let sent = netsend::blocking::drain(&socket, &mut queue, &netsend::Policy::default());
            assert_eq!(sent.unwrap_err().kind(), netsend::SendErrorKind::FileShrank, "{start}");
        }
    }
}
