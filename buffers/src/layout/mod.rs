//! What bytes mean, and which of them a range or a layout names.

mod axes;
mod cut;
mod format;
mod geometry;
mod index;
mod layout_error;
mod range;
mod reshape;
mod runs;

pub use cut::IndexError;
pub use format::{Format, FormatError};
pub use geometry::{Layout, Order};
pub use index::{Index, Indices, Slice};
pub use layout_error::LayoutError;
pub(crate) use layout_error::Trouble;
pub use range::RangeError;
pub(crate) use range::bounds;
pub(crate) use runs::{Spans, Walk};
