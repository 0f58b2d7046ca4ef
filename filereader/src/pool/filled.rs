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

/// Why a read into a block stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FilledEnd {
    /// The block has no room left.
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

    /// The same failure, seen from a call that had added `filled` bytes in all.
    pub(super) fn after(self, filled: usize) -> Self {
        Self { filled, ..self }
    }

    /// The bytes that this call added to the block before it failed.
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
