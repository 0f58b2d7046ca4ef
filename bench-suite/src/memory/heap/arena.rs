//! One arena, and what was found in it.

use std::collections::BTreeSet;

use serde::Serialize;

use super::chunk::{ALIGN, Chunk, ChunkKind};
use super::head::{HEAP_SIZE, Head, heap_of};
use super::lists::follow_bins;
use super::tags::{Stretch, Tags};
use crate::memory::Remote;
use crate::memory::remote::Window;

/// An arena: chunks that one lock guards.
#[derive(Clone, Debug, Serialize)]
pub struct Arena {
    /// Where its head lies.
    pub address: u64,
    /// Whether it is the one that grows by `brk`.
    pub is_main: bool,
    /// What glibc says that it took from the kernel for it.
    pub system_bytes: u64,
    /// The bytes that the walk came across: chunks, fences and the arena's own head.
    pub walked_bytes: u64,
    /// Of these, what is neither used nor free: heads and fences.
    pub overhead_bytes: u64,
    /// Bytes behind a tag that made no sense.
    pub unread_bytes: u64,
    /// Stretches of addresses that it consists of.
    pub heaps: usize,
    /// Doubly-linked lists that are not empty.
    pub lists: usize,
    /// Chunks on these lists.
    pub listed_chunks: usize,
    /// Whether a thread was in the middle of a change when the process was stopped. Then
    /// tags and lists need not agree.
    pub is_locked: bool,
}

/// Walks one arena.
pub(super) fn walk_arena(
    memory: &Remote,
    head: &Head,
    is_main: bool,
    index: u32,
    heap_region: Option<(u64, u64)>,
) -> (Arena, Vec<Chunk>, Vec<String>) {
    let mut tags = Tags::default();
    let (stretches, header) = if is_main {
        (main_stretch(memory, head, index, heap_region, &mut tags.problems), 0)
    } else {
        stretches(memory, head, index, &mut tags.problems)
    };
    for &stretch in &stretches {
        tags.walk(&mut Window::new(memory, stretch.end), stretch);
    }
    // Later heaps may lie lower.
    tags.chunks.sort_unstable_by_key(|chunk| chunk.address);
    tags.links.sort_unstable_by_key(|link| link.address);
    let binned = follow_bins(head, &tags.links, &mut tags.problems);
    let chunk_bytes: u64 = tags.chunks.iter().map(|chunk| chunk.size).sum();
    let arena = Arena {
        address: head.address,
        is_main,
        system_bytes: head.system_bytes,
        walked_bytes: chunk_bytes + tags.fences + header,
        overhead_bytes: tags.fences + header,
        unread_bytes: tags.unread,
        heaps: stretches.len(),
        lists: binned.lists,
        listed_chunks: binned.chunks,
        is_locked: head.is_locked,
    };
    if arena.walked_bytes + arena.unread_bytes != arena.system_bytes {
        tags.problems.push(format!(
            "glibc says that the arena at {:#x} has {} bytes; {} were found",
            arena.address,
            arena.system_bytes,
            arena.walked_bytes + arena.unread_bytes
        ));
    }
    (arena, tags.chunks, tags.problems)
}

/// The main arena ends with its top chunk, and is as long as glibc says.
fn main_stretch(
    memory: &Remote,
    head: &Head,
    arena: u32,
    region: Option<(u64, u64)>,
    problems: &mut Vec<String>,
) -> Vec<Stretch> {
    let top = head.top;
    let Some((from, to)) = region.filter(|&(from, to)| (from..to).contains(&top)) else {
        problems.push(format!(
            "the main arena's top chunk at {top:#x} is not in the region [heap]: `brk` was \
             refused once, and where its other parts lie is not known"
        ));
        return Vec::new();
    };
    let size = memory.word(top + 8).unwrap_or(0) & !7;
    let end = top.saturating_add(size).min(to);
    let by_glibc = end.checked_sub(head.system_bytes);
    // If somebody else moved `brk` too, glibc's count is too small to reach the start.
    let start = by_glibc.filter(|start| (from..end).contains(start)).unwrap_or(from);
    vec![Stretch { start: start.next_multiple_of(ALIGN), end, top, arena }]
}

/// The heaps of a further arena, from the one that its top lies in back to the first.
fn stretches(
    memory: &Remote,
    head: &Head,
    arena: u32,
    problems: &mut Vec<String>,
) -> (Vec<Stretch>, u64) {
    let (mut stretches, mut headers) = (Vec::new(), 0);
    let mut seen = BTreeSet::new();
    let mut at = head.top - head.top % HEAP_SIZE;
    while at != 0 && seen.insert(at) {
        let info = heap_of(memory, at).filter(|info| info.arena == head.address);
        let Some(info) = info else {
            problems.push(format!("{at:#x} is no heap of the arena at {:#x}", head.address));
            break;
        };
        let is_first = head.address == info.start + info.header;
        let header = if is_first { info.header + head_bytes(head) } else { info.header };
        let start = (info.start + header).next_multiple_of(ALIGN);
        headers += start - info.start;
        let end = info.start + info.size;
        stretches.push(Stretch { start, end, top: head.top, arena });
        at = info.previous;
    }
    (stretches, headers)
}

/// The head's own size: up to the bins, these, and the words after them.
fn head_bytes(head: &Head) -> u64 {
    const AFTER_BINS: u64 = 7 * 8;
    head.bins_at - head.address + 2 * 8 * super::head::BINS as u64 + AFTER_BINS
}

impl Arena {
    /// `main`, or the address of its head.
    pub fn name(&self) -> String {
        if self.is_main { "main".into() } else { format!("{:#x}", self.address) }
    }
}

/// The sum of the sizes of one kind.
pub(super) fn bytes_of(chunks: &[Chunk], kind: ChunkKind) -> u64 {
    chunks.iter().filter(|chunk| chunk.kind == kind).map(|chunk| chunk.size).sum()
}
