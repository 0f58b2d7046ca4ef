//! The buffer is drained by what was taken: the rest moves to the front.
//!
//! This is how Rust programs usually keep a write buffer. It can be read in
//! public in the write buffers of many servers written over `mio`, and stood for
//! years in tungstenite's frame codec (`out_buffer.drain(0..len)` after each
//! `write`). With a socket that takes a little at a time, each call moves
//! everything that is left.

use std::io::{self, Write};
use std::net::TcpStream;

use super::wait_until_writable;
use crate::contenders::{Contender, Done, Kind, Run};

pub(super) const CONTENDER: Contender = Contender {
    name: "vec-drain",
    kind: Kind::Naive,
    about: "buf.drain(..n) after each partial send",
    up_to: u64::MAX,
    blocking: false,
    text_only: false,
    run: Run::SendMemory(run),
};

fn run(mut buf: Vec<u8>, mut socket: &TcpStream) -> io::Result<Done> {
    let total = buf.len() as u64;
    while !buf.is_empty() {
        match socket.write(&buf) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(n) => drop(buf.drain(..n)),
            Err(e) if e.kind() == io::ErrorKind::WouldBlock => wait_until_writable(socket)?,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    Ok(Done::sent(total))
}
