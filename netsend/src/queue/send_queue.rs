//! The queue and its cursor.

use std::collections::VecDeque;
use std::fmt;
use std::fs::File;
use std::io::IoSlice;

use super::scratch::Scratch;
use super::segment::Segment;

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
    segments: VecDeque<Segment<'a>>,
    /// Bytes of the front segment that are sent already.
    front_sent: u64,
    /// Bytes sent since the queue was made.
    offset: u64,
    /// Bytes not sent yet.
    pending: u64,
    /// Where messages end, as offsets; only ends that are not reached yet.
    ends: VecDeque<u64>,
    /// The offset at which the message under the cursor began.
    message_start: u64,
    /// Bytes pushed since a message was last ended, or the queue cleared.
    open: u64,
    scratch: Scratch,
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
        file: &'q File,
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

    /// Appends a segment: a slice, a `Vec`, a `String`, a
    /// [`SharedBuf`](buffers::SharedBuf), a `Bytes`, a
    /// [`FileRange`](crate::FileRange). No byte is copied.
    ///
    /// An empty segment is dropped at once.
    ///
    /// # Panics
    ///
    /// If all bytes of this queue, sent and unsent, would be more than a `u64`
    /// counts: only file ranges that no file can have add up to that.
    #[track_caller]
    pub fn push(&mut self, segment: impl Into<Segment<'a>>) {
        let segment = segment.into();
        if !segment.is_empty() {
            let end = (self.offset + self.pending).checked_add(segment.len());
            assert!(end.is_some(), "the bytes of a queue must not exceed {}", u64::MAX);
            self.pending += segment.len();
            self.open += segment.len();
            self.segments.push_back(segment);
        }
        self.check();
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
        match self.segments.front() {
            None => Op::Done,
            Some(Segment::File(range)) => {
                let len = range.len() - self.front_sent;
                Op::File {
                    file: range.file(),
                    offset: range.range().start + self.front_sent,
                    len,
                    more: self.pending > len,
                }
            }
            Some(Segment::Borrowed(_) | Segment::Shared(_)) => {
                let (slices, shown) = self.gather(slots);
                Op::Memory { slices, more: self.pending > shown }
            }
        }
    }

    fn gather<'q, 's>(&'q self, slots: &'s mut [IoSlice<'q>]) -> (&'s [IoSlice<'q>], u64) {
        assert!(!slots.is_empty(), "next_op needs at least one slot to show a slice in");
        let mut skip = self.front_sent;
        let mut shown = 0;
        let mut used = 0;
        for (slot, segment) in slots.iter_mut().zip(&self.segments) {
            let bytes: &'q [u8] = match segment {
                Segment::Borrowed(bytes) => bytes,
                Segment::Shared(bytes) => bytes,
                Segment::File(_) => break,
            };
            // Only the front segment has a part that is sent, and that part is
            // shorter than the segment, which is in memory: it fits a usize.
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
    /// has sent something else.
    #[track_caller]
    pub fn advance(&mut self, n: u64) {
        let pending = self.pending;
        assert!(n <= pending, "cannot advance by {n}: only {pending} bytes are pending");
        self.offset += n;
        self.pending -= n;
        self.scratch.advance(n);
        let mut left = self.front_sent + n;
        while let Some(front) = self.segments.front() {
            let len = front.len();
            if left < len {
                break;
            }
            left -= len;
            self.segments.pop_front();
        }
        self.front_sent = left;
        while let Some(&end) = self.ends.front().filter(|&&end| end <= self.offset) {
            self.message_start = end;
            self.ends.pop_front();
        }
        self.check();
    }

    /// Drops everything that is pending, and gives the number of bytes. What
    /// was sent stays sent: [`at_boundary`](Self::at_boundary) still tells
    /// whether the peer stands in the middle of a message.
    pub fn clear(&mut self) -> u64 {
        self.segments.clear();
        self.ends.clear();
        self.scratch.clear();
        self.front_sent = 0;
        self.open = 0;
        std::mem::take(&mut self.pending)
    }

    /// How many segments are not wholly sent yet.
    pub(crate) fn segments(&self) -> usize {
        self.segments.len()
    }

    /// The front segment's file range, as far as it is unsent, with the scratch
    /// that holds some of its next bytes.
    pub(crate) fn file_and_scratch(&mut self) -> Option<(&File, u64, u64, &mut Scratch)> {
        match self.segments.front() {
            Some(Segment::File(range)) => {
                let offset = range.range().start + self.front_sent;
                let len = range.len() - self.front_sent;
                Some((range.file(), offset, len, &mut self.scratch))
            }
            _ => None,
        }
    }

    /// Long queues are left alone: adding their segments up after each change
    /// would make debug builds quadratic.
    fn check(&self) {
        debug_assert!(self.segments.len() > 64 || self.invariants() == Ok(()), "{self:?}");
    }

    /// What holds of a queue between any two calls, as inequalities. Debug
    /// builds check it after each change; tests may ask.
    ///
    /// # Errors
    ///
    /// The first inequality that does not hold.
    pub fn invariants(&self) -> Result<(), &'static str> {
        let front = self.segments.front().map_or(0, Segment::len);
        let total: u64 = self.segments.iter().map(Segment::len).sum();
        let ends_ascend = self.ends.iter().zip(self.ends.iter().skip(1)).all(|(a, b)| a < b);
        let first_end = self.ends.front().copied().unwrap_or(u64::MAX);
        let last_end = self.ends.back().copied().unwrap_or(0);
        let holds = [
            ("front_sent < front.len, or both are 0", self.front_sent < front || total == 0),
            ("front_sent == 0 when nothing is left", total > 0 || self.front_sent == 0),
            ("pending == sum(len) - front_sent", self.pending + self.front_sent == total),
            ("message_start <= offset", self.message_start <= self.offset),
            ("offset < ends.first", self.offset < first_end),
            ("ends ascend", ends_ascend),
            ("ends.last <= offset + pending", last_end <= self.offset + self.pending),
            ("scratch.len <= pending", self.scratch.bytes().len() as u64 <= self.pending),
        ];
        match holds.iter().find(|(_, holds)| !holds) {
            None => Ok(()),
            Some((inequality, _)) => Err(inequality),
        }
    }
}

impl fmt::Debug for SendQueue<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SendQueue")
            .field("offset", &self.offset)
            .field("pending", &self.pending)
            .field("segments", &self.segments.len())
            .field("at_boundary", &self.at_boundary())
            .finish()
    }
}
