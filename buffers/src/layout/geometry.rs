//! Where the elements of a view lie: the one place where their bounds are proved.

use core::fmt;

use super::axes::Axes;
use super::layout_error::{LayoutError, Trouble};

/// The most axes that a layout may have, as in CPython (`PyBUF_MAX_NDIM`).
pub(crate) const MAX_NDIM: usize = 64;

/// In which order the axes of elements are walked through.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Order {
    /// The last axis is the fastest, as in C: row by row.
    #[default]
    C,
    /// The first axis is the fastest, as in Fortran: column by column.
    F,
    /// As the elements lie in memory if that is Fortran's order, and C's else.
    A,
}

/// Where the elements of a view lie within some bytes: a size, a first position, and
/// for each axis a length and a stride.
///
/// All sizes and strides count bytes; lengths count elements. There may be 0 to 64
/// axes, strides of any sign, and axes of length 0. Up to 4 axes lie in the value
/// itself; those of more are allocated.
///
/// A layout can only be made by calls that hold it against a number of bytes or
/// against another layout, so that **each element of it lies within the bytes it was
/// made for**: slicing, permuting and reshaping never reach bytes that were not reached
/// before.
///
/// ```
/// use buffers::{Layout, Order};
///
/// let layout = Layout::contiguous(4, &[2, 3], Order::C)?;
/// assert_eq!((layout.shape(), layout.strides()), (&[2, 3][..], &[12, 4][..]));
/// assert_eq!(layout.nbytes(), 24);
/// assert!(Layout::strided(4, &[2, 3], &[12, 4], 0, 23).is_err()); // one byte too few
/// # Ok::<(), buffers::LayoutError>(())
/// ```
#[derive(Clone)]
pub struct Layout {
    pub(super) itemsize: usize,
    /// The position of the element whose indices are all 0; any number if there is none,
    /// so that nobody has to ask for that who changes it.
    pub(super) offset: usize,
    pub(super) axes: Axes,
}

impl Layout {
    /// Elements of `itemsize` bytes that lie one after the other from position 0 on,
    /// in the order of C or (with [`Order::F`]) of Fortran.
    ///
    /// # Errors
    ///
    /// [`LayoutError`] if an element has no bytes, if there are more than 64 axes, or
    /// if all elements take more than `isize::MAX` bytes.
    pub fn contiguous(itemsize: usize, shape: &[usize], order: Order) -> Result<Self, LayoutError> {
        check_size(itemsize, shape)?;
        let mut axes: Axes = shape.iter().map(|&len| (len, 0)).collect();
        let mut stride = itemsize;
        for turn in 0..shape.len() {
            let at = if order == Order::F { turn } else { shape.len() - 1 - turn };
            // All elements fit an `isize`, so these do; an empty axis counts as one.
            axes.set(at, shape[at], stride.cast_signed());
            stride *= shape[at].max(1);
        }
        Ok(Self { itemsize, offset: 0, axes })
    }

    /// Single bytes, one after the other.
    #[inline]
    pub(crate) fn of_bytes(nbytes: usize) -> Self {
        let mut axes = Axes::NONE;
        axes.push(nbytes, 1);
        Self { itemsize: 1, offset: 0, axes }
    }

    /// Elements of one axis that lie one after the other and fill `nbytes` bytes.
    ///
    /// # Errors
    ///
    /// [`LayoutError`] if that is no whole number of elements, or if an element has no
    /// bytes.
    #[inline]
    pub fn row(itemsize: usize, nbytes: usize) -> Result<Self, LayoutError> {
        if itemsize == 0 || !nbytes.is_multiple_of(itemsize) || nbytes > isize::MAX.unsigned_abs() {
            return Err(Trouble::Leftover { itemsize, nbytes }.into());
        }
        let mut axes = Axes::NONE;
        axes.push(nbytes / itemsize, itemsize.cast_signed());
        Ok(Self { itemsize, offset: 0, axes })
    }

    /// Elements of `itemsize` bytes: the first (of indices 0) at the position `offset`,
    /// its neighbours along each axis `strides` bytes further or, if negative, nearer.
    /// Elements may overlap.
    ///
    /// # Errors
    ///
    /// [`LayoutError`] if an element reaches out of `nbytes` bytes, and for what
    /// [`contiguous`](Self::contiguous) refuses. Any numbers may be asked about.
    pub fn strided(
        itemsize: usize,
        shape: &[usize],
        strides: &[isize],
        offset: usize,
        nbytes: usize,
    ) -> Result<Self, LayoutError> {
        check_size(itemsize, shape)?;
        if shape.len() != strides.len() {
            return Err(Trouble::Strides { ndim: shape.len(), strides: strides.len() }.into());
        }
        let axes = shape.iter().copied().zip(strides.iter().copied()).collect();
        let layout = Self { itemsize, offset, axes };
        if layout.reach(nbytes)?.1 == 0 && offset > nbytes {
            return Err(Trouble::Outside { axis: None, nbytes }.into());
        }
        layout.invariants();
        Ok(layout)
    }

    /// The first position that an element takes and the one behind the last, if all
    /// lie within `nbytes` bytes.
    pub(crate) fn reach(&self, nbytes: usize) -> Result<(usize, usize), LayoutError> {
        let out = |axis| LayoutError::from(Trouble::Outside { axis, nbytes });
        if self.is_empty() {
            return Ok((0, 0));
        }
        let mut low = self.offset;
        let mut high = self.offset.checked_add(self.itemsize).filter(|&end| end <= nbytes);
        for (axis, (len, stride)) in self.axes.iter().enumerate() {
            let way = stride.unsigned_abs().checked_mul(len - 1).ok_or_else(|| out(Some(axis)))?;
            if stride < 0 {
                low = low.checked_sub(way).ok_or_else(|| out(Some(axis)))?;
            } else if let Some(end) = high {
                let end = end.checked_add(way).filter(|&end| end <= nbytes);
                high = Some(end.ok_or_else(|| out(Some(axis)))?);
            }
        }
        Ok((low, high.ok_or_else(|| out(None))?))
    }

    /// The bytes of one element.
    #[inline]
    pub fn itemsize(&self) -> usize {
        self.itemsize
    }

    /// The number of axes.
    #[inline]
    pub fn ndim(&self) -> usize {
        self.axes.ndim()
    }

    /// The number of elements along each axis.
    #[inline]
    pub fn shape(&self) -> &[usize] {
        self.axes.shape()
    }

    /// The bytes from an element to its next along each axis.
    #[inline]
    pub fn strides(&self) -> &[isize] {
        self.axes.strides()
    }

    /// The position of the first element's first byte; 0 if there is no element.
    #[inline]
    pub fn offset(&self) -> usize {
        if self.is_empty() { 0 } else { self.offset }
    }

    /// The number of elements: 1 without axes, else the product of all lengths.
    #[inline]
    pub fn elements(&self) -> usize {
        if self.is_empty() { 0 } else { self.shape().iter().product() }
    }

    /// Whether there is no element.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.shape().contains(&0)
    }

    /// The bytes that the elements take one after the other: `elements() * itemsize()`.
    #[inline]
    pub fn nbytes(&self) -> usize {
        self.elements() * self.itemsize
    }

    /// Whether the elements lie one after the other in the order of C.
    ///
    /// As in CPython, strides of axes of length 1 do not count, and no elements lie in
    /// any order.
    #[inline]
    pub fn is_c_contiguous(&self) -> bool {
        self.is_empty() || follows(self.axes.iter().rev(), self.itemsize)
    }

    /// Whether the elements lie one after the other in the order of Fortran.
    #[inline]
    pub fn is_f_contiguous(&self) -> bool {
        self.is_empty() || follows(self.axes.iter(), self.itemsize)
    }

    /// Whether the elements lie one after the other in the order of C or of Fortran.
    pub fn is_contiguous(&self) -> bool {
        self.is_c_contiguous() || self.is_f_contiguous()
    }

    /// What holds of every layout, checked where debug assertions are on.
    #[inline]
    pub(crate) fn invariants(&self) {
        debug_assert!(self.itemsize > 0);
        debug_assert!(self.ndim() <= MAX_NDIM);
        debug_assert!(check_size(self.itemsize, self.shape()).is_ok());
    }
}

/// Whether axes, the fastest first, leave no gap.
#[inline]
fn follows(axes: impl Iterator<Item = (usize, isize)>, itemsize: usize) -> bool {
    let mut expected = itemsize;
    for (len, stride) in axes {
        if len > 1 && stride != expected.cast_signed() {
            return false;
        }
        expected *= len;
    }
    true
}

/// Holds the number of axes and the bytes of all elements against their limits. Axes
/// of length 0 count as 1, so that no order of multiplying overflows later.
pub(super) fn check_size(itemsize: usize, shape: &[usize]) -> Result<(), LayoutError> {
    if shape.len() > MAX_NDIM {
        return Err(Trouble::TooManyAxes(shape.len()).into());
    }
    if itemsize == 0 {
        return Err(Trouble::NoBytes.into());
    }
    let mut nbytes = itemsize;
    for (axis, len) in shape.iter().enumerate() {
        let product = nbytes.checked_mul(*len.max(&1));
        let fits = product.filter(|&nbytes| nbytes <= isize::MAX.unsigned_abs());
        nbytes = fits.ok_or(Trouble::TooLarge { axis })?;
    }
    if nbytes > isize::MAX.unsigned_abs() {
        return Err(Trouble::TooLarge { axis: 0 }.into());
    }
    Ok(())
}

impl PartialEq for Layout {
    fn eq(&self, other: &Self) -> bool {
        self.itemsize == other.itemsize
            && self.offset() == other.offset()
            && self.shape() == other.shape()
            && self.strides() == other.strides()
    }
}

impl Eq for Layout {}

impl fmt::Debug for Layout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { itemsize, axes, .. } = self;
        let (offset, shape, strides) = (self.offset(), axes.shape(), axes.strides());
        write!(f, "Layout({itemsize} bytes at {offset}, shape {shape:?}, strides {strides:?})")
    }
}
