//! Chunks: what glibc's heap is cut into.

use serde::{Deserialize, Serialize};

/// A word of the heap.
pub(super) const WORD: u64 = 8;

/// Chunks lie at multiples of this, and so do their sizes.
pub(super) const ALIGN: u64 = 16;

/// The least that malloc gives: two words of its own, two that links go into once the
/// chunk is free.
pub(super) const LEAST: u64 = 32;

/// Bits of a chunk's size that are no size: the chunk before it is in use; it is a
/// mapping of its own; it is not of the main arena.
pub(super) const PREVIOUS_IN_USE: u64 = 1;
pub(super) const IS_MAPPED: u64 = 2;
pub(super) const FLAGS: u64 = 7;

/// A stretch of glibc's heap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Chunk {
    /// What `malloc` returned for it, or would return.
    pub address: u64,
    /// Its size in bytes, the word in front of it included. A program that has 24 bytes
    /// of this less can ask for as many.
    pub size: u64,
    /// Which arena it is of, as an index into [`Walk::arenas`](super::Walk::arenas); that
    /// of a mapping of its own is past the end.
    pub arena: u32,
    /// What it is.
    pub kind: ChunkKind,
}

/// What a chunk is at the moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ChunkKind {
    /// The program has it.
    Used,
    /// The program has it, and it is a mapping of its own.
    Mmapped,
    /// Freed, and kept in a thread's cache. glibc's own tags call it used.
    Tcache,
    /// Freed, and kept in a fastbin. glibc's own tags call it used.
    Fastbin,
    /// Free: it lies in one of the doubly-linked lists.
    Free,
    /// The rest at an arena's end, from which new chunks are cut.
    Top,
}

impl ChunkKind {
    /// All of them, in the order of tables.
    pub const ALL: [Self; 6] =
        [Self::Used, Self::Mmapped, Self::Tcache, Self::Fastbin, Self::Free, Self::Top];

    /// Its name, in tables and in `--select`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Used => "used",
            Self::Mmapped => "mmapped",
            Self::Tcache => "tcache",
            Self::Fastbin => "fastbin",
            Self::Free => "free",
            Self::Top => "top",
        }
    }
}

/// Whether a chunk in an arena can have this size.
pub(super) fn is_possible(size: u64) -> bool {
    size >= LEAST && size.is_multiple_of(ALIGN)
}

/// Looks up a chunk by the address of its memory; `chunks` are sorted by address.
pub(super) fn find(chunks: &[Chunk], address: u64) -> Option<usize> {
    chunks.binary_search_by_key(&address, |chunk| chunk.address).ok()
}
