//! The chain: its pieces in order, and their length.

use alloc::collections::{VecDeque, vec_deque};
use alloc::vec::Vec;

use crate::{SharedBuf, copied};

/// Several [`SharedBuf`]s as one sequence of bytes.
///
/// A message whose head, body and trailer lie in different memory is one `Chain`;
/// it is cut, advanced and sent as one buffer would be, and no byte of it moves.
/// Pieces that continue each other in the same memory are joined when they meet,
/// so that cutting a buffer up and pushing its parts gives the buffer back. (Static
/// bytes stay as they are cut: nothing safe turns two slices into one.)
///
/// | call | bytes copied | allocated |
/// |---|---|---|
/// | [`push`](Self::push), [`prepend`](Self::prepend), [`append`](Self::append) | 0 | the list, when it grows |
/// | [`advance`](Self::advance), [`truncate`](Self::truncate) | 0 | nothing |
/// | [`split_to`](Self::split_to), [`split_off`](Self::split_off), [`slice`](Self::slice) | 0 | the list of the new chain |
/// | [`try_join`](Self::try_join) | 0 | nothing |
/// | [`to_shared`](Self::to_shared), [`to_vec`](Self::to_vec), `copy_to_slice` | all, counted | the bytes |
///
/// It implements [`bytes::Buf`], so that whatever takes a `Buf` takes a chain: with
/// `chunks_vectored` for vectored writes, and a `copy_to_bytes` that copies only
/// what straddles two memories.
///
/// ```
/// use buffers::{Chain, SharedBuf};
///
/// let body = SharedBuf::from(b"hello, world".to_vec());
/// let mut message = Chain::from_iter([SharedBuf::from(b"5\r\n"), body.slice(..5)]);
/// message.push(b"\r\n");
/// assert_eq!((message.len(), message.pieces()), (10, 3));
///
/// message.advance(4); // a socket took the first piece and one byte of the second
/// assert_eq!(message, b"ello\r\n");
/// assert_eq!(message.iter().next().unwrap().as_ptr(), body[1..].as_ptr());
/// ```
#[derive(Clone, Default)]
pub struct Chain {
    // Invariants: no piece is empty, no piece continues the one before it, and
    // `len` is the sum of their lengths.
    pub(crate) pieces: VecDeque<SharedBuf>,
    pub(super) len: usize,
}

impl Chain {
    /// No bytes. Allocates nothing.
    #[must_use]
    pub const fn new() -> Self {
        Self { pieces: VecDeque::new(), len: 0 }
    }

    /// No bytes, and room for so many pieces before the list is allocated anew.
    #[must_use]
    pub fn with_capacity(pieces: usize) -> Self {
        Self { pieces: VecDeque::with_capacity(pieces), len: 0 }
    }

    /// The number of bytes.
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Whether there is no byte.
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The number of pieces, none of which is empty.
    pub fn pieces(&self) -> usize {
        self.pieces.len()
    }

    /// Appends a buffer. It is joined to the last piece if it continues that; an
    /// empty one is dropped.
    ///
    /// # Panics
    ///
    /// If all bytes would be more than a `usize` counts, which takes the same memory
    /// many times.
    #[track_caller]
    pub fn push(&mut self, piece: impl Into<SharedBuf>) {
        let piece = piece.into();
        if piece.is_empty() {
            return;
        }
        self.grow(piece.len());
        self.attach(piece);
    }

    /// Puts a buffer before all others. It is joined to the first piece if that
    /// continues it; an empty one is dropped.
    ///
    /// # Panics
    ///
    /// As [`push`](Self::push).
    #[track_caller]
    pub fn prepend(&mut self, piece: impl Into<SharedBuf>) {
        let mut piece = piece.into();
        if piece.is_empty() {
            return;
        }
        self.grow(piece.len());
        match self.pieces.front_mut() {
            Some(first) if piece.join(first) => *first = piece,
            _ => self.pieces.push_front(piece),
        }
    }

    /// Moves all pieces of `other` to the end of this chain.
    ///
    /// # Panics
    ///
    /// As [`push`](Self::push).
    #[track_caller]
    pub fn append(&mut self, mut other: Self) {
        if self.pieces.capacity() == 0 {
            *self = other;
            return;
        }
        self.grow(other.len);
        // Only the first of the other pieces can continue the last of ours.
        if let Some(first) = other.pieces.pop_front() {
            self.attach(first);
        }
        self.pieces.append(&mut other.pieces);
    }

    /// Takes the first piece off.
    pub fn pop_front(&mut self) -> Option<SharedBuf> {
        let piece = self.pieces.pop_front()?;
        self.len -= piece.len();
        Some(piece)
    }

    /// Takes the last piece off.
    pub fn pop_back(&mut self) -> Option<SharedBuf> {
        let piece = self.pieces.pop_back()?;
        self.len -= piece.len();
        Some(piece)
    }

    /// Drops all pieces. Keeps the list's memory.
    pub fn clear(&mut self) {
        // First, because a home or an owner may panic while its piece is dropped.
        self.len = 0;
        self.pieces.clear();
    }

    /// The pieces in order.
    pub fn iter(&self) -> Iter<'_> {
        self.pieces.iter()
    }

    /// The byte at `index`, or `None` past the end. Walks over the pieces.
    pub fn get(&self, index: usize) -> Option<u8> {
        let (piece, at) = self.locate(index)?;
        self.pieces[piece].get(at).copied()
    }

    /// The whole as one buffer, in place, if there is but one piece or none.
    ///
    /// # Errors
    ///
    /// Gives the chain back if there are more: its bytes lie in different places.
    ///
    /// ```
    /// use buffers::{Chain, SharedBuf};
    ///
    /// let whole = SharedBuf::from(b"header body".to_vec());
    /// let parts = Chain::from_iter([whole.slice(..3), whole.slice(3..7), whole.slice(7..)]);
    /// assert_eq!(parts.try_join().unwrap().as_ptr(), whole.as_ptr());
    ///
    /// let strangers = Chain::from_iter([SharedBuf::from(b"a"), SharedBuf::from(b"b")]);
    /// assert!(strangers.try_join().is_err());
    /// ```
    pub fn try_join(mut self) -> Result<SharedBuf, Self> {
        if self.pieces.len() > 1 {
            return Err(self);
        }
        Ok(self.pop_front().unwrap_or_default())
    }

    /// The whole as one buffer: in place if there is but one piece or none, and
    /// otherwise a copy, counted in [`copied`].
    #[must_use = "the bytes may have been copied for nothing otherwise"]
    #[track_caller]
    pub fn to_shared(&self) -> SharedBuf {
        match self.pieces.front() {
            None => SharedBuf::new(),
            Some(only) if self.pieces.len() == 1 => only.clone(),
            Some(_) => SharedBuf::from(self.to_vec()),
        }
    }

    /// A copy of all bytes, counted in [`copied`].
    #[must_use = "the bytes were copied for nothing otherwise"]
    pub fn to_vec(&self) -> Vec<u8> {
        let mut all = Vec::with_capacity(self.len);
        self.iter().for_each(|piece| all.extend_from_slice(piece));
        copied::record(all.len());
        all
    }

    /// In which piece the byte at `index` lies, and where in it.
    pub(super) fn locate(&self, index: usize) -> Option<(usize, usize)> {
        let mut left = index;
        for (number, piece) in self.pieces.iter().enumerate() {
            if left < piece.len() {
                return Some((number, left));
            }
            left -= piece.len();
        }
        None
    }

    /// Puts a piece at the end whose bytes are counted already.
    fn attach(&mut self, piece: SharedBuf) {
        if !self.pieces.back_mut().is_some_and(|last| last.join(&piece)) {
            self.pieces.push_back(piece);
        }
    }

    #[track_caller]
    fn grow(&mut self, by: usize) {
        match self.len.checked_add(by) {
            Some(len) => self.len = len,
            None => panic!("a chain of {} bytes cannot hold {by} more", self.len),
        }
    }

    /// Long chains are left alone: adding their pieces up after each change would make
    /// debug builds quadratic.
    pub(super) fn check(&self) {
        debug_assert!(self.pieces.len() > 64 || self.invariants() == Ok(()), "{self:?}");
    }

    /// What holds of a chain between any two calls. Debug builds check it after each
    /// cut; tests may ask.
    ///
    /// # Errors
    ///
    /// The first rule that does not hold.
    pub fn invariants(&self) -> Result<(), &'static str> {
        let sum: usize = self.pieces.iter().map(SharedBuf::len).sum();
        if self.pieces.iter().any(SharedBuf::is_empty) {
            return Err("no piece is empty");
        }
        if sum != self.len {
            return Err("len == sum(pieces.len)");
        }
        Ok(())
    }
}

/// The pieces of a chain, in order.
pub type Iter<'a> = vec_deque::Iter<'a, SharedBuf>;

/// The pieces of a chain that was taken apart.
pub type IntoIter = vec_deque::IntoIter<SharedBuf>;
