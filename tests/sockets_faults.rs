//! Readers that trickle, reset, close their half or stop: each really does, and the
//! count and the kind of error are what happened.

use std::io::{self, Read};
use std::net::Shutdown;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use filereader::Pool;
use netsend::nonblocking::{Sender, Step};
use netsend::{
    Bottleneck, Delivery, Diagnosis, FileRange, MinRate, Policy, SendErrorKind, SendQueue,
    Watermarks, blocking, limit_unsent,
};
use oracles::content::{file_of, pattern};
use oracles::sockets::{Kind, collect, pair, resetting_pair, tiny_pair};

const LEN: usize = 4 << 20;
const HOUR: Duration = Duration::from_secs(3600);

/// From memory, or from a file.
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

#[test]
fn a_trickling_reader_trips_the_rate_clock_and_not_the_stall_clock() {
    let min_rate = Some(MinRate { bytes_per_second: 1 << 30, grace: Duration::from_millis(300) });
    let policy = Policy { stall: Some(HOUR), min_rate, ..Policy::DEFAULT };
    let bytes = pattern(LEN, 40);
    for kind in [Kind::Unix, Kind::Tcp] {
        for from_file in [false, true] {
            let (socket, mut peer) = tiny_pair(kind);
            let reader = thread::spawn(move || {
                let mut read = Vec::new();
                let mut byte = [0];
                while let Ok(1) = peer.read(&mut byte) {
                    read.push(byte[0]);
                    if read.len() < 200 {
                        thread::sleep(Duration::from_millis(5));
                    }
                }
                read
            });
            let mut queue = queue_of(&bytes, from_file);
            let error = blocking::drain(&socket, &mut queue, &policy).unwrap_err();
            drop(socket);
            assert_eq!(error.kind(), SendErrorKind::TooSlow, "{kind:?} {from_file}: {error}");
            assert_eq!(error.sent(), queue.offset());
            let read = reader.join().unwrap();
            assert_eq!(read.len() as u64, error.sent(), "what was accepted arrives");
            assert!(bytes.starts_with(&read));
        }
    }
}

#[test]
fn a_reader_that_resets_in_the_middle_is_told_from_one_that_closes() {
    let bytes = pattern(LEN, 41);
    for nonblocking in [false, true] {
        for from_file in [false, true] {
            let (socket, mut peer) = resetting_pair();
            socket.options().set_nonblocking(nonblocking).unwrap();
            let reader = thread::spawn(move || {
                let mut read = vec![0; 100_000];
                peer.read_exact(&mut read).unwrap();
                read
            });
            let mut queue = queue_of(&bytes, from_file);
            // A kernel may have taken everything before the reset came; then the
            // next byte learns of it.
            let error = loop {
                match blocking::drain(&socket, &mut queue, &Policy::default()) {
                    Ok(_) => queue.push(&bytes[..]),
                    Err(error) => break error,
                }
            };
            // A `sendfile` that has moved some bytes swallows the reset that ended it.
            let told = match error.io_kind() {
                Some(io::ErrorKind::BrokenPipe) if from_file => SendErrorKind::Closed,
                kind => {
                    assert_eq!(kind, Some(io::ErrorKind::ConnectionReset), "{error}");
                    SendErrorKind::Reset
                }
            };
            assert_eq!(error.kind(), told, "{error}");
            let read = reader.join().unwrap();
            assert!(read == bytes[..100_000]);
            let accepted = queue.offset();
            assert!(accepted >= 100_000);
            let delivery = Delivery::of(&socket, accepted).unwrap();
            // The last acknowledgement may have been on its way, or not sent yet, when
            // the reset came; so this is less than what was read, or more.
            assert!(delivery.acknowledged > 0 && delivery.acknowledged <= accepted, "{delivery}");
            assert_eq!(
                delivery.acknowledged + delivery.in_flight + delivery.unsent,
                delivery.accepted
            );
        }
    }
}

#[test]
fn a_reader_that_closes_its_sending_half_still_gets_everything() {
    let bytes = pattern(LEN, 42);
    for kind in [Kind::Unix, Kind::Tcp] {
        let (socket, peer) = pair(kind);
        peer.options().shutdown(Shutdown::Write).unwrap();
        let collected = collect(peer);
        let report =
            blocking::drain(&socket, &mut queue_of(&bytes, false), &Policy::default()).unwrap();
        drop(socket);
        assert_eq!(report.accepted, LEN as u64);
        assert!(collected.join().unwrap() == bytes);
    }
}

#[test]
fn a_reader_that_closes_its_receiving_half_takes_no_more() {
    let bytes = pattern(LEN, 43);
    let (socket, peer) = pair(Kind::Unix);
    peer.options().shutdown(Shutdown::Read).unwrap();
    let mut queue = queue_of(&bytes, false);
    let error = blocking::drain(&socket, &mut queue, &Policy::default()).unwrap_err();
    assert_eq!((error.kind(), error.sent()), (SendErrorKind::Closed, 0));
}

#[test]
fn one_thousand_and_twenty_five_segments_take_two_calls_and_lose_nothing() {
    let bytes = pattern(1025 * 200, 44);
    for kind in [Kind::Unix, Kind::Tcp] {
        let (socket, peer) = pair(kind);
        let collected = collect(peer);
        let mut queue = SendQueue::new();
        queue.extend(bytes.chunks(200));
        let policy = Policy { coalesce_below: 0, ..Policy::DEFAULT };
        let report = blocking::drain(&socket, &mut queue, &policy).unwrap();
        drop(socket);
        assert!(report.calls >= 2, "1024 is the most that one call shows");
        assert!(report.calls < 100 && report.coalesced == 0, "{report:?}");
        assert!(collected.join().unwrap() == bytes);
    }
}

#[test]
fn delivery_tells_what_the_peer_s_kernel_has() {
    for active in [true, false] {
        let (connecting, accepting) = pair(Kind::Tcp);
        let (socket, mut peer) =
            if active { (connecting, accepting) } else { (accepting, connecting) };
        socket.options().set_nonblocking(true).unwrap();
        let bytes = vec![7; 64 << 20];
        let mut queue = queue_of(&bytes, false);
        let mut sender = Sender::new(&Policy::default());
        while sender.step(&socket, &mut queue).unwrap() == Step::TurnOver {}
        assert!(!queue.is_empty(), "the buffers hold less than that");
        let accepted = queue.offset();
        // The peer reads all that was accepted; then the kernel has acknowledged
        // it, or will without anybody's help.
        let mut read = vec![0; usize::try_from(accepted).unwrap()];
        peer.read_exact(&mut read).unwrap();
        let delivery = (0..2000).map(|_| {
            thread::sleep(Duration::from_millis(1));
            Delivery::of(&socket, accepted).unwrap()
        });
        let delivered = delivery.into_iter().find(|delivery| delivery.acknowledged == accepted);
        let delivered = delivered.expect("what was read is acknowledged before long");
        assert_eq!((delivered.in_flight, delivered.unsent), (0, 0));
        // The end of the stream is no byte of it.
        socket.options().shutdown(Shutdown::Write).unwrap();
        assert_eq!(Delivery::of(&socket, accepted).unwrap().acknowledged, accepted);
    }
}

#[test]
fn a_reader_that_has_stopped_leaves_bytes_unacknowledged() {
    let (socket, _peer) = pair(Kind::Tcp);
    socket.options().set_nonblocking(true).unwrap();
    let bytes = vec![7; 64 << 20];
    let mut queue = queue_of(&bytes, false);
    let mut sender = Sender::new(&Policy::default());
    while sender.step(&socket, &mut queue).unwrap() == Step::TurnOver {}
    let delivery = Delivery::of(&socket, queue.offset()).unwrap();
    assert!(delivery.unsent > 0 && delivery.acknowledged > 0, "{delivery}");
    assert!(delivery.to_string().contains("were not sent"), "{delivery}");
    let diagnosis = Diagnosis::of(&socket).unwrap();
    thread::sleep(Duration::from_millis(50));
    let since = Diagnosis::of(&socket).unwrap().since(&diagnosis);
    assert_eq!(since.bottleneck(), Bottleneck::Peer, "{since}");
    assert!(since.to_string().starts_with("if this connection is slow: the peer"), "{since}");
}

#[test]
fn a_connection_that_has_nothing_to_send_is_not_blamed() {
    let (socket, _peer) = pair(Kind::Tcp);
    assert_eq!(Diagnosis::of(&socket).unwrap().bottleneck(), Bottleneck::Nothing);
}

#[test]
fn unix_sockets_have_neither_delivery_nor_diagnosis() {
    let (socket, _peer) = pair(Kind::Unix);
    assert!(Delivery::of(&socket, 0).is_err());
    assert!(Diagnosis::of(&socket).is_err());
    assert!(limit_unsent(&socket, 1000).is_err());
}

#[test]
fn a_limit_for_unsent_bytes_keeps_them_out_of_the_kernel() {
    let bytes = vec![7; 64 << 20];
    let unsent = |limit: Option<u32>| {
        let (socket, _peer) = pair(Kind::Tcp);
        socket.options().set_nonblocking(true).unwrap();
        if let Some(limit) = limit {
            limit_unsent(&socket, limit).unwrap();
        }
        let mut queue = queue_of(&bytes, false);
        let mut sender = Sender::new(&Policy::default());
        while sender.step(&socket, &mut queue).unwrap() == Step::TurnOver {}
        Delivery::of(&socket, queue.offset()).unwrap().unsent
    };
    let (limited, unlimited) = (unsent(Some(16 << 10)), unsent(None));
    assert!(limited < unlimited / 2, "{limited} with a limit, {unlimited} without");
}

/// Pushes while the marks allow, to a reader that has stopped; the pool's blocks
/// bound the memory.
#[test]
fn a_stopped_reader_holds_no_more_memory_than_the_marks_say() {
    const BLOCK: usize = 16 << 10;
    const HIGH: u64 = 256 << 10;
    let pool = Pool::builder().block_size(BLOCK).blocks(64).build().unwrap();
    let (socket, mut peer) = pair(Kind::Tcp);
    socket.options().set_nonblocking(true).unwrap();
    limit_unsent(&socket, 16 << 10).unwrap();
    let mut tap = Watermarks::new(HIGH / 2, HIGH);
    let mut queue = SendQueue::new();
    let mut sender = Sender::new(&Policy::default());
    let (mut pushed, mut most) = (0, 0);
    let mut fill = |queue: &mut SendQueue<'_>| loop {
        let unsent = Delivery::of(&socket, queue.offset()).unwrap().unsent;
        if !tap.is_open(queue.pending() + unsent) {
            break;
        }
        let mut block = pool.acquire().unwrap();
        block.copy_from(&[7; BLOCK]);
        queue.push(block.freeze());
        pushed += BLOCK as u64;
        most = most.max(queue.pending());
        while sender.step(&socket, queue).unwrap() == Step::TurnOver {}
    };
    fill(&mut queue);
    let (stopped_at, held) = (queue.pending(), 64 - pool.idle());
    assert!(stopped_at <= HIGH + BLOCK as u64);
    assert!(held as u64 <= (HIGH / BLOCK as u64) + 2, "{held} blocks are held");
    // When the peer reads on, the tap opens.
    let mut read = 0;
    for _ in 0..2000 {
        let mut part = [0; 16 << 10];
        let n = peer.read(&mut part).unwrap();
        assert!(part[..n].iter().all(|&byte| byte == 7));
        read += n as u64;
        fill(&mut queue);
        if read > 1 << 20 {
            break;
        }
        // The socket may have room although the tap is closed.
        Sender::new(&Policy::default()).step(&socket, &mut queue).unwrap();
    }
    assert!(read > 1 << 20 && most <= HIGH + BLOCK as u64, "{read} read, {most} at most");
    assert!(pushed > HIGH + BLOCK as u64, "or the tap never opened again");
}

#[test]
fn a_file_that_grows_is_sent_as_far_as_its_range() {
    let bytes = pattern(100_000, 46);
    let file = file_of(&bytes);
    let mut queue = SendQueue::new();
    queue.push(FileRange::whole(Arc::clone(&file)).unwrap());
    file.set_len(200_000).unwrap();
    let (socket, peer) = pair(Kind::Unix);
    let collected = collect(peer);
    blocking::drain(&socket, &mut queue, &Policy::default()).unwrap();
    drop(socket);
    assert!(collected.join().unwrap() == bytes);
}

#[test]
fn bytes_that_a_socket_never_took_are_not_called_delivered() {
    let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).unwrap();
    assert_eq!(Delivery::of(&socket, 0).unwrap().acknowledged, 0);
    let error = Delivery::of(&socket, 5).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::InvalidInput);
    assert!(error.to_string().starts_with("5 bytes are said to be accepted"), "{error}");
}
