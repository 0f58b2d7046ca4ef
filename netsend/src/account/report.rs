//! What a send did.

use std::fmt;
use std::time::Duration;

/// What one call to a driver did. Every count is exact.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct SendReport {
    /// Bytes that the kernel (or another transport) accepted. That says neither that they left the
    /// machine nor that the peer has read them.
    pub accepted: u64,
    /// Of these, bytes sent from memory.
    pub by_send: u64,
    /// Of these, bytes sent from a file by `sendfile`, without passing through
    /// user space.
    pub by_sendfile: u64,
    /// Of these, bytes sent from a file by `splice` through a pipe, without
    /// passing through user space.
    pub by_splice: u64,
    /// Of these, bytes of a file that were read into the queue's scratch first.
    pub by_scratch: u64,
    /// Calls that tried to send, the fruitless ones too; with tokio, also the questions
    /// whether its socket is ready, when the answer was no.
    pub calls: u64,
    /// Calls that took less than was offered.
    pub partials: u64,
    /// Calls that could take nothing at that time.
    pub would_blocks: u64,
    /// Calls that a signal interrupted before they took anything.
    pub interrupts: u64,
    /// Waits until the transport took bytes again.
    pub waits: u64,
    /// Reads of a file into the scratch.
    pub file_reads: u64,
    /// Times that a file range fell back from one road to the next, as from
    /// `sendfile` to `splice`, or from `splice` to the scratch.
    pub fallbacks: u64,
    /// Bytes of small segments that were copied together before they were
    /// sent, whether they have been sent since or not.
    pub coalesced: u64,
    /// The time spent waiting.
    pub blocked_for: Duration,
}

impl SendReport {
    /// The bytes that the kernel copied on the sending side, derived from the
    /// roads taken: a send copies once, from user memory into the socket; the
    /// scratch costs two copies, out of the page cache and back in; `sendfile`
    /// and `splice` into a socket hand pages over and copy none.
    pub fn kernel_copied(&self) -> u64 {
        self.by_send + 2 * self.by_scratch
    }
}

impl fmt::Display for SendReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { accepted, calls, partials, waits, blocked_for, .. } = self;
        write!(f, "{accepted} bytes accepted in {calls} calls ({partials} partial, ")?;
        write!(f, "{waits} waits of {blocked_for:.1?} in all)")
    }
}
