//! A shared handle compares and hashes as its bytes do, wherever they lie.

use alloc::string::String;
use alloc::vec::Vec;
use core::borrow::Borrow;
use core::cmp::Ordering;
use core::hash::{Hash, Hasher};

use bytes::Bytes;

use super::shared_buf::SharedBuf;
use super::unique_buf::UniqueBuf;

impl Borrow<[u8]> for SharedBuf {
    fn borrow(&self) -> &[u8] {
        self
    }
}

/// Two buffers are equal when their bytes are, wherever they lie.
impl<T: AsRef<[u8]> + ?Sized> PartialEq<T> for SharedBuf {
    fn eq(&self, other: &T) -> bool {
        self.as_slice() == other.as_ref()
    }
}

impl Eq for SharedBuf {}

impl<T: AsRef<[u8]> + ?Sized> PartialOrd<T> for SharedBuf {
    fn partial_cmp(&self, other: &T) -> Option<Ordering> {
        Some(self.as_slice().cmp(other.as_ref()))
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

impl<T: AsRef<[u8]> + ?Sized> PartialEq<T> for UniqueBuf {
    fn eq(&self, other: &T) -> bool {
        **self == *other.as_ref()
    }
}

impl Eq for UniqueBuf {}

/// The comparison from the other side: Rust has no rule that turns it round.
macro_rules! compares_with {
    ($($other:ty),*) => {$(
        impl PartialEq<SharedBuf> for $other {
            fn eq(&self, other: &SharedBuf) -> bool {
                other == self
            }
        }
    )*};
}

compares_with!([u8], &[u8], str, &str, Vec<u8>, String, Bytes);

impl<const N: usize> PartialEq<SharedBuf> for [u8; N] {
    fn eq(&self, other: &SharedBuf) -> bool {
        other == self
    }
}

impl<const N: usize> PartialEq<SharedBuf> for &[u8; N] {
    fn eq(&self, other: &SharedBuf) -> bool {
        other == self
    }
}
