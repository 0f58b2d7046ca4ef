//! One `SendQueue`: a cursor moves, the bytes stay.

use std::io;
use std::net::TcpStream;

use netsend::{Policy, SendQueue, blocking};

use crate::contenders::{Contender, Done, Kind, Run};

pub(super) const CONTENDER: Contender = Contender {
    name: "queue",
    kind: Kind::Uncopied,
    about: "SendQueue, advanced by what was taken",
    up_to: u64::MAX,
    blocking: false,
    text_only: false,
    run: Run::SendMemory(run),
};

fn run(data: Vec<u8>, socket: &TcpStream) -> io::Result<Done> {
    let mut queue = SendQueue::new();
    queue.push(data);
    let report = blocking::drain(socket, &mut queue, &Policy::default())?;
    Ok(Done::sent(report.kernel_copied()))
}
