//! The one place where ranges are held against a length.

use core::fmt;
use core::ops::{Bound, RangeBounds};

/// The start and end of `range` within `len`, or `None` if it does not fit:
/// `start <= end <= len` holds of every answer.
#[inline]
pub(crate) fn bounds(range: &impl RangeBounds<usize>, len: usize) -> Option<(usize, usize)> {
    let start = match range.start_bound() {
        Bound::Included(&start) => start,
        Bound::Excluded(&start) => start.checked_add(1)?,
        Bound::Unbounded => 0,
    };
    let end = match range.end_bound() {
        Bound::Included(&end) => end.checked_add(1)?,
        Bound::Excluded(&end) => end,
        Bound::Unbounded => len,
    };
    (start <= end && end <= len).then_some((start, end))
}

/// The bytes of the elements in `range` among `nbytes` bytes of elements of `itemsize`, or
/// `None` if it does not fit: `start <= end <= nbytes` holds of every answer.
///
/// The range is multiplied out, not the length divided: a division would take longer than
/// all the rest.
#[inline]
pub(crate) fn scaled_bounds(
    range: &impl RangeBounds<usize>,
    itemsize: usize,
    nbytes: usize,
) -> Option<(usize, usize)> {
    let start = match range.start_bound() {
        Bound::Included(start) => start.checked_mul(itemsize)?,
        Bound::Excluded(start) => start.checked_add(1)?.checked_mul(itemsize)?,
        Bound::Unbounded => 0,
    };
    let end = match range.end_bound() {
        Bound::Included(end) => end.checked_add(1)?.checked_mul(itemsize)?,
        Bound::Excluded(end) => end.checked_mul(itemsize)?,
        Bound::Unbounded => nbytes,
    };
    (start <= end && end <= nbytes).then_some((start, end))
}

/// A range that does not fit a buffer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RangeError {
    range: (Bound<usize>, Bound<usize>),
    len: usize,
}

impl RangeError {
    #[cold]
    pub(crate) fn new(range: &impl RangeBounds<usize>, len: usize) -> Self {
        Self { range: (range.start_bound().cloned(), range.end_bound().cloned()), len }
    }

    /// The length of the buffer that was to be sliced.
    pub fn buffer_len(&self) -> usize {
        self.len
    }
}

impl fmt::Display for RangeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use Bound::{Excluded, Included, Unbounded};
        f.write_str("range ")?;
        match self.range.0 {
            Included(start) => write!(f, "{start}..")?,
            Excluded(start) => write!(f, "({start}, excluded)..")?,
            Unbounded => write!(f, "..")?,
        }
        match self.range.1 {
            Included(end) => write!(f, "={end}")?,
            Excluded(end) => write!(f, "{end}")?,
            Unbounded => {}
        }
        write!(f, " does not fit a buffer of {} bytes", self.len)
    }
}

impl core::error::Error for RangeError {}
