//! The memory that everybody has.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use bytes::{Bytes, BytesMut};

use super::export::{Export, ExportMut};
use super::request::{ExportError, Flag, Request};
use crate::{Array, ByteArray, Number, Row, SharedBuf, SharedView, UniqueBuf, View, ViewMut};

macro_rules! exports_bytes {
    ($($(#[$meta:meta])* $memory:ty),+ $(,)?) => {$(
        $(#[$meta])*
        impl Export for $memory {
            fn export(&self, request: Request) -> Result<View<'_>, ExportError> {
                request.answer(View::of_bytes(self.as_ref()))
            }
        }
    )+};
}

macro_rules! exports_bytes_mut {
    ($($(#[$meta:meta])* $memory:ty),+ $(,)?) => {$(
        exports_bytes!($(#[$meta])* $memory);

        $(#[$meta])*
        impl ExportMut for $memory {
            fn export_mut(&mut self, request: Request) -> Result<ViewMut<'_>, ExportError> {
                request.answer_mut(ViewMut::of_bytes(self.as_mut()))
            }
        }
    )+};
}

exports_bytes!(str, String, Bytes, SharedBuf, ByteArray, Arc<[u8]>);
exports_bytes_mut!([u8], Vec<u8>, Box<[u8]>, BytesMut, UniqueBuf);

#[cfg(feature = "memmap2")]
exports_bytes!(memmap2::Mmap);
#[cfg(feature = "memmap2")]
exports_bytes_mut!(memmap2::MmapMut);

impl<const N: usize> Export for [u8; N] {
    fn export(&self, request: Request) -> Result<View<'_>, ExportError> {
        request.answer(View::of_bytes(self))
    }
}

impl<const N: usize> ExportMut for [u8; N] {
    fn export_mut(&mut self, request: Request) -> Result<ViewMut<'_>, ExportError> {
        request.answer_mut(ViewMut::of_bytes(self))
    }
}

impl<T: Number> Export for Array<T> {
    fn export(&self, request: Request) -> Result<View<'_>, ExportError> {
        request.answer(self.view())
    }
}

impl Export for Row<'_> {
    fn export(&self, request: Request) -> Result<View<'_>, ExportError> {
        request.answer(View::from(*self))
    }
}

impl Export for View<'_> {
    fn export(&self, request: Request) -> Result<View<'_>, ExportError> {
        request.answer(self.clone())
    }
}

impl Export for SharedView {
    fn export(&self, request: Request) -> Result<View<'_>, ExportError> {
        request.answer(self.view())
    }
}

impl Export for ViewMut<'_> {
    /// Halves that interleave with others can be read through a [`ViewMut`] only, and
    /// fail as [`Flag::AnyContiguous`].
    fn export(&self, request: Request) -> Result<View<'_>, ExportError> {
        request.answer(self.as_view().ok_or(Flag::AnyContiguous)?)
    }
}

impl ExportMut for ViewMut<'_> {
    fn export_mut(&mut self, request: Request) -> Result<ViewMut<'_>, ExportError> {
        request.answer_mut(self.reborrow())
    }
}

impl<E: Export + ?Sized> Export for &E {
    fn export(&self, request: Request) -> Result<View<'_>, ExportError> {
        (**self).export(request)
    }
}

impl<E: Export + ?Sized> Export for &mut E {
    fn export(&self, request: Request) -> Result<View<'_>, ExportError> {
        (**self).export(request)
    }
}

impl<E: ExportMut + ?Sized> ExportMut for &mut E {
    fn export_mut(&mut self, request: Request) -> Result<ViewMut<'_>, ExportError> {
        (**self).export_mut(request)
    }
}
