//! What callers iterate.

mod chunks;

pub use chunks::FileReader;
