//! Chunks by size.

use std::cmp::Reverse;
use std::collections::HashMap;

use serde::Serialize;

use super::chunk::{Chunk, ChunkKind};

/// The chunks of one size.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct SizeRow {
    /// The size of each, in bytes.
    pub size: u64,
    /// How many the program has, in an arena or as mappings of their own.
    pub used: u64,
    /// How many are in threads' caches or in fastbins.
    pub cached: u64,
    /// How many are free, the top chunk among them.
    pub free: u64,
}

impl SizeRow {
    /// The bytes of all of them.
    pub fn bytes(&self) -> u64 {
        self.size * (self.used + self.cached + self.free)
    }

    /// The bytes that the program has.
    pub fn used_bytes(&self) -> u64 {
        self.size * self.used
    }
}

/// Counts chunks by size, the size that takes most bytes first.
pub fn by_size<'c>(chunks: impl IntoIterator<Item = &'c Chunk>) -> Vec<SizeRow> {
    let mut rows: HashMap<u64, SizeRow> = HashMap::new();
    for chunk in chunks {
        let row = rows.entry(chunk.size).or_default();
        row.size = chunk.size;
        match chunk.kind {
            ChunkKind::Used | ChunkKind::Mmapped => row.used += 1,
            ChunkKind::Tcache | ChunkKind::Fastbin => row.cached += 1,
            ChunkKind::Free | ChunkKind::Top => row.free += 1,
        }
    }
    let mut rows: Vec<SizeRow> = rows.into_values().collect();
    rows.sort_unstable_by_key(|row| (Reverse(row.bytes()), row.size));
    rows
}
