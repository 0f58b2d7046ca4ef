//! Copies into a view, and out of one that is being written.

use alloc::vec::Vec;

use super::borrowed::View;
use super::gather::gather;
use super::mutable::{Cells, ViewMut};
use super::scatter::scatter;
use crate::layout::Trouble;
use crate::{IndexError, Indices, LayoutError, copied};

/// Copies. All of them are counted in [`copied`].
impl ViewMut<'_> {
    /// Copies the elements of `from`, which has the same shape and elements of the same
    /// size, whatever their format.
    ///
    /// # Errors
    ///
    /// [`LayoutError`] if the shapes differ; nothing was written then.
    ///
    /// ```
    /// use buffers::{Slice, View, ViewMut};
    ///
    /// let mut bytes = *b"......";
    /// let mut row = ViewMut::of_bytes(&mut bytes);
    /// row.slice_mut(Slice::every(-2)).copy_from(&View::of_bytes(b"abc"))?;
    /// assert_eq!(bytes, *b".c.b.a");
    /// # Ok::<(), buffers::LayoutError>(())
    /// ```
    pub fn copy_from(&mut self, from: &View<'_>) -> Result<(), LayoutError> {
        self.check_shape(from.layout())?;
        if let Some(bytes) = from.as_bytes() {
            return self.copy_from_slice(bytes);
        }
        copied::record(self.nbytes());
        if let Some(bytes) = self.as_bytes_mut() {
            gather(from.backing(), from.layout(), bytes);
            return Ok(());
        }
        let (mut items, itemsize) = (from.items(), self.itemsize());
        self.each_run_mut(|run| {
            for (to, from) in run.chunks_exact_mut(itemsize).zip(&mut items) {
                to.copy_from_slice(from);
            }
        });
        Ok(())
    }

    /// Copies bytes into all elements, in the order of C.
    ///
    /// # Errors
    ///
    /// [`LayoutError`] if `bytes` has not exactly [`nbytes`](Self::nbytes) bytes; nothing
    /// was written then.
    pub fn copy_from_slice(&mut self, bytes: &[u8]) -> Result<(), LayoutError> {
        if bytes.len() != self.nbytes() {
            let (have, given) = (self.nbytes(), bytes.len());
            return Err(Trouble::Bytes { have, given }.into());
        }
        copied::record(bytes.len());
        match &mut self.cells {
            Cells::Whole { bytes: to, layout } => scatter(bytes, layout, to),
            Cells::Part(part) => {
                let mut rest = bytes;
                part.each_run_mut(|run| {
                    let (first, others) = rest.split_at(run.len());
                    run.copy_from_slice(first);
                    rest = others;
                });
            }
        }
        Ok(())
    }

    /// Writes the same bytes to each element.
    ///
    /// # Errors
    ///
    /// [`LayoutError`] if `item` has not the size of an element.
    pub fn fill(&mut self, item: &[u8]) -> Result<(), LayoutError> {
        let (itemsize, given) = (self.itemsize(), item.len());
        if itemsize != given {
            return Err(Trouble::Fill { itemsize, given }.into());
        }
        copied::record(self.nbytes());
        self.each_run_mut(|run| match item {
            &[byte] => run.fill(byte),
            _ => run.chunks_exact_mut(itemsize).for_each(|to| to.copy_from_slice(item)),
        });
        Ok(())
    }

    /// Copies the part that `from` selects to the part that `to` selects; they may
    /// overlap. Both have to have the same shape.
    ///
    /// Parts that are contiguous are moved within the memory. Others are gathered into
    /// new memory first, which is a second copy, and counted as such.
    ///
    /// # Errors
    ///
    /// [`CopyWithinError`] if a part is not there, or if the shapes differ; nothing was
    /// written then.
    ///
    /// ```
    /// let mut bytes = *b"abcdef";
    /// buffers::ViewMut::of_bytes(&mut bytes).copy_within(..4, 2..)?;
    /// assert_eq!(bytes, *b"ababcd");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn copy_within(
        &mut self,
        from: impl Indices,
        to: impl Indices,
    ) -> Result<(), CopyWithinError> {
        let (from, to) = (from.into_list(), to.into_list());
        let (from, to) = (from.as_ref(), to.as_ref());
        let source = self.reborrow().try_slice(from).map_err(CopyWithinError::From)?;
        let source_layout = source.layout().clone();
        let target = self.reborrow().try_slice(to).map_err(CopyWithinError::To)?;
        target.check_shape(&source_layout).map_err(CopyWithinError::Shapes)?;
        let target_layout = target.layout().clone();
        if let Cells::Whole { bytes, .. } = &mut self.cells
            && source_layout.is_c_contiguous()
            && target_layout.is_c_contiguous()
        {
            let (start, nbytes) = (source_layout.offset(), source_layout.nbytes());
            copied::record(nbytes);
            bytes.copy_within(start..start + nbytes, target_layout.offset());
            return Ok(());
        }
        let copy = self.slice_mut(from).to_bytes();
        self.slice_mut(to).copy_from_slice(&copy).map_err(CopyWithinError::Shapes)
    }

    /// The bytes of all elements in the order of C, copied.
    ///
    /// # Panics
    ///
    /// If there is no memory for them, as with any `Vec`.
    #[must_use = "the bytes were copied for nothing otherwise"]
    pub fn to_bytes(&self) -> Vec<u8> {
        if let Some(view) = self.as_view() {
            return view.to_bytes();
        }
        copied::record(self.nbytes());
        let mut bytes = Vec::with_capacity(self.nbytes());
        if let Cells::Part(part) = &self.cells {
            part.runs().for_each(|run| bytes.extend_from_slice(run));
        }
        bytes
    }

    fn each_run_mut(&mut self, mut write: impl FnMut(&mut [u8])) {
        match &mut self.cells {
            Cells::Whole { bytes, layout } => {
                for span in layout.spans() {
                    write(&mut bytes[span]);
                }
            }
            Cells::Part(part) => part.each_run_mut(write),
        }
    }
}

/// Why [`ViewMut::copy_within`] did nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CopyWithinError {
    /// The part to copy from is not there.
    From(IndexError),
    /// The part to copy to is not there.
    To(IndexError),
    /// The parts differ in shape.
    Shapes(LayoutError),
}

impl core::fmt::Display for CopyWithinError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::From(error) => write!(f, "cannot copy from there: {error}"),
            Self::To(error) => write!(f, "cannot copy to there: {error}"),
            Self::Shapes(error) => write!(f, "cannot copy between these parts: {error}"),
        }
    }
}

impl core::error::Error for CopyWithinError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::From(error) | Self::To(error) => Some(error),
            Self::Shapes(error) => Some(error),
        }
    }
}
