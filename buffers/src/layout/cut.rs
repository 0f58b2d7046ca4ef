//! Slicing: which elements stay, and where.

use core::fmt;

use super::axes::Axes;
use super::geometry::Layout;
use super::index::{Cut, Index};
use super::layout_error::{LayoutError, Trouble};

impl Layout {
    /// The layout of the elements that `indices` select, the first axis first; axes
    /// that are not named stay whole, and those that are indexed by an integer go away.
    ///
    /// # Errors
    ///
    /// [`IndexError`] names the axis, the index, and the size of the axis.
    #[inline]
    pub fn cut(&self, indices: &[Index]) -> Result<Self, IndexError> {
        let (shape, strides) = (self.shape(), self.strides());
        if indices.len() > shape.len() {
            return Err(IndexError::too_many(indices.len(), shape.len()));
        }
        let (mut axes, mut offset, mut empty) = (Axes::NONE, self.offset, false);
        for (axis, (&len, &stride)) in shape.iter().zip(strides).enumerate() {
            let Some(&index) = indices.get(axis) else {
                empty |= len == 0;
                axes.push(len, stride);
                continue;
            };
            // Products and sums cannot overflow while there are elements, because each
            // of them is the place of one. Without any, the strides may be whatever they
            // are, and the offset is of no use.
            match index.within(len) {
                Some(Cut::At(at)) => offset = moved(offset, at, stride),
                Some(Cut::Part { start, count, step }) => {
                    offset = moved(offset, start, stride);
                    empty |= count == 0;
                    axes.push(count, stride.wrapping_mul(step));
                }
                None => return Err(IndexError::outside(axis, index, len)),
            }
        }
        let offset = if empty { 0 } else { offset };
        let layout = Self { itemsize: self.itemsize, offset, axes };
        layout.invariants();
        Ok(layout)
    }

    /// The position of the one element that `indices` select, one for each axis.
    ///
    /// # Errors
    ///
    /// [`IndexError`], also if there are not as many integers as axes.
    #[inline]
    pub fn position(&self, indices: &[Index]) -> Result<usize, IndexError> {
        let (shape, strides) = (self.shape(), self.strides());
        if indices.len() != shape.len() {
            return Err(IndexError::no_element(indices.len(), shape.len()));
        }
        let mut position = self.offset;
        for (axis, ((&index, &len), &stride)) in indices.iter().zip(shape).zip(strides).enumerate()
        {
            match index.within(len) {
                Some(Cut::At(at)) => position = moved(position, at, stride),
                Some(Cut::Part { .. }) => return Err(IndexError::several(axis, index, len)),
                None => return Err(IndexError::outside(axis, index, len)),
            }
        }
        Ok(position)
    }

    /// The layouts of the elements before `at` along `axis`, and of those from it on.
    ///
    /// # Errors
    ///
    /// [`LayoutError`] if there is no such axis, or if it is shorter than `at`.
    pub fn split_at(&self, axis: usize, at: usize) -> Result<(Self, Self), LayoutError> {
        let ndim = self.ndim();
        let &len = self.shape().get(axis).ok_or(Trouble::NoAxis { axis, ndim })?;
        let stride = self.strides()[axis];
        let rest = len.checked_sub(at).ok_or(Trouble::Split { axis, at, len })?;
        let (mut head, mut tail) = (self.clone(), self.clone());
        head.axes.set(axis, at, stride);
        tail.axes.set(axis, rest, stride);
        tail.offset = moved(tail.offset, at, stride);
        for half in [&mut head, &mut tail] {
            if half.is_empty() {
                half.offset = 0;
            }
            half.invariants();
        }
        Ok((head, tail))
    }

    /// The layout of the first sub-view along the first axis, with the length and stride
    /// of that axis; `None` without axes.
    pub(crate) fn first_axis(&self) -> Option<(Self, usize, isize)> {
        let mut axes = self.axes.iter();
        let (len, stride) = axes.next()?;
        let mut layout =
            Self { itemsize: self.itemsize, offset: self.offset, axes: axes.collect() };
        if layout.is_empty() {
            layout.offset = 0;
        }
        Some((layout, len, stride))
    }

    /// The same elements, where `start` more bytes stand before them. The caller knows
    /// that they do.
    pub(crate) fn behind(&self, start: usize) -> Self {
        let mut layout = self.clone();
        if !layout.is_empty() {
            layout.offset += start;
        }
        layout
    }

    /// The same elements, where `start` bytes before them are gone. The caller knows that
    /// none of them lies there.
    pub(crate) fn before(&self, start: usize) -> Self {
        let mut layout = self.clone();
        if !layout.is_empty() {
            layout.offset -= start;
        }
        layout
    }

    /// The same elements, `at` strides further. The caller knows that these are there.
    pub(crate) fn moved_by(&self, at: usize, stride: isize) -> Self {
        let mut layout = self.clone();
        if !layout.is_empty() {
            layout.offset = moved(layout.offset, at, stride);
        }
        layout
    }
}

#[inline]
fn moved(offset: usize, at: usize, stride: isize) -> usize {
    offset.wrapping_add_signed(stride.wrapping_mul(at.cast_signed()))
}

/// An index that does not fit its axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IndexError {
    axis: usize,
    size: usize,
    cause: Cause,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cause {
    Outside(Index),
    Several(Index),
    TooMany { given: usize },
    NoElement { given: usize },
}

impl IndexError {
    #[cold]
    fn outside(axis: usize, index: Index, size: usize) -> Self {
        Self { axis, size, cause: Cause::Outside(index) }
    }

    #[cold]
    fn several(axis: usize, index: Index, size: usize) -> Self {
        Self { axis, size, cause: Cause::Several(index) }
    }

    #[cold]
    fn too_many(given: usize, ndim: usize) -> Self {
        Self { axis: ndim, size: ndim, cause: Cause::TooMany { given } }
    }

    #[cold]
    fn no_element(given: usize, ndim: usize) -> Self {
        Self { axis: given.min(ndim), size: ndim, cause: Cause::NoElement { given } }
    }

    /// The axis that was indexed wrongly; for a wrong number of indices, the first one
    /// that is missing, or too much.
    #[must_use]
    pub fn axis(&self) -> usize {
        self.axis
    }

    /// The index, unless it is their number that is wrong.
    #[must_use]
    pub fn index(&self) -> Option<Index> {
        match self.cause {
            Cause::Outside(index) | Cause::Several(index) => Some(index),
            _ => None,
        }
    }

    /// The size of the axis; for a wrong number of indices, the number of axes.
    #[must_use]
    pub fn size(&self) -> usize {
        self.size
    }
}

impl fmt::Display for IndexError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { axis, size, cause } = self;
        match cause {
            Cause::Outside(Index::Slice(slice)) => {
                write!(f, "slice {slice} of axis {axis} (size {size}) has a step of 0")
            }
            Cause::Outside(index) => write!(f, "{index} does not fit axis {axis} of size {size}"),
            Cause::Several(index) => {
                write!(f, "{index} of axis {axis} (size {size}) is not one element")
            }
            Cause::TooMany { given } => write!(f, "{given} indices for a view of {size} axes"),
            Cause::NoElement { given } => {
                write!(f, "an element of {size} axes needs as many indices, not {given}")
            }
        }
    }
}

impl core::error::Error for IndexError {}
