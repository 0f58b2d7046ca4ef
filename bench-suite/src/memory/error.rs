//! What can go wrong while another process's memory is looked at.

use std::error::Error;
use std::fmt;

/// Why a process, a heap or a snapshot could not be read.
///
/// Its text says what happened, where, and what to do about it.
#[derive(Debug)]
pub struct MemoryError {
    kind: Kind,
    what: String,
}

/// The sort of a [`MemoryError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// There is no such process, or it ended meanwhile.
    Gone,
    /// The kernel does not let this user look.
    NotAllowed,
    /// The program is of a kind that is not understood: another allocator, 32 bits.
    NotSupported,
    /// What was read is not what it should be: a heap that is corrupt, a snapshot with a
    /// broken line.
    Broken,
    /// The system failed.
    System,
}

impl MemoryError {
    /// What sort of failure it is.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    pub(super) fn new(kind: Kind, what: impl Into<String>) -> Self {
        Self { kind, what: what.into() }
    }
}

impl fmt::Display for MemoryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)
    }
}

impl Error for MemoryError {}
