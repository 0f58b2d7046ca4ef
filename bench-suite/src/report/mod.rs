//! What was measured: as tables for people, as a page, and as JSON.

mod chart;
mod estimates;
mod json;
mod machine;
mod marked;
mod page;
mod ratios;
mod row;
mod table;

pub use estimates::{Estimate, day, estimates};
pub use json::write_json;
pub use machine::Machine;
pub use marked::Marked;
pub use page::Page;
pub use ratios::{RATIO_NOTES, Ratios};
pub use row::{Row, Spread};
pub use table::{NOTES, Table, grouped};
