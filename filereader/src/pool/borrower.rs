//! Who takes a block: the line, the thread, and when.

use std::cell::Cell;
use std::panic::Location;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

/// Who took a block.
#[derive(Clone, Copy, Debug)]
pub(super) struct Borrower {
    pub(super) location: &'static Location<'static>,
    pub(super) thread: usize,
    /// When, if the pool keeps times.
    pub(super) since: Option<Instant>,
}

thread_local! {
    static NUMBER: Cell<usize> = const { Cell::new(0) };
}

static LAST: AtomicUsize = AtomicUsize::new(0);

/// A number that no other thread of this program has or had, or 0 while the thread
/// is being taken down. `ThreadId` would be it too, and costs a shared count.
#[inline]
pub(super) fn this_thread() -> usize {
    NUMBER
        .try_with(|number| match number.get() {
            0 => {
                number.set(LAST.fetch_add(1, Ordering::Relaxed) + 1);
                number.get()
            }
            number => number,
        })
        .unwrap_or(0)
}
