//! Read and write through one buffer of 64 KiB: the careful hand's way.

use std::fs::File;
use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::path::Path;

use crate::contenders::{Contender, Done, HEADER, Kind, Run, TRAILER};

pub(super) const CONTENDER: Contender = Contender {
    name: "read-write-64k",
    kind: Kind::Peer,
    about: "read + write_all through one 64 KiB buffer",
    up_to: u64::MAX,
    blocking: true,
    text_only: false,
    run: Run::SendFile(run),
};

fn run(path: &Path, mut socket: &TcpStream) -> io::Result<Done> {
    let mut file = File::open(path)?;
    let mut buf = vec![0; 64 << 10];
    let mut copied = 0;
    socket.write_all(HEADER)?;
    loop {
        let n = file.read(&mut buf)?;
        if n == 0 {
            break;
        }
        socket.write_all(&buf[..n])?;
        copied += 2 * n as u64;
    }
    socket.write_all(TRAILER)?;
    Ok(Done::sent(copied + (HEADER.len() + TRAILER.len()) as u64))
}
