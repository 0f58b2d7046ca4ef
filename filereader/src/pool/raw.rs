//! `bytes::BufMut` for a block: the trait is unsafe, its implementation here
//! is made of safe calls.

use bytes::buf::UninitSlice;
use bytes::{Buf, BufMut};

use super::block::Block;

// SAFETY: the trait obliges `remaining_mut` and `chunk_mut` to tell the truth
// about memory that stays valid and in place until `advance_mut`. Both are read
// off the one slice that `Block::unfilled_mut` gives, which borrows the block.
unsafe impl BufMut for Block {
    fn remaining_mut(&self) -> usize {
        self.room()
    }

    unsafe fn advance_mut(&mut self, n: usize) {
        // The caller's promise that `n` bytes were initialised is not needed:
        // a block's memory always is.
        self.advance(n);
    }

    fn chunk_mut(&mut self) -> &mut UninitSlice {
        UninitSlice::new(self.unfilled_mut())
    }

    /// Copies, and counts the copy.
    ///
    /// # Panics
    ///
    /// If there is no room for all of `source`.
    fn put<T: Buf>(&mut self, mut source: T) {
        let (n, room) = (source.remaining(), self.room());
        assert!(n <= room, "cannot put {n} bytes: room for {room}");
        while source.has_remaining() {
            let n = self.copy_from(source.chunk());
            source.advance(n);
        }
    }

    /// Copies, and counts the copy.
    ///
    /// # Panics
    ///
    /// If there is no room for all of `bytes`.
    fn put_slice(&mut self, bytes: &[u8]) {
        let room = self.room();
        assert!(bytes.len() <= room, "cannot put {} bytes: room for {room}", bytes.len());
        self.copy_from(bytes);
    }
}
