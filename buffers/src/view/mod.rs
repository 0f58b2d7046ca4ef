//! Looking at bytes that somebody else keeps.

mod row;

pub use row::{Row, RowError};
