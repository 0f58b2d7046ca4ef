//! The rest is copied after each send: Python's habit, `data = data[sent:]`.
//!
//! Slicing `bytes` copies in Python, and that line is in every tutorial of its
//! socket module. A Rust programmer would hardly write it; it stands here for
//! comparison and is no baseline.

use std::io::{self, Write};
use std::net::TcpStream;

use super::wait_until_writable;
use crate::contenders::{Contender, Done, Kind, Run};

pub(super) const CONTENDER: Contender = Contender {
    name: "copy-rest",
    kind: Kind::Naive,
    about: "data = data[sent..].to_vec(), Python's habit",
    up_to: 16 << 20,
    blocking: false,
    text_only: false,
    run: Run::SendMemory(run),
};

fn run(mut data: Vec<u8>, mut socket: &TcpStream) -> io::Result<Done> {
    let total = data.len() as u64;
    while !data.is_empty() {
        match socket.write(&data) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(sent) => data = data[sent..].to_vec(),
            Err(e) if e.kind() == io::ErrorKind::WouldBlock => wait_until_writable(socket)?,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    Ok(Done::sent(total))
}
