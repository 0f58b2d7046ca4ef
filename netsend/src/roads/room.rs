//! How much a socket takes without waiting, for calls that have no flag for
//! "do not wait".

use std::io;
use std::os::fd::BorrowedFd;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{OFlags, fcntl_getfl};
use rustix::io::Errno;
use rustix::net::AddressFamily;
use rustix::net::sockopt::{socket_domain, socket_send_buffer_size};

use super::sys::{unacknowledged, unsent_limit};

/// A socket that is sent to by `sendfile` or `splice`.
#[derive(Debug)]
pub(super) struct Room<'s> {
    socket: BorrowedFd<'s>,
    mode: Mode,
}

#[derive(Clone, Copy, Debug)]
enum Mode {
    /// Says itself that it takes no more.
    Nonblocking,
    BlockingUnix,
    Blocking,
}

impl<'s> Room<'s> {
    pub(super) fn of(socket: BorrowedFd<'s>) -> io::Result<Self> {
        let mode = if fcntl_getfl(socket)?.contains(OFlags::NONBLOCK) {
            Mode::Nonblocking
        } else if socket_domain(socket)? == AddressFamily::UNIX {
            Mode::BlockingUnix
        } else {
            Mode::Blocking
        };
        Ok(Self { socket, mode })
    }

    /// The room of a socket that is known to be non-blocking.
    #[cfg(feature = "tokio")]
    pub(super) fn nonblocking(socket: BorrowedFd<'s>) -> Self {
        Self { socket, mode: Mode::Nonblocking }
    }

    pub(super) fn socket(&self) -> BorrowedFd<'s> {
        self.socket
    }

    /// How much a blocking socket takes now without waiting, so that the clocks
    /// are heard; would-block if that is nothing. A non-blocking socket says so
    /// itself, and gets `len`.
    ///
    /// Whoever sends through the same socket from another thread may take that room
    /// first, and then the call waits, as calls on blocking sockets do.
    ///
    /// Rejected: switching the socket to non-blocking for the time, or giving
    /// it a short `SO_SNDTIMEO`. Both are properties of the socket, which others
    /// share: their own calls would fail, and a killed process would leave it
    /// changed.
    pub(super) fn up_to(&self, len: u64) -> io::Result<usize> {
        let len = usize::try_from(len).unwrap_or(usize::MAX);
        let room = match self.mode {
            Mode::Nonblocking => return Ok(len),
            Mode::BlockingUnix => self.unix_room()?,
            Mode::Blocking => self.polled_room()?,
        };
        Ok(room.clamp(1, len.max(1)))
    }

    /// A Unix socket takes bytes as long as those that wait are fewer than its buffer,
    /// and `SIOCOUTQ` tells how many those are. An eighth is left for what the kernel
    /// keeps beside them.
    ///
    /// Rejected: a third of the buffer whenever `poll` says that there is room, as for
    /// TCP. A Unix socket polls as writable only when three quarters are free, so the two
    /// ends took turns, and the sender cost three times as much (bench `sender_cpu`, group
    /// `file-unix`).
    fn unix_room(&self) -> io::Result<usize> {
        let buffer = socket_send_buffer_size(self.socket)?;
        let waiting = usize::try_from(unacknowledged(self.socket)?).unwrap_or(usize::MAX);
        let free = buffer.saturating_sub(waiting);
        if free < buffer / 4 {
            // Three quarters are free when `poll` says so, which is more than a quarter.
            return Err(io::ErrorKind::WouldBlock.into());
        }
        Ok(free - free / 8)
    }

    /// A TCP socket polls as writable when a third of its buffer is free, and half of its
    /// limit for unsent bytes, if it has one: a third fits.
    fn polled_room(&self) -> io::Result<usize> {
        let mut fds = [PollFd::new(&self.socket, PollFlags::OUT)];
        if poll(&mut fds, Some(&Timespec::default()))? == 0 {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        let third = socket_send_buffer_size(self.socket)? / 3;
        Ok(third.min(self.unsent_room()))
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
