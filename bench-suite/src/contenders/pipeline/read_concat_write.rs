//! The file is read whole, joined with header and trailer, and written.
//!
//! This is the web server of the Rust book's last chapter: `fs::read_to_string`,
//! `format!` of status line, length and contents, `write_all`. Small services
//! are written like that every day.

use std::fs;
use std::io::{self, Write};
use std::net::TcpStream;
use std::path::Path;

use crate::contenders::{Contender, Done, HEADER, Kind, Run, TRAILER};

pub(super) const CONTENDER: Contender = Contender {
    name: "read-concat-write",
    kind: Kind::Naive,
    about: "fs::read, [header, body, trailer].concat(), write_all",
    up_to: u64::MAX,
    blocking: true,
    text_only: false,
    run: Run::SendFile(run),
};

fn run(path: &Path, mut socket: &TcpStream) -> io::Result<Done> {
    let body = fs::read(path)?;
    let message = [HEADER, &body, TRAILER].concat();
    socket.write_all(&message)?;
    // Out of the page cache, and into the socket.
    Ok(Done::sent((body.len() + message.len()) as u64))
}
