//! The view that may be written.

use core::fmt;

use super::borrowed::{View, tells_its_layout};
use super::raw::Part;
use crate::layout::Trouble;
use crate::{Format, IndexError, Indices, Layout, LayoutError};

/// Borrowed bytes that may be written, with a format and a [`Layout`].
///
/// It can be [split](Self::split_at) along any axis into halves that are written
/// independently, by two threads too. No two elements of it share a byte: layouts that
/// overlap are refused.
///
/// Slicing and the like use the view up; [`reborrow`](Self::reborrow) and
/// [`slice_mut`](Self::slice_mut) give one for a shorter time.
///
/// ```
/// use buffers::ViewMut;
///
/// let mut bytes = *b"abcdef";
/// let matrix = ViewMut::of_bytes(&mut bytes).reshape([2, 3])?;
/// let (mut left, mut right) = matrix.split_at(1, 1)?; // columns 0, and 1 to 2
/// left.fill(b"-")?;
/// right.slice_mut((0, ..)).copy_from_slice(b"XY")?;
/// assert_eq!(bytes, *b"-XY-ef");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct ViewMut<'a> {
    pub(super) cells: Cells<'a>,
    pub(super) format: Format,
}

/// Which bytes a view owns.
pub(super) enum Cells<'a> {
    /// All of a slice, those between the elements too. The elements lie within it, and
    /// no two of them share a byte.
    Whole { bytes: &'a mut [u8], layout: Layout },
    /// The elements only, because others lie between them.
    Part(Part<'a>),
}

impl<'a> ViewMut<'a> {
    /// The elements that `bytes` holds, one after the other.
    ///
    /// # Errors
    ///
    /// [`LayoutError`] if `bytes` is no whole number of elements.
    pub fn new(bytes: &'a mut [u8], format: Format) -> Result<Self, LayoutError> {
        let layout = Layout::row(format.itemsize(), bytes.len())?;
        Ok(Self { cells: Cells::Whole { bytes, layout }, format })
    }

    /// Unsigned bytes, in place.
    #[must_use]
    pub fn of_bytes(bytes: &'a mut [u8]) -> Self {
        let layout = Layout::of_bytes(bytes.len());
        Self { cells: Cells::Whole { bytes, layout }, format: Format::U8 }
    }

    /// Elements that lie in `bytes` as `layout` says.
    ///
    /// # Errors
    ///
    /// [`LayoutError`] if an element reaches out of `bytes`, if the format has another
    /// size than the layout's elements, or if elements share bytes. Strides are looked
    /// at one after the other for that: each has to pass over all that the smaller ones
    /// reach, which refuses some layouts whose elements interleave without touching.
    pub fn from_layout(
        bytes: &'a mut [u8],
        format: Format,
        layout: Layout,
    ) -> Result<Self, LayoutError> {
        layout.check_disjoint()?;
        View::from_layout(bytes, format.clone(), layout.clone())?;
        Ok(Self { cells: Cells::Whole { bytes, layout }, format })
    }

    /// The same view for a shorter time: what is made of it leaves this one as it is.
    pub fn reborrow(&mut self) -> ViewMut<'_> {
        let cells = match &mut self.cells {
            Cells::Whole { bytes, layout } => Cells::Whole { bytes, layout: layout.clone() },
            Cells::Part(part) => Cells::Part(part.reborrow()),
        };
        ViewMut { cells, format: self.format.clone() }
    }

    /// The part that `indices` select, in place of the whole. See [`View::try_slice`].
    ///
    /// # Errors
    ///
    /// [`IndexError`] names the axis, the index, and the size of the axis.
    pub fn try_slice(self, indices: impl Indices) -> Result<Self, IndexError> {
        let indices = indices.into_list();
        let cells = match self.cells {
            Cells::Whole { bytes, layout } => {
                Cells::Whole { bytes, layout: layout.cut(indices.as_ref())? }
            }
            Cells::Part(part) => Cells::Part(part.cut(indices.as_ref())?),
        };
        Ok(Self { cells, format: self.format })
    }

    /// The part that `indices` select, in place of the whole. See [`View::try_slice`].
    ///
    /// # Panics
    ///
    /// If an index does not fit its axis, or if there are more indices than axes.
    #[must_use = "what is not kept of the view is gone"]
    #[track_caller]
    pub fn slice(self, indices: impl Indices) -> Self {
        match self.try_slice(indices) {
            Ok(part) => part,
            Err(error) => panic!("{error}"),
        }
    }

    /// The part that `indices` select, for a while. See [`View::try_slice`].
    ///
    /// # Panics
    ///
    /// If an index does not fit its axis, or if there are more indices than axes.
    #[must_use = "slicing leaves the view itself as it is"]
    #[track_caller]
    pub fn slice_mut(&mut self, indices: impl Indices) -> ViewMut<'_> {
        self.reborrow().slice(indices)
    }

    /// All axes in reverse order.
    #[must_use = "the view is used up by this"]
    pub fn transpose(self) -> Self {
        let cells = match self.cells {
            Cells::Whole { bytes, layout } => Cells::Whole { bytes, layout: layout.transpose() },
            Cells::Part(part) => Cells::Part(part.transpose()),
        };
        Self { cells, format: self.format }
    }

    /// The axes in another order. See [`View::permute`].
    ///
    /// # Errors
    ///
    /// [`LayoutError`] unless each axis is named once.
    pub fn permute(self, axes: impl AsRef<[usize]>) -> Result<Self, LayoutError> {
        let cells = match self.cells {
            Cells::Whole { bytes, layout } => {
                Cells::Whole { bytes, layout: layout.permute(axes.as_ref())? }
            }
            Cells::Part(part) => Cells::Part(part.permute(axes.as_ref())?),
        };
        Ok(Self { cells, format: self.format })
    }

    /// The same elements in the same order along other axes. See [`View::reshape`].
    ///
    /// # Errors
    ///
    /// [`LayoutError`] if `shape` has another number of elements, or if they would have
    /// to be moved for it.
    pub fn reshape(self, shape: impl AsRef<[usize]>) -> Result<Self, LayoutError> {
        let cells = match self.cells {
            Cells::Whole { bytes, layout } => {
                Cells::Whole { bytes, layout: layout.reshape(shape.as_ref())? }
            }
            Cells::Part(part) => Cells::Part(part.reshape(shape.as_ref())?),
        };
        Ok(Self { cells, format: self.format })
    }

    /// The bytes of the one element at `indices`, an integer for each axis.
    ///
    /// # Errors
    ///
    /// [`IndexError`] if an index is out of range, or if there is not one for each axis.
    pub fn item(&self, indices: impl Indices) -> Result<&[u8], IndexError> {
        let indices = indices.into_list();
        match &self.cells {
            Cells::Whole { bytes, layout } => {
                let place = layout.position(indices.as_ref())?;
                Ok(&bytes[place..][..layout.itemsize()])
            }
            Cells::Part(part) => part.item(indices.as_ref()),
        }
    }

    /// The bytes of the one element at `indices`, for writing. A value goes there by the
    /// format: what is `m[1, 0] = 500` in Python is
    ///
    /// ```
    /// use buffers::{Format, ViewMut};
    ///
    /// let (mut bytes, format) = ([0; 8], Format::parse(">H")?);
    /// let mut matrix = ViewMut::new(&mut bytes, format.clone())?.reshape([2, 2])?;
    /// format.pack_into(matrix.item_mut((1, 0))?, 0, &[500.into()])?;
    /// assert_eq!(bytes, [0, 0, 0, 0, 1, 244, 0, 0]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`IndexError`] if an index is out of range, or if there is not one for each axis.
    pub fn item_mut(&mut self, indices: impl Indices) -> Result<&mut [u8], IndexError> {
        let indices = indices.into_list();
        match &mut self.cells {
            Cells::Whole { bytes, layout } => {
                let place = layout.position(indices.as_ref())?;
                Ok(&mut bytes[place..][..layout.itemsize()])
            }
            Cells::Part(part) => part.item_mut(indices.as_ref()),
        }
    }

    /// A view of the same elements for reading, for a while.
    ///
    /// `None` for a half of something that was [split](Self::split_at), unless its
    /// elements lie one after the other in the order of C: between others, those of another
    /// half may lie, which may be written meanwhile. [`read_only`](Self::read_only) gives a
    /// few more.
    pub fn as_view(&self) -> Option<View<'_>> {
        match &self.cells {
            Cells::Whole { bytes, layout } => {
                Some(View::lent(bytes, layout.clone(), self.format.clone()))
            }
            Cells::Part(part) => {
                // Contiguous elements are one run, between which nobody else's lie.
                let layout = part.layout();
                let mut runs = part.runs();
                let run = runs.next().unwrap_or(&[]);
                let alone = runs.next().is_none() && layout.is_c_contiguous();
                alone.then(|| View::lent(run, layout.before(layout.offset()), self.format.clone()))
            }
        }
    }

    /// Gives up writing: the same elements as a view that can be cloned.
    ///
    /// # Errors
    ///
    /// The view itself, if it is a half whose elements have gaps, in which those of
    /// another half may lie; or whose first axes run backwards.
    ///
    /// ```
    /// use buffers::{View, ViewMut};
    ///
    /// let mut bytes = *b"abcd";
    /// let view: View<'_> = ViewMut::of_bytes(&mut bytes).slice(1..).read_only().unwrap();
    /// assert_eq!(view.to_bytes(), b"bcd");
    /// ```
    #[expect(clippy::result_large_err, reason = "the view goes back to who gave it")]
    pub fn read_only(self) -> Result<View<'a>, Self> {
        let format = self.format;
        match self.cells {
            Cells::Whole { bytes, layout } => Ok(View::lent(bytes, layout, format)),
            Cells::Part(part) => {
                let layout = part.layout().before(part.layout().offset());
                match part.into_slice() {
                    Ok(bytes) => Ok(View::lent(bytes, layout, format)),
                    Err(part) => Err(Self { cells: Cells::Part(part), format }),
                }
            }
        }
    }

    /// The elements as one slice for writing, if they lie one after the other in the
    /// order of C.
    pub fn as_bytes_mut(&mut self) -> Option<&mut [u8]> {
        self.reborrow().into_bytes_mut()
    }

    /// [`as_bytes_mut`](Self::as_bytes_mut) for as long as the bytes were borrowed.
    pub fn into_bytes_mut(self) -> Option<&'a mut [u8]> {
        if !self.is_c_contiguous() {
            return None;
        }
        match self.cells {
            Cells::Whole { bytes, layout } => {
                bytes.get_mut(layout.offset()..)?.get_mut(..layout.nbytes())
            }
            Cells::Part(part) => part.into_slice().ok(),
        }
    }

    /// Where the elements lie.
    #[inline]
    pub fn layout(&self) -> &Layout {
        match &self.cells {
            Cells::Whole { layout, .. } => layout,
            Cells::Part(part) => part.layout(),
        }
    }

    /// The format of the elements.
    #[inline]
    pub fn format(&self) -> &Format {
        &self.format
    }

    /// Whether `other` has the same shape, and elements of the same size.
    pub(super) fn check_shape(&self, other: &Layout) -> Result<(), LayoutError> {
        let ours = self.layout();
        if ours.ndim() != other.ndim() || ours.itemsize() != other.itemsize() {
            return Err(Trouble::Shapes { axis: None }.into());
        }
        let differs = ours.shape().iter().zip(other.shape()).position(|(a, b)| a != b);
        differs.map_or(Ok(()), |axis| Err(Trouble::Shapes { axis: Some(axis) }.into()))
    }
}

tells_its_layout!(ViewMut<'_>);

impl<'a> From<&'a mut [u8]> for ViewMut<'a> {
    fn from(bytes: &'a mut [u8]) -> Self {
        Self::of_bytes(bytes)
    }
}

impl fmt::Debug for ViewMut<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ViewMut(\"{}\", {:?})", self.format, self.shape())
    }
}
