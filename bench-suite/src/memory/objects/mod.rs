//! Snapshots of objects: what there is, what came, and who keeps it alive.
//!
//! A snapshot is a file of JSON lines in the shape that
//! [Meliae](https://pypi.org/project/meliae/) dumps: an object a line, with `address`,
//! `type`, `size` and `refs`, and where known `name` and `len`. The toolkit's own report
//! ([`retention`](buffers::retention)) writes it, and [`DUMPER`] does in CPython.
//!
//! ```
//! use bench_suite::memory::objects::{Dominators, Snapshot, Summary};
//! use buffers::{SharedBuf, retention};
//!
//! let page = SharedBuf::from(vec![0; 4096]);
//! let words = [page.slice(..8), page.slice(8..16)];
//! drop(page);
//! let lines = retention::report(&words).json_lines().to_string();
//!
//! let summary = Summary::read(lines.as_bytes())?;
//! assert_eq!((summary.objects(), summary.bytes()), (3, 4096 + 2 * 24));
//! println!("{summary}");
//!
//! // Either of the two keeps the page, so neither alone does.
//! let snapshot = Snapshot::read(lines.as_bytes())?;
//! let dominators = Dominators::of(&snapshot);
//! assert_eq!(dominators.retained_bytes(0), 24);
//! # Ok::<(), bench_suite::memory::MemoryError>(())
//! ```

mod changes;
mod dominators;
mod line;
mod pinners;
mod scan;
mod snapshot;
mod summary;

pub use changes::{KindChange, change_table, changes};
pub use dominators::Dominators;
pub use pinners::{PinnerKind, pinner_kinds, pinner_table, who_pins};
pub use snapshot::Snapshot;
pub use summary::{KindRow, Summary};

/// A script that makes a snapshot of the CPython that imports it: `dump("file")`.
pub const DUMPER: &str = include_str!("dump.py");
