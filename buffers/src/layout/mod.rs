//! What bytes mean, and which of them a range or a layout names.

mod axes;
mod code;
mod cut;
mod format;
mod format_error;
mod geometry;
mod index;
mod layout_error;
mod range;
mod reshape;
mod runs;

pub use code::Code;
pub(crate) use code::{ByteOrder, Kind, Number};
pub use cut::IndexError;
pub(crate) use format::Content;
pub use format::{Field, Format, FormatError};
pub use geometry::{Layout, Order};
pub use index::{Index, Indices, Slice};
pub use layout_error::LayoutError;
pub(crate) use layout_error::Trouble;
pub use range::RangeError;
pub(crate) use range::{bounds, scaled_bounds};
pub(crate) use runs::{Spans, Walk};
