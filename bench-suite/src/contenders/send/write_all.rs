//! The standard library's `write_all`, on a blocking socket.
//!
//! As fast as a cursor, because it is one. But it needs a blocking socket, it
//! has no clock, and when it fails the number of bytes sent is lost.

use std::io::{self, Write};
use std::net::TcpStream;

use crate::contenders::{Contender, Done, Kind, Run};

pub(super) const CONTENDER: Contender = Contender {
    name: "write_all",
    kind: Kind::Peer,
    about: "std's write_all, blocking; loses the count on error",
    up_to: u64::MAX,
    blocking: true,
    text_only: false,
    run: Run::SendMemory(run),
};

#[expect(clippy::needless_pass_by_value, reason = "others of the same job consume their input")]
fn run(data: Vec<u8>, mut socket: &TcpStream) -> io::Result<Done> {
    socket.write_all(&data)?;
    Ok(Done::sent(data.len() as u64))
}
