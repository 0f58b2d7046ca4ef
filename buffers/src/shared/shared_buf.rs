//! The shared handle: what it is made from, and the parts that it is cut into.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::mem;
use core::ops::{Range, RangeBounds};

use super::header::Header;
use super::owner::{Memory, Owner};
#[cfg(feature = "sites")]
use super::sites;
use super::span::Span;
use crate::copied;
use crate::layout::{RangeError, bounds};

/// Shared, read-only bytes: a counted handle to a part of some memory.
///
/// Cloning and slicing are one reference count each; they copy and allocate
/// nothing. The memory lives until the last handle is dropped, and then, if it
/// was [lent](crate::UniqueBuf::lend), goes home instead of being freed.
///
/// A handle takes 24 bytes and derefs to `[u8]`.
///
/// | made from | bytes copied | allocated |
/// |---|---|---|
/// | `Vec<u8>`, `Box<[u8]>`, `String`, `Bytes` | 0 | a header |
/// | `&'static [u8]`, `&'static str` | 0 | nothing |
/// | [`from_owner`](Self::from_owner) | 0 | a header and a box for the owner |
/// | [`UniqueBuf::freeze`](crate::UniqueBuf::freeze) | 0 | nothing |
/// | [`copy_from_slice`](Self::copy_from_slice) | all, counted | the bytes and a header |
///
/// A small handle keeps the whole of its memory alive. [`backing`](Self::backing)
/// tells how much that is, [`retention`](crate::retention) tells it of many
/// handles at once, and [`compact_if`](Self::compact_if) copies out what pins too
/// much.
pub struct SharedBuf {
    pub(super) repr: Repr,
}

// The compiler keeps the variants apart by the null that no `Arc` is, so the
// handle stays at 24 bytes, and static bytes need no header and no count.
//
// A handle that held a pointer to its bytes, as `Bytes` does, would dereference
// faster, and would need unsafe code for it. See the group `deref` in the benches
// for the price, and ARCHITECTURE.md for the decision.
pub(super) enum Repr {
    Static(&'static [u8]),
    Shared { header: Arc<Header>, span: Span },
}

impl SharedBuf {
    /// No bytes. Allocates nothing.
    #[inline]
    pub const fn new() -> Self {
        Self::from_static(&[])
    }

    /// Bytes that live as long as the program. Allocates nothing.
    #[inline]
    pub const fn from_static(bytes: &'static [u8]) -> Self {
        Self { repr: Repr::Static(bytes) }
    }

    /// Takes over memory of any type that gives its bytes, such as a memory
    /// map or an `Arc<[u8]>`; the owner is dropped with the last handle.
    ///
    /// Allocates a box for the owner and a small header. For memory that may
    /// be written later, see
    /// [`UniqueBuf::from_owner`](crate::UniqueBuf::from_owner).
    ///
    /// ```
    /// use std::sync::Arc;
    /// use buffers::SharedBuf;
    ///
    /// let words: Arc<[u8]> = Arc::from(*b"zero copies");
    /// let shared = SharedBuf::from_owner(words.clone());
    /// assert_eq!(shared.as_ptr(), words.as_ptr());
    /// ```
    #[must_use]
    #[track_caller]
    pub fn from_owner(owner: impl Owner) -> Self {
        Self::over(Memory::read_only(owner))
    }

    /// A new buffer with a copy of `bytes`, counted in [`copied`].
    #[must_use = "the bytes were copied for nothing otherwise"]
    #[track_caller]
    pub fn copy_from_slice(bytes: &[u8]) -> Self {
        copied::record(bytes.len());
        Self::from(bytes.to_vec())
    }

    /// The bytes, in place.
    ///
    /// # Panics
    ///
    /// If a user's [`Owner`] has come to give fewer bytes than it did at first.
    #[inline]
    pub fn as_slice(&self) -> &[u8] {
        match &self.repr {
            Repr::Static(bytes) => bytes,
            Repr::Shared { header, span } => {
                let (start, len) = (span.start(), span.len());
                let Some(tail) = header.memory.as_slice().get(start..) else { owner_shrank(*span) };
                let Some(bytes) = tail.get(..len) else { owner_shrank(*span) };
                bytes
            }
        }
    }

    /// The number of bytes.
    #[inline]
    pub const fn len(&self) -> usize {
        match &self.repr {
            Repr::Static(bytes) => bytes.len(),
            Repr::Shared { span, .. } => span.len(),
        }
    }

    /// Whether there is no byte.
    #[inline]
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The bytes in `range`, as a handle of the same memory.
    ///
    /// # Panics
    ///
    /// If the range reaches past the end or ends before it starts; see
    /// [`try_slice`](Self::try_slice).
    #[inline]
    #[must_use = "slicing leaves the handle itself as it is"]
    #[track_caller]
    pub fn slice(&self, range: impl RangeBounds<usize>) -> Self {
        match self.try_slice(range) {
            Ok(slice) => slice,
            Err(error) => panic!("{error}"),
        }
    }

    /// The bytes in `range`, as a handle of the same memory.
    ///
    /// # Errors
    ///
    /// [`RangeError`] if the range reaches past the end or ends before it
    /// starts.
    #[inline]
    #[track_caller]
    pub fn try_slice(&self, range: impl RangeBounds<usize>) -> Result<Self, RangeError> {
        match bounds(&range, self.len()) {
            Some((from, to)) => Ok(self.part(from, to)),
            None => Err(RangeError::new(&range, self.len())),
        }
    }

    /// Turns a borrowed part of this buffer into a handle of its own: what
    /// `&[u8]` parsing found worth keeping. Costs what a slice costs.
    ///
    /// `None` if `part` does not lie within this buffer. An empty part gives
    /// an empty buffer that pins nothing, wherever it lies. For many parts at
    /// once, [`promote_all`](Self::promote_all) counts once.
    ///
    /// ```
    /// use buffers::SharedBuf;
    ///
    /// let line = SharedBuf::from(b"key: value".to_vec());
    /// let value = line.promote(&line[5..]).unwrap();
    /// assert_eq!(value, b"value");
    /// assert!(line.promote(b"key").is_none()); // other memory
    /// ```
    #[inline]
    #[must_use = "promoting leaves the handle itself as it is"]
    #[track_caller]
    pub fn promote(&self, part: &[u8]) -> Option<Self> {
        if part.is_empty() {
            return Some(Self::new());
        }
        let range = position_within(self.as_slice(), part)?;
        Some(self.part(range.start, range.end))
    }

    /// [`promote`](Self::promote) by the name that `Bytes` gives it, for parts
    /// that are known to lie within this buffer.
    ///
    /// # Panics
    ///
    /// If `part` does not lie within this buffer.
    #[inline]
    #[must_use = "slicing leaves the handle itself as it is"]
    #[track_caller]
    pub fn slice_ref(&self, part: &[u8]) -> Self {
        match self.promote(part) {
            Some(slice) => slice,
            None => panic!(
                "{} bytes at {:p} do not lie within the {} bytes at {:p}",
                part.len(),
                part.as_ptr(),
                self.len(),
                self.as_ptr(),
            ),
        }
    }

    /// A copy of the bytes, counted in [`copied`].
    #[must_use = "the bytes were copied for nothing otherwise"]
    pub fn to_vec(&self) -> Vec<u8> {
        copied::record(self.len());
        self.as_slice().to_vec()
    }

    /// The bytes from `from` to `to`, which the caller has held against the
    /// length. An empty part pins nothing.
    #[inline]
    #[track_caller]
    pub(super) fn part(&self, from: usize, to: usize) -> Self {
        let repr = match &self.repr {
            Repr::Static(bytes) => Repr::Static(&bytes[from..to]),
            Repr::Shared { .. } if from == to => Repr::Static(&[]),
            Repr::Shared { header, span } => Repr::Shared {
                header: Arc::clone(header),
                span: Span::new(span.start() + from, to - from),
            },
        };
        Self { repr }.noted()
    }

    #[track_caller]
    pub(super) fn over(memory: Memory) -> Self {
        let header = Header::new(memory);
        let span = Span::new(0, header.len);
        Self::from_parts(header, span).noted()
    }

    #[inline]
    pub(super) fn from_parts(header: Arc<Header>, span: Span) -> Self {
        Self { repr: Repr::Shared { header, span } }
    }

    /// Puts the place of the call on record, if it is this handle's turn.
    #[inline]
    #[track_caller]
    pub(super) fn noted(self) -> Self {
        #[cfg(feature = "sites")]
        let mut this = self;
        #[cfg(feature = "sites")]
        if let Repr::Shared { header, span } = &mut this.repr
            && sites::is_due()
        {
            *span = sites::note(header, *span);
        }
        #[cfg(not(feature = "sites"))]
        let this = self;
        this
    }

    /// Shows another part of the same memory from now on. Every change of a
    /// handle's range goes through here, so that the record of places follows.
    #[inline]
    pub(super) fn move_to(&mut self, start: usize, len: usize) {
        if let Repr::Shared { header, span } = &mut self.repr {
            #[cfg(feature = "sites")]
            if span.is_marked() {
                *span = sites::moved(header, *span, Span::new(start, len));
                return;
            }
            *span = Span::new(start, len);
            let _ = header;
        }
    }

    #[inline]
    pub(super) fn header(&self) -> Option<&Arc<Header>> {
        match &self.repr {
            Repr::Static(_) => None,
            Repr::Shared { header, .. } => Some(header),
        }
    }

    /// The header, if this is the only handle of it.
    #[inline]
    pub(super) fn header_mut(&mut self) -> Option<&mut Header> {
        match &mut self.repr {
            Repr::Static(_) => None,
            Repr::Shared { header, .. } => Arc::get_mut(header),
        }
    }

    /// The bytes of a program-long slice.
    pub(super) fn as_static(&self) -> Option<&'static [u8]> {
        match self.repr {
            Repr::Static(bytes) => Some(bytes),
            Repr::Shared { .. } => None,
        }
    }

    /// The bytes for writing, if this is the only handle of writable memory.
    #[inline]
    pub(super) fn as_mut_slice(&mut self) -> Option<&mut [u8]> {
        match &mut self.repr {
            Repr::Static(_) => None,
            Repr::Shared { header, span } => {
                let memory = Arc::get_mut(header)?.memory.as_mut_slice()?;
                memory.get_mut(span.start()..)?.get_mut(..span.len())
            }
        }
    }
}

/// Where in `whole` the bytes of `part` lie, if they lie in it.
///
/// Comparing addresses is safe; the part itself is then cut from `whole` by
/// number, so that a wrong answer could not reach foreign bytes.
#[inline]
pub(super) fn position_within(whole: &[u8], part: &[u8]) -> Option<Range<usize>> {
    let start = part.as_ptr().addr().checked_sub(whole.as_ptr().addr())?;
    let end = start.checked_add(part.len())?;
    (end <= whole.len()).then_some(start..end)
}

#[cold]
#[inline(never)]
fn owner_shrank(span: Span) -> ! {
    panic!("the owner of this memory gives fewer bytes than it did: {:?} is gone", span.range())
}

impl Clone for SharedBuf {
    #[inline]
    #[track_caller]
    fn clone(&self) -> Self {
        let repr = match &self.repr {
            Repr::Static(bytes) => Repr::Static(bytes),
            Repr::Shared { header, span } => Repr::Shared {
                header: Arc::clone(header),
                span: Span::new(span.start(), span.len()),
            },
        };
        Self { repr }.noted()
    }
}

impl Drop for SharedBuf {
    /// Looks only, as a rule: the fields' own drop then lets go of the count. Taking
    /// the handle apart here would write it anew and test it a second time, which is a
    /// sixth of what a slice and its drop take.
    #[inline]
    fn drop(&mut self) {
        let Repr::Shared { header, span } = &self.repr else { return };
        #[cfg(feature = "sites")]
        if span.is_marked() {
            sites::gone(header, *span);
        }
        let _ = span;
        if header.is_last_of_lent() {
            self.go_home();
        }
    }
}

impl SharedBuf {
    #[inline(never)]
    fn go_home(&mut self) {
        if let Repr::Shared { header, .. } = mem::replace(&mut self.repr, Repr::Static(&[])) {
            Header::send_home(header);
        }
    }
}
