//! What was measured, as a table and as JSON.

mod json;
mod machine;
mod row;
mod table;

pub use json::write_json;
pub use machine::Machine;
pub use row::{Row, Spread};
pub use table::Table;
