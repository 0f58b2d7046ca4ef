//! The shared handle.

use std::mem;
use std::ops::{Range, RangeBounds};
use std::sync::Arc;

use super::header::Header;
use super::owner::{Memory, Owner};
use super::unique_buf::UniqueBuf;
use crate::copied;
use crate::layout::{RangeError, bounds};

/// Shared, read-only bytes: a counted handle to a part of some memory.
///
/// Cloning and slicing are one reference count each; they copy and allocate
/// nothing. The memory lives until the last handle is dropped, and then, if it
/// was [lent](UniqueBuf::lend), goes home instead of being freed.
///
/// A handle takes 24 bytes and derefs to `[u8]`.
///
/// | made from | bytes copied | allocated |
/// |---|---|---|
/// | `Vec<u8>`, `Box<[u8]>`, `String`, `Bytes` | 0 | a header |
/// | `&'static [u8]`, `&'static str` | 0 | nothing |
/// | [`from_owner`](Self::from_owner) | 0 | a header and a box for the owner |
/// | [`UniqueBuf::freeze`] | 0 | nothing |
/// | [`copy_from_slice`](Self::copy_from_slice) | all, counted | the bytes and a header |
///
/// A small handle keeps the whole of its memory alive. Where few bytes of a
/// large block survive, copy them out with
/// [`copy_from_slice`](Self::copy_from_slice).
pub struct SharedBuf {
    repr: Repr,
}

// The compiler keeps the variants apart by the null that no `Arc` is, so the
// handle stays at 24 bytes, and static bytes need no header and no count.
//
// A handle that held a pointer to its bytes, as `Bytes` does, would dereference
// faster, and would need unsafe code for it. See the group `deref` in the benches
// for the price, and ARCHITECTURE.md for the decision.
enum Repr {
    Static(&'static [u8]),
    Shared { header: Arc<Header>, start: usize, len: usize },
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
    /// be written later, see [`UniqueBuf::from_owner`].
    ///
    /// ```
    /// use std::sync::Arc;
    /// use buffers::SharedBuf;
    ///
    /// let words: Arc<[u8]> = Arc::from(*b"zero copies");
    /// let shared = SharedBuf::from_owner(words.clone());
    /// assert_eq!(shared.as_ptr(), words.as_ptr());
    /// ```
    pub fn from_owner(owner: impl Owner) -> Self {
        Self::over(Memory::read_only(owner))
    }

    /// A new buffer with a copy of `bytes`, counted in [`copied`].
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
            Repr::Shared { header, start, len } => {
                match header.memory.as_slice().get(*start..).and_then(|tail| tail.get(..*len)) {
                    Some(bytes) => bytes,
                    None => owner_shrank(*start, *len),
                }
            }
        }
    }

    /// The number of bytes.
    #[inline]
    pub const fn len(&self) -> usize {
        match &self.repr {
            Repr::Static(bytes) => bytes.len(),
            Repr::Shared { len, .. } => *len,
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
    pub fn try_slice(&self, range: impl RangeBounds<usize>) -> Result<Self, RangeError> {
        let Some((from, to)) = bounds(&range, self.len()) else {
            return Err(RangeError::new(&range, self.len()));
        };
        let repr = match &self.repr {
            Repr::Static(bytes) => Repr::Static(&bytes[from..to]),
            // An empty slice pins nothing.
            Repr::Shared { .. } if from == to => Repr::Static(&[]),
            Repr::Shared { header, start, .. } => {
                Repr::Shared { header: Arc::clone(header), start: start + from, len: to - from }
            }
        };
        Ok(Self { repr })
    }

    /// Turns a borrowed part of this buffer into a handle of its own: what
    /// `&[u8]` parsing found worth keeping. Costs what a slice costs.
    ///
    /// `None` if `part` does not lie within this buffer. An empty part gives
    /// an empty buffer that pins nothing, wherever it lies.
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
    pub fn promote(&self, part: &[u8]) -> Option<Self> {
        if part.is_empty() {
            return Some(Self::new());
        }
        // Comparing addresses is safe; the slice itself is then cut from our
        // own memory, so a wrong answer could not reach foreign bytes.
        let from = part.as_ptr().addr().checked_sub(self.as_slice().as_ptr().addr())?;
        let to = from.checked_add(part.len())?;
        self.try_slice(from..to).ok()
    }

    /// Drops the bytes past `len` from this handle; no effect if there are no
    /// more than that. The memory behind is let go of when none is left.
    pub fn truncate(&mut self, len: usize) {
        if len == 0 {
            *self = Self::new();
        } else {
            self.narrow(len);
        }
    }

    /// Drops the first `n` bytes from this handle, moving no byte:
    /// `view = view[n:]`, and the step of every partial-send loop. The memory
    /// behind is let go of when no byte is left.
    ///
    /// # Panics
    ///
    /// If there are fewer than `n` bytes.
    #[inline]
    #[track_caller]
    pub fn advance(&mut self, n: usize) {
        let have = self.len();
        assert!(n <= have, "cannot advance by {n}: only {have} bytes are left");
        match &mut self.repr {
            _ if n == have => *self = Self::new(),
            Repr::Static(bytes) => *bytes = &bytes[n..],
            Repr::Shared { start, len, .. } => {
                *start += n;
                *len -= n;
            }
        }
    }

    /// A copy of the bytes, counted in [`copied`].
    pub fn to_vec(&self) -> Vec<u8> {
        copied::record(self.len());
        self.as_slice().to_vec()
    }

    /// Whether this is the only handle of its memory, as far as can be told: an
    /// owner taken by [`from_owner`](Self::from_owner) may be shared by others.
    ///
    /// `false` for static bytes, which everyone may see.
    pub fn is_unique(&self) -> bool {
        self.header().is_some_and(|header| {
            let shared_beneath = matches!(&header.memory, Memory::Bytes(b) if !b.is_unique());
            Arc::strong_count(header) == 1 && !shared_beneath
        })
    }

    /// Whether both handles come from the same one by cloning and slicing (or
    /// are slices of static bytes that overlap), wherever their ranges lie.
    ///
    /// Two handles that were made separately from clones of one `Bytes` or `Arc`
    /// are not told apart from strangers. An empty slice has no backing.
    pub fn same_backing(&self, other: &Self) -> bool {
        match (&self.repr, &other.repr) {
            (Repr::Shared { header: a, .. }, Repr::Shared { header: b, .. }) => Arc::ptr_eq(a, b),
            (Repr::Static(a), Repr::Static(b)) => {
                let (a, b) = (a.as_ptr_range(), b.as_ptr_range());
                a.start < b.end && b.start < a.end
            }
            _ => false,
        }
    }

    /// Makes the bytes writable again, in place, if this is the last handle
    /// and the memory may be written. Copies and allocates nothing.
    ///
    /// # Errors
    ///
    /// Gives the handle back if there are others, or if the memory is
    /// read-only: static bytes, a `Bytes`, an owner taken by
    /// [`from_owner`](Self::from_owner).
    ///
    /// ```
    /// use buffers::SharedBuf;
    ///
    /// let shared = SharedBuf::from(vec![1, 2, 3]);
    /// let other = shared.clone();
    /// let shared = shared.try_into_mut().unwrap_err(); // `other` still looks
    /// drop(other);
    /// let mut bytes = shared.try_into_mut().unwrap();
    /// bytes[0] = 9;
    /// assert_eq!(bytes.freeze(), [9, 2, 3]);
    /// ```
    pub fn try_into_mut(self) -> Result<UniqueBuf, Self> {
        UniqueBuf::from_shared(self)
    }

    /// Takes the `Vec<u8>` back out, in place, if this is the last handle, it
    /// covers the whole vector, and the memory came as a vector, a boxed
    /// slice or a string. Copies and allocates nothing.
    ///
    /// # Errors
    ///
    /// Gives the handle back otherwise, also when the memory is lent.
    pub fn try_into_vec(mut self) -> Result<Vec<u8>, Self> {
        let len = self.len();
        let vec = match self.header_mut() {
            Some(Header { memory: Memory::Vec(vec), home: None }) if vec.len() == len => {
                mem::take(vec)
            }
            _ => return Err(self),
        };
        // The handle now ranges over an empty vector; nobody sees it any more.
        self.truncate(0);
        Ok(vec)
    }

    /// Drops the bytes past `len`, but keeps the memory even if none is left.
    pub(super) fn narrow(&mut self, len: usize) {
        if len < self.len() {
            match &mut self.repr {
                Repr::Static(bytes) => *bytes = &bytes[..len],
                Repr::Shared { len: now, .. } => *now = len,
            }
        }
    }

    pub(super) fn over(memory: Memory) -> Self {
        let len = memory.as_slice().len();
        Self::from_parts(Header::new(memory), 0, len)
    }

    pub(super) fn from_parts(header: Arc<Header>, start: usize, len: usize) -> Self {
        Self { repr: Repr::Shared { header, start, len } }
    }

    pub(super) fn header(&self) -> Option<&Arc<Header>> {
        match &self.repr {
            Repr::Static(_) => None,
            Repr::Shared { header, .. } => Some(header),
        }
    }

    /// The header, if this is the only handle of it.
    pub(super) fn header_mut(&mut self) -> Option<&mut Header> {
        match &mut self.repr {
            Repr::Static(_) => None,
            Repr::Shared { header, .. } => Arc::get_mut(header),
        }
    }

    /// The memory behind the header, with this handle's range within it.
    pub(super) fn memory(&self) -> Option<(&Memory, Range<usize>)> {
        match &self.repr {
            Repr::Static(_) => None,
            Repr::Shared { header, start, len } => Some((&header.memory, *start..start + len)),
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
            Repr::Shared { header, start, len } => {
                let memory = Arc::get_mut(header)?.memory.as_mut_slice()?;
                memory.get_mut(*start..)?.get_mut(..*len)
            }
        }
    }

    /// Widens the range to the whole backing; returns where it began.
    pub(super) fn expand(&mut self) -> usize {
        match &mut self.repr {
            Repr::Static(_) => 0,
            Repr::Shared { header, start, len } => {
                *len = header.memory.as_slice().len();
                mem::take(start)
            }
        }
    }
}

#[cold]
#[inline(never)]
fn owner_shrank(start: usize, len: usize) -> ! {
    panic!(
        "the owner of this memory gives fewer bytes than it did: {start}..{} is gone",
        start + len
    )
}

impl Clone for SharedBuf {
    #[inline]
    fn clone(&self) -> Self {
        let repr = match &self.repr {
            Repr::Static(bytes) => Repr::Static(bytes),
            Repr::Shared { header, start, len } => {
                Repr::Shared { header: Arc::clone(header), start: *start, len: *len }
            }
        };
        Self { repr }
    }
}

impl Drop for SharedBuf {
    #[inline]
    fn drop(&mut self) {
        if let Repr::Shared { header, .. } = mem::replace(&mut self.repr, Repr::Static(&[])) {
            Header::release(header);
        }
    }
}
