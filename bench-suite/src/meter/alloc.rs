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

/// What a thread holds, by its own allocations less what it freed, from the moments when
/// a measurement ran. Memory that another thread allocated or will free makes it go astray.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Balance {
    pub(super) asked: i64,
    pub(super) usable: i64,
    pub(super) blocks: i64,
    pub(super) peak: i64,
}

/// The calling thread's balance.
#[inline(never)]
pub(super) fn balance() -> Balance {
    // As in `counts`.
    compiler_fence(Ordering::SeqCst);
    BALANCE.try_with(|cell| black_box(cell).get()).unwrap_or_default()
}

/// Lets the peak begin anew from what is held now.
pub(super) fn restart_peak() {
    let _ = BALANCE.try_with(|cell| {
        let now = cell.get();
        cell.set(Balance { peak: now.asked, ..now });
    });
}

/// Bytes that were asked for, and that the allocator really gave.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Size {
    pub(super) asked: usize,
    pub(super) usable: usize,
}

impl Balance {
    fn add(&mut self, Size { asked, usable }: Size) {
        self.asked += asked.cast_signed() as i64;
        self.usable += usable.cast_signed() as i64;
        self.blocks += 1;
        self.peak = self.peak.max(self.asked);
    }

    fn remove(&mut self, Size { asked, usable }: Size) {
        self.asked -= asked.cast_signed() as i64;
        self.usable -= usable.cast_signed() as i64;
        self.blocks -= 1;
    }
}

fn change_balance(change: impl FnOnce(&mut Balance)) {
    let _ = BALANCE.try_with(|cell| {
        let mut balance = cell.get();
        change(&mut balance);
        cell.set(balance);
    });
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

thread_local! {
    static BALANCE: Cell<Balance> =
        const { Cell::new(Balance { asked: 0, usable: 0, blocks: 0, peak: 0 }) };
}

/// Called by the allocator for each block that it gives.
#[inline]
pub(super) fn note_allocation(bytes: usize, usable: impl FnOnce() -> usize) {
    if switch::is_on() {
        let size = Size { asked: bytes, usable: usable() };
        if size.usable > 0 {
            change_balance(|balance| balance.add(size));
        }
        count(bytes);
    }
}

/// Called by the allocator for each block that it gave another size. If it moved, both
/// were there for a moment.
#[inline]
pub(super) fn note_reallocation(old: Size, new: Size, moved: bool) {
    if switch::is_on() {
        change_balance(|balance| {
            if moved {
                balance.add(new);
                balance.remove(old);
            } else {
                balance.remove(old);
                balance.add(new);
            }
        });
        count(new.asked);
    }
}

fn count(bytes: usize) {
    // An error would mean a destroyed key, and this key has no destructor.
    let _ = COUNTS.try_with(|counts| {
        counts.allocations.set(counts.allocations.get() + 1);
        counts.bytes.set(counts.bytes.get() + bytes as u64);
    });
}

/// Called by the allocator for each block that it gets back.
#[inline]
pub(super) fn note_deallocation(bytes: usize, usable: impl FnOnce() -> usize) {
    if switch::is_on() {
        let size = Size { asked: bytes, usable: usable() };
        change_balance(|balance| balance.remove(size));
        let _ = COUNTS.try_with(|counts| counts.deallocations.set(counts.deallocations.get() + 1));
    }
}
