//! What was measured: as tables for people, as a page, and as JSON.

mod chart;
mod json;
mod machine;
mod page;
mod row;
mod table;

pub use json::write_json;
pub use machine::Machine;
pub use page::Page;
pub use row::{Row, Spread};
pub use table::{NOTES, Table, grouped};
