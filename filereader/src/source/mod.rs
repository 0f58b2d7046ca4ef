//! What is read from: descriptors, and sections of files.

mod descriptor;
mod section;

pub use descriptor::Descriptor;
pub use section::Section;
