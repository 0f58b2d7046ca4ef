//! What the meter itself costs.

use std::borrow::Cow;
use std::fmt;
use std::hint::black_box;
use std::time::Instant;

use serde::{Deserialize, Serialize};

use super::copies;
#[cfg(all(target_os = "linux", target_env = "gnu", not(target_feature = "crt-static")))]
use super::raw::direct_copy as direct;
use super::switch::{self, Switch};

/// Bytes of the copy that is timed: small enough for the call to be what
/// takes the time.
const BYTES: usize = 64;
/// Copies in one batch; a batch must outweigh the clock's resolution.
const BATCH: u32 = 20_000;
/// Batches, of which the fastest counts: the others were interrupted.
const BATCHES: u32 = 25;

/// Nanoseconds that one `memcpy` of 64 bytes takes, with the loop around it.
///
/// A comparison of timings is distorted by `off_ns - direct_ns` per copy for
/// having the meter in the binary, and by `on_ns - direct_ns` while measuring.
/// In an optimised build the former is as small as the effect of the loop's
/// alignment, about half a nanosecond, and may come out negative.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct SwitchCost {
    /// Through the C library's function, past the interposed symbol.
    pub direct_ns: f64,
    /// Through the interposed symbol while nobody measures.
    pub off_ns: f64,
    /// Through the interposed symbol during a measurement.
    pub on_ns: f64,
}

impl fmt::Display for SwitchCost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { direct_ns, off_ns, on_ns } = self;
        write!(
            f,
            "The copy counter is switched off in timed runs: a memcpy of 64 bytes takes \
             {direct_ns:.1} ns without it,\n{off_ns:.1} ns with it switched off, {on_ns:.1} ns \
             switched on."
        )
    }
}

/// Times a `memcpy` of 64 bytes without the meter, with the meter off and with
/// the meter on. It takes a few milliseconds; only an optimised build tells
/// anything about another optimised build.
///
/// # Errors
///
/// Why it cannot be told: copies are not counted in this binary, or another
/// thread is measuring, so that the meter is never off.
pub fn switch_cost() -> Result<SwitchCost, Cow<'static, str>> {
    copies::installed()?;
    let direct = direct().ok_or("the C library's memcpy was not found")?;
    let direct_ns = fastest(direct);
    if switch::is_on() {
        return Err("another measurement is running".into());
    }
    let off_ns = fastest(interposed);
    let _on = Switch::on();
    let on_ns = fastest(interposed);
    Ok(SwitchCost { direct_ns, off_ns, on_ns })
}

/// The fastest batch's nanoseconds per call of `copy`.
fn fastest(copy: impl Fn(&mut [u8], &[u8])) -> f64 {
    let source = vec![1_u8; BYTES];
    let mut target = vec![0_u8; BYTES];
    let mut best = f64::INFINITY;
    for _ in 0..BATCHES {
        let start = Instant::now();
        for _ in 0..BATCH {
            copy(black_box(&mut target), black_box(&source));
        }
        best = best.min(start.elapsed().as_secs_f64());
    }
    best / f64::from(BATCH) * 1e9
}

/// Calls the symbol `memcpy`: the length is not known before run time.
fn interposed(target: &mut [u8], source: &[u8]) {
    target.copy_from_slice(source);
}

/// Where copies are not counted there is nothing to get past.
#[cfg(not(all(target_os = "linux", target_env = "gnu", not(target_feature = "crt-static"))))]
fn direct() -> Option<fn(&mut [u8], &[u8])> {
    None
}
