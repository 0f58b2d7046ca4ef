//! Copy counters, one pair per thread, fed by interposed `memcpy` and
//! `memmove`.
//!
//! `install_meter!` defines both symbols in the measuring binary. Rust code,
//! the standard library and statically linked C code then call those
//! definitions, which count and forward to the C library.
//!
//! # What this counter cannot see
//!
//! - Copies of a constant size up to about 128 bytes: the compiler turns them
//!   into moves through registers. A binary without optimisation has fewer of
//!   these, so its counts are higher.
//! - Loops that move bytes one by one, unless the compiler recognises them.
//! - What `realloc` moves, inside the C library or with `mremap`.
//! - Copies made inside the C library and in other shared objects.
//! - The kernel's own copies, such as that of `read` and of `write`.
//!
//! It counts in the other direction as well: moving a large value is a
//! `memcpy` to the compiler, and is counted.

use std::borrow::Cow;
use std::cell::Cell;
use std::hint::black_box;
use std::sync::OnceLock;
use std::sync::atomic::{Ordering, compiler_fence};

use super::switch::{self, Switch};

/// The reason given where the binary's root lacks the macro.
pub(super) const NOT_INSTALLED: &str = "install_meter!() is not in this binary's root";

/// The reason given on other systems.
const NOT_HERE: &str = "memcpy is interposed on Linux with glibc only";

/// Whether this target has the interposed symbols.
const INTERPOSED_HERE: bool =
    cfg!(all(target_os = "linux", target_env = "gnu", not(target_feature = "crt-static")));

/// Size of the copy that finds out whether copies are counted. The compiler
/// must not know it, or it could copy without a call.
const CONTROL_BYTES: usize = 64 << 10;

/// Running totals of one thread, from the moments when a measurement ran
/// anywhere in the process.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Calls of `memcpy` and `memmove`.
    pub calls: u64,
    /// Bytes that these calls copied.
    pub bytes: u64,
}

impl Counts {
    /// What was added since `earlier`.
    #[must_use]
    pub fn since(self, earlier: Self) -> Self {
        Self { calls: self.calls - earlier.calls, bytes: self.bytes - earlier.bytes }
    }
}

/// The calling thread's totals.
///
/// They only move while a measurement runs, and only where the symbols are
/// installed; [`installed`] tells.
#[inline(never)]
pub fn counts() -> Counts {
    // To the compiler a copy writes to its destination and to nothing else, so
    // that without the fence two calls of this function around a copy could
    // be merged into one.
    compiler_fence(Ordering::SeqCst);
    COUNTS
        .try_with(|counts| {
            let counts = black_box(counts);
            Counts { calls: counts.calls.get(), bytes: counts.bytes.get() }
        })
        .unwrap_or_default()
}

/// Whether copies are counted in this binary.
///
/// The answer comes from a copy made for the purpose, once per process.
///
/// # Errors
///
/// Why they are not counted.
pub fn installed() -> Result<(), Cow<'static, str>> {
    static SEEN: OnceLock<bool> = OnceLock::new();
    if !INTERPOSED_HERE {
        Err(NOT_HERE.into())
    } else if *SEEN.get_or_init(control) {
        Ok(())
    } else {
        Err(NOT_INSTALLED.into())
    }
}

/// Makes one copy of a size known at run time only, and tells whether the
/// counters saw it.
pub(super) fn control() -> bool {
    let source = vec![1_u8; black_box(CONTROL_BYTES)];
    let _on = Switch::on();
    let before = counts();
    drop(black_box(black_box(&source).clone()));
    let seen = counts().since(before);
    seen.calls >= 1 && seen.bytes >= CONTROL_BYTES as u64
}

/// Cells without a destructor, initialised by a constant: reading them copies
/// and allocates nothing and works while the thread is being torn down.
struct Cells {
    calls: Cell<u64>,
    bytes: Cell<u64>,
}

thread_local! {
    static COUNTS: Cells = const { Cells { calls: Cell::new(0), bytes: Cell::new(0) } };
}

/// Called by the interposed functions for each copy.
#[inline]
#[cfg_attr(
    not(all(target_os = "linux", target_env = "gnu", not(target_feature = "crt-static"))),
    expect(dead_code, reason = "the interposed functions exist on Linux with glibc only")
)]
pub(super) fn note_copy(bytes: usize) {
    if switch::is_on() {
        // An error would mean a destroyed key, and this key has no destructor.
        let _ = COUNTS.try_with(|counts| {
            counts.calls.set(counts.calls.get() + 1);
            counts.bytes.set(counts.bytes.get() + bytes as u64);
        });
    }
}
