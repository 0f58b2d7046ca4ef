//! Arrays of `ndarray` as views, and views as its array views, in place.

use ndarray::{
    ArrayBase, ArrayViewD, Axis, Data, DataMut, Dimension, IxDyn, RawData, ShapeBuilder,
};
use zerocopy::{FromBytes, Immutable, IntoBytes};

use crate::protocol::{Export, ExportError, ExportMut, Flag, Request};
use crate::view::Cause;
use crate::{Format, Layout, Number, TypedError, View, ViewMut};

/// A [`Number`] that `zerocopy` reads and writes in place.
pub trait Element: Number + FromBytes + IntoBytes + Immutable + 'static {}

impl<T: Number + FromBytes + IntoBytes + Immutable + 'static> Element for T {}

fn format<T: Element>() -> Format {
    T::CODE.into()
}

/// The layout of an array whose memory begins at `low`.
fn layout<S, D>(array: &ArrayBase<S, D>, low: usize, len: usize) -> Option<Layout>
where
    S: RawData,
    D: Dimension,
{
    let size = size_of::<S::Elem>();
    // Where there is no element, addresses and strides mean nothing.
    if len == 0 {
        return Layout::contiguous(size, array.shape(), crate::Order::C).ok();
    }
    let strides = array.strides().iter().map(|stride| stride * size.cast_signed());
    let strides: alloc::vec::Vec<isize> = strides.collect();
    let offset = array.as_ptr().addr() - low;
    Layout::strided(size, array.shape(), &strides, offset, len * size).ok()
}

/// In place, with the array's shape and strides: those of Fortran's order, of axes in
/// another order, and of reversed axes too. An array whose elements have gaps between
/// them fails as [`Flag::AnyContiguous`], because others may be writing there.
impl<S, D> Export for ArrayBase<S, D>
where
    S: Data,
    S::Elem: Element,
    D: Dimension,
{
    fn export(&self, request: Request) -> Result<View<'_>, ExportError> {
        let items = self.as_slice_memory_order().ok_or(Flag::AnyContiguous)?;
        let layout = layout(self, items.as_ptr().addr(), items.len()).ok_or(Flag::Strides)?;
        let view = View::from_layout(items.as_bytes(), format::<S::Elem>(), layout);
        request.answer(view.map_err(|_| Flag::Strides)?)
    }
}

/// As for looking.
impl<S, D> ExportMut for ArrayBase<S, D>
where
    S: DataMut,
    S::Elem: Element,
    D: Dimension,
{
    fn export_mut(&mut self, request: Request) -> Result<ViewMut<'_>, ExportError> {
        let items = self.as_slice_memory_order_mut().ok_or(Flag::AnyContiguous)?;
        let (low, len) = (items.as_ptr().addr(), items.len());
        let layout = layout(self, low, len).ok_or(Flag::Strides)?;
        let items = self.as_slice_memory_order_mut().ok_or(Flag::AnyContiguous)?;
        let view = ViewMut::from_layout(items.as_mut_bytes(), format::<S::Elem>(), layout);
        request.answer_mut(view.map_err(|_| Flag::Strides)?)
    }
}

impl<'a> View<'a> {
    /// The elements as an array view of `ndarray`, in place, with the same strides.
    ///
    /// # Errors
    ///
    /// [`TypedError`] if the elements have another size than `T`, an address that is not
    /// good for it, or strides that are no whole number of elements. It hands the view
    /// back.
    ///
    /// ```
    /// use buffers::{Slice, View};
    ///
    /// let view = View::of_bytes(b"abcdef").reshape([2, 3])?.slice((.., Slice::every(-1)));
    /// let array = view.as_array::<u8>().unwrap();
    /// assert_eq!((array.shape(), array.strides()), (&[2, 3][..], &[3, -1][..]));
    /// assert_eq!(array[[1, 0]], b'f');
    /// # Ok::<(), buffers::LayoutError>(())
    /// ```
    pub fn as_array<T>(&self) -> Result<ArrayViewD<'a, T>, TypedError<Self>>
    where
        T: FromBytes + Immutable,
    {
        let (size, itemsize) = (size_of::<T>(), self.itemsize());
        if size != itemsize {
            return Err(self.clone().not_typed(Cause::Size { itemsize, size }));
        }
        let shape = IxDyn(self.shape());
        if self.is_empty()
            && let Ok(array) = ArrayViewD::from_shape(shape.clone(), &[])
        {
            return Ok(array);
        }
        let Ok((low, high)) = self.layout().reach(self.backing().len()) else {
            return Err(self.clone().not_typed(Cause::Gaps));
        };
        let mut strides = shape.clone();
        for (axis, (&len, &stride)) in self.shape().iter().zip(self.strides()).enumerate() {
            if len > 1 && !stride.unsigned_abs().is_multiple_of(size) {
                return Err(self.clone().not_typed(Cause::Stride { axis }));
            }
            strides[axis] = if len > 1 { stride.unsigned_abs() / size } else { 1 };
        }
        let bytes = &self.backing()[low..high];
        let Ok(items) = <[T]>::ref_from_bytes(bytes) else {
            return Err(self.clone().not_typed(Cause::Align(align_of::<T>())));
        };
        let array = ArrayViewD::from_shape(shape.strides(strides), items);
        let mut array = array.map_err(|_| self.clone().not_typed(Cause::Gaps))?;
        for (axis, (&len, &stride)) in self.shape().iter().zip(self.strides()).enumerate() {
            if len > 1 && stride < 0 {
                array.invert_axis(Axis(axis));
            }
        }
        Ok(array)
    }
}
