//! The lists of free chunks, followed and held against the tags.

use std::collections::HashSet;

use super::chunk::{ALIGN, Chunk, ChunkKind, LEAST, WORD, find};
use super::head::{BINS, FASTBINS, Head};
use super::tags::Link;
use crate::memory::Remote;

/// What the doubly-linked lists of one arena hold.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Binned {
    pub(super) lists: usize,
    pub(super) chunks: usize,
}

/// Follows each of the arena's doubly-linked lists both ways. Each chunk must be one that
/// the tags call free, and each such chunk must be on one list.
pub(super) fn follow_bins(head: &Head, links: &[Link], problems: &mut Vec<String>) -> Binned {
    let mut met = vec![false; links.len()];
    let mut binned = Binned::default();
    for index in 0..BINS {
        let bin = head.bin(index);
        let (first, last) = head.bins[index];
        binned.lists += usize::from(first != bin);
        let (mut at, mut before) = (first, bin);
        while at != bin {
            let place = links.binary_search_by_key(&(at + 2 * WORD), |link| link.address);
            let Ok(place) = place else {
                problems.push(format!(
                    "list {index} of the arena at {:#x} leads to {at:#x}, which the tags do not \
                     call free",
                    head.address
                ));
                break;
            };
            if links[place].previous != before || std::mem::replace(&mut met[place], true) {
                problems.push(format!(
                    "list {index} of the arena at {:#x} is not linked both ways at {at:#x}",
                    head.address
                ));
                break;
            }
            binned.chunks += 1;
            (before, at) = (at, links[place].next);
        }
        if at == bin && before != last {
            problems.push(format!("list {index} of the arena at {:#x} ends early", head.address));
        }
    }
    let lost = met.iter().filter(|met| !**met).count();
    if lost > 0 {
        problems.push(format!(
            "{lost} chunks of the arena at {:#x} are free by their tags and on no list that could \
             be followed",
            head.address
        ));
    }
    binned
}

/// Marks the chunks in the arena's fastbins: singly-linked lists of small chunks, which
/// the tags call used.
pub(super) fn mark_fastbins(
    memory: &Remote,
    head: &Head,
    chunks: &mut [Chunk],
    problems: &mut Vec<String>,
) {
    for index in 0..FASTBINS {
        let size = LEAST + ALIGN * index as u64;
        let mut at = head.fastbins[index];
        while at != 0 {
            let address = at + 2 * WORD;
            let chunk = find(chunks, address).map(|found| &mut chunks[found]);
            let Some(chunk) = chunk.filter(|c| c.kind == ChunkKind::Used && c.size == size) else {
                problems.push(format!(
                    "fastbin {index} of the arena at {:#x} leads to {at:#x}, which is no chunk of \
                     {size} bytes that the tags call used",
                    head.address
                ));
                break;
            };
            chunk.kind = ChunkKind::Fastbin;
            let Some(word) = memory.word(address) else { break };
            let Some(next) = next(word, address, |next| next.is_multiple_of(ALIGN)) else { break };
            at = next;
        }
    }
}

/// What a singly-linked list's word leads to: since glibc 2.32 the word is mixed with its
/// own address, before it was plain. The one that fits is taken.
fn next(word: u64, at: u64, fits: impl Fn(u64) -> bool) -> Option<u64> {
    [word ^ (at >> 12), word].into_iter().find(|&next| fits(next))
}

/// A layout of a thread's cache: `struct tcache_perthread_struct`.
struct Shape {
    /// The size of the chunk that it lies in.
    chunk: u64,
    /// The bytes of each count.
    count: usize,
}

/// Of glibc 2.30 to 2.41, and of 2.26 to 2.29.
const SHAPES: [Shape; 2] = [Shape { chunk: 0x290, count: 2 }, Shape { chunk: 0x250, count: 1 }];
const CACHE_BINS: usize = 64;

/// Marks the chunks in the caches of all threads, and tells how many caches there are.
///
/// A cache is itself a chunk, of a known size: one whose counts and lists agree, each list
/// as long as its count says, of chunks of its size that the tags call used. A chunk that
/// is all zero would pass and change nothing, so it does not count.
pub(super) fn mark_caches(memory: &Remote, chunks: &mut [Chunk]) -> usize {
    let mut caches = 0;
    for shape in SHAPES {
        let candidates = chunks
            .iter()
            .filter(|chunk| chunk.kind == ChunkKind::Used && chunk.size == shape.chunk);
        for address in candidates.map(|chunk| chunk.address).collect::<Vec<u64>>() {
            let kept = cached(memory, chunks, address, &shape).unwrap_or_default();
            caches += usize::from(!kept.is_empty());
            for index in kept {
                chunks[index].kind = ChunkKind::Tcache;
            }
        }
    }
    caches
}

/// The chunks in the cache at `address`, or nothing if there is no cache.
fn cached(memory: &Remote, chunks: &[Chunk], address: u64, shape: &Shape) -> Option<Vec<usize>> {
    let counts = CACHE_BINS * shape.count;
    let mut bytes = vec![0; counts + CACHE_BINS * 8];
    memory.read(address, &mut bytes).ok()?;
    let (counts, entries) = bytes.split_at(counts);
    let counts = counts.chunks_exact(shape.count).map(|count| match *count {
        [low, high] => usize::from(u16::from_ne_bytes([low, high])),
        [one] => usize::from(one),
        _ => unreachable!("counts have one byte or two"),
    });
    let entries = entries.chunks_exact(8);
    let entries = entries.map(|word| u64::from_ne_bytes(word.try_into().expect("eight bytes")));
    let lists: Vec<(usize, u64)> = counts.zip(entries).collect();
    // The cheap question first: most chunks of this size are something else.
    if lists.iter().any(|&(count, first)| (count == 0) != (first == 0)) {
        return None;
    }
    let mut cached = Vec::new();
    let mut met = HashSet::new();
    for (bin, (count, first)) in lists.into_iter().enumerate() {
        let size = LEAST + ALIGN * bin as u64;
        let mut at = first;
        for left in (0..count).rev() {
            let index = find(chunks, at)?;
            let chunk = &chunks[index];
            if chunk.kind != ChunkKind::Used || chunk.size != size || !met.insert(index) {
                return None;
            }
            cached.push(index);
            let word = memory.word(at)?;
            let fits = |next: u64| if left == 0 { next == 0 } else { find(chunks, next).is_some() };
            at = next(word, at, fits)?;
        }
    }
    Some(cached)
}
