//! What bytes mean, and which of them a range names.

mod format;
mod range;

pub use format::{Format, FormatError};
pub use range::RangeError;
pub(crate) use range::bounds;
