//! Splitting a view that may be written.

use core::fmt;
use core::mem;

use super::mutable::{Cells, ViewMut};
use super::raw::Part;
use crate::{Layout, LayoutError};

impl<'a> ViewMut<'a> {
    /// The elements before `at` along `axis`, and those from it on: two views that are
    /// written independently of each other, by two threads too.
    ///
    /// Along an inner axis the halves interleave. They can still be written in all ways,
    /// but lend a [`View`](crate::View) only where they are contiguous.
    ///
    /// # Errors
    ///
    /// [`LayoutError`] if there is no such axis, or if it is shorter than `at`.
    pub fn split_at(self, axis: usize, at: usize) -> Result<(Self, Self), LayoutError> {
        let format = self.format;
        let (head, tail) = match self.cells {
            Cells::Whole { bytes, layout } => split_whole(bytes, &layout, axis, at)?,
            Cells::Part(part) => {
                let (head, tail) = part.split_at(axis, at)?;
                (Cells::Part(head), Cells::Part(tail))
            }
        };
        Ok((Self { cells: head, format: format.clone() }, Self { cells: tail, format }))
    }

    /// The sub-views along the first axis, each for writing: the rows of a matrix. A
    /// view without axes has none.
    ///
    /// ```
    /// use buffers::ViewMut;
    ///
    /// let mut bytes = [0; 6];
    /// let matrix = ViewMut::of_bytes(&mut bytes).reshape([3, 2])?;
    /// for (n, mut row) in (1..).zip(matrix) {
    ///     row.fill(&[n])?;
    /// }
    /// assert_eq!(bytes, [1, 1, 2, 2, 3, 3]);
    /// # Ok::<(), buffers::LayoutError>(())
    /// ```
    fn into_sub_views(self) -> SubViewsMut<'a> {
        SubViewsMut { rest: (self.ndim() > 0).then_some(self) }
    }
}

/// Splits the bytes themselves if no element of one half lies among the other's.
fn split_whole<'a>(
    bytes: &'a mut [u8],
    layout: &Layout,
    axis: usize,
    at: usize,
) -> Result<(Cells<'a>, Cells<'a>), LayoutError> {
    let (head, tail) = layout.split_at(axis, at)?;
    let (head_reach, tail_reach) = (head.reach(bytes.len())?, tail.reach(bytes.len())?);
    if head_reach.1 <= tail_reach.0 {
        let (low, high) = bytes.split_at_mut(head_reach.1);
        let tail = tail.before(low.len());
        return Ok((
            Cells::Whole { bytes: low, layout: head },
            Cells::Whole { bytes: high, layout: tail },
        ));
    }
    if tail_reach.1 <= head_reach.0 {
        let (low, high) = bytes.split_at_mut(tail_reach.1);
        let head = head.before(low.len());
        return Ok((
            Cells::Whole { bytes: high, layout: head },
            Cells::Whole { bytes: low, layout: tail },
        ));
    }
    let (head, tail) = Part::new(bytes, layout.clone())?.split_at(axis, at)?;
    Ok((Cells::Part(head), Cells::Part(tail)))
}

impl<'a> IntoIterator for ViewMut<'a> {
    type Item = ViewMut<'a>;
    type IntoIter = SubViewsMut<'a>;

    fn into_iter(self) -> SubViewsMut<'a> {
        self.into_sub_views()
    }
}

/// The sub-views of a [`ViewMut`] along its first axis.
pub struct SubViewsMut<'a> {
    rest: Option<ViewMut<'a>>,
}

impl<'a> Iterator for SubViewsMut<'a> {
    type Item = ViewMut<'a>;

    fn next(&mut self) -> Option<ViewMut<'a>> {
        // Without a first element along the axis there is nothing to split off.
        let (first, rest) = mem::take(&mut self.rest)?.split_at(0, 1).ok()?;
        self.rest = Some(rest);
        first.try_slice(0).ok()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.rest.as_ref().and_then(|rest| rest.shape().first().copied());
        (left.unwrap_or(0), Some(left.unwrap_or(0)))
    }
}

impl ExactSizeIterator for SubViewsMut<'_> {}

impl fmt::Debug for SubViewsMut<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SubViewsMut({:?})", self.rest)
    }
}
