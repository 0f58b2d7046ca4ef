//! `sendfile(2)`, which has neither a flag for "do not wait" nor one for "no
//! signal", with what has to be put around it.

use std::fs::File;
use std::io;
use std::os::fd::BorrowedFd;
use std::time::Duration;

use rustix::fs::{OFlags, fcntl_getfl};
use socket2::SockRef;

use super::sys::SigpipeMask;

/// A socket made ready for `sendfile`; dropping this puts everything back.
///
/// On a blocking socket the kernel sends in steps of 64 KiB, and each may wait
/// for one tick of its clock: a call for 2 MiB, which is what the driver asks
/// for, comes back within an eighth of a second.
pub(super) struct Sendfile<'s> {
    socket: BorrowedFd<'s>,
    _no_sigpipe: SigpipeMask,
    _short_wait: Option<ShortWait<'s>>,
}

impl<'s> Sendfile<'s> {
    pub(super) fn prepare(socket: BorrowedFd<'s>) -> io::Result<Self> {
        let nonblocking = fcntl_getfl(socket)?.contains(OFlags::NONBLOCK);
        Ok(Self {
            socket,
            _no_sigpipe: SigpipeMask::set()?,
            _short_wait: if nonblocking { None } else { Some(ShortWait::set(socket)?) },
        })
    }

    pub(super) fn call(&mut self, file: &File, offset: u64, len: u64) -> io::Result<usize> {
        let count = usize::try_from(len).unwrap_or(usize::MAX);
        let mut at = offset;
        rustix::fs::sendfile(self.socket, file, Some(&mut at), count).map_err(refusal)
    }
}

/// `sendfile` says in several ways that it does not serve this pair of
/// descriptors; none of them says so after it has moved a byte.
fn refusal(error: rustix::io::Errno) -> io::Error {
    use rustix::io::Errno;
    match error {
        Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP | Errno::SPIPE => {
            io::ErrorKind::Unsupported.into()
        }
        error => error.into(),
    }
}

/// A send timeout of one millisecond, which the kernel rounds up to its tick.
struct ShortWait<'s> {
    socket: BorrowedFd<'s>,
    before: Option<Duration>,
}

impl<'s> ShortWait<'s> {
    fn set(socket: BorrowedFd<'s>) -> io::Result<Self> {
        let before = SockRef::from(&socket).write_timeout()?;
        SockRef::from(&socket).set_write_timeout(Some(Duration::from_millis(1)))?;
        Ok(Self { socket, before })
    }
}

impl Drop for ShortWait<'_> {
    fn drop(&mut self) {
        // It was set a moment ago by the same call, and there is nobody to
        // tell if the kernel has changed its mind.
        let _ = SockRef::from(&self.socket).set_write_timeout(self.before);
    }
}
