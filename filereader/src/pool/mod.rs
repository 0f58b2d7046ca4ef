//! Memory that is lent, and comes home.

mod acquire;
mod block;
mod borrower;
mod builder;
mod exhausted;
mod filled;
mod lending;
mod line;
mod memory;
#[cfg(all(test, loom))]
mod model;
mod part;
// `bytes::BufMut` is an unsafe trait; its one implementation is in this file.
#[allow(unsafe_code, reason = "an unsafe trait has no safe implementation")]
mod raw;
mod shelves;
mod stats;
mod sync;
mod vectored;

pub use acquire::Acquire;
pub use block::Block;
pub(crate) use builder::DEFAULT_BLOCK_SIZE;
pub use builder::{BuildError, PoolBuilder};
pub use exhausted::{Exhausted, Holder};
pub use filled::{Filled, FilledEnd, ReadError};
pub use lending::Pool;
pub use part::{Part, RoomError};
pub use stats::Stats;
