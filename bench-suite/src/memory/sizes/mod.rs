//! What values of everyday types take: in CPython, and their counterparts in Rust.
//!
//! `sys.getsizeof` tells what an object takes without what it refers to. Here three
//! figures stand beside it, measured at the allocator: what was asked for, what was
//! given, and in how many blocks.

mod everyday;
mod footprint;
mod nodes;
mod table;

pub use everyday::{Everyday, PythonSizes, everyday, python_sizes};
pub use footprint::{Footprint, of_handles, of_std};
pub use nodes::{Nodes, nodes};
pub use table::{node_table, size_table};
