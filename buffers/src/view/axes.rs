//! Views by other axes, and along the first one.

use core::fmt;

use super::borrowed::View;
use crate::{Layout, LayoutError};

/// Other axes of the same elements. Nothing is copied.
impl<'a> View<'a> {
    /// All axes in reverse order: rows become columns.
    #[must_use = "transposing leaves the view itself as it is"]
    pub fn transpose(&self) -> Self {
        self.with(self.layout().transpose())
    }

    /// The axes in another order: axis `axes[0]` of this view comes first.
    ///
    /// # Errors
    ///
    /// [`LayoutError`] unless each axis is named once.
    pub fn permute(&self, axes: impl AsRef<[usize]>) -> Result<Self, LayoutError> {
        Ok(self.with(self.layout().permute(axes.as_ref())?))
    }

    /// The same elements in the same order (that of C) along other axes.
    ///
    /// # Errors
    ///
    /// [`LayoutError`] if `shape` has another number of elements, or if they would have
    /// to be copied for it.
    pub fn reshape(&self, shape: impl AsRef<[usize]>) -> Result<Self, LayoutError> {
        Ok(self.with(self.layout().reshape(shape.as_ref())?))
    }

    /// The elements repeated to `shape`: axes of length 1 become as long as is asked,
    /// new ones come before the others. They are not repeated in memory.
    ///
    /// # Errors
    ///
    /// [`LayoutError`] if an axis of another length would have to change, or if all
    /// elements together would take more than `isize::MAX` bytes.
    ///
    /// ```
    /// let row = buffers::View::of_bytes(b"abc");
    /// assert_eq!(row.broadcast([2, 3])?.to_bytes(), b"abcabc");
    /// # Ok::<(), buffers::LayoutError>(())
    /// ```
    pub fn broadcast(&self, shape: impl AsRef<[usize]>) -> Result<Self, LayoutError> {
        Ok(self.with(self.layout().broadcast(shape.as_ref())?))
    }

    /// The elements before `at` along `axis`, and those from it on.
    ///
    /// # Errors
    ///
    /// [`LayoutError`] if there is no such axis, or if it is shorter than `at`.
    pub fn split_at(&self, axis: usize, at: usize) -> Result<(Self, Self), LayoutError> {
        let (head, tail) = self.layout().split_at(axis, at)?;
        Ok((self.with(head), self.with(tail)))
    }

    /// The sub-views along the first axis: the elements of a row, the rows of a matrix.
    /// A view without axes has none.
    ///
    /// ```
    /// let matrix = buffers::View::of_bytes(b"abcdef").reshape([2, 3])?;
    /// let rows: Vec<_> = matrix.iter().map(|row| row.to_bytes()).collect();
    /// assert_eq!(rows, [b"abc", b"def"]);
    /// # Ok::<(), buffers::LayoutError>(())
    /// ```
    pub fn iter(&self) -> SubViews<'a> {
        let layout = self.layout();
        let (first, len, stride) = layout.first_axis().unwrap_or((layout.clone(), 0, 0));
        SubViews { view: self.clone(), first, stride, range: 0..len }
    }
}

impl<'a> IntoIterator for &View<'a> {
    type Item = View<'a>;
    type IntoIter = SubViews<'a>;

    fn into_iter(self) -> SubViews<'a> {
        self.iter()
    }
}

/// The sub-views of a view along its first axis; made by [`View::iter`].
#[derive(Clone)]
pub struct SubViews<'a> {
    view: View<'a>,
    /// The layout of the first sub-view, if there is one.
    first: Layout,
    stride: isize,
    range: core::ops::Range<usize>,
}

impl<'a> Iterator for SubViews<'a> {
    type Item = View<'a>;

    fn next(&mut self) -> Option<View<'a>> {
        let at = self.range.next()?;
        Some(self.view.with(self.first.moved_by(at, self.stride)))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.range.size_hint()
    }
}

impl DoubleEndedIterator for SubViews<'_> {
    fn next_back(&mut self) -> Option<Self::Item> {
        let at = self.range.next_back()?;
        Some(self.view.with(self.first.moved_by(at, self.stride)))
    }
}

impl ExactSizeIterator for SubViews<'_> {}

impl fmt::Debug for SubViews<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SubViews({:?} of {:?})", self.range, self.view)
    }
}
