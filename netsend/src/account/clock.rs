//! How long a send may take, and the clocks that keep to it.

use std::time::{Duration, Instant};

use super::error::SendErrorKind;

/// How patient a send is.
///
/// ```
/// use std::time::Duration;
/// use netsend::Policy;
///
/// let policy = Policy { deadline: Some(Duration::from_secs(60)), ..Policy::default() };
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
}

impl Default for Policy {
    fn default() -> Self {
        Self { stall: Some(Duration::from_secs(30)), deadline: None }
    }
}

/// The first wait after a byte was taken; each further one is twice as long.
///
/// A socket whose buffer has a little room is not yet writable for `poll`, and
/// would take a little more; such room appears late, when a delayed
/// acknowledgement comes. If it were found out by one wait of the whole stall
/// time, the stall clock would begin anew after it, and a dead peer be noticed
/// twice as late.
const FIRST_WAIT: Duration = Duration::from_millis(20);

/// The clocks of one call. They are only read where time can pass: after each
/// call if there is a deadline, and before each wait.
pub(crate) struct Clock {
    deadline: Option<Instant>,
    stall: Option<Duration>,
    stuck_since: Option<Instant>,
    next_wait: Duration,
}

impl Clock {
    pub(crate) fn start(policy: &Policy) -> Self {
        // A duration that no instant can express is as good as none.
        let deadline = policy.deadline.and_then(|limit| Instant::now().checked_add(limit));
        Self { deadline, stall: policy.stall, stuck_since: None, next_wait: FIRST_WAIT }
    }

    pub(crate) fn progressed(&mut self) {
        self.stuck_since = None;
        self.next_wait = FIRST_WAIT;
    }

    /// Whether the deadline has passed.
    pub(crate) fn expired(&self) -> bool {
        self.deadline.is_some_and(|deadline| Instant::now() >= deadline)
    }

    /// How long one may wait from `now` on, `None` for ever; or which clock says
    /// that the time is over.
    pub(crate) fn patience(&mut self, now: Instant) -> Result<Option<Duration>, SendErrorKind> {
        let stuck_since = *self.stuck_since.get_or_insert(now);
        let stall_end = self.stall.and_then(|stall| stuck_since.checked_add(stall));
        let left = |end: Instant| end.saturating_duration_since(now);
        match (self.deadline.map(left), stall_end.map(left)) {
            (Some(Duration::ZERO), _) => Err(SendErrorKind::Deadline),
            (_, Some(Duration::ZERO)) => Err(SendErrorKind::Stalled),
            (a, b) => {
                let probe = stall_end.map(|_| self.next_wait);
                self.next_wait = self.next_wait.saturating_mul(2);
                Ok([a, b, probe].into_iter().flatten().min())
            }
        }
    }
}
