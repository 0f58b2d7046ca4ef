//! The proof that a loop neither allocates nor copies once it has started.

use std::borrow::Cow;

use super::{Reading, alloc, copies, measure};

/// Panics unless `iterations` rounds of `f`, after `warmup` rounds that may do
/// as they like, allocate nothing and copy nothing.
///
/// The proof is about the calling thread, and as good as the counters are; see
/// the holes listed in [`copies`].
///
/// # Panics
///
/// If the counters do not see a control allocation and a control copy, made on
/// purpose just before ("the meter is blind"); if `iterations` is zero, for
/// that would prove nothing; and with the figures if the rounds did allocate
/// or copy.
///
/// ```
/// bench_suite::install_meter!();
///
/// # fn main() {
/// let mut sums = Vec::new();
/// bench_suite::meter::assert_steady(1, 100, || {
///     sums.clear();
///     sums.push(1 + 1);
/// });
/// # }
/// ```
#[track_caller]
pub fn assert_steady(warmup: u32, iterations: u32, f: impl FnMut()) {
    let reading = steady_reading(warmup, iterations, f);
    let quiet = [&reading.allocs, &reading.copied_bytes, &reading.ledger_bytes]
        .iter()
        .all(|figure| figure.value() == Some(0));
    assert!(quiet, "not steady, in {iterations} rounds: {reading}");
}

/// The figures that [`assert_steady`] judges: those of `iterations` rounds of
/// `f` together, after `warmup` rounds.
///
/// # Panics
///
/// If the counters do not see the control allocation and copy, and if
/// `iterations` is zero.
#[track_caller]
pub fn steady_reading(warmup: u32, iterations: u32, mut f: impl FnMut()) -> Reading {
    assert!(iterations > 0, "no iterations prove nothing");
    if let Err(why) = can_see() {
        panic!("the meter is blind: {why}");
    }
    for _ in 0..warmup {
        f();
    }
    let ((), reading) = measure(|| {
        for _ in 0..iterations {
            f();
        }
    });
    reading
}

/// Makes an allocation and a copy on purpose.
///
/// # Errors
///
/// Which of them the counters missed, and why if that is known.
fn can_see() -> Result<(), Cow<'static, str>> {
    alloc::installed()?;
    copies::installed()?;
    if !alloc::control() {
        return Err("it missed an allocation made on purpose".into());
    }
    if !copies::control() {
        return Err("it missed a copy made on purpose".into());
    }
    Ok(())
}
