//! The arithmetic of sending: no descriptor is touched in here.

mod scratch;
mod segment;
mod send_queue;

pub(crate) use scratch::Refill;
pub use segment::{FileRange, Segment};
pub use send_queue::{Op, SendQueue};
