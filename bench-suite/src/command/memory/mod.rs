//! The commands about memory.

mod heap;
mod maps;

pub(super) use heap::HeapRequest;
pub(super) use maps::MapsRequest;
