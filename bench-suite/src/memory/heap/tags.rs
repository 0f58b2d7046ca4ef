//! The walk by boundary tags: from chunk to chunk by their sizes.

use super::chunk::{
    ALIGN, Chunk, ChunkKind, FLAGS, IS_MAPPED, LEAST, PREVIOUS_IN_USE, WORD, is_possible,
};
use crate::memory::remote::Window;

/// A free chunk's place and its two links.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Link {
    pub(super) address: u64,
    pub(super) next: u64,
    pub(super) previous: u64,
}

/// What walks along stretches of an arena have found.
#[derive(Debug, Default)]
pub(super) struct Tags {
    pub(super) chunks: Vec<Chunk>,
    /// Of the free chunks, sorted as these are.
    pub(super) links: Vec<Link>,
    /// Bytes of what glibc puts where a heap ends.
    pub(super) fences: u64,
    /// Bytes behind a tag that made no sense.
    pub(super) unread: u64,
    pub(super) problems: Vec<String>,
}

/// A stretch of an arena that is all chunks.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stretch {
    pub(super) start: u64,
    pub(super) end: u64,
    pub(super) top: u64,
    pub(super) arena: u32,
}

impl Tags {
    /// Walks along one stretch, until it ends or a tag makes no sense. What was read
    /// until then is kept.
    pub(super) fn walk(&mut self, window: &mut Window<'_>, stretch: Stretch) {
        let mut at = stretch.start;
        while at < stretch.end {
            match step(window, stretch, at) {
                Ok(Step::Chunk(chunk, link)) => {
                    self.chunks.push(chunk);
                    self.links.extend(link);
                    at += chunk.size;
                }
                Ok(Step::Fences) => {
                    self.fences += stretch.end - at;
                    return;
                }
                Err(problem) => {
                    self.unread += stretch.end - at;
                    self.problems.push(format!(
                        "{problem}; {} bytes from there to {:#x} are not read",
                        stretch.end - at,
                        stretch.end
                    ));
                    return;
                }
            }
        }
    }
}

enum Step {
    Chunk(Chunk, Option<Link>),
    Fences,
}

fn step(window: &mut Window<'_>, stretch: Stretch, at: u64) -> Result<Step, String> {
    let Stretch { end, top, arena, .. } = stretch;
    let tag = window.word(at + WORD).ok_or(format!("the tag at {at:#x} cannot be read"))?;
    let size = tag & !FLAGS;
    let address = at + 2 * WORD;
    if at == top {
        if size < ALIGN || at.checked_add(size).is_none_or(|after| after > end) {
            return Err(format!("the top chunk at {at:#x} has the impossible size {size}"));
        }
        return Ok(Step::Chunk(Chunk { address, size, arena, kind: ChunkKind::Top }, None));
    }
    // A heap that another one follows ends in chunks that are too small to be any.
    if size <= ALIGN && end - at <= 2 * LEAST {
        return Ok(Step::Fences);
    }
    let after = at.checked_add(size).filter(|&after| after < end);
    let Some(after) = after.filter(|_| is_possible(size) && tag & IS_MAPPED == 0) else {
        return Err(format!("the tag at {at:#x} says {tag:#x}, which no chunk there can have"));
    };
    let links = window.at(at + 2 * WORD, 2 * 8).map(words);
    let after_it = window.at(after, 2 * 8).map(words);
    let (Some((next, previous)), Some((size_again, next_tag))) = (links, after_it) else {
        return Err(format!("the tag at {after:#x} cannot be read"));
    };
    if next_tag & PREVIOUS_IN_USE != 0 {
        return Ok(Step::Chunk(Chunk { address, size, arena, kind: ChunkKind::Used }, None));
    }
    if size_again != size {
        return Err(format!(
            "the free chunk at {at:#x} says {size} bytes at its start and {size_again} at its end"
        ));
    }
    let link = Link { address, next, previous };
    Ok(Step::Chunk(Chunk { address, size, arena, kind: ChunkKind::Free }, Some(link)))
}

fn words(bytes: &[u8]) -> (u64, u64) {
    let word = |at: usize| bytes[at..at + 8].try_into().expect("eight bytes");
    (u64::from_ne_bytes(word(0)), u64::from_ne_bytes(word(8)))
}
