//! What was read and not given out yet, and reading more behind it.

use std::io::{self, Read};

use buffers::SharedBuf;

use crate::pool::{Block, FilledEnd, Pool};

/// The bytes between what was given out and what is still in the source. They are
/// the last bytes of the block that holds them.
#[derive(Debug, Default)]
pub(super) struct Rest {
    bytes: SharedBuf,
}

/// What is put at a good address when bytes move to the front of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Align {
    /// The read that follows: the kernel copies faster to the start of a page.
    Read,
    /// The first of the bytes, which may be looked at as a type with an alignment.
    Start,
}

/// Reads begin at multiples of this, where a block has room for it. A tail that is
/// carried over ends there.
const READ_ALIGN: usize = 4096;

impl Rest {
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub(super) fn len(&self) -> usize {
        self.bytes.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Takes the first `n` bytes off.
    pub(super) fn give_out(&mut self, n: usize) -> SharedBuf {
        self.bytes.split_to(n)
    }

    /// Puts these bytes before `next`, which was read ahead, and empties `next` as far
    /// as there is room. As a rule there is room for them before `next` in its block;
    /// else both are copied, as by a read.
    ///
    /// `get_block` is asked for a block if both see that theirs are full or kept by
    /// others; while it gives none, nothing has changed.
    pub(super) fn join<E>(
        &mut self,
        next: &mut SharedBuf,
        align: Align,
        get_block: impl FnOnce() -> Result<Block, E>,
    ) -> Result<(), E> {
        if self.is_empty() || self.fits_before(next) {
            self.bytes = std::mem::take(next);
            return Ok(());
        }
        let (mut block, start) = match in_its_block(std::mem::take(&mut self.bytes), align) {
            Ok(found) => found,
            Err(bytes) => {
                self.bytes = bytes;
                self.move_to(get_block()?, align)
            }
        };
        let n = block.copy_from(next);
        next.advance(n);
        self.bytes = block.freeze();
        self.bytes.advance(start);
        Ok(())
    }

    /// Copies these bytes into the room before `next`, if there is enough of it, and
    /// widens `next` by them.
    fn fits_before(&self, next: &mut SharedBuf) -> bool {
        let (tail, len) = (self.bytes.len(), next.len());
        match Block::try_from_shared(std::mem::take(next)) {
            Ok(mut block) => {
                let mut start = block.len() - len;
                let fits = tail <= start;
                if fits {
                    block.put_before(start, &self.bytes);
                    start -= tail;
                }
                *next = block.freeze();
                next.advance(start);
                fits
            }
            Err(kept) => {
                *next = kept;
                false
            }
        }
    }

    /// Copies these bytes to `block`; tells where in it they start.
    fn move_to(&self, mut block: Block, align: Align) -> (Block, usize) {
        let start = head(self.bytes.len(), block.capacity(), align);
        block.advance(start);
        block.copy_from(&self.bytes);
        (block, start)
    }

    /// Reads once from `source` behind these bytes. If their block has not room
    /// enough, they are copied to the front of a block, and counted.
    ///
    /// They need not leave their block if nobody else sees it: then they move
    /// within it, which needs no second block and keeps to the memory that the
    /// processor's cache has.
    ///
    /// Whatever happens, no byte of them is lost.
    #[track_caller]
    pub(super) fn refill(
        &mut self,
        pool: &Pool,
        source: &mut (impl Read + ?Sized),
        align: Align,
    ) -> io::Result<FilledEnd> {
        let (mut block, start) = match in_its_block(std::mem::take(&mut self.bytes), align) {
            Ok(found) => found,
            Err(bytes) => {
                // They stay with us while we wait for a block.
                self.bytes = bytes;
                self.move_to(pool.acquire()?, align)
            }
        };
        let answer = block.read_into(source);
        self.bytes = block.freeze();
        self.bytes.advance(start);
        Ok(answer?.end)
    }
}

/// The block of these bytes, with room behind them, and where in it they start.
/// Gives them back if others see the block, or if it cannot have room.
fn in_its_block(bytes: SharedBuf, align: Align) -> Result<(Block, usize), SharedBuf> {
    let len = bytes.len();
    let mut block = Block::try_from_shared(bytes)?;
    let mut from = block.len() - len;
    let to = head(len, block.capacity(), align);
    if block.room() < block.capacity() / 2 && to < from {
        block.copy_tail_to(from, to);
        from = to;
    }
    if block.is_full() { Err(block.freeze().slice(from..)) } else { Ok((block, from)) }
}

/// The room that a read leaves before what it reads ahead, for the tail of the block
/// before: longer ones are copied together with what was read.
#[cfg(unix)]
pub(super) fn headroom(capacity: usize) -> usize {
    if capacity / 4 >= READ_ALIGN { READ_ALIGN } else { capacity / 4 }
}

/// Where in a block a tail of `len` bytes is put: at its front, or so that it ends
/// where a read should begin.
fn head(len: usize, capacity: usize, align: Align) -> usize {
    let end = len.next_multiple_of(READ_ALIGN);
    if align == Align::Read && end <= capacity / 4 { end - len } else { 0 }
}
