//! Who waits, and how.

#[cfg(unix)]
pub mod blocking;
mod drive;

pub use drive::drive;
