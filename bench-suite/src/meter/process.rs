//! What the kernel counts anyway: page faults, processor time, peak memory.

use std::borrow::Cow;
use std::time::Duration;

use super::Figure;

/// Page faults of the calling thread so far, minor and major together.
///
/// A fault is the kernel filling in a page at first touch, or copying it after
/// a write to shared memory; the figure does not tell the two apart.
/// Unavailable elsewhere than on Linux.
pub fn thread_faults() -> Figure {
    #[cfg(target_os = "linux")]
    return faults(nix::sys::resource::UsageWho::RUSAGE_THREAD);
    #[cfg(not(target_os = "linux"))]
    return Figure::unavailable("page faults per thread are counted on Linux only");
}

/// Page faults of the process so far, minor and major together.
pub fn process_faults() -> Figure {
    #[cfg(unix)]
    return faults(nix::sys::resource::UsageWho::RUSAGE_SELF);
    #[cfg(not(unix))]
    return Figure::unavailable("page faults are counted on Unix only");
}

/// Processor time of the calling thread so far, user and system together.
///
/// It is read from the thread's clock, which is exact where `getrusage` lags
/// behind by up to a timer tick. `None` elsewhere than on Linux.
pub fn thread_cpu() -> Option<Duration> {
    #[cfg(target_os = "linux")]
    return clock(nix::time::ClockId::CLOCK_THREAD_CPUTIME_ID);
    #[cfg(not(target_os = "linux"))]
    return None;
}

/// Processor time of the process so far, user and system of all its threads
/// together. `None` elsewhere than on Linux.
pub fn process_cpu() -> Option<Duration> {
    #[cfg(target_os = "linux")]
    return clock(nix::time::ClockId::CLOCK_PROCESS_CPUTIME_ID);
    #[cfg(not(target_os = "linux"))]
    return None;
}

/// The most memory, in bytes, that the process has had resident since it began
/// or since [`reset_peak_rss`].
///
/// The kernel keeps the number per processor and adds up now and then, so that
/// it may be off by some hundred kibibytes. Pages of mapped files count as much
/// as anonymous memory does. Unavailable elsewhere than on Linux.
pub fn peak_rss() -> Figure {
    if !cfg!(target_os = "linux") {
        return Figure::unavailable("the peak of resident memory is read on Linux only");
    }
    match std::fs::read_to_string("/proc/self/status") {
        Ok(status) => high_water_mark(&status)
            .map_or_else(|| Figure::unavailable("/proc/self/status has no VmHWM"), Figure::Counted),
        Err(error) => Figure::unavailable(format!("/proc/self/status: {error}")),
    }
}

/// Makes [`peak_rss`] start anew from what is resident now.
///
/// # Errors
///
/// The reason if the kernel refuses, as it does inside some containers.
pub fn reset_peak_rss() -> Result<(), Cow<'static, str>> {
    if !cfg!(target_os = "linux") {
        return Err("the peak of resident memory is reset on Linux only".into());
    }
    std::fs::write("/proc/self/clear_refs", "5")
        .map_err(|error| format!("/proc/self/clear_refs: {error}").into())
}

/// Runs `f` and returns, besides its result, the most memory in bytes that the
/// process had resident meanwhile.
///
/// The figure is that of the whole process, memory from before `f` included.
/// It is unavailable where the peak cannot be reset, for then it would tell of
/// something before `f`.
pub fn peak_rss_during<R>(f: impl FnOnce() -> R) -> (R, Figure) {
    let reset = reset_peak_rss();
    let result = f();
    (result, reset.map_or_else(Figure::Unavailable, |()| peak_rss()))
}

/// Bytes of the line `VmHWM:     1234 kB`.
fn high_water_mark(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024)
}

#[cfg(unix)]
fn faults(who: nix::sys::resource::UsageWho) -> Figure {
    match nix::sys::resource::getrusage(who) {
        Ok(usage) => {
            let faults = usage.minor_page_faults() + usage.major_page_faults();
            u64::try_from(faults).map_or_else(
                |_| Figure::unavailable("getrusage returned a negative number"),
                Figure::Counted,
            )
        }
        Err(error) => Figure::unavailable(format!("getrusage: {error}")),
    }
}

#[cfg(target_os = "linux")]
fn clock(clock: nix::time::ClockId) -> Option<Duration> {
    clock.now().ok().map(Duration::from)
}

#[cfg(test)]
mod tests {
    use super::high_water_mark;

    #[test]
    fn the_mark_is_in_bytes() {
        let status = "Name:\tx\nVmPeak:\t 9 kB\nVmHWM:\t    1234 kB\nVmRSS:\t 1 kB\n";
        assert_eq!(high_water_mark(status), Some(1234 * 1024));
        assert_eq!(high_water_mark("Name:\tx\n"), None);
    }
}
