//! A part of a block, and the family of reads that fill it.

use std::fmt;
use std::io::{self, Read};
use std::ops::RangeBounds;
#[cfg(unix)]
use std::os::fd::AsFd;

use super::block::Block;
use super::filled::{Filled, FilledEnd, ReadError};
#[cfg(unix)]
use crate::source::Section;

/// A part of a [`Block`] that is being filled: what a `memoryview` slice is to
/// CPython's `readinto`.
///
/// The part moves its front with what it is filled with, so a second call goes
/// on where the first one ended. Whatever it fills is filled in the block too.
///
/// ```
/// use filereader::{FilledEnd, Pool};
///
/// let pool = Pool::builder().block_size(64).blocks(1).build()?;
/// let mut block = pool.acquire()?;
/// block.copy_from(b"length: ....; ");
/// let filled = block.part(8..12)?.read_full(&mut &b"0042 and more"[..])?;
/// assert_eq!((filled.n, filled.end), (4, FilledEnd::Full));
/// assert_eq!(*block, *b"length: 0042; ");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Part<'b> {
    block: &'b mut Block,
    // Invariant: `at <= end <= block.capacity()`, and the bytes before `at` are filled.
    at: usize,
    end: usize,
}

impl Part<'_> {
    /// The bytes that are still to be filled.
    pub fn room(&self) -> usize {
        self.end - self.at
    }

    /// Reads once from `source` into this part. One call of `read`, repeated only
    /// when a signal interrupts it; nothing is copied on top of what the source
    /// does. A full part reads nothing and says [`FilledEnd::Full`].
    ///
    /// The count is believed: a source that says it read bytes and did not write
    /// them shows whatever the block held before.
    ///
    /// # Errors
    ///
    /// [`ReadError`] with what the source said. Would-block is no error but an
    /// [end](FilledEnd::WouldBlock).
    pub fn read_into(&mut self, source: &mut (impl Read + ?Sized)) -> Result<Filled, ReadError> {
        let room = self.room();
        if room == 0 {
            return Ok(Filled { n: 0, end: FilledEnd::Full });
        }
        loop {
            let answer = source.read(&mut self.block.memory_mut()[self.at..self.end]);
            if let Some(filled) = Filled::from_answer(answer, room) {
                self.at += filled.as_ref().map_or(0, |filled| filled.n);
                self.block.fill_up_to(self.at);
                return filled;
            }
        }
    }

    /// Reads from `source` until the part is full, the source ends, or it would
    /// block. The count is that of all calls together.
    ///
    /// # Errors
    ///
    /// [`ReadError`] with the bytes that arrived before the failure, which are
    /// in the block, and with what the source said.
    pub fn read_full(&mut self, source: &mut (impl Read + ?Sized)) -> Result<Filled, ReadError> {
        Filled::repeat(|| self.read_into(source))
    }

    /// Reads from `source` until the part is full, and returns how many bytes
    /// that were.
    ///
    /// # Errors
    ///
    /// [`ReadError`] of kind [`UnexpectedEof`](io::ErrorKind::UnexpectedEof) if
    /// the source ends before, of kind [`WouldBlock`](io::ErrorKind::WouldBlock)
    /// if it has no more now, and else with what it said. Each tells how many
    /// bytes are in the block; the next call goes on after them.
    pub fn read_exact(&mut self, source: &mut (impl Read + ?Sized)) -> Result<usize, ReadError> {
        let wanted = self.room();
        self.read_full(source)?.must_be_full(wanted)
    }

    /// [`read_into`](Self::read_into) from a place in a file, by one
    /// [`pread(2)`](https://man7.org/linux/man-pages/man2/pread.2.html): the
    /// file's own position stays where it is.
    ///
    /// # Errors
    ///
    /// As there; `ESPIPE` from what has no places, such as a FIFO.
    #[cfg(unix)]
    pub fn read_at(&mut self, file: impl AsFd, offset: u64) -> Result<Filled, ReadError> {
        self.read_into(&mut Section::new(file, offset..))
    }

    /// [`read_full`](Self::read_full) from a place in a file.
    ///
    /// # Errors
    ///
    /// As there, and as [`read_at`](Self::read_at).
    #[cfg(unix)]
    pub fn read_full_at(&mut self, file: impl AsFd, offset: u64) -> Result<Filled, ReadError> {
        self.read_full(&mut Section::new(file, offset..))
    }

    /// [`read_exact`](Self::read_exact) from a place in a file.
    ///
    /// # Errors
    ///
    /// As there, and as [`read_at`](Self::read_at).
    #[cfg(unix)]
    pub fn read_exact_at(&mut self, file: impl AsFd, offset: u64) -> Result<usize, ReadError> {
        self.read_exact(&mut Section::new(file, offset..))
    }
}

/// Reading into a block: once, until it is full, or exactly so many bytes; from
/// any [`Read`], or from a place in a file.
impl Block {
    /// A part of this block, to be filled. It may begin anywhere in what is filled
    /// or at its end, and end anywhere in the block.
    ///
    /// # Errors
    ///
    /// [`RoomError`] if the range ends before it starts or reaches past the end of
    /// the block, or if it begins after what is filled: the bytes between would be
    /// those of a former use.
    pub fn part(&mut self, range: impl RangeBounds<usize>) -> Result<Part<'_>, RoomError> {
        let range = (range.start_bound().cloned(), range.end_bound().cloned());
        let (from, to) = RoomError::bounds(range, self.len(), self.capacity())?;
        Ok(Part { block: self, at: from, end: to })
    }

    /// All that is not filled.
    fn rest(&mut self) -> Part<'_> {
        let (at, end) = (self.len(), self.capacity());
        Part { block: self, at, end }
    }

    /// Reads once from `source` into the room that is left, and adds to what
    /// is filled. One call of `read`, repeated only when a signal interrupts
    /// it; nothing is copied on top of what the source does.
    ///
    /// A full block reads nothing and says [`FilledEnd::Full`]. A descriptor that is
    /// no [`Read`] becomes one as [`Descriptor`](crate::Descriptor).
    ///
    /// The count is believed: a source that says it read bytes and did not write
    /// them shows whatever the block held before.
    ///
    /// # Errors
    ///
    /// [`ReadError`] with what the source said. Would-block is no error but an
    /// [end](FilledEnd::WouldBlock).
    pub fn read_into(&mut self, source: &mut (impl Read + ?Sized)) -> Result<Filled, ReadError> {
        self.rest().read_into(source)
    }

    /// Reads from `source` until the block is full, the source ends, or it
    /// would block. The count is that of all calls together.
    ///
    /// # Errors
    ///
    /// [`ReadError`] with the bytes that arrived before the failure, which are
    /// in the block, and with what the source said.
    pub fn read_full(&mut self, source: &mut (impl Read + ?Sized)) -> Result<Filled, ReadError> {
        self.rest().read_full(source)
    }

    /// Reads `n` bytes from `source`, not more and not fewer.
    ///
    /// # Errors
    ///
    /// [`ReadError`] of kind [`InvalidInput`](io::ErrorKind::InvalidInput), with
    /// nothing read, if there is no room for so many; of kind
    /// [`UnexpectedEof`](io::ErrorKind::UnexpectedEof) if the source ends before,
    /// of kind [`WouldBlock`](io::ErrorKind::WouldBlock) if it has no more now, and
    /// else with what it said. Each tells how many bytes were added to the block.
    ///
    /// ```
    /// use filereader::Pool;
    ///
    /// let pool = Pool::builder().block_size(64).blocks(1).build()?;
    /// let mut block = pool.acquire()?;
    /// let mut source = &b"four and more"[..];
    /// block.read_exact(&mut source, 4)?;
    /// assert_eq!(*block, *b"four");
    /// let error = block.read_exact(&mut source, 20).unwrap_err();
    /// assert_eq!(error.filled(), 9);
    /// assert_eq!(*block, *b"four and more");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn read_exact(
        &mut self,
        source: &mut (impl Read + ?Sized),
        n: usize,
    ) -> Result<usize, ReadError> {
        self.next(n)?.read_exact(source)
    }

    /// Reads once from a place in a file into the room that is left, by one
    /// [`pread(2)`](https://man7.org/linux/man-pages/man2/pread.2.html): the file's
    /// own position stays where it is, and threads may share the file.
    ///
    /// # Errors
    ///
    /// [`ReadError`] with what the system said; `ESPIPE` from what has no places,
    /// such as a FIFO.
    #[cfg(unix)]
    pub fn read_at(&mut self, file: impl AsFd, offset: u64) -> Result<Filled, ReadError> {
        self.rest().read_at(file, offset)
    }

    /// Reads from a place in a file until the block is full or the file ends.
    ///
    /// # Errors
    ///
    /// As [`read_at`](Self::read_at), with the bytes that arrived before.
    #[cfg(unix)]
    pub fn read_full_at(&mut self, file: impl AsFd, offset: u64) -> Result<Filled, ReadError> {
        self.rest().read_full_at(file, offset)
    }

    /// Reads `n` bytes from a place in a file.
    ///
    /// # Errors
    ///
    /// As [`read_exact`](Self::read_exact) and [`read_at`](Self::read_at).
    #[cfg(unix)]
    pub fn read_exact_at(
        &mut self,
        file: impl AsFd,
        offset: u64,
        n: usize,
    ) -> Result<usize, ReadError> {
        self.next(n)?.read_exact_at(file, offset)
    }

    /// The next `n` bytes of the room.
    fn next(&mut self, n: usize) -> Result<Part<'_>, ReadError> {
        let from = self.len();
        let part = self.part(from..from.saturating_add(n));
        part.map_err(|error| ReadError::new(0, io::Error::new(io::ErrorKind::InvalidInput, error)))
    }
}

/// A block has no such part to fill.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RoomError {
    from: usize,
    to: usize,
    filled: usize,
    capacity: usize,
}

impl RoomError {
    fn bounds(
        range: impl RangeBounds<usize>,
        filled: usize,
        capacity: usize,
    ) -> Result<(usize, usize), Self> {
        use std::ops::Bound::{Excluded, Included, Unbounded};
        let from = match range.start_bound() {
            Included(&from) => from,
            Excluded(&before) => before.saturating_add(1),
            Unbounded => 0,
        };
        let to = match range.end_bound() {
            Included(&last) => last.saturating_add(1),
            Excluded(&to) => to,
            Unbounded => capacity,
        };
        let fits = from <= to && to <= capacity && from <= filled;
        if fits { Ok((from, to)) } else { Err(Self { from, to, filled, capacity }) }
    }
}

impl fmt::Display for RoomError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { from, to, filled, capacity } = self;
        if from > to {
            write!(f, "the part {from}..{to} ends before it starts")
        } else if to > capacity {
            write!(f, "the part {from}..{to} reaches past the end of a block of {capacity} bytes")
        } else {
            write!(
                f,
                "the part {from}..{to} begins after the {filled} bytes that are filled: the bytes \
                 between would be those of a former use"
            )
        }
    }
}

impl std::error::Error for RoomError {}
