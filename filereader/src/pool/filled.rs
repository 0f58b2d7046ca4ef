//! What a read did: always a count, with the reason why it ended.

use std::fmt;
use std::io;

/// What a read into a block did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "a fill may be partial"]
pub struct Filled {
    /// The bytes that this call added to the block.
    pub n: usize,
    /// Why it stopped there.
    pub end: FilledEnd,
}

impl Filled {
    /// What a source's answer to an offer of `room` bytes means, or `None` if a
    /// signal interrupted the call, which is then to be made again.
    pub(super) fn from_answer(
        answer: io::Result<usize>,
        room: usize,
    ) -> Option<Result<Self, ReadError>> {
        let (n, end) = match answer {
            Ok(0) => (0, FilledEnd::Eof),
            // A source may claim more than it was given room for. That is its
            // mistake, and believing it would show stale bytes.
            Ok(n) if n > room => return Some(Err(ReadError::new(0, overclaimed(n, room)))),
            Ok(n) if n == room => (n, FilledEnd::Full),
            Ok(n) => (n, FilledEnd::Partial),
            Err(error) => match error.kind() {
                io::ErrorKind::Interrupted => return None,
                io::ErrorKind::WouldBlock => (0, FilledEnd::WouldBlock),
                _ => return Some(Err(ReadError::new(0, error))),
            },
        };
        Some(Ok(Self { n, end }))
    }

    /// The sum of what `once` does, repeated for as long as it ends
    /// [`Partial`](FilledEnd::Partial).
    pub(super) fn repeat(
        mut once: impl FnMut() -> Result<Self, ReadError>,
    ) -> Result<Self, ReadError> {
        let mut n = 0;
        loop {
            match once() {
                Ok(filled) => {
                    n += filled.n;
                    if filled.end != FilledEnd::Partial {
                        return Ok(Self { n, end: filled.end });
                    }
                }
                Err(error) => return Err(error.after(n)),
            }
        }
    }

    /// The count of a fill that was to be whole, or the error that it is not.
    pub(super) fn must_be_full(self, wanted: usize) -> Result<usize, ReadError> {
        let kind = match self.end {
            FilledEnd::Full => return Ok(self.n),
            FilledEnd::WouldBlock => io::ErrorKind::WouldBlock,
            FilledEnd::Eof | FilledEnd::Partial => io::ErrorKind::UnexpectedEof,
        };
        let text = match kind {
            io::ErrorKind::WouldBlock => "the source has no more now",
            _ => "the source ended",
        };
        let source = io::Error::new(kind, format!("{text}, and {wanted} were wanted"));
        Err(ReadError::new(self.n, source))
    }
}

#[cold]
fn overclaimed(n: usize, room: usize) -> io::Error {
    let text = format!("the source claims to have read {n} bytes into room for {room}");
    io::Error::new(io::ErrorKind::InvalidData, text)
}

/// Why a read into a block stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FilledEnd {
    /// The block, or the part of it that was to be filled, has no room left.
    Full,
    /// The source has no more bytes.
    Eof,
    /// The source gave less than there was room for; there may be more.
    Partial,
    /// The source is non-blocking and has no bytes now.
    WouldBlock,
}

/// A read that failed, with the bytes that had arrived before: they are in the
/// block.
#[derive(Debug)]
pub struct ReadError {
    filled: usize,
    source: io::Error,
}

impl ReadError {
    pub(crate) fn new(filled: usize, source: io::Error) -> Self {
        Self { filled, source }
    }

    /// The same failure, seen from a call that had added `filled` bytes before it.
    pub(super) fn after(self, filled: usize) -> Self {
        Self { filled: filled + self.filled, ..self }
    }

    /// The bytes that this call put into the block, or the blocks, before it failed.
    pub fn filled(&self) -> usize {
        self.filled
    }

    /// The kind of the error that the source gave.
    pub fn kind(&self) -> io::ErrorKind {
        self.source.kind()
    }
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the read failed after {} bytes: {}", self.filled, self.source)
    }
}

impl std::error::Error for ReadError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.source)
    }
}

impl From<ReadError> for io::Error {
    fn from(error: ReadError) -> Self {
        Self::new(error.kind(), error)
    }
}
