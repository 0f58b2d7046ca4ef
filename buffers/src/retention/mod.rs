//! Which views pin which memory, and how much of it they use.
//!
//! A [`SharedBuf`](crate::SharedBuf) of ten bytes keeps the whole of its memory
//! alive: a block of a pool, a page, a file read whole. [`report`] is handed the
//! handles that a program keeps (its caches, its queues) and says for each memory
//! behind them how large it is, which part is used by anybody, by whom, and how many
//! handles there are besides.
//!
//! It is asked, and records nothing before: a program that never calls it pays
//! nothing. With the feature `sites`, `sample_every` has one in so many handles
//! remember the line that made it, which the report then shows.
//!
//! ```
//! use buffers::{Chain, SharedBuf, retention};
//!
//! let page = SharedBuf::from(vec![b'x'; 4096]).try_with_label("page 7").unwrap();
//! let cache = [page.slice(..16), page.slice(8..24)];
//! let queue = Chain::from_iter([page.slice(4000..)]);
//! drop(page);
//!
//! let roots = cache.iter().map(|title| retention::Root::from(("cache", title)));
//! let report = retention::report(roots.chain([("queue", &queue).into()]));
//!
//! let page = &report.backings()[0];
//! assert_eq!((page.label(), page.capacity(), page.used_bytes()), (Some("page 7"), 4096, 120));
//! assert_eq!((page.handles(), page.seen()), (3, 3)); // nobody else looks at it
//! println!("{report}");
//! ```

mod compact;
mod json;
mod picture;
mod report;
mod root;
#[cfg(feature = "sites")]
mod sampled;
mod show;
mod stretches;
mod text;

pub use compact::{CompactPolicy, Compacted, compact};
pub use report::{Holder, Report, Retained, Site, report};
pub use root::Root;
#[cfg(feature = "sites")]
pub use sampled::{Sampled, sampled};

/// From now on, one in `n` handles that are made has the line that makes it put on
/// record, for as long as it lives; 0 switches this off again.
///
/// Each thread counts for itself, and begins with its first handle. A handle that is
/// not on record costs a load and a comparison when it is made, and a comparison when
/// it goes; one that is takes a lock that all threads share, and an entry of some 50
/// bytes.
///
/// | a slice and its drop | time, of the build without the feature |
/// |---|---|
/// | sampling off | 1.5 (56 instructions, not 37) |
/// | one in 1024 | 1.5 |
/// | every one | 17 |
///
/// Medians of five pairs of runs in November 2026, on a machine that did other things
/// too, so that single pairs lay between 1.1 and 2.4 for the first. The bench group
/// `sites` and `tests/instruction_counts.rs` measure again.
///
/// The line is that of the call to `slice`, `promote`, `clone`, `freeze` or
/// `SharedBuf::from`. Where another function makes the call, such as the standard
/// library's `into` or `to_vec` of a slice of handles, it is that function's line.
/// Handles that show the same range of the same memory are not told apart: when one
/// of them goes, the line of another may be the one that is forgotten.
///
/// ```
/// use buffers::{SharedBuf, retention};
///
/// retention::sample_every(1); // all of them: fine in a test
/// let page = SharedBuf::from(vec![0; 4096]);
/// let (word, line) = (page.slice(..4), line!());
/// drop(page);
///
/// let report = retention::report([&word]);
/// let site = &report.backings()[0].sites()[0];
/// assert_eq!((site.location().line(), site.handles()), (line, 1));
/// ```
#[cfg(feature = "sites")]
pub fn sample_every(n: u32) {
    crate::shared::sites::sample_every(n);
}
