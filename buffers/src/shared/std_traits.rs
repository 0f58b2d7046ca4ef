//! What a shared handle is to the standard library: a `[u8]`, shown as a byte
//! string or in hexadecimal digits.

use alloc::vec::Vec;
use core::fmt;
use core::iter::FusedIterator;
use core::ops::{Deref, Range};
use core::panic::{RefUnwindSafe, UnwindSafe};
use core::slice;

use super::shared_buf::SharedBuf;
use super::unique_buf::UniqueBuf;

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

/// A byte string, as in `b"GET \x00"`. Of more than 1024 bytes the first 1024 and the
/// length are shown: a handle that an `unwrap` gives back must not fill a log with its
/// payload. `{:#?}` shows all.
impl fmt::Debug for SharedBuf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&ByteText(self), f)
    }
}

/// Bytes that are shown as a byte string.
pub(super) struct ByteText<'b>(pub(super) &'b [u8]);

impl fmt::Debug for ByteText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 1024;
        match self.0.get(..SHOWN) {
            Some(first) if self.0.len() > SHOWN && !f.alternate() => {
                write!(f, "b\"{}\".. ({} bytes)", first.escape_ascii(), self.0.len())
            }
            _ => write!(f, "b\"{}\"", self.0.escape_ascii()),
        }
    }
}

// The bytes are read-only for as long as they are shared, and one's own otherwise; a
// panic leaves them as they are. An owner's interior is the owner's affair, as it is
// behind a `Bytes`.
impl UnwindSafe for SharedBuf {}
impl RefUnwindSafe for SharedBuf {}
impl UnwindSafe for UniqueBuf {}
impl RefUnwindSafe for UniqueBuf {}

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
    #[track_caller]
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

/// The bytes one by one; the memory is let go of with the iterator.
impl IntoIterator for SharedBuf {
    type Item = u8;
    type IntoIter = IntoIter;

    fn into_iter(self) -> IntoIter {
        IntoIter { range: 0..self.len(), buf: self }
    }
}

/// The bytes of a [`SharedBuf`], which it owns.
#[derive(Clone, Debug)]
pub struct IntoIter {
    buf: SharedBuf,
    range: Range<usize>,
}

impl Iterator for IntoIter {
    type Item = u8;

    fn next(&mut self) -> Option<u8> {
        self.range.next().map(|at| self.buf[at])
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.range.size_hint()
    }

    fn nth(&mut self, n: usize) -> Option<u8> {
        self.range.nth(n).map(|at| self.buf[at])
    }

    // Under `sum`, `for_each`, `collect` and their like: the handle is dereferenced
    // once, not for each byte.
    fn fold<B, F: FnMut(B, u8) -> B>(self, start: B, join: F) -> B {
        self.buf[self.range].iter().copied().fold(start, join)
    }
}

impl DoubleEndedIterator for IntoIter {
    fn next_back(&mut self) -> Option<u8> {
        self.range.next_back().map(|at| self.buf[at])
    }
}

impl ExactSizeIterator for IntoIter {}
impl FusedIterator for IntoIter {}
