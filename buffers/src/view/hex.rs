//! A view's bytes as text, and as what a hash is made of.

use alloc::string::String;
use core::fmt;
use core::hash::{Hash, Hasher};

use super::borrowed::View;
use super::copies::check_room;
use crate::layout::ByteOrder;

impl View<'_> {
    /// The bytes of all elements, in the order of C, as two digits each; with
    /// `separator` between groups of `group` bytes. Groups are counted from the right,
    /// or from the left if `group` is negative; 0 makes none. As `memoryview.hex`.
    ///
    /// Allocates the text. The bytes themselves are not copied together for it.
    ///
    /// # Panics
    ///
    /// If there is no memory for the text.
    ///
    /// ```
    /// let view = buffers::View::of_bytes(b"\xb9\x01\xef\x20\x07");
    /// assert_eq!(view.hex(None, 1), "b901ef2007");
    /// assert_eq!(view.hex(':', 1), "b9:01:ef:20:07");
    /// assert_eq!(view.hex(' ', 2), "b9 01ef 2007");
    /// assert_eq!(view.hex(' ', -2), "b901 ef20 07");
    /// ```
    #[must_use]
    pub fn hex(&self, separator: impl Into<Option<char>>, group: isize) -> String {
        const DIGITS: [char; 16] =
            ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'];
        let (nbytes, size) = (self.nbytes(), group.unsigned_abs());
        let separator = separator.into().filter(|_| size > 0);
        // With a separator behind each byte it is half as long again.
        check_room(nbytes.saturating_mul(3));
        let mut text = String::with_capacity(2 * nbytes);
        for (at, byte) in self.runs().flatten().enumerate() {
            let counted = if group < 0 { at } else { nbytes - at };
            if let Some(separator) = separator
                && at > 0
                && counted.is_multiple_of(size)
            {
                text.push(separator);
            }
            text.push(DIGITS[usize::from(byte >> 4)]);
            text.push(DIGITS[usize::from(byte & 15)]);
        }
        text
    }

    /// Feeds a hasher what the bytes of all elements, in the order of C, would feed it as
    /// one `[u8]`.
    ///
    /// Only views of bytes have a hash, as in CPython: elements of other formats may
    /// be equal to others whose bytes differ. Bytes with gaps are copied together first,
    /// and counted in [`copied`](crate::copied).
    ///
    /// # Errors
    ///
    /// [`HashError`] if the format is not `B`, `b` or `c`.
    ///
    /// # Panics
    ///
    /// If there are gaps, and no memory for a copy without them.
    ///
    /// ```
    /// use std::hash::{BuildHasher, Hasher, RandomState};
    /// use buffers::{Slice, View};
    ///
    /// let state = RandomState::new();
    /// let mut hasher = state.build_hasher();
    /// View::of_bytes(b"a-b-c").slice(Slice::every(2)).hash_bytes(&mut hasher)?;
    /// assert_eq!(hasher.finish(), state.hash_one(&b"abc"[..]));
    /// # Ok::<(), buffers::HashError>(())
    /// ```
    pub fn hash_bytes(&self, hasher: &mut impl Hasher) -> Result<(), HashError> {
        let code = self.format().code().filter(|code| code.order() == ByteOrder::Native);
        let of_bytes = code.is_some_and(|code| matches!(code.as_char(), 'B' | 'b' | 'c'));
        if !of_bytes {
            return Err(HashError(()));
        }
        match self.as_bytes() {
            Some(bytes) => bytes.hash(hasher),
            None => self.to_bytes().hash(hasher),
        }
        Ok(())
    }
}

/// A view of elements that are no bytes, and so have no hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HashError(());

impl fmt::Display for HashError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("only views of the formats \"B\", \"b\" and \"c\" have a hash")
    }
}

impl core::error::Error for HashError {}
