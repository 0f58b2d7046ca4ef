//! The same elements by other axes.

use super::axes::Axes;
use super::geometry::{Layout, MAX_NDIM, Order, check_size};
use super::layout_error::{LayoutError, Trouble};

impl Layout {
    /// All axes in reverse order: rows become columns.
    #[must_use]
    pub fn transpose(&self) -> Self {
        Self {
            itemsize: self.itemsize,
            offset: self.offset,
            axes: self.axes.iter().rev().collect(),
        }
    }

    /// The axes in another order: axis `axes[0]` of this comes first.
    ///
    /// # Errors
    ///
    /// [`LayoutError`] unless each axis is named once.
    pub fn permute(&self, axes: &[usize]) -> Result<Self, LayoutError> {
        let ndim = self.ndim();
        if axes.len() != ndim {
            return Err(Trouble::Permutation { axis: None, ndim }.into());
        }
        let (mut seen, mut permuted) = (0_u64, Axes::NONE);
        for &axis in axes {
            // There are at most 64 axes, so a bit for each is enough.
            if axis >= ndim || seen & (1 << axis) != 0 {
                return Err(Trouble::Permutation { axis: Some(axis), ndim }.into());
            }
            seen |= 1 << axis;
            permuted.push(self.shape()[axis], self.strides()[axis]);
        }
        Ok(Self { itemsize: self.itemsize, offset: self.offset, axes: permuted })
    }

    /// The same elements in the same order (that of C) along other axes, where strides
    /// can say that.
    ///
    /// # Errors
    ///
    /// [`LayoutError`] if `shape` has another number of elements, or if the elements
    /// would have to be moved for it ([`needs_copy`](LayoutError::needs_copy)).
    pub fn reshape(&self, shape: &[usize]) -> Result<Self, LayoutError> {
        check_size(self.itemsize, shape)?;
        let asked = if shape.contains(&0) { 0 } else { shape.iter().product() };
        let have = self.elements();
        if asked != have {
            return Err(Trouble::Elements { have, asked }.into());
        }
        let mut layout = Self::contiguous(self.itemsize, shape, Order::C)?;
        if have == 0 {
            return Ok(layout);
        }
        layout.offset = self.offset;
        // What cannot be told apart by strides was merged; each new axis has to be a
        // whole part of what was. The last axis comes first here.
        let merged = self.axes.merged();
        let mut old = merged.iter().rev();
        let (mut left, mut stride) = (1, 0);
        for (axis, &len) in shape.iter().enumerate().rev().filter(|(_, len)| **len > 1) {
            if left == 1 {
                (left, stride) = old.next().unwrap_or((1, 0));
            }
            if left % len != 0 {
                return Err(Trouble::NeedsCopy.into());
            }
            layout.axes.set(axis, len, stride);
            left /= len;
            stride = stride.wrapping_mul(len.cast_signed());
        }
        layout.invariants();
        Ok(layout)
    }

    /// The elements repeated to `shape`, without being repeated in memory: axes of
    /// length 1 become as long as is asked, new ones come before the others.
    ///
    /// # Errors
    ///
    /// [`LayoutError`] if another axis would have to change, or if all elements, those
    /// that are repeated too, would take more than `isize::MAX` bytes.
    pub fn broadcast(&self, shape: &[usize]) -> Result<Self, LayoutError> {
        check_size(self.itemsize, shape)?;
        let ndim = self.ndim();
        let new =
            shape.len().checked_sub(ndim).ok_or(Trouble::FewerAxes { ndim, asked: shape.len() })?;
        let mut axes: Axes = shape[..new].iter().map(|&len| (len, 0)).collect();
        for (axis, ((len, stride), &asked)) in self.axes.iter().zip(&shape[new..]).enumerate() {
            match len {
                _ if len == asked => axes.push(len, stride),
                1 => axes.push(asked, 0),
                _ => return Err(Trouble::Broadcast { axis, len, asked }.into()),
            }
        }
        let layout = Self { itemsize: self.itemsize, offset: self.offset, axes };
        layout.invariants();
        Ok(layout)
    }

    /// Whether no byte belongs to two elements, as far as can be told by looking at one
    /// axis after the other: each stride has to pass over all that the smaller ones
    /// reach. Some layouts of interleaved axes are refused that do not overlap.
    ///
    /// # Errors
    ///
    /// [`LayoutError`] names the axis whose stride is too small.
    pub(crate) fn check_disjoint(&self) -> Result<(), LayoutError> {
        if self.is_empty() {
            return Ok(());
        }
        let mut by_stride = [(0, 1, 0); MAX_NDIM];
        let by_stride = &mut by_stride[..self.ndim()];
        for (slot, (axis, (len, stride))) in by_stride.iter_mut().zip(self.axes.iter().enumerate())
        {
            *slot = (if len > 1 { stride.unsigned_abs() } else { 0 }, len, axis);
        }
        by_stride.sort_unstable();
        let mut reached = self.itemsize;
        for &(stride, len, axis) in by_stride.iter().filter(|(_, len, _)| *len > 1) {
            if stride < reached {
                return Err(Trouble::Overlap { axis }.into());
            }
            // No overflow: all this lies within bytes that exist.
            reached += stride * (len - 1);
        }
        Ok(())
    }
}

impl Axes {
    /// As few axes as give the same elements in the same order: axes of length 1 are
    /// left out, and neighbours that continue each other become one.
    pub(super) fn merged(&self) -> Self {
        let mut merged = Self::NONE;
        for (len, stride) in self.iter().filter(|&(len, _)| len != 1) {
            let last = merged.ndim().wrapping_sub(1);
            match merged.last() {
                Some((outer, way)) if stride.checked_mul(len.cast_signed()) == Some(way) => {
                    merged.set(last, outer * len, stride);
                }
                _ => merged.push(len, stride),
            }
        }
        merged
    }
}
