//! One lent block, while it is being filled.

use std::fmt;
use std::io::{self, Write};
use std::ops::Deref;

use buffers::{SharedBuf, UniqueBuf, copied};

use super::lending;

/// A block of a [`Pool`](crate::Pool): memory to fill from the front, and then
/// to [freeze](Self::freeze).
///
/// It derefs to the bytes filled so far. Dropping it sends it home. Blocks are not
/// cleared between uses; what is not filled anew is only seen through
/// [`unfilled_mut`](Self::unfilled_mut) and by widening a view that was made
/// unique again.
///
/// ```
/// use filereader::{FilledEnd, Pool};
///
/// let pool = Pool::builder().block_size(8).blocks(1).build()?;
/// let mut block = pool.acquire()?;
/// let mut source = &b"0123456789"[..];
/// let filled = block.read_into(&mut source)?;
/// assert_eq!((filled.n, filled.end), (8, FilledEnd::Full));
/// assert_eq!(block.freeze(), b"01234567");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Block {
    memory: UniqueBuf,
    // Invariant: `filled <= capacity <= memory.len()`; what is behind `capacity` is the
    // pool's padding.
    filled: usize,
    capacity: usize,
}

impl Block {
    #[inline]
    pub(super) fn over(memory: UniqueBuf, capacity: usize) -> Self {
        Self { memory, filled: 0, capacity }
    }

    pub(super) fn memory(&self) -> &UniqueBuf {
        &self.memory
    }

    pub(super) fn memory_mut(&mut self) -> &mut [u8] {
        &mut self.memory
    }

    /// Says that all bytes before `end` are filled, if there were fewer.
    pub(super) fn fill_up_to(&mut self, end: usize) {
        debug_assert!(end <= self.capacity, "a fill ends within the block");
        self.filled = self.filled.max(end);
    }

    /// Takes a block back from what it was frozen into, to fill it further:
    /// the bytes up to the end of `view` stay as they are, and the room after
    /// them is free again. Copies and allocates nothing.
    ///
    /// # Errors
    ///
    /// Gives `view` back if there are other handles of the block, or if it is
    /// no block of a pool.
    pub fn try_from_shared(view: SharedBuf) -> Result<Self, SharedBuf> {
        let mut memory = view.try_into_mut()?;
        let Some(capacity) = lending::block_size_of(&memory) else {
            return Err(memory.freeze());
        };
        let view_len = memory.len();
        // A view may show padding, which is no room.
        let filled = (memory.expand() + view_len).min(capacity);
        Ok(Self { memory, filled, capacity })
    }

    /// The bytes that the block can hold in all.
    pub fn capacity(&self) -> usize {
        self.capacity
    }

    /// The bytes that there is still room for.
    pub fn room(&self) -> usize {
        self.capacity - self.filled
    }

    /// Whether there is no room left.
    pub fn is_full(&self) -> bool {
        self.room() == 0
    }

    /// The bytes filled so far; the block derefs to them too.
    pub fn filled(&self) -> &[u8] {
        &self.memory[..self.filled]
    }

    /// The room after the filled bytes, to write to; [`advance`](Self::advance)
    /// then says how much was written. It holds zeros or bytes of former uses.
    pub fn unfilled_mut(&mut self) -> &mut [u8] {
        &mut self.memory[self.filled..self.capacity]
    }

    /// Says that the next `n` bytes of [`unfilled_mut`](Self::unfilled_mut) are
    /// filled now.
    ///
    /// # Panics
    ///
    /// If there is no room for that many.
    #[track_caller]
    pub fn advance(&mut self, n: usize) {
        let room = self.room();
        assert!(n <= room, "cannot fill {n} bytes: the block has room for {room}");
        self.filled += n;
    }

    /// Forgets what was filled, and starts from the front again.
    pub fn clear(&mut self) {
        self.filled = 0;
    }

    /// Copies as much of `bytes` as there is room for, counts the copy in
    /// [`copied`], and returns how many bytes that was.
    pub fn copy_from(&mut self, bytes: &[u8]) -> usize {
        let n = bytes.len().min(self.room());
        self.unfilled_mut()[..n].copy_from_slice(&bytes[..n]);
        copied::record(n);
        self.filled += n;
        n
    }

    /// Copies the filled bytes from `from` on to `to`, further to the front, counts
    /// the copy, and fills the block up to their end only.
    pub(crate) fn copy_tail_to(&mut self, from: usize, to: usize) {
        let n = self.filled - from;
        debug_assert!(to <= from, "a tail moves to the front");
        self.memory.copy_within(from..from + n, to);
        copied::record(n);
        self.filled = to + n;
    }

    /// Copies `head` to where it ends at `end`, and counts the copy.
    pub(crate) fn put_before(&mut self, end: usize, head: &[u8]) {
        debug_assert!(end <= self.filled, "it is put before filled bytes");
        self.memory[end - head.len()..end].copy_from_slice(head);
        copied::record(head.len());
    }

    /// A copy of what was filled, counted in [`copied`].
    pub fn to_vec(&self) -> Vec<u8> {
        copied::record(self.filled);
        self.filled().to_vec()
    }

    /// Lets everyone read what was filled, and nobody write. Copies and
    /// allocates nothing; the block comes home when the last handle is dropped.
    #[must_use = "dropping the view sends the block home"]
    #[track_caller]
    pub fn freeze(mut self) -> SharedBuf {
        self.memory.truncate(self.filled);
        self.memory.freeze()
    }

    /// [Freezes](Self::freeze) what was filled with zeros behind it, for parsers
    /// that look at whole vectors and may look past the end: the pool's
    /// [tail padding](crate::PoolBuilder::tail_padding), which there always is room
    /// for. The bytes that were filled are all but the padding.
    ///
    /// ```
    /// use filereader::Pool;
    ///
    /// let pool = Pool::builder().block_size(8).blocks(1).tail_padding(16).build()?;
    /// let mut block = pool.acquire()?;
    /// block.copy_from(b"12345678");
    /// let view = block.freeze_padded();
    /// assert_eq!(view, b"12345678\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use = "dropping the view sends the block home"]
    #[track_caller]
    pub fn freeze_padded(mut self) -> SharedBuf {
        let padded = self.filled + (self.memory.len() - self.capacity);
        self.memory[self.filled..padded].fill(0);
        self.memory.truncate(padded);
        self.memory.freeze()
    }
}

/// Copies, as writing must, and counts the copy; a full block takes 0 bytes.
impl Write for Block {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Ok(self.copy_from(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Deref for Block {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        self.filled()
    }
}

impl AsRef<[u8]> for Block {
    fn as_ref(&self) -> &[u8] {
        self
    }
}

impl fmt::Debug for Block {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Block({} of {} bytes filled)", self.filled, self.capacity())
    }
}
