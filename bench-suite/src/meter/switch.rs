//! The process-wide switch of the counters.

use std::sync::atomic::{AtomicUsize, Ordering};

/// How many measurements are running, in all threads together.
///
/// A flag would not do: the first of two overlapping measurements to end would
/// blind the other.
static RUNNING: AtomicUsize = AtomicUsize::new(0);

/// Keeps the counters on for as long as it lives.
#[derive(Debug)]
pub(super) struct Switch(());

impl Switch {
    /// Turns the counters on.
    pub(super) fn on() -> Self {
        RUNNING.fetch_add(1, Ordering::Relaxed);
        Self(())
    }
}

impl Drop for Switch {
    fn drop(&mut self) {
        RUNNING.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Whether anybody measures.
///
/// A relaxed load is enough: a thread always sees its own increment, and the
/// counters that it guards belong to one thread each.
#[inline]
pub(super) fn is_on() -> bool {
    RUNNING.load(Ordering::Relaxed) != 0
}
