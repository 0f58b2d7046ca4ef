//! The elements of a layout as property: a part of some bytes that need not be a slice
//! of them, because others own what lies between.

use core::marker::PhantomData;
use core::ops::Range;
use core::ptr::NonNull;
use core::slice;

use crate::layout::Index;
use crate::{IndexError, Layout, LayoutError};

/// The exclusive right to the bytes of a layout's elements, and to no others.
///
/// # What holds of each
///
/// 1. All elements lie within one allocation, counted from `start`, which carries the
///    right to all of it.
/// 2. No two elements share a byte.
/// 3. For as long as `'a`, nobody else may touch the bytes of the elements.
///
/// [`new`](Self::new) establishes that. Everything after it makes layouts of layouts,
/// none of which reaches an element that was not there, and [`split_at`](Self::split_at)
/// gives each element to one half.
pub(super) struct Part<'a> {
    start: NonNull<u8>,
    layout: Layout,
    owned: PhantomData<&'a mut [u8]>,
}

// SAFETY: a part is the right to write some bytes, as `&mut [u8]` is, which travels.
unsafe impl Send for Part<'_> {}

// SAFETY: a shared part can be read only, as `&&mut [u8]`.
unsafe impl Sync for Part<'_> {}

impl<'a> Part<'a> {
    /// The elements of `layout` among `bytes`, whose others nobody gets.
    pub(super) fn new(bytes: &'a mut [u8], layout: Layout) -> Result<Self, LayoutError> {
        layout.reach(bytes.len())?;
        layout.check_disjoint()?;
        Ok(Self { start: NonNull::from(bytes).cast(), layout, owned: PhantomData })
    }

    pub(super) fn layout(&self) -> &Layout {
        &self.layout
    }

    /// The same right for a shorter time.
    pub(super) fn reborrow(&mut self) -> Part<'_> {
        Part { start: self.start, layout: self.layout.clone(), owned: PhantomData }
    }

    pub(super) fn split_at(self, axis: usize, at: usize) -> Result<(Self, Self), LayoutError> {
        let (head, tail) = self.layout.split_at(axis, at)?;
        // Each element is in one half, and no two of them share a byte (2).
        let half = |layout| Self { start: self.start, layout, owned: PhantomData };
        Ok((half(head), half(tail)))
    }

    pub(super) fn cut(self, indices: &[Index]) -> Result<Self, IndexError> {
        Ok(Self { layout: self.layout.cut(indices)?, ..self })
    }

    pub(super) fn transpose(self) -> Self {
        Self { layout: self.layout.transpose(), ..self }
    }

    pub(super) fn permute(self, axes: &[usize]) -> Result<Self, LayoutError> {
        Ok(Self { layout: self.layout.permute(axes)?, ..self })
    }

    pub(super) fn reshape(self, shape: &[usize]) -> Result<Self, LayoutError> {
        Ok(Self { layout: self.layout.reshape(shape)?, ..self })
    }

    pub(super) fn item(&self, indices: &[Index]) -> Result<&[u8], IndexError> {
        let place = self.layout.position(indices)?;
        Ok(self.span(place..place + self.layout.itemsize()))
    }

    pub(super) fn item_mut(&mut self, indices: &[Index]) -> Result<&mut [u8], IndexError> {
        let place = self.layout.position(indices)?;
        Ok(self.span_mut(place..place + self.layout.itemsize()))
    }

    /// The longest contiguous pieces, in the order of C.
    pub(super) fn runs(&self) -> impl Iterator<Item = &[u8]> {
        self.layout.spans().map(|span| self.span(span))
    }

    /// Lends each of the longest contiguous pieces for writing, in the order of C.
    pub(super) fn each_run_mut(&mut self, mut write: impl FnMut(&mut [u8])) {
        for span in self.layout.spans() {
            write(self.span_mut(span));
        }
    }

    /// The elements as one slice, if they lie one after the other in either order.
    pub(super) fn into_slice(mut self) -> Result<&'a mut [u8], Self> {
        if !self.layout.is_contiguous() {
            return Err(self);
        }
        let place = self.layout.offset();
        let mut bytes = NonNull::from(self.span_mut(place..place + self.layout.nbytes()));
        // SAFETY: `self` is used up, so its right to these bytes, which lasts for `'a`
        // (3), is this slice's now.
        Ok(unsafe { bytes.as_mut() })
    }

    /// Bytes of which each belongs to an element of the layout.
    fn span(&self, span: Range<usize>) -> &[u8] {
        // SAFETY: the place of an element lies within the allocation (1).
        let first = unsafe { self.start.add(span.start) };
        // SAFETY: so do the bytes up to the end, which are initialised as they were a
        // slice's, and belong to this part alone (3), which is borrowed for as long.
        unsafe { slice::from_raw_parts(first.as_ptr(), span.len()) }
    }

    /// Bytes of which each belongs to an element of the layout.
    fn span_mut(&mut self, span: Range<usize>) -> &mut [u8] {
        // SAFETY: the place of an element lies within the allocation (1).
        let first = unsafe { self.start.add(span.start) };
        // SAFETY: as in `span`; the part is borrowed exclusively here.
        unsafe { slice::from_raw_parts_mut(first.as_ptr(), span.len()) }
    }
}
