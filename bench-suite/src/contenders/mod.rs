//! The ways of doing a job, one small file each.
//!
//! A contender gets its input and a connected socket, and sends. What it sends
//! is checked byte by byte by a receiver that it does not know. It returns how
//! many bytes the kernel copied on its side, derived from the calls it made;
//! everything else is measured around it.

mod send_copy_rest;
mod send_drain;
mod send_queue;
mod send_write_all;

mod pipeline_io_copy;
mod pipeline_pool_views;
mod pipeline_queue_file;
mod pipeline_read_concat;
mod pipeline_read_write;

use std::io;
use std::net::TcpStream;
use std::path::Path;

use serde::{Deserialize, Serialize};

/// What is sent before the file by the pipeline job.
pub const HEADER: &[u8] = b"uncopied/1 log follows\r\n\r\n";
/// What is sent after the file by the pipeline job.
pub const TRAILER: &[u8] = b"\r\n-- end of log --\r\n";

/// One way of doing a job.
pub struct Contender {
    /// Its name on the command line and in the tables.
    pub name: &'static str,
    /// Whose way it is.
    pub kind: Kind,
    /// What it does, in a few words.
    pub about: &'static str,
    /// The largest input in bytes that it is put to: a way whose cost grows with
    /// the square of the size would keep everyone waiting.
    pub up_to: u64,
    /// Whether it wants its socket in blocking mode.
    pub blocking: bool,
    /// The code.
    pub run: Run,
}

/// Whose way of doing a job it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Code as people write it before they think about copies.
    Naive,
    /// Code of the standard library, of other crates, or of a careful hand.
    Peer,
    /// This toolkit.
    Uncopied,
}

/// The code of a contender, by what it is given. Each returns the bytes that
/// the kernel copied on the sending side.
#[derive(Clone, Copy)]
pub enum Run {
    /// Sends bytes from memory.
    Memory(fn(Vec<u8>, &TcpStream) -> io::Result<u64>),
    /// Sends [`HEADER`], a file, and [`TRAILER`].
    File(fn(&Path, &TcpStream) -> io::Result<u64>),
}

/// The contenders of the send job; the first naive one is the baseline.
pub static SEND: &[Contender] = &[
    send_drain::CONTENDER,
    send_copy_rest::CONTENDER,
    send_queue::CONTENDER,
    send_write_all::CONTENDER,
];

/// The contenders of the pipeline job; the first naive one is the baseline.
pub static PIPELINE: &[Contender] = &[
    pipeline_read_concat::CONTENDER,
    pipeline_queue_file::CONTENDER,
    pipeline_pool_views::CONTENDER,
    pipeline_io_copy::CONTENDER,
    pipeline_read_write::CONTENDER,
];

/// Waits until a non-blocking socket takes bytes again.
fn wait_until_writable(socket: &TcpStream) -> io::Result<()> {
    use std::os::fd::AsFd;

    use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
    poll(&mut [PollFd::new(socket.as_fd(), PollFlags::POLLOUT)], PollTimeout::NONE)?;
    Ok(())
}
