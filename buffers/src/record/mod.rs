//! Records in and out of bytes: what Python's `struct` module does, in place.

mod encode;
mod fields;
mod pack;
mod record_error;
mod records;
mod tuple;
mod tuples;

pub use record_error::RecordError;
pub use records::{Record, Records, Values};
pub use tuple::{Part, Tuple};
pub use tuples::Tuples;
