//! The memory behind a handle: what it is, how much, who else looks at it.

use alloc::sync::Arc;
use core::fmt;
use core::ops::Range;

use super::header::Header;
use super::owner::Memory;
use super::shared_buf::{Repr, SharedBuf};
use super::span::Span;

/// The memory that a handle keeps alive.
///
/// ```
/// use buffers::{BackingKind, SharedBuf};
///
/// let mut page = Vec::with_capacity(1 << 16);
/// page.extend_from_slice(b"a short line in a large page");
/// let word = SharedBuf::from(page).slice(2..7);
///
/// let backing = word.backing().unwrap();
/// assert_eq!(backing.capacity(), 1 << 16); // five bytes pin them all
/// assert_eq!(backing.range(), 2..7);
/// assert_eq!(backing.kind(), BackingKind::Vec);
/// assert_eq!(backing.handles(), 1);
/// assert!(SharedBuf::from(b"static").backing().is_none());
/// ```
#[derive(Clone, Copy)]
pub struct Backing<'a> {
    header: &'a Arc<Header>,
    span: Span,
}

/// Which backing it is: equal for two handles whose memory is the same one.
///
/// Backings that are alive at the same time have different identities. One that
/// is made after another is gone may be given its number.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BackingId(usize);

/// What a backing is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum BackingKind {
    /// A `Vec<u8>`, a boxed slice or a string.
    Vec,
    /// A `bytes::Bytes`, which may have other handles, and more memory, than can
    /// be seen from here.
    Bytes,
    /// Memory of somebody's own type.
    Owner,
}

impl SharedBuf {
    /// The memory that this handle keeps alive, or `None` if it keeps none: its bytes
    /// are static, or it was cut until none was left. (A handle that is made from an
    /// empty vector keeps the vector's room.)
    pub fn backing(&self) -> Option<Backing<'_>> {
        match &self.repr {
            Repr::Static(_) => None,
            Repr::Shared { header, span } => Some(Backing { header, span: *span }),
        }
    }
}

impl<'a> Backing<'a> {
    /// Which backing it is.
    pub fn id(&self) -> BackingId {
        BackingId(Arc::as_ptr(self.header).addr())
    }

    /// The bytes that this memory keeps from other use: a vector's whole capacity,
    /// the slack of aligned memory. Of a `Bytes` and of an owner's memory only the
    /// bytes that it shows are known, so the true figure may be larger.
    pub fn capacity(&self) -> usize {
        self.as_slice().len() + self.slack()
    }

    /// What [`capacity`](Self::capacity) counts beyond [`as_slice`](Self::as_slice).
    pub(crate) fn slack(&self) -> usize {
        self.header.memory.slack()
    }

    /// All bytes of the memory that hold anything, whichever part the handle shows.
    pub fn as_slice(&self) -> &'a [u8] {
        self.header.memory.as_slice()
    }

    /// The part of [`as_slice`](Self::as_slice) that the handle shows.
    pub fn range(&self) -> Range<usize> {
        self.span.range()
    }

    /// What the memory was called by
    /// [`UniqueBuf::with_label`](crate::UniqueBuf::with_label) or
    /// [`SharedBuf::try_with_label`].
    pub fn label(&self) -> Option<&'a str> {
        self.header.label.as_deref()
    }

    /// What it is made of.
    pub fn kind(&self) -> BackingKind {
        match self.header.memory {
            Memory::Vec(_) => BackingKind::Vec,
            Memory::Bytes(_) => BackingKind::Bytes,
            Memory::Owned(_) => BackingKind::Owner,
        }
    }

    /// Whether it goes home to a pool when its last handle is dropped.
    pub fn is_lent(&self) -> bool {
        self.header.home.is_some()
    }

    /// How many handles there are of it, at this moment.
    pub fn handles(&self) -> usize {
        Arc::strong_count(self.header)
    }
}

impl BackingId {
    /// The address of what counts the handles; a number for reports.
    #[must_use]
    pub const fn addr(self) -> usize {
        self.0
    }
}

impl fmt::Debug for BackingId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BackingId({:#x})", self.0)
    }
}

impl fmt::Display for BackingId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#x}", self.0)
    }
}

impl fmt::Display for BackingKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Vec => "Vec",
            Self::Bytes => "Bytes",
            Self::Owner => "Owner",
        })
    }
}

impl fmt::Debug for Backing<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Backing")
            .field("id", &self.id())
            .field("kind", &self.kind())
            .field("label", &self.label())
            .field("capacity", &self.capacity())
            .field("range", &self.range())
            .field("handles", &self.handles())
            .finish()
    }
}
