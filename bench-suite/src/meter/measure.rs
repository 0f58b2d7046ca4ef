//! All counters of one thread around one block of code.

use std::borrow::Cow;
use std::fmt;
use std::time::{Duration, Instant};

use buffers::copied;
use serde::{Deserialize, Deserializer, Serialize};

use super::switch::Switch;
use super::{Figure, alloc, copies, process};

/// What one block of code did, in the thread that ran it.
///
/// The holes of each figure are listed in the [module](super)'s documentation.
/// The foremost: work done by other threads on the block's behalf is missing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reading {
    /// Calls of `alloc`, `alloc_zeroed` and `realloc`.
    pub allocs: Figure,
    /// Bytes that these calls asked for.
    pub alloc_bytes: Figure,
    /// Bytes that `memcpy` and `memmove` copied.
    pub copied_bytes: Figure,
    /// Calls of `memcpy` and `memmove`.
    pub copy_calls: Figure,
    /// Bytes that the toolkit's own copying calls reported.
    pub ledger_bytes: Figure,
    /// Page faults, minor and major.
    pub page_faults: Figure,
    /// Seconds of processor time, user and system. Not a number (`null` in
    /// JSON) elsewhere than on Linux.
    #[serde(deserialize_with = "null_is_nan")]
    pub cpu_s: f64,
    /// Seconds on the clock.
    pub wall_s: f64,
}

impl fmt::Display for Reading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} allocations of {} B, {} copies of {} B, {} B in the ledger, {} page faults",
            self.allocs,
            self.alloc_bytes,
            self.copy_calls,
            self.copied_bytes,
            self.ledger_bytes,
            self.page_faults,
        )
    }
}

/// Runs `f` and reads the calling thread's counters before and after.
///
/// Measurements may be nested, and several threads may measure at once. A
/// nested measurement is part of the outer one, with the few system calls that
/// it makes for itself, but it allocates and copies nothing of its own.
///
/// ```
/// bench_suite::install_meter!();
///
/// # fn main() {
/// let source = vec![1_u8; 4096];
/// let (slice, reading) = bench_suite::meter::measure(|| &source[1..]);
/// assert_eq!(slice.len(), 4095);
/// assert_eq!(reading.allocs.value(), Some(0));
/// # }
/// ```
pub fn measure<R>(f: impl FnOnce() -> R) -> (R, Reading) {
    // These allocate and copy the first time, and so come before the counters.
    let blind = Blind::find_out();
    let switch = Switch::on();
    let faults = process::thread_faults();
    let cpu = process::thread_cpu();
    let before = Totals::now();
    let start = Instant::now();
    let result = f();
    let wall = start.elapsed();
    let after = Totals::now();
    let cpu = process::thread_cpu().zip(cpu).map(|(after, before)| after.saturating_sub(before));
    let faults = process::thread_faults().since(&faults);
    drop(switch);
    (result, reading(&blind, after.since(before), faults, cpu, wall))
}

/// Why which counters are blind in this binary.
struct Blind {
    allocations: Result<(), Cow<'static, str>>,
    copies: Result<(), Cow<'static, str>>,
}

impl Blind {
    fn find_out() -> Self {
        Self { allocations: alloc::installed(), copies: copies::installed() }
    }
}

/// The thread's running totals that are read right next to the measured code.
#[derive(Clone, Copy)]
struct Totals {
    allocations: alloc::Counts,
    copies: copies::Counts,
    ledger: copied::Tally,
}

impl Totals {
    fn now() -> Self {
        Self { allocations: alloc::counts(), copies: copies::counts(), ledger: copied::bytes() }
    }

    fn since(self, earlier: Self) -> Self {
        Self {
            allocations: self.allocations.since(earlier.allocations),
            copies: self.copies.since(earlier.copies),
            ledger: self.ledger.since(earlier.ledger),
        }
    }
}

fn reading(
    blind: &Blind,
    moved: Totals,
    page_faults: Figure,
    cpu: Option<Duration>,
    wall: Duration,
) -> Reading {
    Reading {
        allocs: Figure::if_seen(&blind.allocations, moved.allocations.allocations),
        alloc_bytes: Figure::if_seen(&blind.allocations, moved.allocations.bytes),
        copied_bytes: Figure::if_seen(&blind.copies, moved.copies.bytes),
        copy_calls: Figure::if_seen(&blind.copies, moved.copies.calls),
        ledger_bytes: ledger_figure(moved.ledger),
        page_faults,
        cpu_s: cpu.map_or(f64::NAN, |cpu| cpu.as_secs_f64()),
        wall_s: wall.as_secs_f64(),
    }
}

fn ledger_figure(tally: copied::Tally) -> Figure {
    match tally {
        copied::Tally::Counted(n) => Figure::Counted(n),
        copied::Tally::Unavailable => Figure::unavailable("this build keeps no ledger of copies"),
    }
}

/// JSON has no "not a number" and writes `null` for it.
fn null_is_nan<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    Option::<f64>::deserialize(deserializer).map(|number| number.unwrap_or(f64::NAN))
}
