//! Where the memory went: of this program, and of any live process.
//!
//! | question | here |
//! |---|---|
//! | which regions does a process have, and what are they for? | [`maps`] |
//! | what does glibc's heap of a live process look like? | [`heap`] |
//! | what do values of everyday types take, in CPython and in Rust? | [`sizes`] |
//! | what do containers take as they grow? | [`growth`] |
//! | what does a struct save over a map? | [`slots`] |
//! | which objects are there, and who keeps them alive? | [`objects`] |
//! | what does a command take over time? | [`plot`] |
//!
//! Processes are only read: through `/proc/PID/smaps` and `/proc/PID/mem`. A process
//! whose heap is walked stands still for the walk ([`Target::stop`]) and goes on after
//! it, also if whoever looks is killed meanwhile.

mod error;
pub mod grid;
pub mod growth;
pub mod heap;
pub mod maps;
pub mod objects;
pub mod plot;
pub mod python;
mod remote;
pub mod sizes;
pub mod slots;
mod stopped;
mod target;

pub use error::{Kind, MemoryError};
pub use remote::Remote;
pub use stopped::Stopped;
pub use target::Target;
