//! Sending bytes from memory through a TCP socket with small buffers.

mod copy_rest;
mod queue;
mod vec_drain;
mod write_all;

use std::io;
use std::net::TcpStream;
use std::os::fd::AsFd;

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use super::Contender;

/// The contenders; the first one is the baseline.
pub(super) static ALL: &[Contender] =
    &[vec_drain::CONTENDER, copy_rest::CONTENDER, queue::CONTENDER, write_all::CONTENDER];

/// Waits until a non-blocking socket takes bytes again.
fn wait_until_writable(socket: &TcpStream) -> io::Result<()> {
    poll(&mut [PollFd::new(socket.as_fd(), PollFlags::POLLOUT)], PollTimeout::NONE)?;
    Ok(())
}
