//! `bytes::Buf` for the chain, with every method overridden whose default copies.

use bytes::{Buf, Bytes, TryGetError};

use super::pieces::Chain;
use crate::copied;

/// Advancing moves no byte. Whatever copies into the caller's memory is counted in
/// [`copied`].
impl Buf for Chain {
    #[inline]
    fn remaining(&self) -> usize {
        self.len
    }

    #[inline]
    fn chunk(&self) -> &[u8] {
        self.pieces.front().map_or(&[], |first| first.as_slice())
    }

    /// One slice a piece, as many as there is room for. Without a copy, and without
    /// the calls that the default makes for each.
    #[cfg(feature = "std")]
    #[inline]
    fn chunks_vectored<'a>(&'a self, slots: &mut [std::io::IoSlice<'a>]) -> usize {
        let mut used = 0;
        for (slot, piece) in slots.iter_mut().zip(&self.pieces) {
            *slot = std::io::IoSlice::new(piece);
            used += 1;
        }
        used
    }

    #[inline]
    #[track_caller]
    fn advance(&mut self, n: usize) {
        Self::advance(self, n);
    }

    /// # Panics
    ///
    /// If there are fewer bytes than `target` holds.
    #[track_caller]
    fn copy_to_slice(&mut self, target: &mut [u8]) {
        let (want, have) = (target.len(), self.len);
        assert!(want <= have, "cannot copy {want} bytes: only {have} are left");
        let mut rest = target;
        for piece in self.iter() {
            let n = piece.len().min(rest.len());
            let (now, later) = rest.split_at_mut(n);
            now.copy_from_slice(&piece[..n]);
            rest = later;
            if rest.is_empty() {
                break;
            }
        }
        copied::record(want);
        Self::advance(self, want);
    }

    fn try_copy_to_slice(&mut self, target: &mut [u8]) -> Result<(), TryGetError> {
        if self.len < target.len() {
            return Err(TryGetError { requested: target.len(), available: self.len });
        }
        self.copy_to_slice(target);
        Ok(())
    }

    /// Copies nothing if the bytes lie within the first piece, and otherwise all of
    /// them, counted.
    ///
    /// # Panics
    ///
    /// If there are fewer than `n` bytes.
    #[track_caller]
    fn copy_to_bytes(&mut self, n: usize) -> Bytes {
        match self.pieces.front() {
            Some(first) if n <= first.len() => {
                let taken = first.slice(..n);
                Self::advance(self, n);
                taken.into()
            }
            _ => self.split_to(n).to_shared().into(),
        }
    }
}
