//! Why a layout cannot be.

use core::fmt;

use super::geometry::MAX_NDIM;

/// A layout that cannot be: too large, out of its bytes, or not to be had without a
/// copy. Says which axis it is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LayoutError(Trouble);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trouble {
    TooManyAxes(usize),
    NoBytes,
    TooLarge { axis: usize },
    Leftover { itemsize: usize, nbytes: usize },
    Strides { ndim: usize, strides: usize },
    Outside { axis: Option<usize>, nbytes: usize },
    Itemsize { layout: usize, format: usize },
    NoAxis { axis: usize, ndim: usize },
    Permutation { axis: Option<usize>, ndim: usize },
    Elements { have: usize, asked: usize },
    Bytes { have: usize, given: usize },
    Fill { itemsize: usize, given: usize },
    NeedsCopy,
    Broadcast { axis: usize, len: usize, asked: usize },
    FewerAxes { ndim: usize, asked: usize },
    Split { axis: usize, at: usize, len: usize },
    Overlap { axis: usize },
    Shapes { axis: Option<usize> },
}

impl From<Trouble> for LayoutError {
    #[cold]
    fn from(trouble: Trouble) -> Self {
        Self(trouble)
    }
}

impl LayoutError {
    /// The axis that this is about, if it is about one.
    #[must_use]
    pub fn axis(&self) -> Option<usize> {
        match self.0 {
            Trouble::TooLarge { axis }
            | Trouble::NoAxis { axis, .. }
            | Trouble::Broadcast { axis, .. }
            | Trouble::Split { axis, .. }
            | Trouble::Overlap { axis } => Some(axis),
            Trouble::Outside { axis, .. }
            | Trouble::Permutation { axis, .. }
            | Trouble::Shapes { axis } => axis,
            _ => None,
        }
    }

    /// Whether the elements are there, but would have to be moved for this: then
    /// `to_bytes` gives a copy that can be had in that shape.
    #[must_use]
    pub fn needs_copy(&self) -> bool {
        self.0 == Trouble::NeedsCopy
    }
}

impl fmt::Display for LayoutError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Trouble::TooManyAxes(ndim) => {
                write!(f, "{ndim} axes are too many: a view has at most {MAX_NDIM}")
            }
            Trouble::NoBytes => f.write_str("elements without bytes cannot be told apart"),
            Trouble::TooLarge { axis } => {
                write!(f, "up to axis {axis} the elements take more than {} bytes", isize::MAX)
            }
            Trouble::Leftover { itemsize, nbytes } => {
                write!(f, "{nbytes} bytes are no whole number of elements of {itemsize} bytes")
            }
            Trouble::Strides { ndim, strides } => {
                write!(f, "{strides} strides were given for {ndim} axes")
            }
            Trouble::Outside { axis: Some(axis), nbytes } => {
                write!(f, "axis {axis} reaches out of the {nbytes} bytes that there are")
            }
            Trouble::Outside { axis: None, nbytes } => {
                write!(f, "the first element lies outside of the {nbytes} bytes that there are")
            }
            Trouble::Itemsize { layout, format } => write!(
                f,
                "the layout has elements of {layout} bytes, and the format of {format} bytes"
            ),
            Trouble::NoAxis { axis, ndim } => {
                write!(f, "there is no axis {axis}: the view has {ndim} axes")
            }
            Trouble::Permutation { axis: Some(axis), .. } => {
                write!(f, "axis {axis} is named twice, or is no axis: each has to be named once")
            }
            Trouble::Permutation { axis: None, ndim } => {
                write!(f, "each of the {ndim} axes has to be named once")
            }
            Trouble::Elements { have, asked } => {
                write!(f, "a shape of {asked} elements is asked of a view of {have}")
            }
            Trouble::Bytes { have, given } => {
                write!(f, "{given} bytes were given for a view of {have}")
            }
            Trouble::Fill { itemsize, given } => {
                write!(f, "an element of {given} bytes was given for elements of {itemsize} bytes")
            }
            Trouble::NeedsCopy => f.write_str(
                "no strides give this shape without moving elements: reshape a copy by `to_bytes`",
            ),
            Trouble::Broadcast { axis, len, asked } => write!(
                f,
                "axis {axis} has the size {len} and cannot be repeated to {asked}: only size 1 can"
            ),
            Trouble::FewerAxes { ndim, asked } => {
                write!(f, "a view of {ndim} axes cannot be broadcast to {asked} axes")
            }
            Trouble::Split { axis, at, len } => {
                write!(f, "cannot split axis {axis} at {at}: its size is {len}")
            }
            Trouble::Overlap { axis } => write!(
                f,
                "elements along axis {axis} share bytes, or may do so: such a view is read-only"
            ),
            Trouble::Shapes { axis: Some(axis) } => write!(f, "the shapes differ at axis {axis}"),
            Trouble::Shapes { axis: None } => {
                f.write_str("the numbers of axes, or the sizes of the elements, differ")
            }
        }
    }
}

impl core::error::Error for LayoutError {}
