//! One `SendQueue` with a file range: the body never enters user space.

use std::fs::File;
use std::io;
use std::net::TcpStream;
use std::path::Path;

use netsend::{FileRange, Policy, SendQueue, blocking};

use crate::contenders::{Contender, Done, HEADER, Kind, Run, TRAILER};

pub(super) const CONTENDER: Contender = Contender {
    name: "queue-file",
    kind: Kind::Uncopied,
    about: "SendQueue: header, file range (sendfile), trailer",
    up_to: u64::MAX,
    blocking: true,
    text_only: false,
    run: Run::SendFile(run),
};

fn run(path: &Path, socket: &TcpStream) -> io::Result<Done> {
    let mut queue = SendQueue::new();
    queue.push(HEADER);
    queue.push(FileRange::whole(File::open(path)?)?);
    queue.push(TRAILER);
    queue.end_message();
    let report = blocking::drain(socket, &mut queue, &Policy::default())?;
    Ok(Done::sent(report.kernel_copied()))
}
