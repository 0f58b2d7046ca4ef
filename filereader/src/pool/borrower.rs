//! Who takes a block: the line, the thread, and when.

use std::cell::Cell;
use std::num::NonZeroU64;
use std::panic::Location;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// Who took a block.
#[derive(Clone, Copy, Debug)]
pub(super) struct Borrower {
    pub(super) location: &'static Location<'static>,
    pub(super) thread: usize,
    /// When, if the pool keeps times.
    pub(super) since: Option<Moment>,
    /// Which memory it is, for asking what is on record of it.
    #[cfg(feature = "sites")]
    pub(super) memory: Option<buffers::BackingId>,
}

/// A point in time: nanoseconds from when the first one was asked for, and one more. An
/// `Instant` would make a borrower a thing of parts that the compiler moves through
/// memory, whether times are kept or not.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moment(NonZeroU64);

static FIRST: OnceLock<Instant> = OnceLock::new();

impl Moment {
    pub(super) fn now() -> Self {
        let nanos = FIRST.get_or_init(Instant::now).elapsed().as_nanos();
        // Enough for five hundred years.
        Self(NonZeroU64::MIN.saturating_add(u64::try_from(nanos).unwrap_or(u64::MAX)))
    }

    /// How long ago it was.
    pub(super) fn elapsed(self) -> Duration {
        Duration::from_nanos(Self::now().0.get().saturating_sub(self.0.get()))
    }
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
