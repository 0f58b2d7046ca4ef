//! What the queue holds: segments as they were pushed, and small ones that were
//! copied together.

use buffers::SharedBuf;

use super::staging::{Staged, Staging};

/// 32 bytes: a queue of thousands is written, read and cleared for each send, and what it
/// weighs is what that costs (bench `sender_cpu`, groups `segments-16` and `-64`).
#[derive(Clone, Debug)]
pub(super) enum Piece<'a> {
    /// Bytes that the caller keeps.
    Borrowed(&'a [u8]),
    /// Bytes that the queue keeps, until they are sent.
    Shared(SharedBuf),
    /// So many bytes that stand in a file: in the first of the queue's file ranges that
    /// no earlier piece stands for.
    File(u64),
    /// Small segments that were copied together.
    Staged(Staged),
}

impl Piece<'_> {
    #[inline]
    pub(super) fn len(&self) -> u64 {
        match self {
            Self::Borrowed(bytes) => bytes.len() as u64,
            Self::Shared(bytes) => bytes.len() as u64,
            Self::File(len) => *len,
            Self::Staged(staged) => staged.len() as u64,
        }
    }

    /// How many pushed segments this is.
    pub(super) fn segments(&self) -> u64 {
        match self {
            Self::Staged(staged) => staged.segments().len() as u64,
            _ => 1,
        }
    }

    /// The bytes in place, unless they stand in a file.
    #[inline]
    pub(super) fn memory<'q>(&'q self, staging: &'q Staging) -> Option<&'q [u8]> {
        match self {
            Self::Borrowed(bytes) => Some(bytes),
            Self::Shared(bytes) => Some(bytes),
            Self::File(_) => None,
            Self::Staged(staged) => Some(staging.show(staged)),
        }
    }

    /// The bytes of a segment of memory that is shorter than `below`.
    #[inline]
    pub(super) fn small(&self, below: usize) -> Option<&[u8]> {
        match self {
            Self::Borrowed(bytes) if bytes.len() < below => Some(bytes),
            Self::Shared(bytes) if bytes.len() < below => Some(bytes),
            _ => None,
        }
    }
}
