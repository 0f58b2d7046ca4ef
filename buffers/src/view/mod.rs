//! Looking at bytes that somebody else keeps.

mod axes;
mod borrowed;
mod copies;
mod gather;
mod row;

pub use axes::SubViews;
pub(crate) use borrowed::tells_its_layout;
pub use borrowed::{Items, Runs, View};
pub use row::{Row, RowError};
