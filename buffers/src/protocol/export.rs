//! Who lends views of their memory.

use super::request::{ExportError, Request};
use crate::{View, ViewMut};

/// Memory that can be looked at through a [`View`]: the buffer protocol.
///
/// A type of yours makes a view of itself and lets the request decide:
///
/// ```
/// use buffers::{Export, ExportError, Flag, Request, View};
///
/// struct Image {
///     pixels: Vec<u8>,
///     width: usize,
/// }
///
/// impl Export for Image {
///     fn export(&self, request: Request) -> Result<View<'_>, ExportError> {
///         let (rows, rest) = (self.pixels.len() / self.width, self.pixels.len() % self.width);
///         assert_eq!(rest, 0, "an image has whole rows");
///         let view = View::of_bytes(&self.pixels).reshape([rows, self.width]);
///         request.answer(view.expect("as many elements as there are pixels"))
///     }
/// }
///
/// fn sum(memory: &impl Export) -> Result<u64, ExportError> {
///     Ok(memory.export(Request::STRIDED_RO)?.items().map(|item| u64::from(item[0])).sum())
/// }
///
/// let image = Image { pixels: vec![1; 12], width: 4 };
/// assert_eq!(sum(&image)?, 12);
/// assert_eq!(sum(&[1, 2, 3])?, 6); // an array of bytes
/// assert_eq!(image.export(Request::CONTIG).unwrap_err().flag(), Flag::Writable);
/// # Ok::<(), ExportError>(())
/// ```
pub trait Export {
    /// A view that keeps to what is asked. Copies nothing.
    ///
    /// # Errors
    ///
    /// [`ExportError`] names the flag that cannot be kept. Memory for writing is lent by
    /// [`ExportMut::export_mut`] only.
    fn export(&self, request: Request) -> Result<View<'_>, ExportError>;
}

/// Memory that can be written through a [`ViewMut`].
///
/// ```
/// use buffers::{ExportMut, Request};
///
/// fn clear(memory: &mut impl ExportMut) -> Result<(), Box<dyn std::error::Error>> {
///     Ok(memory.export_mut(Request::CONTIG)?.fill(&[0])?)
/// }
///
/// let mut bytes = vec![1, 2, 3];
/// clear(&mut bytes)?;
/// assert_eq!(bytes, [0, 0, 0]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait ExportMut: Export {
    /// A view for writing that keeps to what is asked. Copies nothing.
    ///
    /// # Errors
    ///
    /// [`ExportError`] names the flag that cannot be kept.
    fn export_mut(&mut self, request: Request) -> Result<ViewMut<'_>, ExportError>;
}
