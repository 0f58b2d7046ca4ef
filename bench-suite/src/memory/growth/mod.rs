//! How containers grow: what they take at each step, and while they take it.
//!
//! A container that is full asks for a larger place, moves there, and gives the old one
//! back. What it holds per entry is a saw; while it moves it holds both.

mod chart;
mod containers;
mod table;

pub use chart::chart;
pub use containers::{Growth, Step, grow_all, grow_dict};
pub use table::growth_table;
