//! Cutting a chain: pieces are handed over or cut, bytes stay.

use core::mem;
use core::ops::RangeBounds;

use super::pieces::Chain;
use crate::layout::{RangeError, bounds};

impl Chain {
    /// Drops the first `n` bytes, and lets go of each piece as its last byte goes.
    ///
    /// # Panics
    ///
    /// If there are fewer than `n` bytes; then nothing is dropped.
    #[inline]
    #[track_caller]
    pub fn advance(&mut self, n: usize) {
        // Most steps end within the first piece. They are told apart here, where the
        // caller's code can take this in.
        match self.pieces.front_mut() {
            Some(first) if n < first.len() => {
                first.skip(n);
                self.len -= n;
                self.check();
            }
            _ => self.advance_past_the_first(n),
        }
    }

    #[inline(never)]
    #[track_caller]
    fn advance_past_the_first(&mut self, n: usize) {
        let have = self.len;
        assert!(n <= have, "cannot advance by {n}: only {have} bytes are left");
        let mut left = n;
        while let Some(first) = self.pieces.front_mut() {
            // Piece by piece, so that the count is right if a home or an owner panics.
            let gone = left.min(first.len());
            self.len -= gone;
            left -= gone;
            if gone < first.len() {
                first.skip(gone);
                break;
            }
            // Let go of where it lies. What is then taken off the list is an empty
            // handle, which has nothing to drop and need not be moved out to be dropped:
            // to move it would read words together that were just written one by one,
            // and a processor waits for those.
            first.clear();
            mem::forget(self.pieces.pop_front());
        }
        self.check();
    }

    /// Drops the bytes past `len`; no effect if there are no more than that.
    pub fn truncate(&mut self, len: usize) {
        while self.len > len {
            let excess = self.len - len;
            let Some(last) = self.pieces.back_mut() else { break };
            let kept = last.len().saturating_sub(excess);
            self.len -= last.len() - kept;
            if kept == 0 {
                self.pieces.pop_back();
            } else {
                last.truncate(kept);
            }
        }
        self.check();
    }

    /// Takes the first `at` bytes off as a chain of their own; this one keeps the
    /// rest. The work is that of the pieces that go, however many stay.
    ///
    /// # Panics
    ///
    /// If there are fewer than `at` bytes.
    #[must_use = "the first half is dropped otherwise; `advance` says so"]
    #[track_caller]
    pub fn split_to(&mut self, at: usize) -> Self {
        let have = self.len;
        assert!(at <= have, "cannot split at {at}: there are only {have} bytes");
        let Some((number, inside)) = self.locate(at) else {
            return mem::take(self); // at the very end
        };
        let mut front = Self { pieces: self.pieces.drain(..number).collect(), len: at };
        self.len -= at;
        if inside > 0
            && let Some(cut) = self.pieces.front_mut()
        {
            front.pieces.push_back(cut.split_to(inside));
        }
        self.check();
        front.check();
        front
    }

    /// Takes the bytes from `at` on off as a chain of their own; this one keeps the
    /// first `at` bytes.
    ///
    /// # Panics
    ///
    /// If there are fewer than `at` bytes.
    #[must_use = "the second half is dropped otherwise; `truncate` says so"]
    #[track_caller]
    pub fn split_off(&mut self, at: usize) -> Self {
        let have = self.len;
        assert!(at <= have, "cannot split at {at}: there are only {have} bytes");
        let Some((number, inside)) = self.locate(at) else {
            return Self::new(); // at the very end
        };
        let mut back = Self { pieces: self.pieces.split_off(number), len: have - at };
        self.len = at;
        if inside > 0
            && let Some(cut) = back.pieces.front_mut()
        {
            self.pieces.push_back(cut.split_to(inside));
        }
        self.check();
        back.check();
        back
    }

    /// The bytes in `range`, as a chain over the same memory.
    ///
    /// # Panics
    ///
    /// If the range reaches past the end or ends before it starts; see
    /// [`try_slice`](Self::try_slice).
    #[must_use = "slicing leaves the chain itself as it is"]
    #[track_caller]
    pub fn slice(&self, range: impl RangeBounds<usize>) -> Self {
        match self.try_slice(range) {
            Ok(slice) => slice,
            Err(error) => panic!("{error}"),
        }
    }

    /// The bytes in `range`, as a chain over the same memory.
    ///
    /// # Errors
    ///
    /// [`RangeError`] if the range reaches past the end or ends before it starts.
    #[track_caller]
    pub fn try_slice(&self, range: impl RangeBounds<usize>) -> Result<Self, RangeError> {
        let Some((from, to)) = bounds(&range, self.len) else {
            return Err(RangeError::new(&range, self.len));
        };
        let mut slice = Self::new();
        let mut start = 0;
        for piece in self {
            if start >= to {
                break;
            }
            let end = start + piece.len();
            if end > from {
                slice.push(piece.slice(from.saturating_sub(start)..piece.len().min(to - start)));
            }
            start = end;
        }
        slice.check();
        Ok(slice)
    }
}
