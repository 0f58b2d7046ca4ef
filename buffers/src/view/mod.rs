//! Looking at bytes that somebody else keeps, and writing them.

mod axes;
mod borrowed;
mod cast;
mod compare;
mod copies;
mod gather;
pub(crate) mod half;
mod halves;
mod hex;
mod mutable;
// Halves of an inner axis interleave: no `&mut [u8]` says what each of them owns.
#[allow(unsafe_code, reason = "a part of some bytes that is no slice of them")]
mod raw;
mod row;
mod scatter;
#[cfg(feature = "zerocopy")]
mod typed;
mod value;
mod values;
mod writes;

pub use axes::SubViews;
pub(crate) use borrowed::tells_its_layout;
pub use borrowed::{Items, Runs, View};
pub use cast::CastError;
pub use halves::SubViewsMut;
pub use hex::HashError;
pub use mutable::ViewMut;
pub use row::{Row, RowError};
#[cfg(feature = "ndarray")]
pub(crate) use typed::Cause;
#[cfg(feature = "zerocopy")]
pub use typed::TypedError;
pub use value::Value;
pub use values::{List, ViewRecords};
pub use writes::CopyWithinError;
