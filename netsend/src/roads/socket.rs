//! Stream sockets: `sendmsg`, `sendfile`, `poll`.

#[cfg(target_os = "linux")]
use std::fs::File;
use std::io::{self, IoSlice};
use std::os::fd::{AsFd, BorrowedFd};
#[cfg(target_os = "linux")]
use std::sync::Arc;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use socket2::SockRef;

#[cfg(target_os = "linux")]
use super::room::Room;
#[cfg(target_os = "linux")]
use super::sendfile;
#[cfg(target_os = "linux")]
use super::splice::{self, Pipe};
use super::transport::Transport;

/// How long one `poll` waits at most.
const LONGEST_WAIT: Duration = Duration::from_secs(1);

/// A connected stream socket, TCP or Unix, as a [`Transport`].
///
/// Blocking and non-blocking sockets are served alike: memory goes by `sendmsg`
/// with `MSG_DONTWAIT`, so that no call waits where the clocks cannot see it,
/// and the waiting is done in `poll`. The socket's own mode is left as it is,
/// because others may share it.
///
/// `sendfile` and `splice` have no such flag. On a blocking socket they are called
/// when the kernel says that there is room, for no more than fits. **If several threads
/// send through one blocking socket at the same time,** another may take that room between
/// the question and the call, which then waits where no clock is heard, as long as the
/// peer takes nothing. Give each thread a socket of its own, or make it non-blocking.
///
/// What a call costs in system calls: memory takes one `sendmsg`. A piece of a file
/// takes three, `sendfile` between two of `pthread_sigmask`, and one more for each
/// `splice` where `sendfile` was refused. On a blocking socket one `getsockopt` comes
/// before it, a second one if it is TCP; and one `fcntl` before the first file. A range with
/// [`FileMode::CheckUnchanged`](crate::FileMode::CheckUnchanged) takes an `fstat` more.
///
/// SIGPIPE: `sendmsg` is called with `MSG_NOSIGNAL`; for `sendfile` and `splice`
/// the signal is masked in the calling thread during the call.
#[derive(Debug)]
pub struct SocketTransport<'s> {
    socket: BorrowedFd<'s>,
    // Made by the first file range; most queues have none.
    #[cfg(target_os = "linux")]
    room: Option<Room<'s>>,
    // Made when `sendfile` was refused, and only then.
    #[cfg(target_os = "linux")]
    pipe: Option<Pipe>,
}

impl<'s> SocketTransport<'s> {
    /// Borrows a socket, such as a `TcpStream`, a `UnixStream`, or a
    /// `socket2::Socket`.
    pub fn new(socket: &'s impl AsFd) -> Self {
        Self {
            socket: socket.as_fd(),
            #[cfg(target_os = "linux")]
            room: None,
            #[cfg(target_os = "linux")]
            pipe: None,
        }
    }

    /// The same for a socket that is known not to wait, as those of an event loop are:
    /// its mode is not asked for, which saves a call for each send of a file.
    #[cfg(feature = "tokio")]
    pub(crate) fn nonblocking(socket: &'s impl AsFd) -> Self {
        Self {
            #[cfg(target_os = "linux")]
            room: Some(Room::nonblocking(socket.as_fd())),
            ..Self::new(socket)
        }
    }

    /// Goes on with a pipe that was used for the same socket before.
    #[cfg(target_os = "linux")]
    pub(crate) fn put_pipe(&mut self, pipe: Option<Pipe>) {
        self.pipe = pipe;
    }

    #[cfg(target_os = "linux")]
    pub(crate) fn take_pipe(&mut self) -> Option<Pipe> {
        self.pipe.take()
    }
}

impl Transport for SocketTransport<'_> {
    #[cfg(target_os = "linux")]
    fn begin_turn(&mut self) {
        self.pipe = self.pipe.take().filter(Pipe::is_empty);
    }

    fn send_vectored(&mut self, slices: &[IoSlice<'_>], more: bool) -> io::Result<usize> {
        let more = if more { flags::MORE } else { 0 };
        let flags = libc::MSG_DONTWAIT | flags::NOSIGNAL | more;
        match SockRef::from(&self.socket).send_vectored_with_flags(slices, flags)? {
            0 => Err(io::ErrorKind::WriteZero.into()),
            n => Ok(n),
        }
    }

    #[cfg(target_os = "linux")]
    fn send_file(&mut self, file: &File, offset: u64, len: u64) -> io::Result<usize> {
        sendfile::send(ready(&mut self.room, self.socket)?, file, offset, len)
    }

    #[cfg(target_os = "linux")]
    fn splice_file(
        &mut self,
        file: &Arc<File>,
        offset: u64,
        len: u64,
        more: bool,
    ) -> io::Result<usize> {
        let room = ready(&mut self.room, self.socket)?;
        splice::send(room, &mut self.pipe, file, offset, len, more)
    }

    fn wait(&mut self, limit: Option<Duration>) -> io::Result<()> {
        // A Unix socket that is shut down while it is full does not wake `poll`; only the
        // next call finds out.
        let limit = Some(limit.unwrap_or(LONGEST_WAIT).min(LONGEST_WAIT));
        let limit = limit.map(|limit| Timespec {
            tv_sec: limit.as_secs().try_into().unwrap_or(i64::MAX),
            tv_nsec: limit.subsec_nanos().into(),
        });
        let mut fds = [PollFd::new(&self.socket, PollFlags::OUT)];
        match poll(&mut fds, limit.as_ref()) {
            Ok(_) | Err(rustix::io::Errno::INTR) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

/// Asks for the socket's mode when it is first needed.
#[cfg(target_os = "linux")]
fn ready<'r, 's>(
    room: &'r mut Option<Room<'s>>,
    socket: BorrowedFd<'s>,
) -> io::Result<&'r Room<'s>> {
    match room {
        Some(ready) => Ok(ready),
        none => Ok(none.insert(Room::of(socket)?)),
    }
}

mod flags {
    #[cfg(target_os = "linux")]
    pub(super) const MORE: libc::c_int = libc::MSG_MORE;
    #[cfg(not(target_os = "linux"))]
    pub(super) const MORE: libc::c_int = 0;

    #[cfg(not(target_vendor = "apple"))]
    pub(super) const NOSIGNAL: libc::c_int = libc::MSG_NOSIGNAL;
    // Apple has SO_NOSIGPIPE instead, which std sets on its sockets.
    #[cfg(target_vendor = "apple")]
    pub(super) const NOSIGNAL: libc::c_int = 0;
}
