//! The sole handle of a piece of memory: it may be written.

use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;
use core::ops::{Deref, DerefMut};

use super::aligned::{AllocError, aligned};
use super::backing::Backing;
use super::header::{Header, Home};
use super::owner::{Memory, OwnerMut};
use super::shared_buf::SharedBuf;
use super::span::Span;

/// The sole handle of a piece of memory, which may therefore be written.
///
/// It is what a [`SharedBuf`] is before it is [frozen](Self::freeze), and what
/// it becomes again by [`SharedBuf::try_into_mut`] when all other handles are
/// gone. Both ways nothing is copied and nothing is allocated.
///
/// Each mutable dereference asks the reference count once (some nanoseconds):
/// take the slice once and work on that, rather than byte by byte through the
/// handle.
///
/// ```
/// use buffers::UniqueBuf;
///
/// let mut buf = UniqueBuf::from(vec![0; 8]);
/// buf[..5].copy_from_slice(b"hello");
/// buf.truncate(5);
/// let at = buf.as_ptr();
/// let shared = buf.freeze();
/// assert_eq!(shared, b"hello");
/// assert_eq!(shared.as_ptr(), at);
/// ```
pub struct UniqueBuf {
    // Invariant: this handle's count is one and its memory is writable. It is
    // made true by each constructor and kept, because nothing clones it.
    handle: SharedBuf,
}

impl UniqueBuf {
    /// Takes over memory of any type that gives its bytes for reading and
    /// writing, such as an anonymous memory map.
    ///
    /// Allocates a box for the owner and a small header. The bytes stay where
    /// they are if the owner keeps them on the heap or in a map.
    pub fn from_owner(owner: impl OwnerMut) -> Self {
        Self::whole(Header::new(Memory::writable(owner)))
    }

    /// `len` zeros whose first byte lies at a multiple of `align`, which must be
    /// a power of two (1 asks for nothing).
    ///
    /// Allocates the bytes, up to `align - 1` bytes more, a box and a small header,
    /// and writes every byte, so that the system's promise is redeemed here and not
    /// at the first use.
    ///
    /// # Errors
    ///
    /// [`AllocError`] instead of a panic or an abort, whatever the numbers are: they
    /// may come from input. But a system that promises more memory than it has
    /// (Linux does, by default) may take a large number and kill the program while
    /// the bytes are written: hold numbers from input against a limit of your own.
    ///
    /// ```
    /// use buffers::UniqueBuf;
    ///
    /// let page = UniqueBuf::try_zeroed(1 << 16, 4096)?.freeze();
    /// assert_eq!(page.slice(4096..).alignment() % 4096, 0);
    /// assert_eq!(page.slice(64..).alignment(), 64);
    /// assert!(UniqueBuf::try_zeroed(usize::MAX, 64).is_err());
    /// # Ok::<(), buffers::AllocError>(())
    /// ```
    pub fn try_zeroed(len: usize, align: usize) -> Result<Self, AllocError> {
        Ok(Self::whole(Header::new(aligned(len, align)?)))
    }

    /// All of the memory behind `header`, whose only handle this becomes.
    #[inline]
    pub(super) fn whole(header: Arc<Header>) -> Self {
        debug_assert_eq!(Arc::strong_count(&header), 1, "a unique buffer has one handle");
        let span = Span::new(0, header.len);
        Self { handle: SharedBuf::from_parts(header, span) }
    }

    /// Turns `handle` into a unique one, if it is the last and writable.
    pub(super) fn from_shared(mut handle: SharedBuf) -> Result<Self, SharedBuf> {
        match handle.as_mut_slice() {
            Some(_) => Ok(Self { handle }),
            None => Err(handle),
        }
    }

    /// Lends the memory out: when its last handle is dropped, it goes to
    /// `home`, whole, instead of being freed.
    ///
    /// # Panics
    ///
    /// If the memory is lent already: it belongs to its first home, which waits
    /// for it.
    #[must_use = "dropping it sends it home at once"]
    #[track_caller]
    #[inline]
    pub fn lend(mut self, home: Arc<dyn Home>) -> Self {
        assert!(self.home().is_none(), "this memory is lent already, and belongs to its home");
        if let Some(header) = self.handle.header_mut() {
            header.home = Some(home);
        }
        self
    }

    /// The home that this memory goes to, if it is lent.
    #[inline]
    pub fn home(&self) -> Option<&dyn Home> {
        self.handle.header()?.home.as_deref()
    }

    /// Gives the memory a name, by which [`retention`](crate::retention) calls it.
    /// It keeps the name when it is shared, and when it comes home.
    #[must_use = "the name goes with the buffer that is returned"]
    pub fn with_label(mut self, label: impl Into<Cow<'static, str>>) -> Self {
        if let Some(header) = self.handle.header_mut() {
            header.label = Some(label.into());
        }
        self
    }

    /// What keeps the bytes: its capacity, its name, how many look at it.
    #[expect(clippy::missing_panics_doc, reason = "it cannot: no constructor takes static bytes")]
    pub fn backing(&self) -> Backing<'_> {
        self.handle.backing().expect("a unique buffer is never static")
    }

    pub(crate) fn handle(&self) -> &SharedBuf {
        &self.handle
    }

    /// Lets everyone read and nobody write. Copies and allocates nothing. No
    /// bytes pin no memory: a lent buffer that shows none goes home at once.
    #[must_use = "the shared handle is the only way to the bytes"]
    #[track_caller]
    pub fn freeze(self) -> SharedBuf {
        // An empty shared buffer pins nothing.
        if self.is_empty() { SharedBuf::new() } else { self.handle.noted() }
    }

    /// A copy of the bytes, counted in [`copied`](crate::copied).
    pub fn to_vec(&self) -> Vec<u8> {
        self.handle.to_vec()
    }

    /// The number of bytes.
    #[inline]
    pub fn len(&self) -> usize {
        self.handle.len()
    }

    /// Whether there is no byte.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.handle.is_empty()
    }

    /// Shows only the first `len` bytes from now on; no effect if there are no
    /// more than that. The memory behind stays whole; see
    /// [`expand`](Self::expand).
    pub fn truncate(&mut self, len: usize) {
        self.handle.narrow(len);
    }

    /// Shows the whole of the memory behind this handle again, and returns at
    /// which position of it the handle began.
    pub fn expand(&mut self) -> usize {
        self.handle.expand()
    }
}

/// A unique handle can always be written, so this is the only cause.
const GAVE_FEWER: &str = "the owner of this memory gives fewer bytes for writing than for reading";

impl Deref for UniqueBuf {
    type Target = [u8];

    #[inline]
    fn deref(&self) -> &[u8] {
        &self.handle
    }
}

impl DerefMut for UniqueBuf {
    #[inline]
    fn deref_mut(&mut self) -> &mut [u8] {
        self.handle.as_mut_slice().expect(GAVE_FEWER)
    }
}

impl AsRef<[u8]> for UniqueBuf {
    fn as_ref(&self) -> &[u8] {
        self
    }
}

impl AsMut<[u8]> for UniqueBuf {
    fn as_mut(&mut self) -> &mut [u8] {
        self
    }
}

impl Default for UniqueBuf {
    fn default() -> Self {
        Self::from(Vec::new())
    }
}

/// Takes the vector's bytes `0..len` over in place. Allocates a small header.
impl From<Vec<u8>> for UniqueBuf {
    fn from(vec: Vec<u8>) -> Self {
        Self::whole(Header::new(Memory::Vec(vec)))
    }
}

/// Takes the string's bytes over in place. Allocates a small header.
impl From<String> for UniqueBuf {
    fn from(text: String) -> Self {
        Self::from(text.into_bytes())
    }
}

/// Takes the bytes over in place. Allocates a small header.
impl From<Box<[u8]>> for UniqueBuf {
    fn from(bytes: Box<[u8]>) -> Self {
        Self::from(bytes.into_vec())
    }
}

impl From<UniqueBuf> for SharedBuf {
    #[track_caller]
    fn from(buf: UniqueBuf) -> Self {
        buf.freeze()
    }
}

impl fmt::Debug for UniqueBuf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.handle, f)
    }
}
