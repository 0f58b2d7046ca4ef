//! The queue's own scratch: where a file range passes through when the kernel
//! refuses to send it straight.

use std::fs::File;
use std::io;

/// Chosen to be small beside a processor's second cache and large beside the
/// cost of a call.
const SIZE: usize = 64 << 10;

/// Bytes read ahead of the cursor: those that follow `SendQueue::offset`. They
/// survive a partial send, a timeout and a change of driver.
#[derive(Default)]
pub(crate) struct Scratch {
    memory: Vec<u8>,
    start: usize,
    end: usize,
}

/// What filling the scratch did.
pub(crate) enum Refill {
    /// There are bytes to send.
    Ready,
    /// The file ends before the range does.
    PastEnd,
    Failed(io::Error),
}

impl Scratch {
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.memory[self.start..self.end]
    }

    /// Forgets the next `n` bytes, because they were sent.
    pub(super) fn advance(&mut self, n: u64) {
        let held = self.end - self.start;
        self.start += usize::try_from(n).map_or(held, |n| n.min(held));
    }

    /// Gives the memory back, unless there are bytes in it.
    pub(super) fn shrink(&mut self) {
        if self.start == self.end {
            *self = Self::default();
        }
    }

    pub(super) fn clear(&mut self) {
        self.start = self.end;
    }

    /// Reads the bytes at `offset`, at most `len`, unless some are here. The
    /// memory is allocated when a queue first needs it, and kept.
    pub(crate) fn refill(&mut self, file: &File, offset: u64, len: u64) -> Refill {
        if self.start < self.end {
            return Refill::Ready;
        }
        self.memory.resize(SIZE, 0);
        let want = usize::try_from(len).map_or(SIZE, |len| len.min(SIZE));
        loop {
            match read_at(file, &mut self.memory[..want], offset) {
                Ok(0) => return Refill::PastEnd,
                Ok(n) => {
                    (self.start, self.end) = (0, n);
                    return Refill::Ready;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Refill::Failed(error),
            }
        }
    }
}

#[cfg(unix)]
pub(super) fn read_at(file: &File, target: &mut [u8], offset: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, target, offset)
}

#[cfg(windows)]
pub(super) fn read_at(file: &File, target: &mut [u8], offset: u64) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, target, offset)
}

#[cfg(not(any(unix, windows)))]
pub(super) fn read_at(_: &File, _: &mut [u8], _: u64) -> io::Result<usize> {
    Err(io::ErrorKind::Unsupported.into())
}
