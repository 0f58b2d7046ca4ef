//! How much a socket takes without waiting, for calls that have no flag for
//! "do not wait".

use std::io;
use std::os::fd::BorrowedFd;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{OFlags, fcntl_getfl};
use rustix::io::Errno;
use rustix::net::sockopt::{socket_domain, socket_send_buffer_size};
use rustix::net::{AddressFamily, SendFlags, send};

use super::sys::{SendMemory, send_memory, unsent, unsent_limit};

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
            Mode::BlockingUnix => self.counted_room(true)?,
            Mode::Blocking => self.counted_room(false)?,
        };
        Ok(room.clamp(1, len.max(1)))
    }

    /// What the kernel's own count leaves of the buffer, less an eighth for what it keeps
    /// beside the bytes of this call. A call waits when all of the buffer is in use.
    ///
    /// `poll` says that there is room when a third of a TCP socket's buffer is free, three
    /// quarters of a Unix socket's, and half of the limit for unsent bytes, if there is
    /// one. So less than a quarter, or than half of that limit, is worth waiting for.
    ///
    /// Rejected: a third of the buffer whenever `poll` says that there is room. Many small
    /// packets take more memory than they have bytes, and a call for a whole third then
    /// waited where no clock saw it. A Unix socket's two ends took turns by it, and the
    /// sender cost three times as much (bench `sender_cpu`, group `file-unix`).
    fn counted_room(&self, unix: bool) -> io::Result<usize> {
        let Ok(SendMemory { buffer, allocated, queued }) = send_memory(self.socket) else {
            return self.polled_room(); // a kernel before 4.12
        };
        let free = buffer.saturating_sub(if unix { allocated } else { queued });
        if free < buffer / 4 {
            return Err(self.full());
        }
        Ok((free - free / 8).min(self.unsent_room(unix)?))
    }

    /// What `TCP_NOTSENT_LOWAT` leaves, less an eighth.
    fn unsent_room(&self, unix: bool) -> io::Result<usize> {
        let limit = if unix { 0 } else { unsent_limit(self.socket).unwrap_or(0) };
        if limit == 0 {
            return Ok(usize::MAX);
        }
        let limit = u64::from(limit);
        let free = limit.saturating_sub(unsent(self.socket)?);
        if free <= limit / 2 {
            return Err(self.full());
        }
        Ok(usize::try_from(free - free / 8).unwrap_or(usize::MAX))
    }

    /// A quarter of the buffer fits where `poll` says that there is room, unless the
    /// packets are tiny.
    fn polled_room(&self) -> io::Result<usize> {
        let mut fds = [PollFd::new(&self.socket, PollFlags::OUT)];
        if poll(&mut fds, Some(&Timespec::default()))? == 0 {
            return Err(self.full());
        }
        Ok(socket_send_buffer_size(self.socket)? / 4)
    }

    /// Why nothing can be sent: there is no room, unless the connection is over. A full
    /// socket that was shut down keeps that to itself until it is sent to, be it no byte.
    fn full(&self) -> io::Error {
        let flags = SendFlags::DONTWAIT | SendFlags::NOSIGNAL;
        match send(self.socket, &[], flags) {
            Ok(_) => io::ErrorKind::WouldBlock.into(),
            Err(error) => error.into(),
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
        // What a filter of system calls may answer.
        | Errno::PERM
        | Errno::ACCESS
        | Errno::IO
        | Errno::ISDIR
        | Errno::OVERFLOW => io::ErrorKind::Unsupported.into(),
        error => error.into(),
    }
}
