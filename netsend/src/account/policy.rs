//! What a caller asks of a send.

use std::time::Duration;

/// How patient a send is, and how it goes about its work.
///
/// ```
/// use std::time::Duration;
/// use netsend::{MinRate, Policy};
///
/// let policy = Policy {
///     deadline: Some(Duration::from_secs(60)),
///     min_rate: Some(MinRate { bytes_per_second: 1000, grace: Duration::from_secs(10) }),
///     ..Policy::default()
/// };
/// assert_eq!(policy.stall, Some(Duration::from_secs(30)));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// The longest that may pass without one byte being taken; 30 seconds if
    /// not said. `None` waits for ever.
    pub stall: Option<Duration>,
    /// The longest that the whole call may take, counted from its start; asked
    /// before each system call. `None` if not said.
    pub deadline: Option<Duration>,
    /// The fewest bytes that must be taken in a time, so that a peer that takes
    /// one now and then does not hold a connection for ever: no stall clock sees
    /// that. `None` if not said.
    pub min_rate: Option<MinRate>,
    /// Segments of memory shorter than this are copied together when many of
    /// them stand in the queue: see [`SendQueue::coalesce`](crate::SendQueue::coalesce).
    /// 0 copies none.
    ///
    /// 128 if not said. On a small virtual machine, 4,000 segments copied together
    /// took of the sender's processor, beside the same shown in place: 0.42 at 16
    /// bytes, 0.50 at 64, 0.77 at 128, 0.98 at 256, 1.17 at 512 (bench
    /// `sender_cpu`, group `coalesce-threshold`, November 2026). From 128 on it
    /// gains too little to be worth a copy.
    pub coalesce_below: usize,
    /// What one turn of a driver that shares its thread may do before it lets
    /// others run. Drivers that wait for one socket only have no turns.
    pub turn: Budget,
}

impl Policy {
    /// What is used where nothing else is said.
    pub const DEFAULT: Self = Self {
        stall: Some(Duration::from_secs(30)),
        deadline: None,
        min_rate: None,
        coalesce_below: 128,
        turn: Budget::DEFAULT,
    };
}

impl Default for Policy {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// The slowest that a peer may be.
///
/// Time is cut into windows as long as `grace`. When a window is over and the
/// send has to wait, the bytes taken in it must be at least `bytes_per_second`
/// over its length. So the first window is the peer's grace, filling the
/// kernel's buffer counts for the window it happens in, and a peer that begins
/// fast and then trickles is found out no later than two windows after.
///
/// Rejected: the mean since the start, by which a peer that took a gigabyte in
/// good time may trickle for hours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MinRate {
    /// How many bytes must be taken per second.
    pub bytes_per_second: u64,
    /// How long a window is: a millisecond at least, whatever is said.
    pub grace: Duration,
}

/// What one turn may do. The turn ends after the call that reaches either
/// number, and does at least one call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// The bytes that it may send.
    pub bytes: u64,
    /// The calls that it may make.
    pub calls: u64,
}

impl Budget {
    /// 2 MiB and 64 calls: a large file takes 1 call of that size, and nobody
    /// else waits much longer than a millisecond.
    pub const DEFAULT: Self = Self { bytes: 2 << 20, calls: 64 };
}

impl Default for Budget {
    fn default() -> Self {
        Self::DEFAULT
    }
}
