//! Mends the waiting thread of `s5`: one thread serves many connections, one step at a
//! time, in a poll loop of its own (on mio).
//!
//! **Its flaw:** the loop is written by hand, and everything else that the thread does
//! has to fit into it.

use std::io::Read;
use std::thread;
use std::time::Duration;

use mio::net::UnixStream;
use mio::{Events, Interest, Poll, Token};
use netsend::nonblocking::{Sender, Step};
use netsend::{Policy, SendQueue};

struct Connection {
    socket: UnixStream,
    queue: SendQueue<'static>,
    sender: Sender,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    const CONNECTIONS: usize = 20;
    let mut poll = Poll::new()?;
    let mut readers = Vec::new();
    let mut connections = Vec::new();
    let shared = buffers::SharedBuf::from(vec![7_u8; 1 << 20]);
    for i in 0..CONNECTIONS {
        let (near, mut far) = std::os::unix::net::UnixStream::pair()?;
        near.set_nonblocking(true)?;
        readers.push(thread::spawn(move || {
            let mut all = Vec::new();
            far.read_to_end(&mut all).map(|n| n as u64)
        }));
        let mut socket = UnixStream::from_std(near);
        poll.registry().register(&mut socket, Token(i), Interest::WRITABLE)?;
        let mut queue = SendQueue::new();
        queue.push(format!("for connection {i}: "));
        queue.push(shared.clone());
        queue.end_message();
        let sender = Sender::new(&Policy::default());
        connections.push(Some(Connection { socket, queue, sender }));
    }

    let (mut events, mut waiting) = (Events::with_capacity(64), Vec::new());
    let (mut sent, mut steps) = (0, 0);
    let mut patience = Some(Duration::ZERO);
    while connections.iter().any(Option::is_some) {
        // A clock may have something to say although no socket has.
        let timed_out = poll.poll(&mut events, patience).is_ok() && events.is_empty();
        waiting.extend(events.iter().map(|event| event.token().0));
        if timed_out {
            waiting = (0..CONNECTIONS).collect();
        }
        patience = None;
        for i in std::mem::take(&mut waiting) {
            let Some(Connection { socket, queue, sender }) = &mut connections[i] else {
                continue;
            };
            steps += 1;
            match sender.step(socket, queue)? {
                Step::Done(report) => {
                    sent += report.accepted;
                    connections[i] = None;
                }
                Step::Blocked(limit) => {
                    patience = [patience, limit].into_iter().flatten().min();
                }
                Step::TurnOver => {
                    waiting.push(i);
                    patience = Some(Duration::ZERO);
                }
            }
        }
    }
    let received: u64 = readers
        .into_iter()
        .map(|reader| reader.join().expect("it reads on"))
        .sum::<Result<_, _>>()?;
    println!(
        "s6 non-blocking: {received} bytes received, {CONNECTIONS} connections, {steps} steps"
    );
    assert_eq!(sent, received);
    Ok(())
}
