//! The borrowed view.

use core::fmt;

use crate::layout::{Spans, Trouble, Walk};
use crate::{Code, Format, Index, IndexError, Indices, Layout, LayoutError, Row};

/// Borrowed bytes with a format and a [`Layout`]: a `memoryview` of 0 to 64 axes.
///
/// Slicing, indexing, transposing, reshaping and broadcasting give views of the same
/// memory and copy nothing; up to 4 axes nothing is allocated either. Positions and
/// lengths count elements, strides and sizes count bytes.
///
/// ```
/// use buffers::{Slice, View, copied};
///
/// let bytes: Vec<u8> = (0..24).collect();
/// let matrix = View::of_bytes(&bytes).reshape([4, 6])?;
/// let (window, copies) = copied::during(|| matrix.slice((1..3, Slice::every(-2))));
///
/// assert_eq!(window.shape(), [2, 3]); // Python: matrix[1:3, ::-2]
/// assert_eq!(window.item((0, 0))?, [11]);
/// assert_eq!(window.to_bytes(), [11, 9, 7, 17, 15, 13]); // this copies, and counts it
/// # if cfg!(feature = "std") {
/// assert_eq!(copies, 0);
/// # }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// For the elements of one contiguous axis, [`Row`] is half the price.
#[derive(Clone)]
pub struct View<'a> {
    // Each element of the layout lies within the bytes. Whoever makes a view holds the
    // one against the other; after that, layouts come from layouts.
    bytes: &'a [u8],
    layout: Layout,
    format: Format,
}

impl<'a> View<'a> {
    /// The elements that `bytes` holds, one after the other.
    ///
    /// # Errors
    ///
    /// [`LayoutError`] if `bytes` is no whole number of elements.
    #[inline]
    pub fn new(bytes: &'a [u8], format: Format) -> Result<Self, LayoutError> {
        let layout = Layout::row(format.itemsize(), bytes.len())?;
        Ok(Self { bytes, layout, format })
    }

    /// Unsigned bytes, in place.
    #[inline]
    #[must_use]
    pub fn of_bytes(bytes: &'a [u8]) -> Self {
        Self { bytes, layout: Layout::of_bytes(bytes.len()), format: Format::U8 }
    }

    /// Elements that lie in `bytes` as `layout` says.
    ///
    /// # Errors
    ///
    /// [`LayoutError`] if an element reaches out of `bytes`, or if the format has
    /// another size than the layout's elements.
    ///
    /// ```
    /// use buffers::{Format, Layout, Order, View};
    ///
    /// let columns = Layout::contiguous(1, &[2, 3], Order::F)?;
    /// let view = View::from_layout(b"adbecf", Format::U8, columns)?;
    /// assert_eq!(view.slice(0).to_bytes(), b"abc");
    /// # Ok::<(), buffers::LayoutError>(())
    /// ```
    pub fn from_layout(
        bytes: &'a [u8],
        format: Format,
        layout: Layout,
    ) -> Result<Self, LayoutError> {
        if layout.itemsize() != format.itemsize() {
            let (layout, format) = (layout.itemsize(), format.itemsize());
            return Err(Trouble::Itemsize { layout, format }.into());
        }
        layout.reach(bytes.len())?;
        Ok(Self { bytes, layout, format })
    }

    /// Elements at strides of bytes, the one of indices 0 at the position `offset`. See
    /// [`Layout::strided`].
    ///
    /// # Errors
    ///
    /// [`LayoutError`] if an element reaches out of `bytes`. Any numbers may be asked
    /// about.
    pub fn strided(
        bytes: &'a [u8],
        format: Format,
        shape: &[usize],
        strides: &[isize],
        offset: usize,
    ) -> Result<Self, LayoutError> {
        let layout = Layout::strided(format.itemsize(), shape, strides, offset, bytes.len())?;
        Ok(Self { bytes, layout, format })
    }

    /// What was held against each other already, and is lent now.
    #[inline]
    pub(crate) fn lent(bytes: &'a [u8], layout: Layout, format: Format) -> Self {
        debug_assert!(layout.reach(bytes.len()).is_ok());
        Self { bytes, layout, format }
    }

    /// The same bytes by a layout that was made of this view's.
    #[inline]
    pub(super) fn with(&self, layout: Layout) -> Self {
        Self::lent(self.bytes, layout, self.format.clone())
    }

    /// The part that `indices` select: integers, ranges, [`Slice`](crate::Slice)s, or
    /// a tuple of them; see [`Indices`]. Negative positions count from the end; axes
    /// that are indexed by an integer go away, those that are not named stay whole.
    ///
    /// # Errors
    ///
    /// [`IndexError`] names the axis, the index, and the size of the axis.
    #[inline]
    pub fn try_slice(&self, indices: impl Indices) -> Result<Self, IndexError> {
        let indices = indices.into_list();
        let Some(code) = self.simple() else {
            return Ok(self.with(self.layout.cut(indices.as_ref())?));
        };
        let layout = self.layout.cut_inline(indices.as_ref())?;
        Ok(Self { bytes: self.bytes, layout, format: code.into() })
    }

    /// The part that `indices` select. See [`try_slice`](Self::try_slice).
    ///
    /// # Panics
    ///
    /// If an index does not fit its axis, or if there are more indices than axes. The
    /// text names the axis, the index and the size.
    #[inline]
    #[must_use = "slicing leaves the view itself as it is"]
    #[track_caller]
    pub fn slice(&self, indices: impl Indices) -> Self {
        let indices = indices.into_list();
        let Some(code) = self.simple() else { return self.slice_other(indices.as_ref()) };
        match self.layout.cut_inline(indices.as_ref()) {
            Ok(layout) => Self { bytes: self.bytes, layout, format: code.into() },
            Err(error) => panic!("{error}"),
        }
    }

    /// The code of the elements, if all that a slice of this view has to write is known:
    /// then neither axes nor fields are a list.
    #[inline]
    fn simple(&self) -> Option<Code> {
        if self.layout.is_boxed() { None } else { self.format.code() }
    }

    #[cold]
    #[track_caller]
    fn slice_other(&self, indices: &[Index]) -> Self {
        match self.layout.cut(indices) {
            Ok(layout) => self.with(layout),
            Err(error) => panic!("{error}"),
        }
    }

    /// The bytes of the one element at `indices`, an integer for each axis.
    ///
    /// # Errors
    ///
    /// [`IndexError`] if an index is out of range, or if there is not one for each axis.
    ///
    /// ```
    /// let view = buffers::View::of_bytes(b"abcdef").reshape([2, 3])?;
    /// assert_eq!(view.item((1, -1))?, b"f");
    /// assert_eq!(
    ///     view.item((2, 0)).unwrap_err().to_string(),
    ///     "index 2 does not fit axis 0 of size 2"
    /// );
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[inline]
    pub fn item(&self, indices: impl Indices) -> Result<&'a [u8], IndexError> {
        let position = self.layout.position(indices.into_list().as_ref())?;
        Ok(&self.bytes[position..][..self.layout.itemsize()])
    }

    /// All elements in the order of C, each as its bytes.
    pub fn items(&self) -> Items<'a> {
        let walk = Walk::elements(&self.layout);
        Items { bytes: self.bytes, walk, itemsize: self.layout.itemsize() }
    }

    /// The longest contiguous pieces, in the order of C: what `writev` wants to have of
    /// a window, in place. None is empty.
    ///
    /// ```
    /// use buffers::View;
    ///
    /// let matrix = View::of_bytes(b"abcdefghi").reshape([3, 3])?;
    /// assert!(matrix.slice((.., 1..)).runs().eq([&b"bc"[..], b"ef", b"hi"]));
    /// assert!(matrix.slice((1.., ..)).runs().eq([&b"defghi"[..]]));
    /// # Ok::<(), buffers::LayoutError>(())
    /// ```
    pub fn runs(&self) -> Runs<'a> {
        Runs { bytes: self.bytes, spans: self.layout.spans() }
    }

    /// The bytes themselves, in place, if they lie one after the other in the order of
    /// C ([`is_c_contiguous`](Self::is_c_contiguous)).
    #[inline]
    pub fn as_bytes(&self) -> Option<&'a [u8]> {
        let contiguous = self.layout.is_c_contiguous();
        contiguous.then(|| &self.bytes[self.layout.offset()..][..self.layout.nbytes()])
    }

    /// This view as the light [`Row`], if it has one axis without gaps and its format is
    /// one plain code.
    #[inline]
    pub fn as_row(&self) -> Option<Row<'a>> {
        let bytes = self.as_bytes().filter(|_| self.ndim() == 1)?;
        Row::new(bytes, self.format.code()?).ok()
    }

    /// Where the elements lie.
    #[inline]
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// The bytes that the layout counts from; elements need not fill them.
    #[inline]
    pub(crate) fn backing(&self) -> &'a [u8] {
        self.bytes
    }

    /// The format of the elements.
    #[inline]
    pub fn format(&self) -> &Format {
        &self.format
    }
}

/// What both kinds of views tell of their layouts.
macro_rules! tells_its_layout {
    ($view:ty) => {
        impl $view {
            /// The bytes of one element.
            #[inline]
            pub fn itemsize(&self) -> usize {
                self.layout().itemsize()
            }

            /// The bytes that the elements take one after the other.
            #[inline]
            pub fn nbytes(&self) -> usize {
                self.layout().nbytes()
            }

            /// The number of axes.
            #[inline]
            pub fn ndim(&self) -> usize {
                self.layout().ndim()
            }

            /// The number of elements along each axis.
            #[inline]
            pub fn shape(&self) -> &[usize] {
                self.layout().shape()
            }

            /// The bytes from an element to its next along each axis.
            #[inline]
            pub fn strides(&self) -> &[isize] {
                self.layout().strides()
            }

            /// The number of elements: 1 without axes, else the product of all lengths.
            #[inline]
            pub fn elements(&self) -> usize {
                self.layout().elements()
            }

            /// Whether there is no element.
            #[inline]
            pub fn is_empty(&self) -> bool {
                self.layout().is_empty()
            }

            /// Whether the elements lie one after the other in the order of C.
            #[inline]
            pub fn is_c_contiguous(&self) -> bool {
                self.layout().is_c_contiguous()
            }

            /// Whether the elements lie one after the other in the order of Fortran.
            #[inline]
            pub fn is_f_contiguous(&self) -> bool {
                self.layout().is_f_contiguous()
            }

            /// Whether the elements lie one after the other in either order.
            #[inline]
            pub fn is_contiguous(&self) -> bool {
                self.layout().is_contiguous()
            }
        }
    };
}
pub(crate) use tells_its_layout;

tells_its_layout!(View<'_>);

impl<'a> From<&'a [u8]> for View<'a> {
    fn from(bytes: &'a [u8]) -> Self {
        Self::of_bytes(bytes)
    }
}

impl<'a> From<Row<'a>> for View<'a> {
    fn from(row: Row<'a>) -> Self {
        let mut layout = Layout::of_bytes(row.nbytes());
        if let Ok(row) = Layout::row(row.itemsize(), row.nbytes()) {
            layout = row;
        }
        Self { bytes: row.as_bytes(), layout, format: row.code().into() }
    }
}

impl fmt::Debug for View<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "View(\"{}\", {:?})", self.format, self.shape())
    }
}

/// The elements of a view, each as its bytes; made by [`View::items`].
#[derive(Clone)]
pub struct Items<'a> {
    bytes: &'a [u8],
    walk: Walk,
    itemsize: usize,
}

impl<'a> Iterator for Items<'a> {
    type Item = &'a [u8];

    #[inline]
    fn next(&mut self) -> Option<&'a [u8]> {
        let place = self.walk.next()?;
        Some(&self.bytes[place..][..self.itemsize])
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.walk.size_hint()
    }
}

impl ExactSizeIterator for Items<'_> {}

/// The contiguous pieces of a view; made by [`View::runs`].
#[derive(Clone)]
pub struct Runs<'a> {
    bytes: &'a [u8],
    spans: Spans,
}

impl<'a> Iterator for Runs<'a> {
    type Item = &'a [u8];

    #[inline]
    fn next(&mut self) -> Option<&'a [u8]> {
        Some(&self.bytes[self.spans.next()?])
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.spans.size_hint()
    }
}
