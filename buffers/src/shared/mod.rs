//! Keeping bytes: shared handles, and where lent memory goes.

mod aligned;
mod backing;
mod buf;
mod compare;
mod convert;
mod cuts;
mod header;
mod owner;
mod ownership;
mod parts;
#[cfg(feature = "std")]
mod reader;
mod shared_buf;
mod shared_view;
#[cfg(feature = "sites")]
pub(crate) mod sites;
mod span;
mod std_traits;
mod unique_buf;

pub use aligned::{AllocError, AllocErrorKind};
pub use backing::{Backing, BackingId, BackingKind};
pub use header::Home;
pub use owner::{Owner, OwnerMut};
pub use parts::{PartError, Parts, PartsIter};
#[cfg(feature = "std")]
pub use reader::Reader;
pub use shared_buf::SharedBuf;
pub use shared_view::{SharedRuns, SharedView};
pub use std_traits::IntoIter;
pub use unique_buf::UniqueBuf;
