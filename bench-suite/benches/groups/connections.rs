//! A thousand connections on one thread against one, each with its own watermarks; and
//! the same by a loop of `write`, which tells how much of the difference is the kernel's.

use std::io::{self, ErrorKind, Write};
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
const HIGH: usize = 256 << 10;
/// What one connection may send before the next has its turn.
const TURN: usize = 2 << 20;

#[derive(Clone, Copy)]
enum Way {
    Queue,
    /// A loop of `write`, as one writes it by hand.
    Hand,
}

struct Connection {
    socket: mio::net::TcpStream,
    queue: SendQueue<'static>,
    sender: Sender,
    tap: Watermarks,
    /// Bytes that are still to be sent, or to be pushed.
    left: usize,
}

/// How a connection stands after its turn.
enum After {
    Done,
    Blocked,
    TurnOver,
}

#[derive(Clone)]
struct Run {
    cpu: f64,
    wall: f64,
    /// The most bytes that stood in any queue.
    pending: u64,
}

/// The same number of bytes, over one connection and over a thousand.
pub(crate) fn one_and_a_thousand(plan: Plan, name: &str) {
    let content = SharedBuf::from(super::payload(HIGH));
    let total = if plan.rounds > 1 { TOTAL } else { TOTAL / 64 };
    say!("\n**{name}: {total} bytes in all, TCP, one thread, the receiver discards**\n");
    say!(
        "| contender | connections | sender CPU s/GiB | ratio | GiB/s | most pending a connection |"
    );
    say!("|---|---|---|---|---|---|");
    let mut fields = [("queue", Way::Queue), ("loop of write", Way::Hand)]
        .map(|(name, way)| [1, 1000].map(|count| (name, way, count, Vec::new())))
        .concat();
    for _ in 0..plan.rounds.min(5) {
        for (_, way, count, runs) in &mut fields {
            runs.push(run(*way, *count, total / *count, &content));
        }
    }
    let mut first = None;
    for (name, _, count, runs) in &mut fields {
        runs.sort_by(|a, b| a.cpu.total_cmp(&b.cpu));
        let Run { cpu, wall, pending } = runs[runs.len() / 2];
        let gib = gib(total / *count * *count);
        let (cpu, speed) = (cpu / gib, gib / wall);
        let ratio = match (&mut first, *count) {
            (first, 1) => cpu / *first.insert(cpu),
            (first, _) => cpu / first.unwrap_or(cpu),
        };
        say!("| {name} | {count} | {cpu:.3} | {ratio:.2} | {speed:.2} | {pending} |");
    }
}

fn run(way: Way, count: usize, each: usize, content: &SharedBuf) -> Run {
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
        let tap = Watermarks::new(HIGH as u64 / 2, HIGH as u64);
        connections.push(Some(Connection { socket, queue, sender, tap, left: each }));
    }
    let receiver = thread::spawn(move || discard(&peers));
    let (start, cpu) = (Instant::now(), cpu_of_thread());
    let pending = serve(way, &mut poll, &mut connections, content).expect("all of it is sent");
    let cpu = cpu_of_thread().saturating_sub(cpu).as_secs_f64();
    let got = receiver.join().expect("the receiver does not panic").expect("it reads on");
    assert_eq!(got, count * each, "each byte arrives");
    Run { cpu, wall: start.elapsed().as_secs_f64(), pending }
}

fn serve(
    way: Way,
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
            let after = match way {
                Way::Queue => connection.step(content, &mut most)?,
                Way::Hand => connection.write(content)?,
            };
            match after {
                After::Done => {
                    connections[i] = None;
                    open -= 1;
                }
                After::Blocked => {}
                After::TurnOver => turn.push(i),
            }
        }
    }
    Ok(most)
}

impl Connection {
    /// Tops the queue up to its watermark and sends from it.
    fn step(&mut self, content: &SharedBuf, most: &mut u64) -> io::Result<After> {
        while self.left > 0 && self.tap.is_open(self.queue.pending()) {
            let n = PIECE.min(self.left);
            self.queue.push(content.slice(..n));
            self.left -= n;
            *most = (*most).max(self.queue.pending());
        }
        Ok(match self.sender.step(&self.socket, &mut self.queue)? {
            Step::Done(_) if self.left == 0 => After::Done,
            Step::Blocked(_) => After::Blocked,
            Step::Done(_) | Step::TurnOver => After::TurnOver,
        })
    }

    fn write(&mut self, content: &[u8]) -> io::Result<After> {
        let end = self.left.saturating_sub(TURN);
        while self.left > end {
            match self.socket.write(&content[..HIGH.min(self.left)]) {
                Ok(n) => self.left -= n,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(After::Blocked),
                Err(error) => return Err(error),
            }
        }
        Ok(if self.left == 0 { After::Done } else { After::TurnOver })
    }
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
