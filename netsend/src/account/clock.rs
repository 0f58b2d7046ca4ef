//! The clocks that keep to a policy.

use std::time::{Duration, Instant};

use super::error::SendErrorKind;
use super::policy::{MinRate, Policy};

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
#[derive(Debug)]
pub(crate) struct Clock {
    deadline: Option<Instant>,
    stall: Option<Duration>,
    stuck_since: Option<Instant>,
    next_wait: Duration,
    rate: Option<RateClock>,
}

impl Clock {
    pub(crate) fn start(policy: &Policy) -> Self {
        let now = Instant::now();
        Self {
            // A duration that no instant can express is as good as none.
            deadline: policy.deadline.and_then(|limit| now.checked_add(limit)),
            stall: policy.stall,
            stuck_since: None,
            next_wait: FIRST_WAIT,
            rate: policy.min_rate.map(|rate| RateClock::start(rate, now)),
        }
    }

    pub(crate) fn progressed(&mut self, n: u64) {
        self.stuck_since = None;
        self.next_wait = FIRST_WAIT;
        if let Some(rate) = &mut self.rate {
            rate.taken += n;
        }
    }

    /// Whether the deadline has passed.
    pub(crate) fn expired(&self) -> bool {
        self.deadline.is_some_and(|deadline| Instant::now() >= deadline)
    }

    /// How long one may wait from `now` on, `None` for ever; or which clock says
    /// that the time is over.
    pub(crate) fn patience(&mut self, now: Instant) -> Result<Option<Duration>, SendErrorKind> {
        let limit = self.time_left(now)?;
        let probe = self.stall.is_some_and(|stall| now.checked_add(stall).is_some());
        let probe = probe.then_some(self.next_wait);
        self.next_wait = self.next_wait.saturating_mul(2);
        Ok([limit, probe].into_iter().flatten().min())
    }

    /// How long the clocks allow from `now` on, `None` for ever; or which of them
    /// says that the time is over. From the first call on that finds no progress,
    /// the send counts as stuck.
    pub(crate) fn time_left(&mut self, now: Instant) -> Result<Option<Duration>, SendErrorKind> {
        let stuck_since = *self.stuck_since.get_or_insert(now);
        let stall_end = self.stall.and_then(|stall| stuck_since.checked_add(stall));
        let left = |end: Instant| end.saturating_duration_since(now);
        match (self.deadline.map(left), stall_end.map(left)) {
            (Some(Duration::ZERO), _) => Err(SendErrorKind::Deadline),
            (_, Some(Duration::ZERO)) => Err(SendErrorKind::Stalled),
            (a, b) => {
                let window = self.rate.as_mut().map(|rate| rate.window_left(now)).transpose()?;
                Ok([a, b, window.flatten()].into_iter().flatten().min())
            }
        }
    }
}

/// The window of the minimum rate.
#[derive(Debug)]
struct RateClock {
    rate: MinRate,
    since: Instant,
    taken: u64,
}

impl RateClock {
    /// A window of less than a millisecond would owe nothing, and be over before it
    /// began.
    fn start(rate: MinRate, now: Instant) -> Self {
        let grace = rate.grace.max(Duration::from_millis(1));
        Self { rate: MinRate { grace, ..rate }, since: now, taken: 0 }
    }

    /// How long the window goes on, `None` for ever. A window that is over is
    /// judged, and another one begins.
    fn window_left(&mut self, now: Instant) -> Result<Option<Duration>, SendErrorKind> {
        let elapsed = now.saturating_duration_since(self.since);
        let left = self.rate.grace.saturating_sub(elapsed);
        if !left.is_zero() {
            return Ok(Some(left));
        }
        // In 128 bits neither product overflows for any time this side of
        // billions of years.
        let owed = u128::from(self.rate.bytes_per_second) * elapsed.as_millis();
        if u128::from(self.taken) * 1000 < owed {
            return Err(SendErrorKind::TooSlow);
        }
        (self.since, self.taken) = (now, 0);
        Ok(Some(self.rate.grace))
    }
}
