//! Copying out what pins too much.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::ops::Range;

use super::stretches::{covered, merged};
use crate::{BackingId, Chain, SharedBuf, copied};

/// When a copy is better than keeping a large memory alive for a few bytes.
///
/// The default copies at most 512 bytes for each handle, and only where the memory is at least 4
/// times what is used of it. A copy is never cheaper than the slice that it replaces:
/// in three runs of the bench group `compact`, 20 bytes took as long as 10 to 16 slices
/// that are taken and dropped, 512 bytes as long as 14 to 18, 4096 as long as 24 to 53.
/// Up to 512 bytes more than half of that are the two allocations, so that a smaller
/// limit would save little, and a larger one would let the copy itself be what costs. It
/// pays for handles that are kept for a while, and loses for such as are dropped soon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CompactPolicy {
    at_most: usize,
    factor: usize,
}

impl CompactPolicy {
    /// Copies at most so many bytes for each handle.
    #[must_use]
    pub const fn at_most(self, bytes: usize) -> Self {
        Self { at_most: bytes, ..self }
    }

    /// Copies only if the memory is at least so many times what is used of it. 0 and
    /// 1 copy also what pins nothing but itself.
    #[must_use]
    pub const fn factor(self, factor: usize) -> Self {
        Self { factor, ..self }
    }

    /// Whether to copy the `used` bytes of some handles, so as not to keep `capacity`.
    const fn pays(&self, used: usize, handles: usize, capacity: usize) -> bool {
        used > 0
            && used <= self.at_most.saturating_mul(handles)
            && capacity >= used.saturating_mul(self.factor)
    }
}

impl Default for CompactPolicy {
    fn default() -> Self {
        Self { at_most: 512, factor: 4 }
    }
}

impl SharedBuf {
    /// Copies the bytes into memory of their own, if `policy` finds that this handle
    /// keeps too much alive; tells whether it did. The copy is counted in [`copied`],
    /// and takes two allocations.
    ///
    /// If there are other handles of the memory, each is taken to be of this length:
    /// a thousand small handles of one page are no waste. To judge by what they really
    /// show, hand all of them to [`compact`].
    ///
    /// ```
    /// use buffers::SharedBuf;
    /// use buffers::retention::CompactPolicy;
    ///
    /// let mut key = SharedBuf::from(vec![b'k'; 1 << 16]).slice(..20);
    /// assert!(key.compact_if(&CompactPolicy::default())); // 64 KiB are free again
    /// assert_eq!(key.backing().unwrap().capacity(), 20);
    /// assert!(!key.compact_if(&CompactPolicy::default())); // nothing more to gain
    /// ```
    #[track_caller]
    pub fn compact_if(&mut self, policy: &CompactPolicy) -> bool {
        let Some(backing) = self.backing() else { return false };
        let all_alike = self.len().saturating_mul(backing.handles());
        let pays = policy.pays(self.len(), 1, backing.capacity())
            && backing.capacity() >= all_alike.saturating_mul(policy.factor);
        if pays {
            *self = Self::copy_from_slice(self);
        }
        pays
    }
}

impl Chain {
    /// [Copies](SharedBuf::compact_if) each piece out that keeps too much alive, and
    /// tells how many did.
    #[track_caller]
    pub fn compact_if(&mut self, policy: &CompactPolicy) -> usize {
        let mut copied = 0;
        for piece in &mut self.pieces {
            copied += usize::from(piece.compact_if(policy));
        }
        copied
    }
}

/// What [`compact`] did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Compacted {
    /// How many memories are let go of.
    pub backings: usize,
    /// The bytes of these memories.
    pub freed_bytes: usize,
    /// The bytes that were copied out of them, counted in [`copied`] too.
    pub copied_bytes: usize,
}

/// Packs the handles of each memory into one that is just large enough, if `policy`
/// finds that it pays, and if no other handles keep the old one alive anyway.
///
/// Handles that overlap, overlap again in the packed memory. For each memory that is
/// let go of, the bytes and a header are allocated; what was [lent](crate::Home) goes
/// home. A `Bytes` or an owner that somebody else keeps too, beside all handles, is let
/// go of all the same, and stays where it is.
///
/// ```
/// use buffers::{SharedBuf, retention};
///
/// let block = SharedBuf::from(vec![b'x'; 1 << 16]);
/// let mut kept = [block.slice(..100), block.slice(50..150), block.slice(9000..9100)];
/// drop(block);
///
/// let done = retention::compact(&mut kept, &retention::CompactPolicy::default());
/// assert_eq!((done.backings, done.freed_bytes, done.copied_bytes), (1, 1 << 16, 250));
/// assert!(kept[0].same_backing(&kept[2])); // one memory of 250 bytes
/// ```
#[track_caller]
pub fn compact<'h>(
    handles: impl IntoIterator<Item = &'h mut SharedBuf>,
    policy: &CompactPolicy,
) -> Compacted {
    let mut groups: BTreeMap<BackingId, Vec<&mut SharedBuf>> = BTreeMap::new();
    for handle in handles {
        if let Some(id) = handle.backing().map(|backing| backing.id()) {
            groups.entry(id).or_default().push(handle);
        }
    }
    let mut done = Compacted::default();
    for group in groups.into_values() {
        if let Some((freed, copied)) = pack(group, policy) {
            done.backings += 1;
            done.freed_bytes += freed;
            done.copied_bytes += copied;
        }
    }
    done
}

/// Packs handles of one memory; tells what was freed and copied, if it was done.
#[track_caller]
fn pack(group: Vec<&mut SharedBuf>, policy: &CompactPolicy) -> Option<(usize, usize)> {
    let backing = group.first()?.backing()?;
    let (capacity, bytes) = (backing.capacity(), backing.as_slice());
    let ranges = group.iter().filter_map(|handle| Some(handle.backing()?.range())).collect();
    let stretches = merged(ranges);
    let used = covered(&stretches);
    if backing.handles() != group.len() || !policy.pays(used, group.len(), capacity) {
        return None;
    }
    let mut packed = Vec::with_capacity(used);
    for stretch in &stretches {
        // An owner that shows less than it did keeps its handles as they are.
        packed.extend_from_slice(bytes.get(stretch.clone())?);
    }
    copied::record(used);
    let packed = SharedBuf::from(packed);
    for handle in group {
        let range = handle.backing()?.range();
        let start = packed_position(&stretches, range.start);
        *handle = packed.slice(start..start + range.len());
    }
    Some((capacity, used))
}

/// Where the byte at `position` lies once the stretches are packed. It lies within
/// one of them.
fn packed_position(stretches: &[Range<usize>], position: usize) -> usize {
    let before = stretches.partition_point(|stretch| stretch.end <= position);
    covered(&stretches[..before]) + (position - stretches[before].start)
}
