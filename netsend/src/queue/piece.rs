//! What the queue holds: segments as they were pushed, and small ones that were
//! copied together.

use super::segment::Segment;
use super::staging::{Staged, Staging};

#[derive(Debug)]
pub(super) enum Piece<'a> {
    Whole(Segment<'a>),
    Staged(Staged),
}

impl Piece<'_> {
    pub(super) fn len(&self) -> u64 {
        match self {
            Self::Whole(segment) => segment.len(),
            Self::Staged(staged) => staged.bytes.len() as u64,
        }
    }

    /// How many pushed segments this is.
    pub(super) fn segments(&self) -> u64 {
        match self {
            Self::Whole(_) => 1,
            Self::Staged(staged) => staged.segments.len() as u64,
        }
    }

    /// The bytes in place, unless they stand in a file.
    pub(super) fn memory<'q>(&'q self, staging: &'q Staging) -> Option<&'q [u8]> {
        match self {
            Self::Whole(Segment::Borrowed(bytes)) => Some(bytes),
            Self::Whole(Segment::Shared(bytes)) => Some(bytes),
            Self::Whole(Segment::File(_)) => None,
            Self::Staged(staged) => Some(staging.show(staged)),
        }
    }

    /// The bytes of a segment of memory that is shorter than `below`.
    pub(super) fn small(&self, below: usize) -> Option<&[u8]> {
        let bytes: &[u8] = match self {
            Self::Whole(Segment::Borrowed(bytes)) => bytes,
            Self::Whole(Segment::Shared(bytes)) if bytes.len() < below => bytes,
            _ => return None,
        };
        (bytes.len() < below).then_some(bytes)
    }
}
