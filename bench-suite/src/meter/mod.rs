//! Counters that show whether bytes were copied.
//!
//! A claim such as "this call copies nothing" is worth what the counter behind
//! it is worth. Each counter here therefore says how it was obtained
//! ([`Figure`]), and a counter that cannot see says why instead of saying zero.
//!
//! | counter | how it is obtained | what it cannot see |
//! |---|---|---|
//! | `allocs`, `alloc_bytes` | [`CountingAllocator`] | `malloc` called by C code |
//! | `copied_bytes`, `copy_calls` | `memcpy` and `memmove` interposed, see [`copies`] | copies inlined by the compiler, hand-written loops, `realloc`, the kernel |
//! | `ledger_bytes` | what the toolkit's own copying calls report | everybody else's copies |
//! | `page_faults` | `getrusage` | which of the faults were a copy on write |
//! | system calls | [`syscalls::run_traced`] | calls answered by the vDSO |
//! | what a value holds, and the peak | [`held`], [`Watch`]: the same allocator | memory that other threads give or take |
//! | peak memory | [`process::peak_rss`] | which part of the program asked for it |
//!
//! The first two need two symbols in the measuring binary, which
//! [`install_meter!`](crate::install_meter) puts there. All of the counters in
//! a [`Reading`] are those of the calling thread: work that the measured code
//! hands to another thread is not in them.
//!
//! ```
//! bench_suite::install_meter!();
//!
//! # fn main() {
//! use bench_suite::meter;
//!
//! let source = vec![7_u8; 1 << 20];
//! let (copy, reading) = meter::measure(|| source.to_vec());
//! assert_eq!(copy.len(), 1 << 20);
//! assert_eq!(reading.allocs.value(), Some(1));
//! # }
//! ```

pub mod alloc;
pub mod copies;
mod cost;
mod figure;
mod held;
mod measure;
pub mod process;
mod raw;
#[cfg(target_os = "linux")]
mod raw_trace;
pub mod steady;
mod switch;
pub mod syscalls;

pub use alloc::CountingAllocator;
pub use cost::{SwitchCost, switch_cost};
pub use figure::Figure;
pub use held::{Held, Watch, held};
pub use measure::{Reading, measure};
#[cfg(all(target_os = "linux", target_env = "gnu", not(target_feature = "crt-static")))]
#[doc(hidden)]
pub use raw::{forward_memcpy, forward_memmove};
pub use steady::{assert_steady, steady_reading};

/// Puts the meter's symbols into this binary: the counting allocator, and on
/// Linux with glibc also `memcpy` and `memmove`.
///
/// Invoke it once, in the root file of the binary that measures. A binary that
/// does not invoke it is unaffected by the meter, and its figures for
/// allocations and copies are [`Figure::Unavailable`](crate::meter::Figure).
///
/// `install_meter!(allocations)` installs the allocator only, which is what a
/// timing comparison wants: the interposed `memcpy` adds a call and two loads to
/// each copy even while nobody measures. [`switch_cost`](crate::meter::switch_cost)
/// tells how long they take.
///
/// ```
/// bench_suite::install_meter!();
/// # fn main() {}
/// ```
#[macro_export]
macro_rules! install_meter {
    () => {
        $crate::install_meter!(allocations);

        #[cfg(all(target_os = "linux", target_env = "gnu", not(target_feature = "crt-static")))]
        const _: () = {
            /// Counts the bytes and forwards to the C library's `memcpy`.
            ///
            /// # Safety
            ///
            /// As for the C function.
            #[unsafe(no_mangle)]
            unsafe extern "C" fn memcpy(
                dest: *mut ::std::ffi::c_void,
                src: *const ::std::ffi::c_void,
                n: usize,
            ) -> *mut ::std::ffi::c_void {
                // SAFETY: the caller keeps memcpy's contract, which is the
                // forwarder's contract.
                unsafe { $crate::meter::forward_memcpy(dest, src, n) }
            }

            /// Counts the bytes and forwards to the C library's `memmove`.
            ///
            /// # Safety
            ///
            /// As for the C function.
            #[unsafe(no_mangle)]
            unsafe extern "C" fn memmove(
                dest: *mut ::std::ffi::c_void,
                src: *const ::std::ffi::c_void,
                n: usize,
            ) -> *mut ::std::ffi::c_void {
                // SAFETY: the caller keeps memmove's contract, which is the
                // forwarder's contract.
                unsafe { $crate::meter::forward_memmove(dest, src, n) }
            }
        };
    };
    (allocations) => {
        #[global_allocator]
        static COUNTING_ALLOCATOR: $crate::meter::CountingAllocator =
            $crate::meter::CountingAllocator;
    };
}
