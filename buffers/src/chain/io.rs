//! `std::io` for the chain, which reads itself empty from the front.

use std::io::{self, BufRead, IoSlice, IoSliceMut, Read};

use bytes::Buf;

use super::pieces::Chain;

impl Chain {
    /// The pieces for one vectored write, in order; nothing is copied. Systems take
    /// 1024 at a time: [`Buf::chunks_vectored`] fills an array of yours instead.
    pub fn io_slices(&self) -> impl ExactSizeIterator<Item = IoSlice<'_>> {
        self.iter().map(|piece| IoSlice::new(piece))
    }
}

/// Copies into the caller's slice, counted in [`copied`](crate::copied), and
/// advances.
impl Read for Chain {
    fn read(&mut self, target: &mut [u8]) -> io::Result<usize> {
        let n = target.len().min(self.len());
        self.copy_to_slice(&mut target[..n]);
        Ok(n)
    }

    /// Fills all slices, where the trait's default fills the first one only.
    fn read_vectored(&mut self, targets: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
        targets.iter_mut().try_fold(0, |n, target| Ok(n + self.read(target)?))
    }
}

/// Gives the first piece in place. What the trait builds on that (`read_until`,
/// `lines`) copies on its own account and is not counted.
impl BufRead for Chain {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        Ok(Buf::chunk(self))
    }

    fn consume(&mut self, n: usize) {
        self.advance(n);
    }
}
