//! What a consumer of memory can cope with.

use core::fmt;

use crate::{Order, View, ViewMut};

/// What is asked of an [`Export`](crate::Export): the flags of CPython's
/// [`PyObject_GetBuffer`](https://docs.python.org/3/c-api/buffer.html#buffer-request-types).
///
/// Each flag says what the consumer can cope with or needs; the exporter answers with
/// a view that keeps to it, or names the flag that it could not keep.
///
/// ```
/// use buffers::{Export, Flag, Order, Request, View};
///
/// let matrix = View::of_bytes(b"abcdef").reshape([2, 3])?;
/// let columns = matrix.transpose();
/// assert!(columns.export(Request::STRIDED_RO).is_ok());
/// assert!(columns.export(Request::STRIDED_RO.contiguous(Order::F)).is_ok());
/// let error = columns.export(Request::SIMPLE).unwrap_err();
/// assert_eq!(error.flag(), Flag::Strides); // it needs them, and nobody asked for any
/// # Ok::<(), buffers::LayoutError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[allow(clippy::struct_excessive_bools, reason = "the protocol's flags, each for itself")]
pub struct Request {
    writable: bool,
    format: bool,
    nd: bool,
    strides: bool,
    contiguous: Option<Order>,
}

/// One of the things that a [`Request`] asks for, or does not ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Flag {
    /// Memory that may be written was asked for, and this may not.
    Writable,
    /// The format was asked for together with plain bytes: one cannot have both.
    Format,
    /// There are strides, and none were asked for.
    Strides,
    /// The order of C was asked for.
    CContiguous,
    /// The order of Fortran was asked for.
    FContiguous,
    /// Elements without gaps were asked for.
    AnyContiguous,
}

impl Request {
    /// Plain bytes without gaps (`PyBUF_SIMPLE`).
    pub const SIMPLE: Self =
        Self { writable: false, format: false, nd: false, strides: false, contiguous: None };
    /// A shape, elements in the order of C without gaps (`PyBUF_ND`, `PyBUF_CONTIG_RO`).
    pub const CONTIG_RO: Self = Self::SIMPLE.nd();
    /// The same for writing (`PyBUF_CONTIG`).
    pub const CONTIG: Self = Self::CONTIG_RO.writable();
    /// A shape and strides (`PyBUF_STRIDES`, `PyBUF_STRIDED_RO`).
    pub const STRIDED_RO: Self = Self::SIMPLE.strides();
    /// The same for writing (`PyBUF_STRIDED`).
    pub const STRIDED: Self = Self::STRIDED_RO.writable();
    /// A format, a shape and strides (`PyBUF_RECORDS_RO`, `PyBUF_FULL_RO`: there are no
    /// suboffsets here).
    pub const RECORDS_RO: Self = Self::STRIDED_RO.format();
    /// The same for writing (`PyBUF_RECORDS`, `PyBUF_FULL`).
    pub const RECORDS: Self = Self::RECORDS_RO.writable();

    /// Asks for memory that may be written.
    #[must_use]
    pub const fn writable(self) -> Self {
        Self { writable: true, ..self }
    }

    /// Says that the elements' format is of interest.
    #[must_use]
    pub const fn format(self) -> Self {
        Self { format: true, ..self }
    }

    /// Says that the consumer copes with any number of axes.
    #[must_use]
    pub const fn nd(self) -> Self {
        Self { nd: true, ..self }
    }

    /// Says that the consumer copes with strides, and so with any number of axes.
    #[must_use]
    pub const fn strides(self) -> Self {
        Self { nd: true, strides: true, ..self }
    }

    /// Asks for elements without gaps in that order ([`Order::A`]: in either). That
    /// implies that the consumer copes with strides.
    #[must_use]
    pub const fn contiguous(self, order: Order) -> Self {
        Self { contiguous: Some(order), ..self.strides() }
    }

    /// Whether memory that may be written is asked for.
    #[must_use]
    pub const fn is_writable(self) -> bool {
        self.writable
    }

    /// The answer of somebody who has this view, which may not be written: what an
    /// [`Export`](crate::Export) of your own type returns.
    ///
    /// Without [`nd`](Self::nd), the answer is one axis of unsigned bytes. A view knows
    /// its format in any case; who did not ask for it should not look at it.
    ///
    /// # Errors
    ///
    /// [`ExportError`] names the first flag that cannot be kept, in CPython's order.
    pub fn answer(self, view: View<'_>) -> Result<View<'_>, ExportError> {
        if self.writable {
            return Err(ExportError { flag: Flag::Writable });
        }
        self.check(view.layout())?;
        match view.as_bytes() {
            Some(bytes) if !self.nd => Ok(View::of_bytes(bytes)),
            _ => Ok(view),
        }
    }

    /// The answer of somebody who has this view, which may be written.
    ///
    /// # Errors
    ///
    /// [`ExportError`] names the first flag that cannot be kept, in CPython's order.
    pub fn answer_mut(self, view: ViewMut<'_>) -> Result<ViewMut<'_>, ExportError> {
        self.check(view.layout())?;
        if self.nd {
            return Ok(view);
        }
        // What passed the check without `nd` is contiguous.
        view.into_bytes_mut().map(ViewMut::of_bytes).ok_or(ExportError { flag: Flag::Strides })
    }

    fn check(self, layout: &crate::Layout) -> Result<(), ExportError> {
        let (c, f) = (layout.is_c_contiguous(), layout.is_f_contiguous());
        let broken = match self.contiguous {
            Some(Order::C) if !c => Some(Flag::CContiguous),
            Some(Order::F) if !f => Some(Flag::FContiguous),
            Some(Order::A) if !c && !f => Some(Flag::AnyContiguous),
            _ if !self.strides && !c => Some(Flag::Strides),
            _ if !self.nd && self.format => Some(Flag::Format),
            _ => None,
        };
        broken.map_or(Ok(()), |flag| Err(ExportError { flag }))
    }
}

/// A [`Request`] that could not be kept to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExportError {
    flag: Flag,
}

impl ExportError {
    /// The flag that failed.
    #[must_use]
    pub const fn flag(&self) -> Flag {
        self.flag
    }
}

impl From<Flag> for ExportError {
    /// For exporters of your own that refuse for reasons of theirs.
    fn from(flag: Flag) -> Self {
        Self { flag }
    }
}

impl fmt::Display for ExportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.flag {
            Flag::Writable => "this memory may not be written, or is not lent for it",
            Flag::Format => "plain bytes have no other format: ask for axes too",
            Flag::Strides => {
                "the elements lie at strides: ask for these, or take a copy by `to_bytes`"
            }
            Flag::CContiguous => "the elements do not lie one after the other in the order of C",
            Flag::FContiguous => {
                "the elements do not lie one after the other in the order of Fortran"
            }
            Flag::AnyContiguous => "there are gaps between the elements",
        })
    }
}

impl core::error::Error for ExportError {}
