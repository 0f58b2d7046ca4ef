//! The lengths and strides of a layout's axes.

use alloc::boxed::Box;
use alloc::vec::Vec;

/// How many axes lie in the layout itself. Those of more lie in a box: such layouts
/// are rare, and a larger array would make each slice of all others dearer.
pub(super) const INLINE: usize = 4;

/// Lengths and strides, axis by axis; there are as many of the one as of the other.
#[derive(Clone)]
pub(crate) enum Axes {
    Few { ndim: u8, shape: [usize; INLINE], strides: [isize; INLINE] },
    Many(Box<Many>),
}

#[derive(Clone)]
pub(crate) struct Many {
    shape: Vec<usize>,
    strides: Vec<isize>,
}

impl Axes {
    pub(super) const NONE: Self = Self::Few { ndim: 0, shape: [0; INLINE], strides: [0; INLINE] };

    #[inline]
    pub(super) fn ndim(&self) -> usize {
        match self {
            Self::Few { ndim, .. } => usize::from(*ndim),
            Self::Many(many) => many.shape.len(),
        }
    }

    #[inline]
    pub(crate) fn shape(&self) -> &[usize] {
        match self {
            Self::Few { ndim, shape, .. } => &shape[..usize::from(*ndim)],
            Self::Many(many) => &many.shape,
        }
    }

    #[inline]
    pub(crate) fn strides(&self) -> &[isize] {
        match self {
            Self::Few { ndim, strides, .. } => &strides[..usize::from(*ndim)],
            Self::Many(many) => &many.strides,
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
        if let Self::Few { ndim, shape, strides } = self
            && let Some(free) = shape.get_mut(usize::from(*ndim))
        {
            *free = len;
            strides[usize::from(*ndim)] = stride;
            *ndim += 1;
        } else {
            self.push_far(len, stride);
        }
    }

    #[cold]
    fn push_far(&mut self, len: usize, stride: isize) {
        if let Self::Few { .. } = self {
            let (shape, strides) = (self.shape().to_vec(), self.strides().to_vec());
            *self = Self::Many(Box::new(Many { shape, strides }));
        }
        if let Self::Many(many) = self {
            many.shape.push(len);
            many.strides.push(stride);
        }
    }

    /// Gives an axis another length and stride. There has to be such an axis.
    pub(super) fn set(&mut self, axis: usize, len: usize, stride: isize) {
        let (shape, strides) = match self {
            Self::Few { shape, strides, .. } => (&mut shape[..], &mut strides[..]),
            Self::Many(many) => (&mut many.shape[..], &mut many.strides[..]),
        };
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
