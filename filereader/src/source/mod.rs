//! What is read from: descriptors, sections of files, files that are not kept in the
//! cache; what the system is told of how a file is read; and what a file is like.

mod cache;
mod descriptor;
mod dont_keep;
mod plan;
mod section;

pub use cache::Cache;
pub use descriptor::Descriptor;
pub use dont_keep::DontKeep;
pub use plan::{Direct, Kind, Plan, Probe, Road};
pub use section::Section;
