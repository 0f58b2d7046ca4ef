//! Keeping bytes: shared handles, and where lent memory goes.

mod convert;
mod header;
mod io;
mod owner;
mod shared_buf;
mod std_traits;
mod unique_buf;

pub use header::Home;
pub use owner::{Owner, OwnerMut};
pub use shared_buf::SharedBuf;
pub use unique_buf::UniqueBuf;
