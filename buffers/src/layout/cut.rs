//! Slicing: which elements stay, and where.

use core::fmt;

use super::axes::{Axes, INLINE};
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
    pub fn cut(&self, indices: &[Index]) -> Result<Self, IndexError> {
        if self.is_boxed() { self.cut_boxed(indices) } else { self.cut_inline(indices) }
    }

    /// Whether there are so many axes that they lie in a box.
    #[inline]
    pub(crate) fn is_boxed(&self) -> bool {
        self.axes.many.is_some()
    }

    /// [`cut`](Self::cut) of axes that lie in the layout itself.
    ///
    /// Inlined, the indices are known here and the numbers stay in registers, until the new
    /// layout is written where it is to be. Written somewhere else and moved, it takes five
    /// times as long: a processor waits if it loads 16 bytes that it just stored as 8 and
    /// 8. So callers in a hurry ask for themselves whether the axes are boxed.
    #[inline(always)]
    #[allow(clippy::inline_always, reason = "five times as fast, measured")]
    pub(crate) fn cut_inline(&self, indices: &[Index]) -> Result<Self, IndexError> {
        let Axes { few, mut shape, mut strides, .. } = self.axes;
        if indices.len() > few {
            return Err(IndexError::too_many(indices.len(), few));
        }
        let (mut kept, mut offset) = (0, self.offset);
        for (axis, &index) in indices.iter().enumerate() {
            let (len, stride) = (shape[axis], strides[axis]);
            // Products and sums cannot overflow while there are elements, because each
            // of them is the place of one. Without any, the strides may be whatever they
            // are, and the offset is of no use.
            match index.within(len) {
                Some(Cut::At(at)) => offset = moved(offset, at, stride),
                Some(Cut::Part { start, count, step }) => {
                    offset = moved(offset, start, stride);
                    shape[kept] = count;
                    strides[kept] = stride.wrapping_mul(step);
                    kept += 1;
                }
                None => return Err(IndexError::outside(axis, index, len)),
            }
        }
        let gone = indices.len() - kept;
        if gone > 0 {
            for axis in indices.len()..INLINE {
                shape[axis - gone] = shape[axis];
                strides[axis - gone] = strides[axis];
            }
        }
        let axes = Axes { few: few - gone, shape, strides, many: None };
        Ok(Self { itemsize: self.itemsize, offset, axes })
    }

    /// The same of axes that lie in a box.
    #[cold]
    fn cut_boxed(&self, indices: &[Index]) -> Result<Self, IndexError> {
        if indices.len() > self.ndim() {
            return Err(IndexError::too_many(indices.len(), self.ndim()));
        }
        let (mut axes, mut offset) = (Axes::NONE, self.offset);
        for (axis, (len, stride)) in self.axes.iter().enumerate() {
            let index = indices.get(axis).copied().unwrap_or_else(|| Index::from(..));
            match index.within(len) {
                Some(Cut::At(at)) => offset = moved(offset, at, stride),
                Some(Cut::Part { start, count, step }) => {
                    offset = moved(offset, start, stride);
                    axes.push(count, stride.wrapping_mul(step));
                }
                None => return Err(IndexError::outside(axis, index, len)),
            }
        }
        Ok(Self { itemsize: self.itemsize, offset, axes })
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
        Ok((head, tail))
    }

    /// The layout of the first sub-view along the first axis, with the length and stride
    /// of that axis; `None` without axes.
    pub(crate) fn first_axis(&self) -> Option<(Self, usize, isize)> {
        let mut axes = self.axes.iter();
        let (len, stride) = axes.next()?;
        let layout = Self { itemsize: self.itemsize, offset: self.offset, axes: axes.collect() };
        Some((layout, len, stride))
    }

    /// The same elements, where `start` more bytes stand before them. The caller knows
    /// that they do.
    pub(crate) fn behind(&self, start: usize) -> Self {
        Self { offset: self.offset.wrapping_add(start), ..self.clone() }
    }

    /// The same elements, where `start` bytes before them are gone. The caller knows that
    /// none of them lies there.
    pub(crate) fn before(&self, start: usize) -> Self {
        Self { offset: self.offset.wrapping_sub(start), ..self.clone() }
    }

    /// The same elements, `at` strides further. The caller knows that these are there.
    pub(crate) fn moved_by(&self, at: usize, stride: isize) -> Self {
        Self { offset: moved(self.offset, at, stride), ..self.clone() }
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
    NotOneValue { values: usize },
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

    #[cold]
    pub(crate) fn not_one_value(values: usize, ndim: usize) -> Self {
        Self { axis: ndim, size: ndim, cause: Cause::NotOneValue { values } }
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
            Cause::NotOneValue { values } => {
                write!(f, "the elements have {values} values, not one: ask for the record")
            }
            Cause::NoElement { given } => {
                write!(f, "an element of {size} axes needs as many indices, not {given}")
            }
        }
    }
}

impl core::error::Error for IndexError {}
