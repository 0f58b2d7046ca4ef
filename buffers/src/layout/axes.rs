//! The lengths and strides of a layout's axes.

use alloc::boxed::Box;
use alloc::vec::Vec;

/// How many axes lie in the layout itself. Those of more lie in a box: such layouts
/// are rare, and a larger array would make each slice of all others dearer.
pub(super) const INLINE: usize = 4;

/// Lengths and strides, axis by axis; there are as many of the one as of the other.
///
/// Not an enum of both forms: that is copied piece by piece, and this at once.
#[derive(Clone)]
pub(crate) struct Axes {
    /// The number of axes here; 0 if there are `many`.
    pub(super) few: usize,
    pub(super) shape: [usize; INLINE],
    pub(super) strides: [isize; INLINE],
    pub(super) many: Option<Box<Many>>,
}

#[derive(Clone)]
pub(super) struct Many {
    shape: Vec<usize>,
    strides: Vec<isize>,
}

impl Axes {
    pub(super) const NONE: Self =
        Self { few: 0, shape: [0; INLINE], strides: [0; INLINE], many: None };

    #[inline]
    pub(super) fn ndim(&self) -> usize {
        self.shape().len()
    }

    #[inline]
    pub(crate) fn shape(&self) -> &[usize] {
        match &self.many {
            None => &self.shape[..self.few],
            Some(many) => &many.shape,
        }
    }

    #[inline]
    pub(crate) fn strides(&self) -> &[isize] {
        match &self.many {
            None => &self.strides[..self.few],
            Some(many) => &many.strides,
        }
    }

    /// The length and the stride of each axis, in order.
    #[inline]
    pub(super) fn iter(
        &self,
    ) -> impl DoubleEndedIterator<Item = (usize, isize)> + ExactSizeIterator + '_ {
        self.shape().iter().copied().zip(self.strides().iter().copied())
    }

    #[inline]
    pub(super) fn last(&self) -> Option<(usize, isize)> {
        Some((*self.shape().last()?, *self.strides().last()?))
    }

    /// Adds an axis behind the others.
    #[inline]
    pub(super) fn push(&mut self, len: usize, stride: isize) {
        if self.many.is_none() && self.few < INLINE {
            self.shape[self.few] = len;
            self.strides[self.few] = stride;
            self.few += 1;
        } else {
            self.push_far(len, stride);
        }
    }

    #[cold]
    fn push_far(&mut self, len: usize, stride: isize) {
        let (shape, strides) = (self.shape, self.strides);
        let many = self.many.get_or_insert_with(|| {
            Box::new(Many { shape: shape.to_vec(), strides: strides.to_vec() })
        });
        self.few = 0;
        many.shape.push(len);
        many.strides.push(stride);
    }

    /// The lengths and the strides for writing; there may be room for more axes than
    /// there are.
    #[inline]
    pub(super) fn parts_mut(&mut self) -> (&mut [usize], &mut [isize]) {
        match &mut self.many {
            None => (&mut self.shape, &mut self.strides),
            Some(many) => (&mut many.shape, &mut many.strides),
        }
    }

    /// Gives an axis another length and stride. There has to be such an axis.
    pub(super) fn set(&mut self, axis: usize, len: usize, stride: isize) {
        let (shape, strides) = self.parts_mut();
        shape[axis] = len;
        strides[axis] = stride;
    }
}

impl FromIterator<(usize, isize)> for Axes {
    fn from_iter<I: IntoIterator<Item = (usize, isize)>>(axes: I) -> Self {
        let mut all = Self::NONE;
        for (len, stride) in axes {
            all.push(len, stride);
        }
        all
    }
}
