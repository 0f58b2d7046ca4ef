//! The queue and its cursor.

use std::collections::VecDeque;
use std::fmt;
use std::fs::File;
use std::io::IoSlice;
use std::iter;
use std::sync::Arc;

use buffers::SharedBuf;

use super::file_range::FileRange;
use super::piece::Piece;
use super::scratch::Scratch;
use super::segments::Segments;
use super::staging::Staging;

/// What is to be sent, and how far that has got.
///
/// A queue holds segments of memory and of files in order, and one cursor. It
/// never touches a descriptor: [`next_op`](Self::next_op) tells what to do,
/// somebody does some of it, and [`advance`](Self::advance) is told how much.
/// No byte is moved by either. A segment is dropped as soon as its last byte
/// is sent, so that pooled memory goes home early.
///
/// `SendQueue<'a>` may borrow; one that owns all its segments is a
/// `SendQueue<'static>`.
///
/// ```
/// use std::io::IoSlice;
/// use netsend::{Op, SendQueue};
///
/// let mut queue = SendQueue::new();
/// queue.push("head");
/// queue.push(b"body".to_vec());
/// queue.advance(6); // the kernel took all of the first and half of the second
///
/// let mut slots = [IoSlice::new(&[]); 8];
/// match queue.next_op(&mut slots) {
///     Op::Memory { slices, .. } => assert_eq!(&*slices[0], b"dy"),
///     _ => unreachable!(),
/// }
/// assert_eq!((queue.offset(), queue.pending()), (6, 2));
/// ```
#[derive(Default)]
pub struct SendQueue<'a> {
    pub(super) pieces: VecDeque<Piece<'a>>,
    /// The file ranges among the pieces, in their order.
    pub(super) files: VecDeque<FileRange>,
    /// How many pieces at the front were looked at by `coalesce`.
    pub(super) planned: usize,
    /// Bytes of the front piece that are sent already.
    pub(super) front_sent: u64,
    /// Bytes sent since the queue was made.
    pub(super) offset: u64,
    /// Bytes not sent yet.
    pub(super) pending: u64,
    /// Segments wholly sent since the queue was made, up to the front piece.
    pub(super) passed: u64,
    /// Where messages end, as offsets; only ends that are not reached yet.
    pub(super) ends: VecDeque<u64>,
    /// The offset at which the message under the cursor began.
    pub(super) message_start: u64,
    /// Bytes pushed since a message was last ended, or the queue cleared.
    pub(super) open: u64,
    pub(super) scratch: Scratch,
    pub(super) staging: Staging,
}

/// What to do next for a [`SendQueue`].
#[derive(Debug)]
pub enum Op<'q, 's> {
    /// Nothing is left to send.
    Done,
    /// Send from these slices, in order.
    Memory {
        /// The slices; none is empty.
        slices: &'s [IoSlice<'q>],
        /// Whether the queue has more after them: what `MSG_MORE` wants to know.
        more: bool,
    },
    /// Send from this file.
    File {
        /// The file.
        file: &'q Arc<File>,
        /// Where in the file to start.
        offset: u64,
        /// How many bytes to send; never 0.
        len: u64,
        /// Whether the queue has more after them.
        more: bool,
    },
}

impl<'a> SendQueue<'a> {
    /// An empty queue. Allocates nothing until something is pushed.
    pub fn new() -> Self {
        Self::default()
    }

    /// Appends a segment: a slice, a `Vec`, a `String`, a [`SharedBuf`], a `Bytes`, a
    /// [`FileRange`]; or all pieces of a [`Chain`](buffers::Chain), a
    /// [`View`](buffers::View) or a [`SharedView`](buffers::SharedView); see
    /// [`Segments`]. No byte is copied.
    ///
    /// An empty segment is dropped at once.
    ///
    /// # Panics
    ///
    /// If all bytes of this queue, sent and unsent, would be more than a `u64`
    /// counts: only file ranges that no file can have add up to that.
    #[inline]
    #[track_caller]
    pub fn push(&mut self, segments: impl Segments<'a>) {
        segments.append_to(self);
    }

    /// Makes the piece where it is to lie. `push_back` of one that was made before writes
    /// it to the stack in words and reads it back in pairs of words, for which the
    /// processor waits: 10 ns a push instead of 5.
    #[inline]
    #[track_caller]
    pub(super) fn append_borrowed(&mut self, bytes: &'a [u8]) {
        if self.grow(bytes.len() as u64) {
            self.pieces.extend(iter::once(bytes).map(Piece::Borrowed));
            self.check();
        }
    }

    #[track_caller]
    pub(super) fn append_shared(&mut self, bytes: SharedBuf) {
        if self.grow(bytes.len() as u64) {
            self.pieces.push_back(Piece::Shared(bytes));
            self.check();
        }
    }

    #[track_caller]
    pub(super) fn append_file(&mut self, range: FileRange) {
        if self.grow(range.len()) {
            self.pieces.push_back(Piece::File(range.len()));
            self.files.push_back(range);
            self.check();
        }
    }

    /// Counts bytes that are about to be appended; false if there are none.
    #[inline]
    #[track_caller]
    fn grow(&mut self, len: u64) -> bool {
        if (self.offset + self.pending).checked_add(len).is_none() {
            too_many_bytes();
        }
        self.pending += len;
        self.open += len;
        len > 0
    }

    /// Says that what was pushed so far completes a message, so that
    /// [`at_boundary`](Self::at_boundary) can tell whether the peer is left
    /// with a half of one. Does nothing if nothing was pushed since the last end.
    pub fn end_message(&mut self) {
        if self.open > 0 {
            self.open = 0;
            if self.pending == 0 {
                self.message_start = self.offset;
            } else {
                self.ends.push_back(self.offset + self.pending);
            }
        }
        self.check();
    }

    /// Bytes sent since the queue was made.
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// Bytes not sent yet.
    pub fn pending(&self) -> u64 {
        self.pending
    }

    /// Whether nothing is left to send.
    pub fn is_empty(&self) -> bool {
        self.pending == 0
    }

    /// Whether what was sent so far ends with a whole message: then a peer that
    /// hears no more has not been left in the middle. True before the first
    /// byte.
    pub fn at_boundary(&self) -> bool {
        self.offset == self.message_start
    }

    /// What to do next. `slots` is room for slices, which the caller provides
    /// so that nothing is allocated; as many are used as there are segments of
    /// memory in a row.
    ///
    /// # Panics
    ///
    /// If there are segments of memory to show and `slots` is empty.
    pub fn next_op<'q, 's>(&'q self, slots: &'s mut [IoSlice<'q>]) -> Op<'q, 's> {
        self.show(slots, usize::MAX)
    }

    /// The same, without the pieces that [`coalesce`](Self::coalesce) has not
    /// looked at.
    pub(crate) fn next_planned<'q, 's>(&'q self, slots: &'s mut [IoSlice<'q>]) -> Op<'q, 's> {
        self.show(slots, self.planned)
    }

    fn show<'q, 's>(&'q self, slots: &'s mut [IoSlice<'q>], most: usize) -> Op<'q, 's> {
        if let Some(range) = self.front_range() {
            let len = range.len() - self.front_sent;
            let (file, offset) = (range.file(), range.range().start + self.front_sent);
            return Op::File { file, offset, len, more: self.pending > len };
        }
        if self.pieces.is_empty() {
            return Op::Done;
        }
        let (slices, shown) = self.gather(slots, most);
        Op::Memory { slices, more: self.pending > shown }
    }

    fn gather<'q, 's>(
        &'q self,
        slots: &'s mut [IoSlice<'q>],
        most: usize,
    ) -> (&'s [IoSlice<'q>], u64) {
        assert!(!slots.is_empty(), "next_op needs at least one slot to show a slice in");
        let mut skip = self.front_sent;
        let mut shown = 0;
        let mut used = 0;
        for (slot, piece) in slots.iter_mut().zip(self.pieces.iter().take(most)) {
            let Some(bytes) = piece.memory(&self.staging) else {
                break;
            };
            // Only the front piece has a part that is sent, and that part is
            // shorter than the piece, which is in memory: it fits a usize.
            let bytes = &bytes[usize::try_from(skip).unwrap_or(usize::MAX)..];
            skip = 0;
            *slot = IoSlice::new(bytes);
            shown += bytes.len() as u64;
            used += 1;
        }
        (&slots[..used], shown)
    }

    /// Says that the next `n` bytes are sent. Moves the cursor, and drops the
    /// segments that it passes.
    ///
    /// # Panics
    ///
    /// If fewer than `n` bytes are pending: whoever sends more than there is
    /// has sent something else. See [`try_advance`](Self::try_advance).
    #[track_caller]
    pub fn advance(&mut self, n: u64) {
        if let Err(error) = self.try_advance(n) {
            panic!("{error}");
        }
    }

    /// Says that the next `n` bytes are sent. Moves the cursor, and drops the
    /// segments that it passes.
    ///
    /// # Errors
    ///
    /// [`AdvanceError`] if fewer than `n` bytes are pending; nothing has moved.
    /// For numbers that come from somewhere that is not trusted.
    ///
    /// ```
    /// let mut queue = netsend::SendQueue::new();
    /// queue.push("abc");
    /// assert!(queue.try_advance(4).is_err());
    /// assert_eq!(queue.try_advance(3), Ok(()));
    /// ```
    pub fn try_advance(&mut self, n: u64) -> Result<(), AdvanceError> {
        let pending = self.pending;
        if n > pending {
            return Err(AdvanceError { n, pending });
        }
        self.offset += n;
        self.pending -= n;
        self.scratch.advance(n);
        let mut left = self.front_sent + n;
        while let Some(front) = self.pieces.front() {
            let len = front.len();
            if left < len {
                break;
            }
            left -= len;
            self.passed += front.segments();
            self.planned = self.planned.saturating_sub(1);
            match self.pieces.pop_front() {
                Some(Piece::Staged(_)) => self.staging.pieces -= 1,
                Some(Piece::File(_)) => drop(self.files.pop_front()),
                _ => {}
            }
        }
        self.front_sent = left;
        while let Some(&end) = self.ends.front().filter(|&&end| end <= self.offset) {
            self.message_start = end;
            self.ends.pop_front();
        }
        self.check();
        Ok(())
    }

    /// Drops everything that is pending, and gives the number of bytes. What
    /// was sent stays sent: [`at_boundary`](Self::at_boundary) still tells
    /// whether the peer stands in the middle of a message.
    pub fn clear(&mut self) -> u64 {
        self.passed += self.pieces.iter().map(Piece::segments).sum::<u64>();
        self.pieces.clear();
        self.files.clear();
        self.ends.clear();
        self.scratch.clear();
        self.staging.pieces = 0;
        self.planned = 0;
        self.front_sent = 0;
        // What is wholly sent can still be ended; what was dropped cannot.
        if self.pending > 0 {
            self.open = 0;
        }
        std::mem::take(&mut self.pending)
    }

    /// Which segment the cursor stands in, or before: those that were pushed are
    /// counted from 0, without the empty ones.
    pub fn segment(&self) -> u64 {
        self.passed
            + match self.pieces.front() {
                Some(Piece::Staged(staged)) => self.staging.passed(staged, self.front_sent),
                _ => 0,
            }
    }

    /// How many pieces the next operation may show.
    pub(crate) fn planned(&self) -> usize {
        self.planned
    }

    /// The file range at the front, if it is one.
    pub(crate) fn front_range(&self) -> Option<&FileRange> {
        match self.pieces.front() {
            Some(Piece::File(_)) => self.files.front(),
            _ => None,
        }
    }

    /// The front segment's file range, as far as it is unsent, with the scratch
    /// that holds some of its next bytes.
    pub(crate) fn file_and_scratch(&mut self) -> Option<(&File, u64, u64, &mut Scratch)> {
        if !matches!(self.pieces.front(), Some(Piece::File(_))) {
            return None;
        }
        let range = self.files.front()?;
        let offset = range.range().start + self.front_sent;
        let len = range.len() - self.front_sent;
        Some((range.file(), offset, len, &mut self.scratch))
    }
}

#[cold]
#[track_caller]
fn too_many_bytes() -> ! {
    panic!("the bytes of a queue must not exceed {}", u64::MAX);
}

/// More bytes are said to be sent than there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AdvanceError {
    n: u64,
    pending: u64,
}

impl AdvanceError {
    /// The bytes that are pending, which nothing has changed.
    pub fn pending(&self) -> u64 {
        self.pending
    }
}

impl fmt::Display for AdvanceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { n, pending } = self;
        write!(f, "cannot advance by {n}: only {pending} bytes are pending")
    }
}

impl std::error::Error for AdvanceError {}
