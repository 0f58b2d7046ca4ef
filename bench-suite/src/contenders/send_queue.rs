//! One `SendQueue`: a cursor moves, the bytes stay.

use std::io;
use std::net::TcpStream;

use netsend::{Policy, SendQueue, blocking};

use super::{Contender, Kind, Run};

pub(super) const CONTENDER: Contender = Contender {
    name: "queue",
    kind: Kind::Uncopied,
    about: "SendQueue, advanced by what was taken",
    up_to: u64::MAX,
    blocking: false,
    run: Run::Memory(run),
};

fn run(data: Vec<u8>, socket: &TcpStream) -> io::Result<u64> {
    let mut queue = SendQueue::new();
    queue.push(data);
    let report = blocking::drain(socket, &mut queue, &Policy::default())?;
    Ok(report.kernel_copied())
}
