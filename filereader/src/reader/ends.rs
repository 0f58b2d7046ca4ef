//! Where the pieces of a slice end: an iterator of positions.

use std::slice;

use super::raw::equal_bytes;

/// The positions of one byte in a slice, in order.
#[derive(Clone, Debug)]
pub(super) struct Ends<'b> {
    chunks: slice::Iter<'b, [u8; 64]>,
    /// What is left after the last whole chunk; empty once it was looked at.
    rest: &'b [u8],
    needle: u8,
    /// Where the chunk lies that `mask` is of.
    base: usize,
    /// The positions within it that were not given out yet.
    mask: u64,
}

const CHUNK: usize = 64;

impl<'b> Ends<'b> {
    #[inline]
    pub(super) fn new(bytes: &'b [u8], needle: u8) -> Self {
        let (chunks, rest) = bytes.as_chunks::<CHUNK>();
        // One chunk before the first, which has no positions to give.
        let base = 0_usize.wrapping_sub(CHUNK);
        Self { chunks: chunks.iter(), rest, needle, base, mask: 0 }
    }
}

/// Byte by byte: there are fewer than 64, and a chunk would be a copy of them.
///
/// It takes what it needs by value: an iterator that is lent to a call is kept in
/// memory instead of in registers.
#[cold]
#[inline(never)]
fn mask_of(few: &[u8], needle: u8) -> u64 {
    few.iter().rev().fold(0, |mask, &byte| mask << 1 | u64::from(byte == needle))
}

/// Pieces that each end in `end`, the last of which ends `bytes`: how many bytes
/// there are before one that is longer than `limit`, its end not counted. `None` if
/// that is the first.
pub(super) fn within_reach(bytes: &[u8], end: u8, limit: usize) -> Option<usize> {
    let mut start = 0;
    while bytes.len() - start > limit {
        // Any end within reach will do: the pieces before it are short enough, too.
        let reach = bytes.len().min(start.saturating_add(limit).saturating_add(1));
        match memchr::memrchr(end, &bytes[start..reach]) {
            Some(at) => start += at + 1,
            None => return (start > 0).then_some(start),
        }
    }
    Some(bytes.len())
}

impl Iterator for Ends<'_> {
    type Item = usize;

    #[inline]
    fn next(&mut self) -> Option<usize> {
        while self.mask == 0 {
            match self.chunks.next() {
                Some(chunk) => {
                    self.base = self.base.wrapping_add(CHUNK);
                    self.mask = equal_bytes(chunk, self.needle);
                }
                None if self.rest.is_empty() => return None,
                None => {
                    self.base = self.base.wrapping_add(CHUNK);
                    self.mask = mask_of(std::mem::take(&mut self.rest), self.needle);
                }
            }
        }
        let at = self.base + self.mask.trailing_zeros() as usize;
        self.mask &= self.mask - 1;
        Some(at)
    }

    /// What `for_each` and `sum` are made of: without the state that `next` has
    /// to leave behind at each step.
    #[inline]
    fn fold<A, F: FnMut(A, usize) -> A>(self, start: A, mut f: F) -> A {
        let Self { chunks, rest, needle, mut base, mask } = self;
        let mut give = |mut so_far: A, base: usize, mut mask: u64| {
            while mask != 0 {
                so_far = f(so_far, base + mask.trailing_zeros() as usize);
                mask &= mask - 1;
            }
            so_far
        };
        let mut so_far = give(start, base, mask);
        for chunk in chunks {
            base = base.wrapping_add(CHUNK);
            so_far = give(so_far, base, equal_bytes(chunk, needle));
        }
        give(so_far, base.wrapping_add(CHUNK), mask_of(rest, needle))
    }

    fn count(self) -> usize {
        let chunks = self.chunks.as_slice().as_flattened();
        let of = |bytes| memchr::memchr_iter(self.needle, bytes).count();
        self.mask.count_ones() as usize + of(chunks) + of(self.rest)
    }
}
