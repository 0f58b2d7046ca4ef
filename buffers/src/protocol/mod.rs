//! Asking somebody for a view of their memory.

mod export;
mod exporters;
mod request;

pub use export::{Export, ExportMut};
pub use request::{ExportError, Flag, Request};
