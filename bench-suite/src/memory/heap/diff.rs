//! What changed between two walks.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use serde::Serialize;

use super::chunk::{Chunk, ChunkKind};

/// How the chunks of one size that a program has changed in number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Change {
    /// The size of each, in bytes.
    pub size: u64,
    /// How many the program had.
    pub before: u64,
    /// How many it has.
    pub after: u64,
    /// How many of these it had not before, by address.
    pub new: u64,
    /// How many of those before are gone, by address.
    pub gone: u64,
}

impl Change {
    /// The bytes that came, or went if negative.
    pub fn bytes(&self) -> i128 {
        (i128::from(self.after) - i128::from(self.before)) * i128::from(self.size)
    }
}

/// Compares the chunks that the program has, by size; sizes of which nothing came or went
/// are left out. Largest change in bytes first.
///
/// Both lists are sorted by address, as those of a walk are.
pub fn diff(before: &[Chunk], after: &[Chunk]) -> Vec<Change> {
    let mut changes: BTreeMap<u64, Change> = BTreeMap::new();
    let has = |chunk: &&Chunk| matches!(chunk.kind, ChunkKind::Used | ChunkKind::Mmapped);
    let among = |chunks: &[Chunk], chunk: &Chunk| {
        let at = chunks.partition_point(|other| other.address < chunk.address);
        chunks.get(at).is_some_and(|other| {
            other.address == chunk.address && other.size == chunk.size && has(&other)
        })
    };
    for chunk in before.iter().filter(has) {
        let change = changes.entry(chunk.size).or_default();
        change.before += 1;
        change.gone += u64::from(!among(after, chunk));
    }
    for chunk in after.iter().filter(has) {
        let change = changes.entry(chunk.size).or_default();
        change.after += 1;
        change.new += u64::from(!among(before, chunk));
    }
    let changes = changes.into_iter().map(|(size, change)| Change { size, ..change });
    let mut changes: Vec<Change> = changes.filter(|c| c.new + c.gone > 0).collect();
    changes.sort_by_key(|change| Reverse(change.bytes().abs()));
    changes
}
