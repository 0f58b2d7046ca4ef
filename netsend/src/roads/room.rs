//! How much a socket takes without waiting, for calls that have no flag for
//! "do not wait".

use std::io;
use std::os::fd::BorrowedFd;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{OFlags, fcntl_getfl};
use rustix::io::Errno;
use rustix::net::sockopt::socket_send_buffer_size;

use super::sys::unsent_limit;

/// A socket that is sent to by `sendfile` or `splice`.
#[derive(Debug)]
pub(super) struct Room<'s> {
    socket: BorrowedFd<'s>,
    nonblocking: bool,
}

impl<'s> Room<'s> {
    pub(super) fn of(socket: BorrowedFd<'s>) -> io::Result<Self> {
        let nonblocking = fcntl_getfl(socket)?.contains(OFlags::NONBLOCK);
        Ok(Self { socket, nonblocking })
    }

    /// The room of a socket that is known to be non-blocking.
    #[cfg(feature = "tokio")]
    pub(super) fn nonblocking(socket: BorrowedFd<'s>) -> Self {
        Self { socket, nonblocking: true }
    }

    pub(super) fn socket(&self) -> BorrowedFd<'s> {
        self.socket
    }

    /// How much a blocking socket takes now without waiting, so that the clocks
    /// are heard; would-block if that is nothing. A non-blocking socket says so
    /// itself, and gets `len`.
    ///
    /// A TCP socket polls as writable when a third of its buffer is free (and half of its
    /// limit for unsent bytes, if it has one), a Unix
    /// socket when three quarters are: a third fits in either case. Whoever
    /// sends through the same socket from another thread may take that room
    /// first, and then the call waits, as calls on blocking sockets do.
    ///
    /// Rejected: a half for Unix sockets, which fits as well. The sender's processor
    /// time fell by a fifth, and that of both ends rose by more (bench `sender_cpu`,
    /// group `file-unix`): the ends then took turns instead of working side by side.
    ///
    /// Rejected: switching the socket to non-blocking for the time, or giving
    /// it a short `SO_SNDTIMEO`. Both are properties of the socket, which others
    /// share: their own calls would fail, and a killed process would leave it
    /// changed.
    pub(super) fn up_to(&self, len: u64) -> io::Result<usize> {
        let len = usize::try_from(len).unwrap_or(usize::MAX);
        if self.nonblocking {
            return Ok(len);
        }
        let mut fds = [PollFd::new(&self.socket, PollFlags::OUT)];
        if poll(&mut fds, Some(&Timespec::default()))? == 0 {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        let third = socket_send_buffer_size(self.socket)? / 3;
        Ok(third.min(self.unsent_room()).clamp(1, len.max(1)))
    }

    /// What `TCP_NOTSENT_LOWAT` leaves. The socket polls as writable when less than half
    /// of it waits unsent, and a call waits when all of it does: half fits.
    fn unsent_room(&self) -> usize {
        match unsent_limit(self.socket) {
            Ok(0) | Err(_) => usize::MAX, // none of its own, or no TCP socket
            Ok(limit) => usize::try_from(limit).unwrap_or(usize::MAX) / 2,
        }
    }
}

/// `sendfile` and `splice` say in several ways that they do not serve this pair
/// of descriptors, and do not say which of the two is to blame. None of them comes
/// after a byte was moved, so another road finds out.
pub(super) fn refusal(error: Errno) -> io::Error {
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
