//! `sendfile(2)`, which has neither a flag for "do not wait" nor one for "no
//! signal".

use std::fs::File;
use std::io;
use std::os::fd::BorrowedFd;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{OFlags, fcntl_getfl};
use rustix::io::Errno;
use rustix::net::sockopt::socket_send_buffer_size;

use super::sys::SigpipeMask;

/// A socket that is sent to by `sendfile`.
pub(super) struct Sendfile<'s> {
    socket: BorrowedFd<'s>,
    nonblocking: bool,
}

impl<'s> Sendfile<'s> {
    pub(super) fn prepare(socket: BorrowedFd<'s>) -> io::Result<Self> {
        let nonblocking = fcntl_getfl(socket)?.contains(OFlags::NONBLOCK);
        Ok(Self { socket, nonblocking })
    }

    pub(super) fn call(&mut self, file: &File, offset: u64, len: u64) -> io::Result<usize> {
        let most = if self.nonblocking { usize::MAX } else { self.room()? };
        let count = usize::try_from(len).map_or(most, |len| len.min(most));
        let mut at = offset;
        let mask = SigpipeMask::set()?;
        let answer = rustix::fs::sendfile(self.socket, file, Some(&mut at), count);
        if answer == Err(Errno::PIPE) {
            mask.take_pending();
        }
        answer.map_err(refusal)
    }

    /// How much a blocking socket takes now without waiting, so that the clocks
    /// are heard; would-block if that is nothing.
    ///
    /// A TCP socket polls as writable when a third of its buffer is free, a Unix
    /// socket when three quarters are: a third fits in either case. Whoever
    /// sends through the same socket from another thread may take that room
    /// first, and then the call waits, as calls on blocking sockets do.
    ///
    /// Rejected: switching the socket to non-blocking for the time, or giving
    /// it a short `SO_SNDTIMEO`. Both are properties of the socket, which others
    /// share: their own calls would fail, and a killed process would leave it
    /// changed.
    fn room(&self) -> io::Result<usize> {
        let mut fds = [PollFd::new(&self.socket, PollFlags::OUT)];
        if poll(&mut fds, Some(&Timespec::default()))? == 0 {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        Ok((socket_send_buffer_size(self.socket)? / 3).max(1))
    }
}

/// `sendfile` says in several ways that it does not serve this pair of
/// descriptors, and does not say which of the two is to blame. None of them comes
/// after it has moved a byte, so reading the file instead finds out.
fn refusal(error: Errno) -> io::Error {
    match error {
        Errno::INVAL
        | Errno::NOSYS
        | Errno::OPNOTSUPP
        | Errno::SPIPE
        | Errno::BADF
        | Errno::IO
        | Errno::ISDIR
        | Errno::OVERFLOW => io::ErrorKind::Unsupported.into(),
        error => error.into(),
    }
}
