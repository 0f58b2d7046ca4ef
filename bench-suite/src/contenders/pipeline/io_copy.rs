//! The standard library's `io::copy` from the file to the socket.

use std::fs::File;
use std::io::{self, Write};
use std::net::TcpStream;
use std::path::Path;

use crate::contenders::{Contender, Done, HEADER, Kind, Run, TRAILER};

pub(super) const CONTENDER: Contender = Contender {
    name: "io-copy",
    kind: Kind::Peer,
    about: "std::io::copy(&mut file, &mut socket)",
    up_to: u64::MAX,
    blocking: true,
    text_only: false,
    run: Run::SendFile(run),
};

fn run(path: &Path, mut socket: &TcpStream) -> io::Result<Done> {
    let mut file = File::open(path)?;
    socket.write_all(HEADER)?;
    let copied = io::copy(&mut file, &mut socket)?;
    socket.write_all(TRAILER)?;
    // Into a socket, it reads and writes through 8 KiB on the stack.
    Ok(Done::sent(2 * copied + (HEADER.len() + TRAILER.len()) as u64))
}
