//! When a producer should stop, and when it may go on.

/// Two marks between which a producer's tap is turned: it closes when more than
/// the high one waits to be sent, and opens again when no more than the low one
/// does.
///
/// What waits is [`SendQueue::pending`](crate::SendQueue::pending), and what the
/// kernel holds and has not sent, if the caller adds it: see
/// [`Delivery::unsent`](crate::Delivery). Two marks and not one, so that a tap is
/// not turned for each byte.
///
/// ```
/// use netsend::{SendQueue, Watermarks};
///
/// let mut queue = SendQueue::new();
/// let mut tap = Watermarks::new(4, 10);
/// while tap.is_open(queue.pending()) {
///     queue.push("three bytes would be 3; this is more");
/// }
/// queue.advance(30); // 6 are left, which is still more than 4
/// assert!(!tap.is_open(queue.pending()));
/// queue.advance(2);
/// assert!(tap.is_open(queue.pending()));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Watermarks {
    low: u64,
    high: u64,
    closed: bool,
}

impl Watermarks {
    /// An open tap. What a producer has pushed when it closes is at most `high`
    /// and one push more.
    ///
    /// # Panics
    ///
    /// If `low` is above `high`.
    #[track_caller]
    pub fn new(low: u64, high: u64) -> Self {
        assert!(low <= high, "the low mark of {low} bytes is above the high one of {high}");
        Self { low, high, closed: false }
    }

    /// Whether the producer may go on while `waiting` bytes wait.
    pub fn is_open(&mut self, waiting: u64) -> bool {
        self.closed = waiting > if self.closed { self.low } else { self.high };
        !self.closed
    }
}
