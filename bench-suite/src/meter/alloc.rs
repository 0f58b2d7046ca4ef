//! Allocation counters, one set per thread.

use std::borrow::Cow;
use std::cell::Cell;
use std::hint::black_box;
use std::sync::OnceLock;
use std::sync::atomic::{Ordering, compiler_fence};

use super::switch::{self, Switch};

/// The system's allocator, with counters in front.
///
/// `install_meter!` makes it the global allocator of a binary. While no
/// measurement runs, each call costs one relaxed load more than the system's
/// allocator alone.
///
/// What it does not see: `malloc` called by C code, memory mapped directly, and
/// allocations that the optimiser removed (which do not happen).
#[derive(Clone, Copy, Debug, Default)]
pub struct CountingAllocator;

/// Running totals of one thread, from the moments when a measurement ran
/// anywhere in the process.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Calls of `alloc`, `alloc_zeroed` and `realloc`; each counts as one.
    pub allocations: u64,
    /// Bytes asked for by these calls. A `realloc` counts its whole new size,
    /// for it may move all of it.
    pub bytes: u64,
    /// Calls of `dealloc`.
    pub deallocations: u64,
}

impl Counts {
    /// What was added since `earlier`.
    #[must_use]
    pub fn since(self, earlier: Self) -> Self {
        Self {
            allocations: self.allocations - earlier.allocations,
            bytes: self.bytes - earlier.bytes,
            deallocations: self.deallocations - earlier.deallocations,
        }
    }
}

/// The calling thread's totals.
///
/// They only move while a measurement runs, and only where the allocator is
/// installed; [`installed`] tells.
#[inline(never)]
pub fn counts() -> Counts {
    // The compiler knows what an allocation and a copy may write to, and our
    // counters are not part of it. Without the fence it could read them once
    // for two calls of this function.
    compiler_fence(Ordering::SeqCst);
    COUNTS
        .try_with(|counts| {
            let counts = black_box(counts);
            Counts {
                allocations: counts.allocations.get(),
                bytes: counts.bytes.get(),
                deallocations: counts.deallocations.get(),
            }
        })
        .unwrap_or_default()
}

/// Whether allocations are counted in this binary.
///
/// The answer comes from an allocation made for the purpose, once per process.
///
/// # Errors
///
/// Why they are not counted.
pub fn installed() -> Result<(), Cow<'static, str>> {
    static SEEN: OnceLock<bool> = OnceLock::new();
    if *SEEN.get_or_init(control) { Ok(()) } else { Err(super::copies::NOT_INSTALLED.into()) }
}

/// Makes one allocation, and tells whether the counters saw it.
pub(super) fn control() -> bool {
    let _on = Switch::on();
    let before = counts();
    drop(black_box(Box::new(black_box(1_u8))));
    let seen = counts().since(before);
    seen.allocations == 1 && seen.deallocations == 1
}

/// Cells without a destructor, initialised by a constant: reading them
/// allocates nothing and works while the thread is being torn down.
struct Cells {
    allocations: Cell<u64>,
    bytes: Cell<u64>,
    deallocations: Cell<u64>,
}

thread_local! {
    static COUNTS: Cells = const {
        Cells { allocations: Cell::new(0), bytes: Cell::new(0), deallocations: Cell::new(0) }
    };
}

/// Called by the allocator for each block that it is asked for.
#[inline]
pub(super) fn note_allocation(bytes: usize) {
    if switch::is_on() {
        // An error would mean a destroyed key, and this key has no destructor.
        let _ = COUNTS.try_with(|counts| {
            counts.allocations.set(counts.allocations.get() + 1);
            counts.bytes.set(counts.bytes.get() + bytes as u64);
        });
    }
}

/// Called by the allocator for each block that it gets back.
#[inline]
pub(super) fn note_deallocation() {
    if switch::is_on() {
        let _ = COUNTS.try_with(|counts| counts.deallocations.set(counts.deallocations.get() + 1));
    }
}
