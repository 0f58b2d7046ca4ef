//! The heap of glibc in a live process, walked from outside.
//!
//! glibc cuts its heap into chunks, each with its size in front of it and a bit that says
//! whether the one before it is free: boundary tags. This walks them all, follows the
//! lists that glibc keeps of free chunks (bins, fastbins, the caches of threads), and
//! says where tags and lists do not agree.
//!
//! The process stands still meanwhile and nothing in it is written
//! ([`Target::stop`]). The main arena is found without debug symbols, by its structure:
//! [`Walk::evidence`] says how. What is not understood is said, not guessed.
//!
//! ```no_run
//! use bench_suite::memory::{Target, heap::{ChunkKind, Walk}};
//!
//! let walk = Walk::of(&Target::open(1234)?)?;
//! println!("{}", walk.summary());
//! println!("{} bytes are used", walk.bytes(ChunkKind::Used));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod arena;
mod chunk;
mod diff;
mod head;
mod lists;
mod mapped;
mod saved;
mod search;
mod select;
mod sizes;
mod table;
mod tags;
mod walk;

pub use arena::Arena;
pub use chunk::{Chunk, ChunkKind};
pub use diff::{Change, diff};
pub use head::HEAP_SIZE;
pub(in crate::memory) use head::leads_to_arena;
pub use saved::Saved;
pub use select::Select;
pub use sizes::{SizeRow, by_size};
pub use table::change_table;
pub use walk::Walk;

#[cfg(doc)]
use super::Target;
