//! The part of its memory that a handle shows.

use core::ops::Range;

/// A start and a length, and, with the feature `sites`, a mark that says that
/// the place where the handle was made is on record.
///
/// No allocation is larger than `isize::MAX` bytes, so the highest bit of the
/// length is free for the mark, and the handle stays at 24 bytes. Both numbers
/// may be wrong about what is there (an owner may change its mind), so every
/// access checks them against the memory itself.
#[derive(Clone, Copy)]
pub(crate) struct Span {
    start: usize,
    len: usize,
}

#[cfg(feature = "sites")]
const MARK: usize = 1 << (usize::BITS - 1);

impl Span {
    pub(crate) const fn new(start: usize, len: usize) -> Self {
        debug_assert!(len <= isize::MAX as usize, "no slice is longer than that");
        Self { start, len }
    }

    #[inline]
    pub(crate) const fn start(self) -> usize {
        self.start
    }

    #[inline]
    pub(crate) const fn len(self) -> usize {
        #[cfg(feature = "sites")]
        let len = self.len & !MARK;
        #[cfg(not(feature = "sites"))]
        let len = self.len;
        len
    }

    /// Where the part ends. The sum does not overflow: both numbers came from
    /// within one slice.
    #[inline]
    pub(crate) const fn end(self) -> usize {
        self.start + self.len()
    }

    pub(crate) const fn range(self) -> Range<usize> {
        self.start..self.end()
    }
}

#[cfg(feature = "sites")]
impl Span {
    #[inline]
    pub(crate) const fn is_marked(self) -> bool {
        self.len & MARK != 0
    }

    pub(crate) const fn marked(self) -> Self {
        Self { start: self.start, len: self.len | MARK }
    }
}
