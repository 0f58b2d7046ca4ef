//! The one ledger of copies.
//!
//! Every function of this toolkit that copies payload is called `copy_*` or
//! `to_*` (or implements a trait that leaves it no choice, like
//! [`std::io::Read`]), and records the bytes here, for the thread that copied.
//! The ledger is a plain thread-local number: recording costs about a
//! nanosecond and never allocates. Without the feature `std` there are no
//! thread-locals; then recording does nothing, and each answer is
//! [`Tally::Unavailable`] rather than a zero that nobody counted.
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
//! # if cfg!(feature = "std") {
//! assert_eq!(zero, 0);
//! assert_eq!(some, 1000);
//! # }
//! ```

use core::fmt;

#[cfg(feature = "std")]
std::thread_local! {
    static BYTES: core::cell::Cell<u64> = const { core::cell::Cell::new(0) };
}

/// Bytes that were copied, as far as somebody counted them.
///
/// It compares with a number: `Counted(5)` equals 5, and `Unavailable` equals no
/// number at all, so that a test of "nothing was copied" cannot pass blind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tally {
    /// That many bytes.
    Counted(u64),
    /// Nobody counted: the feature `std` is off, or the tallies that were compared are
    /// those of two threads.
    Unavailable,
}

impl Tally {
    /// The number, if there is one.
    #[must_use]
    pub const fn value(self) -> Option<u64> {
        match self {
            Self::Counted(n) => Some(n),
            Self::Unavailable => None,
        }
    }

    /// What was added since `earlier`, which has to be the same thread's. A larger
    /// number than now's cannot be, and nothing is said of the difference.
    #[must_use]
    pub const fn since(self, earlier: Self) -> Self {
        match (self, earlier) {
            (Self::Counted(now), Self::Counted(then)) if then <= now => Self::Counted(now - then),
            _ => Self::Unavailable,
        }
    }
}

impl PartialEq<u64> for Tally {
    fn eq(&self, n: &u64) -> bool {
        self.value() == Some(*n)
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Counted(n) => fmt::Display::fmt(n, f),
            Self::Unavailable => f.pad("unavailable"),
        }
    }
}

/// The bytes copied so far by this thread.
///
/// The number only grows; take it before and after
/// a piece of work, or use [`during`].
#[must_use]
pub fn bytes() -> Tally {
    #[cfg(feature = "std")]
    let tally = Tally::Counted(BYTES.get());
    #[cfg(not(feature = "std"))]
    let tally = Tally::Unavailable;
    tally
}

/// Records that this thread copied `n` bytes of payload.
///
/// For code that copies beside this crate and wants to be in the same ledger.
#[inline]
pub fn record(n: usize) {
    #[cfg(feature = "std")]
    BYTES.set(BYTES.get().wrapping_add(n as u64));
    #[cfg(not(feature = "std"))]
    let _ = n;
}

/// Runs `work` and returns its result with the bytes that this thread copied
/// meanwhile.
#[must_use = "the count is what this is for"]
pub fn during<T>(work: impl FnOnce() -> T) -> (T, Tally) {
    let before = bytes();
    let result = work();
    (result, bytes().since(before))
}
