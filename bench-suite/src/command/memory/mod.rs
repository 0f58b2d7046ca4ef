//! The commands about memory.

mod heap;
mod maps;
mod objects;
mod plot;
mod tables;

pub(super) use heap::HeapRequest;
pub(super) use maps::MapsRequest;
pub(super) use tables::MemoryRequest;
