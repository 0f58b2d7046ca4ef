//! Two threads that do the same thing at the same time.

use std::hint;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// Runs `work` `iters` times on each of two threads that start together, and
/// gives the time from the first start to the last end.
///
/// They meet by spinning: a thread that had to be woken up would start when the
/// other is half done, and few iterations would then show no contention at all.
pub(crate) fn on_two_threads(iters: u64, work: impl Fn() + Sync) -> Duration {
    let ready = AtomicU32::new(0);
    let run = || {
        ready.fetch_add(1, Ordering::AcqRel);
        while ready.load(Ordering::Acquire) < 2 {
            hint::spin_loop();
        }
        let start = Instant::now();
        for _ in 0..iters {
            work();
        }
        (start, Instant::now())
    };
    thread::scope(|scope| {
        let other = scope.spawn(run);
        let (my_start, my_end) = run();
        let (start, end) = other.join().expect("the other thread does the same work");
        my_end.max(end) - my_start.min(start)
    })
}
