//! Several shared buffers as one sequence of bytes.

mod buf;
mod cuts;
#[cfg(feature = "std")]
mod io;
mod pieces;
mod traits;

pub use pieces::{Chain, IntoIter, Iter};
