//! Over real sockets of both kinds and both modes, what arrives is what was
//! queued, and the socket is afterwards as it was before.

use std::io::Read;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use buffers::SharedBuf;
use netsend::{FileRange, Policy, SendQueue, SendReport, blocking};
use oracles::content::{file_of, pattern};
use oracles::raw::{in_a_storm, is_nonblocking, refuse_calls};
use oracles::sockets::{Kind, Socket, collect, pair, tiny_pair};

const KINDS: [Kind; 2] = [Kind::Unix, Kind::Tcp];

/// Gives up as soon as the socket is full.
const NO_PATIENCE: Policy =
    Policy { stall: Some(Duration::ZERO), deadline: None, ..Policy::DEFAULT };

/// What is sent, and the bytes that it stands for.
#[derive(Clone, Copy, Debug)]
enum Load {
    Memory,
    File,
    /// A header, a file and a trailer, twice.
    Mixed,
}

impl Load {
    fn queue(self, bytes: &[u8]) -> SendQueue<'_> {
        let mut queue = SendQueue::new();
        let half = bytes.len() / 2;
        match self {
            Self::Memory => {
                queue.push(&bytes[..half]);
                queue.push(SharedBuf::from(bytes.to_vec()).slice(half..));
            }
            Self::File => queue.push(FileRange::whole(file_of(bytes)).unwrap()),
            Self::Mixed => {
                let file = file_of(bytes);
                for part in [0..half, half..bytes.len()] {
                    let (start, end) = (part.start + 100, part.end - 50);
                    queue.push(&bytes[part.start..start]);
                    queue.push(FileRange::new(Arc::clone(&file), start as u64..end as u64));
                    queue.push(bytes[end..part.end].to_vec());
                    queue.end_message();
                }
            }
        }
        queue
    }
}

/// Sends `len` bytes and holds the peer's against them. The socket's mode and
/// write timeout must not change.
fn send(pair: (Socket, Socket), nonblocking: bool, load: Load, len: usize) -> SendReport {
    let (socket, peer) = pair;
    let timeout = Some(Duration::from_secs(7));
    socket.options().set_nonblocking(nonblocking).unwrap();
    socket.options().set_write_timeout(timeout).unwrap();

    let bytes = pattern(len, 6);
    let mut queue = load.queue(&bytes);
    // Before anyone reads, tiny buffers are sure to be too small for all.
    let early = match blocking::drain(&socket, &mut queue, &NO_PATIENCE) {
        Ok(report) => report,
        Err(error) => *error.report(),
    };
    let collected = collect(peer);
    let report = blocking::drain(&socket, &mut queue, &Policy::default()).unwrap();

    assert_eq!(is_nonblocking(&socket), nonblocking);
    assert_eq!(socket.options().write_timeout().unwrap(), timeout);
    assert_eq!((queue.offset(), queue.pending()), (len as u64, 0));
    drop(socket);
    assert!(collected.join().unwrap() == bytes, "the bytes that came are others");
    assert_eq!(early.accepted + report.accepted, len as u64);
    for report in [early, report] {
        let roads = report.by_send + report.by_sendfile + report.by_scratch;
        assert_eq!(roads, report.accepted);
    }
    early
}

fn through_tiny_buffers(kind: Kind, len: usize) {
    for nonblocking in [false, true] {
        for load in [Load::Memory, Load::File, Load::Mixed] {
            let early = send(tiny_pair(kind), nonblocking, load, len);
            assert!(early.accepted < len as u64, "{kind:?} {load:?}: {early:?}");
            assert!(early.partials > 0, "{kind:?} {load:?}: {early:?}");
        }
    }
}

#[test]
fn tiny_unix_buffers_lose_nothing() {
    through_tiny_buffers(Kind::Unix, 300_001);
}

#[test]
fn tiny_tcp_buffers_lose_nothing() {
    through_tiny_buffers(Kind::Tcp, 100_001);
}

#[test]
fn large_buffers_lose_nothing() {
    for kind in KINDS {
        for nonblocking in [false, true] {
            for load in [Load::Memory, Load::File, Load::Mixed] {
                send(pair(kind), nonblocking, load, 5_000_001);
            }
        }
    }
}

#[test]
fn files_do_not_pass_through_user_space() {
    for kind in KINDS {
        let bytes = pattern(200_000, 16);
        let (socket, peer) = pair(kind);
        let collected = collect(peer);
        let mut queue = Load::Mixed.queue(&bytes);
        let report = blocking::drain(&socket, &mut queue, &Policy::default()).unwrap();
        drop(socket);
        assert!(collected.join().unwrap() == bytes);
        assert_eq!((report.by_send, report.by_sendfile), (300, 199_700));
        assert_eq!((report.fallbacks, report.file_reads), (0, 0));
    }
}

#[test]
fn an_empty_queue_calls_nobody() {
    let (socket, _peer) = pair(Kind::Unix);
    let report = blocking::drain(&socket, &mut SendQueue::new(), &Policy::default()).unwrap();
    assert_eq!(report, SendReport::default());
}

#[test]
fn one_call_sends_more_segments_than_one_call_can_show() {
    let bytes = pattern(1000, 7);
    let (socket, peer) = pair(Kind::Unix);
    let mut queue = SendQueue::new();
    for segment in bytes.chunks(3) {
        queue.push(segment);
    }
    let report = blocking::drain(&socket, &mut queue, &Policy::default()).unwrap();
    drop(socket);
    assert_eq!(collect(peer).join().unwrap(), bytes);
    assert!(report.calls < 334 / 10, "segments go together: {report}");
}

#[test]
fn send_all_sends_anything_that_has_bytes() {
    let (socket, peer) = pair(Kind::Tcp);
    let report = blocking::send_all(&socket, "text, ").unwrap();
    assert_eq!((report.accepted, report.by_send), (6, 6));
    blocking::send_all(&socket, &vec![b'v'; 3]).unwrap();
    blocking::send_all(&socket, &SharedBuf::from_static(b" shared")).unwrap();
    blocking::send_all(&socket, b"").unwrap();
    drop(socket);
    assert_eq!(collect(peer).join().unwrap(), b"text, vvv shared");
}

#[test]
fn a_file_that_shrank_ends_a_real_send_with_the_exact_count() {
    for kind in KINDS {
        let bytes = pattern(100_000, 8);
        let file = file_of(&bytes);
        let mut queue = SendQueue::new();
        queue.push("head");
        queue.push(FileRange::whole(Arc::clone(&file)).unwrap());
        file.set_len(30_000).unwrap();
        let (socket, peer) = pair(kind);
        let collected = collect(peer);
        let error = blocking::drain(&socket, &mut queue, &Policy::default()).unwrap_err();
        drop(socket);
        assert_eq!(error.kind(), netsend::SendErrorKind::FileShrank);
        assert_eq!((error.sent(), error.pending()), (30_004, 70_000));
        assert!(collected.join().unwrap()[4..] == bytes[..30_000]);
    }
}

/// Reads little by little, with rests.
fn read_slowly(mut peer: Socket) -> Vec<u8> {
    let (mut bytes, mut part) = (Vec::new(), [0; 4096]);
    loop {
        match peer.read(&mut part).unwrap() {
            0 => return bytes,
            n => bytes.extend(&part[..n]),
        }
        thread::sleep(Duration::from_millis(1));
    }
}

/// Sends while signals without `SA_RESTART` interrupt the sending thread.
fn under_signals(nonblocking: bool, load: Load) {
    let bytes = pattern(300_000, 10);
    let (socket, peer) = tiny_pair(Kind::Unix);
    socket.options().set_nonblocking(nonblocking).unwrap();
    let reader = thread::spawn(move || read_slowly(peer));
    let mut queue = load.queue(&bytes);
    let (report, signals) = in_a_storm(|| blocking::drain(&socket, &mut queue, &Policy::default()));
    assert_eq!(report.unwrap().accepted, 300_000);
    drop(socket);
    let received = reader.join().unwrap();
    assert!(received == bytes, "the bytes that came are others");
    assert!(signals > 0, "no signal came, which proves nothing");
}

#[test]
fn signals_lose_nothing_by_splice() {
    for nonblocking in [false, true] {
        thread::spawn(move || {
            refuse_calls(&[libc::SYS_sendfile], libc::EINVAL);
            under_signals(nonblocking, Load::File);
        })
        .join()
        .unwrap();
    }
}

#[test]
fn signals_lose_nothing() {
    for nonblocking in [false, true] {
        for load in [Load::Memory, Load::File, Load::Mixed] {
            under_signals(nonblocking, load);
        }
    }
}
