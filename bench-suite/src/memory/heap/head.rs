//! The head of an arena: `struct malloc_state`, found by its structure.
//!
//! The layout has been the same since glibc 2.10 but for one word before the fastbins,
//! which came with 2.27. All offsets here are from the array of bins, so that the word
//! does not matter; and nothing is believed that does not fit together.

use crate::memory::Remote;

use super::chunk::{ALIGN, WORD};

/// What glibc keeps for an arena that is not the main one: a heap of 64 MiB, at a
/// multiple of that.
pub const HEAP_SIZE: u64 = 64 << 20;

/// The doubly-linked lists of an arena, the unsorted one first.
pub(super) const BINS: usize = 127;
pub(super) const FASTBINS: usize = 10;

/// From the head's start to the bins, in glibc 2.27 and later, and before.
const STARTS: [u64; 2] = [112, 104];

/// An arena's head, as it stood in memory.
#[derive(Clone, Debug)]
pub(super) struct Head {
    pub(super) address: u64,
    /// Where the array of bins lies.
    pub(super) bins_at: u64,
    pub(super) is_locked: bool,
    pub(super) fastbins: [u64; FASTBINS],
    pub(super) top: u64,
    /// The first and the last chunk of each list.
    pub(super) bins: Vec<(u64, u64)>,
    pub(super) next: u64,
    pub(super) system_bytes: u64,
}

/// Words before the bins that are read with them: 10 fastbins, top, last remainder.
const BEFORE: usize = 12;
/// Words after: the map of bins, two links, the count of threads, bytes now and at most.
const AFTER: usize = 7;
const WORDS: usize = BEFORE + 2 * BINS + AFTER;

impl Head {
    /// The head that starts at `address`, if there is one.
    pub(super) fn at(memory: &Remote, address: u64) -> Option<Self> {
        STARTS.iter().find_map(|offset| {
            let bins_at = address.checked_add(*offset)?;
            Self::around(memory, address, bins_at)
        })
    }

    /// The heads whose bins could be at `bins_at`.
    pub(super) fn with_bins_at(memory: &Remote, bins_at: u64) -> Vec<Self> {
        let starts = STARTS.iter().filter_map(|offset| bins_at.checked_sub(*offset));
        starts.filter_map(|start| Self::around(memory, start, bins_at)).collect()
    }

    fn around(memory: &Remote, address: u64, bins_at: u64) -> Option<Self> {
        let words: [u64; WORDS] = memory.words(bins_at.checked_sub(BEFORE as u64 * WORD)?)?;
        let (before, rest) = words.split_at(BEFORE);
        let (bins, after) = rest.split_at(2 * BINS);
        let bins: Vec<(u64, u64)> = bins.chunks_exact(2).map(|pair| (pair[0], pair[1])).collect();
        let mutex = memory.word(address)? & u64::from(u32::MAX);
        let head = Self {
            address,
            bins_at,
            is_locked: mutex != 0,
            fastbins: before[..FASTBINS].try_into().expect("the slice has that length"),
            top: before[FASTBINS],
            bins,
            next: after[2],
            system_bytes: after[5],
        };
        head.fits_together().then_some(head)
    }

    /// The address that a list's ends point back to: glibc treats the pair of links as
    /// if it were a chunk of its own.
    pub(super) fn bin(&self, index: usize) -> u64 {
        self.bins_at + 2 * WORD * index as u64 - 2 * WORD
    }

    /// How many lists are empty, and so point to themselves: nothing but an arena does.
    pub(super) fn empty_bins(&self) -> usize {
        let bins = self.bins.iter().enumerate();
        bins.filter(|&(index, &(first, last))| first == last && first == self.bin(index)).count()
    }

    fn fits_together(&self) -> bool {
        let is_chunk = |at: u64| at != 0 && at.is_multiple_of(ALIGN);
        let linked = |&(first, last): &(u64, u64)| is_chunk(first) && is_chunk(last);
        // Nobody has chunks of all sizes at once: half of the lists are of large chunks.
        self.bins.iter().all(linked)
            && self.empty_bins() >= 16
            && self.top.is_multiple_of(ALIGN)
            && self.fastbins.iter().all(|first| first.is_multiple_of(ALIGN))
    }
}

/// Whether a heap of a further arena starts at this multiple of [`HEAP_SIZE`]: its first
/// word leads to the arena's head, which lies right behind such words.
pub(in crate::memory) fn leads_to_arena(memory: &Remote, heap: u64) -> bool {
    heap_of(memory, heap).is_some()
}

/// The words at the start of each heap of an arena (`struct heap_info`).
#[derive(Clone, Copy, Debug)]
pub(super) struct HeapInfo {
    pub(super) start: u64,
    /// The head of the arena that it belongs to.
    pub(super) arena: u64,
    /// The heap that was filled before this one, or 0.
    pub(super) previous: u64,
    pub(super) size: u64,
    /// Where chunks may begin.
    pub(super) header: u64,
}

pub(super) fn heap_of(memory: &Remote, start: u64) -> Option<HeapInfo> {
    let [arena, previous, size]: [u64; 3] = memory.words(start)?;
    // Five words and a gap since glibc 2.35, four words before.
    let header = arena % HEAP_SIZE;
    let plausible = [32, 48].contains(&header) && size <= HEAP_SIZE && size >= header;
    if !plausible || !previous.is_multiple_of(HEAP_SIZE) {
        return None;
    }
    Head::at(memory, arena)?;
    Some(HeapInfo { start, arena, previous, size, header })
}
