//! The arithmetic of sending: no descriptor is touched in here.

mod coalesce;
mod cut;
mod file_range;
mod invariants;
mod piece;
mod scratch;
mod segments;
mod send_queue;
mod staging;
mod traits;

pub use coalesce::Coalesced;
pub use cut::{Cut, Standing};
pub use file_range::{FileMode, FileRange};
pub(crate) use scratch::Refill;
pub use segments::Segments;
pub use send_queue::{AdvanceError, Op, SendQueue};
