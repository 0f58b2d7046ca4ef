//! One read into several blocks.

use std::io::{IoSliceMut, Read};
#[cfg(unix)]
use std::os::fd::AsFd;

use super::block::Block;
use super::filled::{Filled, FilledEnd, ReadError};
#[cfg(unix)]
use crate::source::Section;

/// The blocks that one call offers at most. They are listed on the stack, so
/// that nothing is allocated; sixteen blocks of 256 KiB are more than one call
/// should fill before somebody looks at them.
const AT_ONCE: usize = 16;

/// Reading into several blocks by one call. Blocks are filled in their order:
/// each but the last that got bytes is full.
impl Block {
    /// Reads once from `source` into the room of `blocks`, by one `readv` where
    /// the source has one (a file, a socket), and into the first that has room
    /// where it has none. Up to sixteen blocks with room take part in a call.
    ///
    /// # Errors
    ///
    /// [`ReadError`] with what the source said. Would-block is no error but an
    /// [end](FilledEnd::WouldBlock).
    ///
    /// ```
    /// use filereader::{Block, FilledEnd, Pool};
    ///
    /// let pool = Pool::builder().block_size(4).blocks(3).build()?;
    /// let mut blocks = [pool.acquire()?, pool.acquire()?, pool.acquire()?];
    /// let filled = Block::read_vectored(&mut blocks, &mut &b"0123456789"[..])?;
    /// assert_eq!((filled.n, filled.end), (10, FilledEnd::Partial));
    /// assert_eq!(blocks.map(Block::freeze), [&b"0123"[..], b"4567", b"89"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn read_vectored(
        blocks: &mut [Self],
        source: &mut (impl Read + ?Sized),
    ) -> Result<Filled, ReadError> {
        if blocks.iter().all(Self::is_full) {
            return Ok(Filled { n: 0, end: FilledEnd::Full });
        }
        loop {
            let mut slices: [_; AT_ONCE] = std::array::from_fn(|_| IoSliceMut::new(&mut []));
            let (used, room) = offer(blocks, &mut slices);
            let answer = source.read_vectored(&mut slices[..used]);
            if let Some(answer) = Filled::from_answer(answer, room) {
                let mut filled = answer?;
                spread(blocks, filled.n);
                if filled.end == FilledEnd::Full && !blocks.iter().all(Self::is_full) {
                    filled.end = FilledEnd::Partial;
                }
                return Ok(filled);
            }
        }
    }

    /// Reads from `source` until all of `blocks` are full, the source ends, or it
    /// would block. The count is that of all calls together.
    ///
    /// # Errors
    ///
    /// [`ReadError`] with the bytes that arrived before the failure, which are
    /// in the blocks, and with what the source said.
    pub fn read_full_vectored(
        blocks: &mut [Self],
        source: &mut (impl Read + ?Sized),
    ) -> Result<Filled, ReadError> {
        Filled::repeat(|| Self::read_vectored(blocks, source))
    }

    /// [`read_vectored`](Self::read_vectored) from a place in a file, by one
    /// [`preadv(2)`](https://man7.org/linux/man-pages/man2/readv.2.html).
    ///
    /// # Errors
    ///
    /// As there; `ESPIPE` from what has no places, such as a FIFO.
    #[cfg(unix)]
    pub fn read_vectored_at(
        blocks: &mut [Self],
        file: impl AsFd,
        offset: u64,
    ) -> Result<Filled, ReadError> {
        Self::read_vectored(blocks, &mut Section::new(file, offset..))
    }

    /// [`read_full_vectored`](Self::read_full_vectored) from a place in a file.
    ///
    /// # Errors
    ///
    /// As there, and as [`read_vectored_at`](Self::read_vectored_at).
    #[cfg(unix)]
    pub fn read_full_vectored_at(
        blocks: &mut [Self],
        file: impl AsFd,
        offset: u64,
    ) -> Result<Filled, ReadError> {
        Self::read_full_vectored(blocks, &mut Section::new(file, offset..))
    }
}

/// Lists the room of the blocks; returns how many slices and how many bytes.
fn offer<'b>(blocks: &'b mut [Block], slices: &mut [IoSliceMut<'b>]) -> (usize, usize) {
    let (mut used, mut room) = (0, 0);
    let with_room = blocks.iter_mut().filter(|block| !block.is_full());
    for (slice, block) in slices.iter_mut().zip(with_room) {
        *slice = IoSliceMut::new(block.unfilled_mut());
        used += 1;
        room += slice.len();
    }
    (used, room)
}

/// Says which blocks got the `n` bytes that a call read.
fn spread(blocks: &mut [Block], mut n: usize) {
    for block in blocks {
        let here = n.min(block.room());
        block.advance(here);
        n -= here;
    }
    debug_assert_eq!(n, 0, "no more was read than there was room for");
}
