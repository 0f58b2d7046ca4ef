//! What keeps memory alive behind a handle.

use alloc::boxed::Box;
use alloc::vec::Vec;

use bytes::Bytes;

/// A type that can stand behind a [`SharedBuf`](crate::SharedBuf): it gives
/// its bytes, and may be dropped on any thread.
///
/// Every `AsRef<[u8]> + Send + Sync + 'static` is one: arrays, `Arc<[u8]>`,
/// memory maps, types of yours. The handle asks for the bytes whenever it is
/// dereferenced, so `as_ref` should be cheap, and should give the same bytes
/// each time, as the standard library's own types do. An owner that breaks
/// that rule is still memory-safe: ranges are checked on every access, and a
/// handle whose range no longer fits panics instead of reading past the end.
///
/// A [`SharedBuf`](crate::SharedBuf) is an owner too, and so is what other crates make
/// of one. Each such layer costs a call at every dereference, and is dropped inside the
/// one before: thousands of them overflow the stack. Where bytes go to and fro between
/// types, keep the first handle.
pub trait Owner: AsRef<[u8]> + Send + Sync + 'static {}

impl<T: AsRef<[u8]> + Send + Sync + 'static> Owner for T {}

/// An [`Owner`] whose bytes may be written while there is but one handle.
pub trait OwnerMut: Owner + AsMut<[u8]> {}

impl<T: Owner + AsMut<[u8]>> OwnerMut for T {}

/// The memory behind a header.
///
/// `Vec` and `Bytes` have variants of their own because they are by far the
/// most frequent, a dereference then costs no virtual call, and they can be
/// taken out again as what they were.
pub(super) enum Memory {
    Vec(Vec<u8>),
    Bytes(Bytes),
    Owned(Box<dyn DynOwner>),
}

impl Memory {
    pub(super) fn read_only(owner: impl Owner) -> Self {
        Self::Owned(Box::new(ReadOnly(owner)))
    }

    pub(super) fn writable(owner: impl OwnerMut) -> Self {
        Self::Owned(Box::new(Writable(owner)))
    }

    #[inline]
    pub(super) fn as_slice(&self) -> &[u8] {
        match self {
            Self::Vec(vec) => vec,
            Self::Bytes(bytes) => bytes,
            Self::Owned(owner) => owner.as_slice(),
        }
    }

    /// The bytes that are kept from other use and never shown: spare capacity, and
    /// the slack of alignment, as far as this side can know.
    pub(super) fn slack(&self) -> usize {
        match self {
            Self::Vec(vec) => vec.capacity() - vec.len(),
            Self::Bytes(_) => 0,
            Self::Owned(owner) => owner.slack(),
        }
    }

    /// The bytes for writing, or `None` if this memory is read-only.
    #[inline]
    pub(super) fn as_mut_slice(&mut self) -> Option<&mut [u8]> {
        match self {
            Self::Vec(vec) => Some(vec),
            Self::Bytes(_) => None,
            Self::Owned(owner) => owner.as_mut_slice(),
        }
    }
}

/// An owner whose type is forgotten.
pub(super) trait DynOwner: Send + Sync {
    fn as_slice(&self) -> &[u8];
    fn as_mut_slice(&mut self) -> Option<&mut [u8]>;

    fn slack(&self) -> usize {
        0
    }
}

struct ReadOnly<T>(T);

impl<T: Owner> DynOwner for ReadOnly<T> {
    fn as_slice(&self) -> &[u8] {
        self.0.as_ref()
    }

    fn as_mut_slice(&mut self) -> Option<&mut [u8]> {
        None
    }
}

struct Writable<T>(T);

impl<T: OwnerMut> DynOwner for Writable<T> {
    fn as_slice(&self) -> &[u8] {
        self.0.as_ref()
    }

    fn as_mut_slice(&mut self) -> Option<&mut [u8]> {
        Some(self.0.as_mut())
    }
}
