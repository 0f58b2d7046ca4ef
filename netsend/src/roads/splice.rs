//! `splice(2)`: from the file into a pipe, from the pipe into the socket.

use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::sync::{Arc, Weak};

use rustix::io::Errno;
use rustix::pipe::{PipeFlags, SpliceFlags, pipe_with, splice};

use super::room::{Room, refusal};
use super::sys::SigpipeMask;

/// The pipe, with what is in it: bytes of a file that are not sent. They are
/// good for a call of the same turn that goes on right there; for any other one the
/// pipe is thrown away. So nothing is lost by it, nothing is sent twice, and nothing that
/// was read before a wait is sent after it.
///
/// It has the size that the kernel gives (64 KiB). A larger one saves calls, and
/// holds that much more for each connection.
#[derive(Debug)]
pub(crate) struct Pipe {
    read: OwnedFd,
    write: OwnedFd,
    held: usize,
    /// Where the held bytes stand. A weak handle is enough to know the file by,
    /// because it keeps the address from being used for another one.
    file: Weak<File>,
    offset: u64,
}

impl Pipe {
    fn open() -> io::Result<Self> {
        let (read, write) = pipe_with(PipeFlags::CLOEXEC)?;
        Ok(Self { read, write, held: 0, file: Weak::new(), offset: 0 })
    }

    pub(super) fn is_empty(&self) -> bool {
        self.held == 0
    }

    fn goes_on_at(&self, file: &Arc<File>, offset: u64) -> bool {
        self.held > 0 && self.offset == offset && self.file.as_ptr() == Arc::as_ptr(file)
    }

    fn fill(&mut self, file: &Arc<File>, offset: u64, len: usize) -> io::Result<usize> {
        let mut at = offset;
        let flags = SpliceFlags::MOVE | SpliceFlags::NONBLOCK;
        let n = splice(file, Some(&mut at), &self.write, None, len, flags).map_err(refusal)?;
        self.held = n;
        self.offset = offset;
        self.file = Arc::downgrade(file);
        Ok(n)
    }

    fn empty(&mut self, room: &Room<'_>, len: usize, more: bool) -> io::Result<usize> {
        let flags = if more { SpliceFlags::MORE } else { SpliceFlags::empty() };
        let len = len.min(self.held);
        let mask = SigpipeMask::set()?;
        let answer = splice(&self.read, None, room.socket(), None, len, flags | SpliceFlags::MOVE);
        if answer == Err(Errno::PIPE) {
            mask.take_pending();
        }
        let n = answer.map_err(refusal)?;
        if n == 0 {
            return Err(io::ErrorKind::WriteZero.into());
        }
        self.held -= n;
        self.offset += n as u64;
        Ok(n)
    }
}

/// Two calls, or one if bytes are in the pipe already. Makes the pipe if there is
/// none.
pub(super) fn send(
    room: &Room<'_>,
    pipe: &mut Option<Pipe>,
    file: &Arc<File>,
    offset: u64,
    len: u64,
    more: bool,
) -> io::Result<usize> {
    let count = room.up_to(len)?;
    let ready = match pipe {
        Some(ready) if ready.held == 0 || ready.goes_on_at(file, offset) => ready,
        other => other.insert(Pipe::open()?),
    };
    if ready.held == 0 && ready.fill(file, offset, count)? == 0 {
        return Ok(0);
    }
    let more = more || (ready.held as u64) < len;
    ready.empty(room, count, more)
}
