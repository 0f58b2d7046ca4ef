//! What a shared handle is to the standard library: a `[u8]`.

use std::borrow::Borrow;
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::Deref;

use super::shared_buf::SharedBuf;

impl Deref for SharedBuf {
    type Target = [u8];

    #[inline]
    fn deref(&self) -> &[u8] {
        self.as_slice()
    }
}

impl AsRef<[u8]> for SharedBuf {
    #[inline]
    fn as_ref(&self) -> &[u8] {
        self
    }
}

impl Borrow<[u8]> for SharedBuf {
    fn borrow(&self) -> &[u8] {
        self
    }
}

impl Default for SharedBuf {
    fn default() -> Self {
        Self::new()
    }
}

/// Two buffers are equal when their bytes are, wherever they lie.
impl<T: AsRef<[u8]> + ?Sized> PartialEq<T> for SharedBuf {
    fn eq(&self, other: &T) -> bool {
        self.as_slice() == other.as_ref()
    }
}

impl Eq for SharedBuf {}

impl PartialOrd for SharedBuf {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for SharedBuf {
    fn cmp(&self, other: &Self) -> Ordering {
        self.as_slice().cmp(other)
    }
}

/// Hashes as the bytes do, so that `[u8]` finds a `SharedBuf` in a map.
impl Hash for SharedBuf {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_slice().hash(state);
    }
}

/// A byte string, as in `b"GET \x00"`.
impl fmt::Debug for SharedBuf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "b\"{}\"", self.as_slice().escape_ascii())
    }
}
