//! The one ledger of copies.
//!
//! Every function of this toolkit that copies payload is called `copy_*` or
//! `to_*` (or implements a trait that leaves it no choice, like
//! [`std::io::Read`]), and records the bytes here, for the thread that copied.
//! The ledger is a plain thread-local number: recording costs about a
//! nanosecond and never allocates.
//!
//! What it does not see: copies made by other code, such as `[u8]::to_vec`
//! called on a borrowed slice, and the kernel's own copies in `read` and
//! `send`. To count those, interpose `memcpy`, as the bench suite of this
//! workspace does.
//!
//! ```
//! use buffers::{SharedBuf, copied};
//!
//! let buf = SharedBuf::from(vec![7; 1000]);
//! let (_, zero) = copied::during(|| buf.slice(10..20));
//! let (_, some) = copied::during(|| buf.to_vec());
//! assert_eq!((zero, some), (0, 1000));
//! ```

use std::cell::Cell;

thread_local! {
    static BYTES: Cell<u64> = const { Cell::new(0) };
}

/// The bytes copied so far by this thread.
///
/// The number only grows (it wraps after 2^64 bytes); take it before and after
/// a piece of work, or use [`during`].
#[must_use]
pub fn bytes() -> u64 {
    BYTES.get()
}

/// Records that this thread copied `n` bytes of payload.
///
/// For code that copies beside this crate and wants to be in the same ledger.
pub fn record(n: usize) {
    BYTES.set(BYTES.get().wrapping_add(n as u64));
}

/// Runs `work` and returns its result with the bytes that this thread copied
/// meanwhile.
pub fn during<T>(work: impl FnOnce() -> T) -> (T, u64) {
    let before = bytes();
    let result = work();
    (result, bytes().wrapping_sub(before))
}
