//! What is on record of one memory, for those who have no handle of it.

use super::stretches::{covered, merged};
use crate::BackingId;
use crate::shared::sites;

/// What is on record of one memory; see [`sampled`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sampled {
    /// The living handles that are on record: all of them, if every handle is.
    pub handles: usize,
    /// The bytes that they show, each counted once.
    pub bytes: usize,
}

/// What [`sample_every`](super::sample_every) has on record of the memory `id`.
///
/// For a pool, which keeps the identity of what it has lent and no handle of it.
///
/// ```
/// use buffers::{SharedBuf, retention};
///
/// retention::sample_every(1);
/// let page = SharedBuf::from(vec![0; 4096]);
/// let id = page.backing().unwrap().id();
/// let kept = [page.slice(..10), page.slice(5..20)];
/// drop(page);
/// let sampled = retention::sampled(id);
/// assert_eq!((sampled.handles, sampled.bytes), (2, 20));
/// # drop(kept);
/// # retention::sample_every(0);
/// ```
#[must_use]
pub fn sampled(id: BackingId) -> Sampled {
    let ranges: alloc::vec::Vec<_> =
        sites::of(id.addr()).into_iter().map(|(range, _)| range).collect();
    Sampled { handles: ranges.len(), bytes: covered(&merged(ranges)) }
}
