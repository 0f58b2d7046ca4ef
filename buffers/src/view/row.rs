//! The one-dimensional borrowed view.

use alloc::vec::Vec;
use core::fmt;
use core::ops::RangeBounds;
use core::slice::ChunksExact;

use crate::layout::scaled_bounds;
use crate::{Code, copied};

/// Borrowed bytes with a code: a row of elements.
///
/// This is the light view for hot loops: two words and a code, no count, no
/// allocation. Slicing a row gives a row of the same memory, and positions
/// count elements, not bytes, as with Python's `memoryview`.
///
/// ```
/// use buffers::{Code, Row};
///
/// let bytes = [1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0];
/// let row = Row::new(&bytes, Code::parse("<I")?)?;
/// assert_eq!(row.len(), 3);
/// assert_eq!(row.slice(1..).item(0), Some(&[2, 0, 0, 0][..]));
/// assert_eq!(row.slice(1..).as_bytes().as_ptr(), bytes[4..].as_ptr());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Row<'a> {
    bytes: &'a [u8],
    code: Code,
}

impl<'a> Row<'a> {
    /// A row of the elements that `bytes` holds, in place.
    ///
    /// # Errors
    ///
    /// [`RowError`] if `bytes` is no whole number of elements.
    pub fn new(bytes: &'a [u8], code: Code) -> Result<Self, RowError> {
        if bytes.len().is_multiple_of(code.itemsize()) {
            Ok(Self { bytes, code })
        } else {
            Err(RowError { nbytes: bytes.len(), code })
        }
    }

    /// A row of unsigned bytes.
    pub const fn of_bytes(bytes: &'a [u8]) -> Self {
        Self { bytes, code: Code::U8 }
    }

    /// The number of elements.
    #[inline]
    pub const fn len(&self) -> usize {
        self.bytes.len() / self.code.itemsize()
    }

    /// Whether there is no element.
    #[inline]
    pub const fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// The number of bytes: `len() * itemsize()`.
    #[inline]
    pub const fn nbytes(&self) -> usize {
        self.bytes.len()
    }

    /// The bytes of one element.
    #[inline]
    pub const fn itemsize(&self) -> usize {
        self.code.itemsize()
    }

    /// The code of the elements.
    #[inline]
    pub const fn code(&self) -> Code {
        self.code
    }

    /// The bytes themselves, in place, for as long as they were borrowed.
    #[inline]
    pub const fn as_bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// The bytes of the element at `index`, or `None` past the end.
    #[inline]
    pub fn item(&self, index: usize) -> Option<&'a [u8]> {
        let start = index.checked_mul(self.itemsize())?;
        self.bytes.get(start..)?.get(..self.itemsize())
    }

    /// The elements in order, each as its bytes.
    pub fn iter(&self) -> ChunksExact<'a, u8> {
        self.bytes.chunks_exact(self.itemsize())
    }

    /// The elements in `range`, or `None` if it reaches past the end.
    #[inline]
    pub fn get(&self, range: impl RangeBounds<usize>) -> Option<Self> {
        let (start, end) = scaled_bounds(&range, self.itemsize(), self.nbytes())?;
        Some(Self { bytes: self.bytes.get(start..end)?, code: self.code })
    }

    /// The elements in `range`.
    ///
    /// # Panics
    ///
    /// If the range reaches past the end or ends before it starts; see
    /// [`get`](Self::get).
    #[inline]
    #[must_use = "slicing leaves the row itself as it is"]
    #[track_caller]
    pub fn slice(&self, range: impl RangeBounds<usize> + fmt::Debug) -> Self {
        match self.get((range.start_bound().cloned(), range.end_bound().cloned())) {
            Some(row) => row,
            None => panic!("range {range:?} does not fit a row of {} elements", self.len()),
        }
    }

    /// A copy of the bytes, counted in [`copied`].
    pub fn to_vec(&self) -> Vec<u8> {
        copied::record(self.bytes.len());
        self.bytes.to_vec()
    }
}

impl<'a> From<&'a [u8]> for Row<'a> {
    fn from(bytes: &'a [u8]) -> Self {
        Self::of_bytes(bytes)
    }
}

impl<'a> IntoIterator for &Row<'a> {
    type Item = &'a [u8];
    type IntoIter = ChunksExact<'a, u8>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl fmt::Debug for Row<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Row(\"{}\", {} x {})", self.code, self.len(), self.itemsize())
    }
}

/// Bytes that are no whole number of elements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RowError {
    nbytes: usize,
    code: Code,
}

impl fmt::Display for RowError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let itemsize = self.code.itemsize();
        write!(
            f,
            "{} bytes are no whole number of elements of format \"{}\" ({itemsize} bytes each): \
             {} bytes are left over",
            self.nbytes,
            self.code,
            self.nbytes % itemsize
        )
    }
}

impl core::error::Error for RowError {}
