//! Many parts of one buffer, kept by one count.

use alloc::vec::Vec;
use core::fmt;
use core::ops::{Index, Range};
use core::slice;

use super::shared_buf::{SharedBuf, position_within};
use super::std_traits::ByteText;

/// Parts of one buffer that survive together: the fields of a record, the
/// headers of a request.
///
/// They share one handle, and so one reference count, where as many
/// [promoted](SharedBuf::promote) handles would take one each; each part costs 16
/// bytes. Any of them becomes a handle of its own with [`part`](Self::part).
///
/// An iterator that turned a count of one into a count of sixteen at once would
/// give sixteen handles for one atomic operation. `Arc` has no safe call for
/// that, so this type keeps the parts together instead.
///
/// ```
/// use buffers::SharedBuf;
///
/// let line = SharedBuf::from(b"GET /index.html HTTP/1.1".to_vec());
/// let parts = line.promote_all(line.split(|&b| b == b' '))?;
/// drop(line);
/// assert_eq!(parts.len(), 3);
/// assert_eq!(&parts[1], b"/index.html");
/// let path: SharedBuf = parts.part(1).unwrap(); // one count
/// # Ok::<(), buffers::PartError>(())
/// ```
#[derive(Default)]
pub struct Parts {
    whole: SharedBuf,
    ranges: Vec<Range<usize>>,
}

impl SharedBuf {
    /// [Promotes](Self::promote) many borrowed parts of this buffer at once, with
    /// one reference count for all. Allocates the list of ranges.
    ///
    /// # Errors
    ///
    /// [`PartError`] names the first part that does not lie within this buffer.
    #[track_caller]
    pub fn promote_all<'p>(
        &self,
        parts: impl IntoIterator<Item = &'p [u8]>,
    ) -> Result<Parts, PartError> {
        let all = self.as_slice();
        let parts = parts.into_iter();
        // The hint is a stranger's word; beyond a page of ranges the list grows as
        // it is filled.
        let mut ranges = Vec::with_capacity(parts.size_hint().0.min(256));
        for (index, part) in parts.enumerate() {
            // An empty part may lie anywhere, as with `promote`.
            let elsewhere = part.is_empty().then_some(0..0);
            let range = position_within(all, part).or(elsewhere);
            ranges.push(range.ok_or(PartError { index, part_len: part.len(), len: all.len() })?);
        }
        if ranges.iter().any(|range| !range.is_empty()) {
            return Ok(Parts { whole: self.clone(), ranges });
        }
        // All are empty: nothing has to be kept, and they lie in nothing.
        ranges.fill(0..0);
        Ok(Parts { whole: Self::new(), ranges })
    }
}

impl Parts {
    /// How many parts there are.
    pub fn len(&self) -> usize {
        self.ranges.len()
    }

    /// Whether there is no part.
    pub fn is_empty(&self) -> bool {
        self.ranges.is_empty()
    }

    /// The bytes of the part at `index`, or `None` past the last.
    pub fn get(&self, index: usize) -> Option<&[u8]> {
        self.whole.get(self.ranges.get(index)?.clone())
    }

    /// The part at `index` as a handle of its own, which takes one reference count;
    /// `None` past the last.
    #[must_use = "a part that is not kept counts for nothing"]
    #[track_caller]
    pub fn part(&self, index: usize) -> Option<SharedBuf> {
        let Range { start, end } = self.ranges.get(index)?.clone();
        Some(self.whole.slice(start..end))
    }

    /// The parts in order, each as its bytes.
    pub fn iter(&self) -> PartsIter<'_> {
        self.into_iter()
    }

    /// The buffer that the parts lie in.
    pub fn whole(&self) -> &SharedBuf {
        &self.whole
    }

    /// Where in [`whole`](Self::whole) the parts lie. An empty part that lies elsewhere
    /// is `0..0`; if all are empty, nothing is kept, and the whole is empty too.
    pub fn ranges(&self) -> &[Range<usize>] {
        &self.ranges
    }
}

// Written by hand, so that the caller's line is recorded and not the derive's.
impl Clone for Parts {
    #[track_caller]
    fn clone(&self) -> Self {
        Self { whole: self.whole.clone(), ranges: self.ranges.clone() }
    }
}

impl<'a> IntoIterator for &'a Parts {
    type Item = &'a [u8];
    type IntoIter = PartsIter<'a>;

    fn into_iter(self) -> PartsIter<'a> {
        PartsIter { all: self.whole.as_slice(), ranges: self.ranges.iter() }
    }
}

/// The parts of a [`Parts`], each as its bytes.
#[derive(Clone, Debug)]
pub struct PartsIter<'a> {
    all: &'a [u8],
    ranges: slice::Iter<'a, Range<usize>>,
}

impl<'a> Iterator for PartsIter<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        self.ranges.next().map(|range| &self.all[range.clone()])
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.ranges.size_hint()
    }
}

impl ExactSizeIterator for PartsIter<'_> {}

/// # Panics
///
/// If there is no such part; see [`Parts::get`].
impl Index<usize> for Parts {
    type Output = [u8];

    #[track_caller]
    fn index(&self, index: usize) -> &[u8] {
        match self.get(index) {
            Some(part) => part,
            None => panic!("there is no part {index}: there are {} parts", self.len()),
        }
    }
}

impl fmt::Debug for Parts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter().map(ByteText)).finish()
    }
}

/// A part that does not lie within the buffer that it was to be kept by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PartError {
    index: usize,
    part_len: usize,
    len: usize,
}

impl PartError {
    /// Which of the parts it is, counted from 0.
    #[must_use]
    pub const fn index(&self) -> usize {
        self.index
    }
}

impl fmt::Display for PartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { index, part_len, len } = self;
        write!(
            f,
            "part {index} ({part_len} bytes) does not lie within the buffer of {len} bytes; \
             nothing was promoted"
        )
    }
}

impl core::error::Error for PartError {}
