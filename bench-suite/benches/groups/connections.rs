//! A thousand connections on one thread against one, each with its own watermarks.

use std::io::{self, ErrorKind};
use std::mem::MaybeUninit;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::os::fd::AsRawFd;
use std::thread;
use std::time::Instant;

use buffers::SharedBuf;
use mio::{Events, Interest, Poll, Token};
use netsend::nonblocking::{Sender, Step};
use netsend::{Policy, SendQueue, Watermarks};
use socket2::{SockRef, Socket};

use crate::Plan;
use crate::lane::{cpu_of_thread, gib};

/// Enough that each of a thousand connections is past its beginning, in which the kernel
/// lets it send little.
const TOTAL: usize = 2 << 30;
const PIECE: usize = 64 << 10;
const HIGH: u64 = 256 << 10;

struct Connection {
    socket: mio::net::TcpStream,
    queue: SendQueue<'static>,
    sender: Sender,
    tap: Watermarks,
    /// Bytes that are still to be pushed.
    left: usize,
}

/// The same number of bytes, over one connection and over a thousand.
pub(crate) fn one_and_a_thousand(plan: Plan, name: &str) {
    let content = SharedBuf::from(super::payload(PIECE));
    let total = if plan.rounds > 1 { TOTAL } else { TOTAL / 64 };
    println!("\n{name}: {total} bytes in all, TCP, one thread, the receiver discards");
    println!("| connections | sender CPU s/GiB | ratio | GiB/s | most pending a connection |");
    println!("|---|---|---|---|---|");
    let mut first = None;
    for count in [1, 1000] {
        let mut runs: Vec<_> =
            (0..plan.rounds.min(5)).map(|_| run(count, total / count, &content)).collect();
        runs.sort_by(|a, b| a.0.total_cmp(&b.0));
        let (cpu, wall, pending) = runs[runs.len() / 2];
        let gib = gib(total / count * count);
        let ratio = cpu / gib / *first.get_or_insert(cpu / gib);
        let (cpu, speed) = (cpu / gib, gib / wall);
        println!("| {count} | {cpu:.3} | {ratio:.2} | {speed:.2} | {pending} |");
    }
}

/// Seconds of the sending thread's processor, seconds, and the most bytes that stood in
/// any queue.
fn run(count: usize, each: usize, content: &SharedBuf) -> (f64, f64, u64) {
    let mut poll = Poll::new().expect("a poll");
    let (mut connections, mut peers) = (Vec::new(), Vec::new());
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    for i in 0..count {
        let socket = TcpStream::connect(listener.local_addr().expect("it is bound"));
        let socket = socket.expect("a listener listens");
        socket.set_nonblocking(true).expect("a mode");
        peers.push(Socket::from(listener.accept().expect("a connection waits").0));
        let mut socket = mio::net::TcpStream::from_std(socket);
        let registry = poll.registry();
        registry.register(&mut socket, Token(i), Interest::WRITABLE).expect("a place");
        let (queue, sender) = (SendQueue::new(), Sender::new(&Policy::DEFAULT));
        let tap = Watermarks::new(HIGH / 2, HIGH);
        connections.push(Some(Connection { socket, queue, sender, tap, left: each }));
    }
    let receiver = thread::spawn(move || discard(&peers));
    let (start, cpu) = (Instant::now(), cpu_of_thread());
    let most = serve(&mut poll, &mut connections, content).expect("all of it is sent");
    let cpu = cpu_of_thread().saturating_sub(cpu).as_secs_f64();
    let got = receiver.join().expect("the receiver does not panic").expect("it reads on");
    assert_eq!(got, count * each, "each byte arrives");
    (cpu, start.elapsed().as_secs_f64(), most)
}

fn serve(
    poll: &mut Poll,
    connections: &mut [Option<Connection>],
    content: &SharedBuf,
) -> io::Result<u64> {
    let mut events = Events::with_capacity(1024);
    let (mut turn, mut open, mut most) = (Vec::new(), connections.len(), 0);
    while open > 0 {
        let nothing_to_do = turn.is_empty();
        poll.poll(&mut events, (!nothing_to_do).then_some(std::time::Duration::ZERO))?;
        turn.extend(events.iter().map(|event| event.token().0));
        for i in std::mem::take(&mut turn) {
            let Some(connection) = &mut connections[i] else {
                continue;
            };
            let Connection { socket, queue, sender, tap, left } = connection;
            while *left > 0 && tap.is_open(queue.pending()) {
                let n = content.len().min(*left);
                queue.push(content.slice(..n));
                *left -= n;
                most = most.max(queue.pending());
            }
            match sender.step(socket, queue)? {
                Step::Done(_) if *left == 0 => {
                    connections[i] = None;
                    open -= 1;
                }
                Step::Blocked(_) => {}
                Step::Done(_) | Step::TurnOver => turn.push(i),
            }
        }
    }
    Ok(most)
}

fn discard(peers: &[Socket]) -> io::Result<usize> {
    let mut poll = Poll::new()?;
    for (i, peer) in peers.iter().enumerate() {
        peer.set_nonblocking(true)?;
        let fd = peer.as_raw_fd();
        poll.registry().register(&mut mio::unix::SourceFd(&fd), Token(i), Interest::READABLE)?;
    }
    let mut room: Box<[MaybeUninit<u8>]> = Box::new_uninit_slice(1 << 20);
    let (mut events, mut got) = (Events::with_capacity(1024), 0);
    // An end may be told more than once.
    let mut ended = vec![false; peers.len()];
    while ended.contains(&false) {
        poll.poll(&mut events, None)?;
        for event in &events {
            let peer = SockRef::from(&peers[event.token().0]);
            loop {
                match peer.recv_with_flags(&mut room, libc::MSG_TRUNC) {
                    Ok(0) => {
                        ended[event.token().0] = true;
                        break;
                    }
                    Ok(n) => got += n,
                    Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                    Err(error) => return Err(error),
                }
            }
        }
    }
    Ok(got)
}
