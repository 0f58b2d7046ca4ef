//! What is held, not what passed: allocations less what was freed.

use super::alloc::{self, Balance};
use super::switch::Switch;

/// What the calling thread allocated and has not freed again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Held {
    /// Bytes that were asked for.
    pub asked: u64,
    /// Bytes that the allocator gave for them, rounding included; without the word in
    /// front of each block. Elsewhere than with glibc the same as `asked`.
    pub usable: u64,
    /// Blocks.
    pub blocks: u64,
    /// The most bytes that were held at once, of those asked for. A block that moved as
    /// it grew counts twice for that moment.
    pub peak: u64,
}

/// Runs `f`, and returns with its result what it holds, or whatever else `f` kept.
///
/// Counts the calling thread only: a block that one thread allocates and another frees
/// stays on the first one's account. All zero in a binary without
/// [`install_meter!`](crate::install_meter); [`alloc::installed`] tells.
///
/// ```
/// bench_suite::install_meter!(allocations);
///
/// # fn main() {
/// use bench_suite::meter::held;
///
/// let (ten, held) = held(|| (0..10).collect::<Box<[u64]>>());
/// assert_eq!((held.asked, held.blocks), (80, 1));
/// assert!(held.usable >= 80);
/// # drop(ten);
/// # }
/// ```
pub fn held<R>(f: impl FnOnce() -> R) -> (R, Held) {
    let watch = Watch::start();
    let result = f();
    let held = watch.held();
    (result, held)
}

/// An account that is asked again and again while something grows.
///
/// ```
/// bench_suite::install_meter!(allocations);
///
/// # fn main() {
/// let mut watch = bench_suite::meter::Watch::start();
/// let mut list = Vec::with_capacity(1);
/// list.push(1_u64);
/// assert_eq!(watch.held().asked, 8);
/// watch.restart_peak();
/// list.push(2); // room for four, the least that a growing list has
/// assert_eq!(watch.held().asked, 32);
/// assert!(watch.held().peak >= 32);
/// # }
/// ```
#[derive(Debug)]
pub struct Watch {
    start: Balance,
    _on: Switch,
}

impl Watch {
    /// Counts from now on.
    pub fn start() -> Self {
        let on = Switch::on();
        alloc::restart_peak();
        Self { start: alloc::balance(), _on: on }
    }

    /// What came since the start and has not gone. Allocates nothing.
    pub fn held(&self) -> Held {
        let (now, start) = (alloc::balance(), self.start);
        let since = |now: i64, start: i64| u64::try_from(now - start).unwrap_or(0);
        Held {
            asked: since(now.asked, start.asked),
            usable: since(now.usable, start.usable),
            blocks: since(now.blocks, start.blocks),
            peak: since(now.peak, start.asked),
        }
    }

    /// Lets the peak begin anew from what is held now.
    pub fn restart_peak(&mut self) {
        alloc::restart_peak();
    }
}
