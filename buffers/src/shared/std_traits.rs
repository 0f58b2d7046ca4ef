//! What a shared handle is to the standard library: a `[u8]`, shown as a byte
//! string or in hexadecimal digits.

use alloc::vec::Vec;
use core::fmt;
use core::iter::FusedIterator;
use core::ops::Deref;
use core::slice;

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

impl Default for SharedBuf {
    fn default() -> Self {
        Self::new()
    }
}

/// A byte string, as in `b"GET \x00"`.
impl fmt::Debug for SharedBuf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "b\"{}\"", self.as_slice().escape_ascii())
    }
}

/// Two digits a byte, in order; with `#`, `0x` before the first.
impl fmt::LowerHex for SharedBuf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if f.alternate() { "0x" } else { "" })?;
        self.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// As with small digits.
impl fmt::UpperHex for SharedBuf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if f.alternate() { "0x" } else { "" })?;
        self.iter().try_for_each(|byte| write!(f, "{byte:02X}"))
    }
}

/// Collects the bytes into a vector and takes that over.
impl FromIterator<u8> for SharedBuf {
    fn from_iter<I: IntoIterator<Item = u8>>(bytes: I) -> Self {
        Self::from(bytes.into_iter().collect::<Vec<u8>>())
    }
}

impl<'a> IntoIterator for &'a SharedBuf {
    type Item = &'a u8;
    type IntoIter = slice::Iter<'a, u8>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// The bytes one by one; the memory is let go of with the last.
impl IntoIterator for SharedBuf {
    type Item = u8;
    type IntoIter = IntoIter;

    fn into_iter(self) -> IntoIter {
        IntoIter { rest: self }
    }
}

/// The bytes of a [`SharedBuf`], which it owns.
#[derive(Clone, Debug)]
pub struct IntoIter {
    rest: SharedBuf,
}

impl Iterator for IntoIter {
    type Item = u8;

    fn next(&mut self) -> Option<u8> {
        let first = *self.rest.first()?;
        self.rest.advance(1);
        Some(first)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.rest.len(), Some(self.rest.len()))
    }
}

impl DoubleEndedIterator for IntoIter {
    fn next_back(&mut self) -> Option<u8> {
        let last = *self.rest.last()?;
        self.rest.truncate(self.rest.len() - 1);
        Some(last)
    }
}

impl ExactSizeIterator for IntoIter {}
impl FusedIterator for IntoIter {}
