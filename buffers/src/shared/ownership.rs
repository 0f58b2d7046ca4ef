//! Who else holds the memory, and taking it back.

use alloc::borrow::Cow;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::mem;

use super::header::Header;
use super::owner::Memory;
use super::shared_buf::{Repr, SharedBuf};
use super::unique_buf::UniqueBuf;

/// Who else holds the memory, and taking it back.
impl SharedBuf {
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

    /// The largest power of two that the address of the first byte is a multiple
    /// of. The bytes never move, so the answer never changes; a slice at an
    /// offset that is a multiple of some alignment keeps that alignment.
    ///
    /// Empty buffers have an address too, which means nothing.
    pub fn alignment(&self) -> usize {
        1 << self.as_ptr().addr().trailing_zeros()
    }

    /// Gives the memory behind a name, by which [`retention`](crate::retention)
    /// calls it. A new name replaces the old one.
    ///
    /// # Errors
    ///
    /// Gives the handle back, unnamed, if there are others, or if the bytes are
    /// static. Name memory when it is made.
    ///
    /// ```
    /// use buffers::SharedBuf;
    ///
    /// let page = SharedBuf::from(vec![0; 4096]).try_with_label("index page").unwrap();
    /// assert_eq!(page.slice(1..).backing().unwrap().label(), Some("index page"));
    /// ```
    pub fn try_with_label(mut self, label: impl Into<Cow<'static, str>>) -> Result<Self, Self> {
        match self.header_mut() {
            Some(header) => header.label = Some(label.into()),
            None => return Err(self),
        }
        Ok(self)
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
        if len == 0 && self.header().is_none() {
            return Ok(Vec::new()); // what an empty vector became
        }
        let vec = match self.header_mut() {
            Some(Header { memory: Memory::Vec(vec), home: None, .. }) if vec.len() == len => {
                mem::take(vec)
            }
            _ => return Err(self),
        };
        // The handle now ranges over an empty vector; nobody sees it any more.
        self.clear();
        Ok(vec)
    }
}
