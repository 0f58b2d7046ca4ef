//! The view that outlives its function.

use alloc::vec::Vec;
use core::fmt;

use super::shared_buf::{SharedBuf, position_within};
use crate::layout::Spans;
use crate::view::{View, tells_its_layout};
use crate::{CastError, Code, Format, Index, IndexError, Indices, Layout, LayoutError, Order};

/// A [`SharedBuf`] with a format and a [`Layout`]: a [`View`] that keeps its memory.
///
/// Cloning, slicing and all other ways to make one from another are one reference
/// count each; up to 4 axes nothing is allocated. It is read through the [`View`] that
/// it [lends](Self::view).
///
/// ```
/// use buffers::{SharedBuf, SharedView, Slice};
///
/// let matrix = SharedView::of_bytes(SharedBuf::from(b"abcdefghi".to_vec())).reshape([3, 3])?;
/// let window = matrix.slice((1.., Slice::every(-2)));
/// drop(matrix);
/// assert_eq!(window.shape(), [2, 2]);
/// assert_eq!(window.view().item((0, 0))?, b"f");
/// assert_eq!(window.to_bytes(), b"fdig"); // this copies, and counts it
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct SharedView {
    // Each element of the layout lies within the buffer; see `View`.
    buf: SharedBuf,
    layout: Layout,
    format: Format,
}

impl SharedView {
    /// The elements that `buf` holds, one after the other.
    ///
    /// # Errors
    ///
    /// [`LayoutError`] if `buf` is no whole number of elements.
    pub fn new(buf: SharedBuf, format: Format) -> Result<Self, LayoutError> {
        let layout = Layout::row(format.itemsize(), buf.len())?;
        Ok(Self { buf, layout, format })
    }

    /// Unsigned bytes, in place.
    #[must_use]
    pub fn of_bytes(buf: SharedBuf) -> Self {
        Self { layout: Layout::of_bytes(buf.len()), buf, format: Format::U8 }
    }

    /// Elements that lie in `buf` as `layout` says.
    ///
    /// # Errors
    ///
    /// [`LayoutError`] if an element reaches out of `buf`, or if the format has another
    /// size than the layout's elements.
    pub fn from_layout(
        buf: SharedBuf,
        format: Format,
        layout: Layout,
    ) -> Result<Self, LayoutError> {
        let layout = View::from_layout(&buf, format.clone(), layout)?.layout().clone();
        Ok(Self { buf, layout, format })
    }

    /// What was held against each other already.
    pub(crate) fn kept(buf: SharedBuf, format: Format, layout: Layout) -> Self {
        debug_assert!(layout.reach(buf.len()).is_ok());
        Self { buf, layout, format }
    }

    #[inline]
    #[track_caller]
    fn with(&self, layout: Layout) -> Self {
        Self { buf: self.buf.clone(), layout, format: self.format.clone() }
    }

    /// Lends a view, for all that a view can do. Copies nothing.
    ///
    /// # Panics
    ///
    /// If a user's [`Owner`](crate::Owner) has come to give fewer bytes than it did.
    #[inline]
    pub fn view(&self) -> View<'_> {
        View::lent(&self.buf, self.layout.clone(), self.format.clone())
    }

    /// The same bytes as elements of another format, kept; see [`View::cast`].
    ///
    /// # Errors
    ///
    /// As [`View::cast`].
    ///
    /// ```
    /// use buffers::{Array, Format};
    ///
    /// let mut numbers: Array<u16> = [1, 2].into_iter().collect();
    /// let bytes = numbers.export().cast(Format::U8)?;
    /// assert_eq!(bytes.shape(), [4]);
    /// # Ok::<(), buffers::CastError>(())
    /// ```
    #[track_caller]
    pub fn cast(&self, format: Format) -> Result<Self, CastError> {
        let layout = self.view().cast(format.clone())?.layout().clone();
        Ok(Self::kept(self.buf.clone(), format, layout))
    }

    /// The part that `indices` select. See [`View::try_slice`].
    ///
    /// # Errors
    ///
    /// [`IndexError`] names the axis, the index, and the size of the axis.
    #[inline]
    #[track_caller]
    pub fn try_slice(&self, indices: impl Indices) -> Result<Self, IndexError> {
        let indices = indices.into_list();
        let Some(code) = self.simple() else {
            return Ok(self.with(self.layout.cut(indices.as_ref())?));
        };
        let layout = self.layout.cut_inline(indices.as_ref())?;
        Ok(Self { buf: self.buf.clone(), layout, format: code.into() })
    }

    /// The part that `indices` select. See [`View::try_slice`].
    ///
    /// # Panics
    ///
    /// If an index does not fit its axis, or if there are more indices than axes.
    #[inline]
    #[must_use = "slicing leaves the view itself as it is"]
    #[track_caller]
    pub fn slice(&self, indices: impl Indices) -> Self {
        let indices = indices.into_list();
        let Some(code) = self.simple() else { return self.slice_other(indices.as_ref()) };
        match self.layout.cut_inline(indices.as_ref()) {
            Ok(layout) => Self { buf: self.buf.clone(), layout, format: code.into() },
            Err(error) => panic!("{error}"),
        }
    }

    /// The code of the elements, if neither axes nor fields are a list; see `View`.
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

    /// All axes in reverse order.
    #[must_use = "transposing leaves the view itself as it is"]
    #[track_caller]
    pub fn transpose(&self) -> Self {
        self.with(self.layout.transpose())
    }

    /// The axes in another order. See [`View::permute`].
    ///
    /// # Errors
    ///
    /// [`LayoutError`] unless each axis is named once.
    #[track_caller]
    pub fn permute(&self, axes: impl AsRef<[usize]>) -> Result<Self, LayoutError> {
        Ok(self.with(self.layout.permute(axes.as_ref())?))
    }

    /// The same elements in the same order along other axes. See [`View::reshape`].
    ///
    /// # Errors
    ///
    /// [`LayoutError`] if `shape` has another number of elements, or if they would have
    /// to be copied for it.
    #[track_caller]
    pub fn reshape(&self, shape: impl AsRef<[usize]>) -> Result<Self, LayoutError> {
        Ok(self.with(self.layout.reshape(shape.as_ref())?))
    }

    /// The elements repeated to `shape`. See [`View::broadcast`].
    ///
    /// # Errors
    ///
    /// [`LayoutError`] if an axis of another length than 1 would have to change.
    #[track_caller]
    pub fn broadcast(&self, shape: impl AsRef<[usize]>) -> Result<Self, LayoutError> {
        Ok(self.with(self.layout.broadcast(shape.as_ref())?))
    }

    /// The elements before `at` along `axis`, and those from it on.
    ///
    /// # Errors
    ///
    /// [`LayoutError`] if there is no such axis, or if it is shorter than `at`.
    #[track_caller]
    pub fn split_at(&self, axis: usize, at: usize) -> Result<(Self, Self), LayoutError> {
        let (head, tail) = self.layout.split_at(axis, at)?;
        Ok((self.with(head), self.with(tail)))
    }

    /// The longest contiguous pieces, in the order of C, each as a handle: segments for
    /// a [`Chain`](crate::Chain) or a queue that sends. One reference count a piece.
    ///
    /// ```
    /// use buffers::{Chain, SharedBuf, SharedView};
    ///
    /// let matrix = SharedView::of_bytes(SharedBuf::from("abcdefghi")).reshape([3, 3])?;
    /// let window: Chain = matrix.slice((.., 1..)).runs().collect();
    /// assert_eq!(window, b"bcefhi");
    /// # Ok::<(), buffers::LayoutError>(())
    /// ```
    pub fn runs(&self) -> SharedRuns<'_> {
        SharedRuns { buf: &self.buf, spans: self.layout.spans() }
    }

    /// The elements as one handle, if they lie one after the other in the order of C.
    #[track_caller]
    pub fn as_buf(&self) -> Option<SharedBuf> {
        let start = self.layout.offset();
        let contiguous = self.layout.is_c_contiguous();
        contiguous.then(|| self.buf.slice(start..start + self.layout.nbytes()))
    }

    /// The buffer that the layout counts from, which this view keeps; elements need not
    /// fill it.
    pub fn buf(&self) -> &SharedBuf {
        &self.buf
    }

    /// Gives up the view for the buffer that it kept.
    pub fn into_buf(self) -> SharedBuf {
        self.buf
    }

    /// The bytes of all elements in the order of C, copied and counted.
    ///
    /// # Panics
    ///
    /// If there is no memory for them; see [`View::to_bytes`].
    #[must_use = "the bytes were copied for nothing otherwise"]
    pub fn to_bytes(&self) -> Vec<u8> {
        self.view().to_bytes()
    }

    /// The bytes of all elements in that order, copied and counted.
    ///
    /// # Panics
    ///
    /// If there is no memory for them; see [`View::to_bytes`].
    #[must_use = "the bytes were copied for nothing otherwise"]
    pub fn to_bytes_in(&self, order: Order) -> Vec<u8> {
        self.view().to_bytes_in(order)
    }

    /// Where the elements lie.
    #[inline]
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// The format of the elements.
    #[inline]
    pub fn format(&self) -> &Format {
        &self.format
    }
}

tells_its_layout!(SharedView);

impl SharedBuf {
    /// Turns a borrowed view of this buffer into one that keeps it: what a parse found
    /// worth keeping. Costs one reference count.
    ///
    /// `None` if the view looks at other memory.
    ///
    /// ```
    /// use buffers::{SharedBuf, View};
    ///
    /// let page = SharedBuf::from(b"....abcdef".to_vec());
    /// let matrix = View::of_bytes(&page[4..]).reshape([2, 3])?;
    /// let kept = page.promote_view(&matrix.slice((.., 2))).unwrap();
    /// assert_eq!(kept.to_bytes(), b"cf");
    /// assert!(page.promote_view(&View::of_bytes(b"abc")).is_none());
    /// # Ok::<(), buffers::LayoutError>(())
    /// ```
    #[track_caller]
    pub fn promote_view(&self, view: &View<'_>) -> Option<SharedView> {
        let range = position_within(self, view.backing())?;
        let layout = view.layout().behind(range.start);
        Some(SharedView { buf: self.clone(), layout, format: view.format().clone() })
    }
}

impl From<SharedBuf> for SharedView {
    fn from(buf: SharedBuf) -> Self {
        Self::of_bytes(buf)
    }
}

impl<'a> From<&'a SharedView> for View<'a> {
    fn from(shared: &'a SharedView) -> Self {
        shared.view()
    }
}

impl fmt::Debug for SharedView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SharedView(\"{}\", {:?})", self.format, self.shape())
    }
}

/// The contiguous pieces of a shared view; made by [`SharedView::runs`].
#[derive(Clone)]
pub struct SharedRuns<'v> {
    buf: &'v SharedBuf,
    spans: Spans,
}

impl Iterator for SharedRuns<'_> {
    type Item = SharedBuf;

    fn next(&mut self) -> Option<SharedBuf> {
        Some(self.buf.slice(self.spans.next()?))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.spans.size_hint()
    }
}
