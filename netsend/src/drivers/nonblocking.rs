//! The driver that never waits: one step at a time, for a poll loop of one's
//! own.

#[cfg(unix)]
use std::os::fd::AsFd;
use std::time::Duration;

#[cfg(unix)]
use super::blocking::check_stream;
use super::engine::{Engine, Turn};
use crate::account::{Observer, Policy, SendError, SendReport, Unobserved};
use crate::queue::SendQueue;
#[cfg(target_os = "linux")]
use crate::roads::Pipe;
#[cfg(unix)]
use crate::roads::SocketTransport;
use crate::roads::Transport;

/// What one connection's sending side keeps between steps: the clocks, the
/// counts, and which roads were refused.
///
/// A send begins with the first step on a queue that is not empty, or with the
/// first step after one that ended; its clocks run on between steps. Nothing in
/// here holds bytes that were taken from the queue: a `Sender` may be dropped at
/// any time, and the queue can go on with another one.
///
/// ```
/// use std::os::unix::net::UnixStream;
/// use netsend::{Policy, SendQueue};
/// use netsend::nonblocking::{Sender, Step};
///
/// let (socket, _peer) = UnixStream::pair()?;
/// socket.set_nonblocking(true)?;
/// let mut queue = SendQueue::new();
/// queue.push("hello");
/// let mut sender = Sender::new(&Policy::default());
/// match sender.step(&socket, &mut queue)? {
///     Step::Done(report) => assert_eq!(report.accepted, 5),
///     Step::Blocked(_limit) => { /* ask for writability, and come back by then */ }
///     Step::TurnOver => { /* serve the others, and come back */ }
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Sender {
    engine: Engine,
    policy: Policy,
    running: bool,
    #[cfg(target_os = "linux")]
    pipe: Option<Pipe>,
}

/// What a step came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The queue is empty. The report is of the whole send.
    Done(SendReport),
    /// The socket is full. Step again when it is writable, or when that much time
    /// has passed (`None` for ever): then a clock may have something to say.
    Blocked(Option<Duration>),
    /// [`Policy::turn`] is used up. Serve others, then step again.
    TurnOver,
}

impl Sender {
    /// For one connection.
    pub fn new(policy: &Policy) -> Self {
        Self {
            engine: Engine::start(policy),
            policy: *policy,
            running: false,
            #[cfg(target_os = "linux")]
            pipe: None,
        }
    }

    /// What the send has done so far; the last one's report if none runs.
    pub fn report(&self) -> SendReport {
        self.engine.report()
    }

    /// Gives the send up that runs: the next step begins another one, with clocks and
    /// counts of its own. For when what was queued is called off, by
    /// [`SendQueue::cut`] or [`clear`](SendQueue::clear). Which roads were refused is
    /// remembered.
    pub fn restart(&mut self) {
        self.running = false;
    }

    /// Sends what the socket takes now. Call it with the same socket each time;
    /// a blocking one is served too, and not blocked on (but see
    /// [`SocketTransport`]).
    ///
    /// # Errors
    ///
    /// [`SendError`] with the counts of the whole send. The queue stands behind
    /// the last byte sent.
    #[cfg(unix)]
    pub fn step(
        &mut self,
        socket: &impl AsFd,
        queue: &mut SendQueue<'_>,
    ) -> Result<Step, SendError> {
        self.step_observed(socket, queue, &mut Unobserved)
    }

    /// The same, with somebody who looks on.
    ///
    /// # Errors
    ///
    /// As [`step`](Self::step).
    #[cfg(unix)]
    pub fn step_observed(
        &mut self,
        socket: &impl AsFd,
        queue: &mut SendQueue<'_>,
        observer: &mut dyn Observer,
    ) -> Result<Step, SendError> {
        if !self.running {
            self.engine.restart();
            check_stream(socket).map_err(|error| self.engine.cannot_wait(error, queue))?;
        }
        let mut transport = SocketTransport::new(socket);
        #[cfg(target_os = "linux")]
        transport.put_pipe(self.pipe.take());
        let step = self.step_through(&mut transport, queue, observer);
        #[cfg(target_os = "linux")]
        {
            self.pipe = transport.take_pipe();
        }
        step
    }

    /// The same through any transport; its `wait` is never called.
    ///
    /// # Errors
    ///
    /// As [`step`](Self::step).
    pub fn step_through(
        &mut self,
        transport: &mut impl Transport,
        queue: &mut SendQueue<'_>,
        observer: &mut dyn Observer,
    ) -> Result<Step, SendError> {
        if !self.running {
            self.engine.restart();
            self.running = true;
        }
        let turn = self.engine.turn(transport, queue, Some(self.policy.turn), observer);
        self.running = matches!(turn, Ok(Turn::Blocked(_) | Turn::Over));
        Ok(match turn? {
            Turn::Done => Step::Done(self.engine.report()),
            Turn::Blocked(patience) => Step::Blocked(patience),
            Turn::Over => Step::TurnOver,
        })
    }
}
