//! Who waits, and how.

#[cfg(unix)]
pub mod blocking;
mod drive;
mod engine;
pub mod nonblocking;
#[cfg(all(feature = "tokio", unix))]
pub mod tokio;

pub use drive::{drain_to, drive, drive_observed};
