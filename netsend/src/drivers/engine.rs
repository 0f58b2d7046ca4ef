//! The turn: the one place where a queue, a transport and the clocks meet.

use std::io::{self, IoSlice};
use std::time::{Duration, Instant};

use crate::account::{
    Budget, Clock, Event, Observer, Policy, Road, SendError, SendErrorKind, SendReport,
};
use crate::queue::{FileMode, FileRange, Op, Refill, SendQueue};
use crate::roads::{Refusals, Transport};

/// How many slices one call is offered at most: as many as `sendmsg(2)` takes
/// (`UIO_MAXIOV`).
///
/// The slots live on the stack and are written anew for each call, 16 KiB of
/// them; so a short queue, which is the rule, gets few. The bench group
/// `small-segments` shows what many in one call are worth.
///
/// So does a transport that took no more than the first of several slices: it is a
/// [`Write`](io::Write) without `write_vectored`, or one whose peer takes little.
const MANY: usize = 1024;
const FEW: usize = 16;

/// How many bytes of a file one call is asked for at most: enough that the call
/// itself costs nothing beside them, and few enough that a deadline is heard.
const FILE_PIECE: u64 = 2 << 20;

/// What a driver keeps between its turns.
#[derive(Debug)]
pub(crate) struct Engine {
    policy: Policy,
    clock: Clock,
    report: SendReport,
    refusals: Refusals,
    blocked_since: Option<Instant>,
    /// Whether the last call was offered several slices and took no more than the first.
    took_one: bool,
}

/// How a turn ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Turn {
    /// Everything was sent, and what the transport held back was passed on.
    Done,
    /// The transport takes nothing now, and may be waited for that long.
    Blocked(Option<Duration>),
    /// The budget is used up.
    Over,
}

/// One call: what it was offered, what it answered.
struct Call {
    road: Road,
    slices: usize,
    /// The bytes of the first slice.
    first: u64,
    offered: u64,
    more: bool,
    answer: io::Result<usize>,
}

struct Stop {
    kind: SendErrorKind,
    source: Option<io::Error>,
}

impl From<SendErrorKind> for Stop {
    fn from(kind: SendErrorKind) -> Self {
        Self { kind, source: None }
    }
}

impl Engine {
    pub(crate) fn start(policy: &Policy) -> Self {
        Self {
            policy: *policy,
            clock: Clock::start(policy),
            report: SendReport::default(),
            refusals: Refusals::default(),
            blocked_since: None,
            took_one: false,
        }
    }

    /// Begins another send on the same connection: which roads were refused is
    /// remembered.
    pub(crate) fn restart(&mut self) {
        self.clock = Clock::start(&self.policy);
        self.report = SendReport::default();
        self.blocked_since = None;
    }

    pub(crate) fn report(&self) -> SendReport {
        self.report
    }

    /// Sends until the queue is empty, the transport takes no more, or the
    /// budget is used up.
    pub(crate) fn turn<T: Transport + ?Sized>(
        &mut self,
        transport: &mut T,
        queue: &mut SendQueue<'_>,
        budget: Option<Budget>,
        watch: &mut dyn Observer,
    ) -> Result<Turn, SendError> {
        if let Some(since) = self.blocked_since.take() {
            self.report.blocked_for += since.elapsed();
        }
        transport.begin_turn();
        let budget = budget.unwrap_or(Budget { bytes: u64::MAX, calls: u64::MAX });
        let last_byte = self.report.accepted.saturating_add(budget.bytes);
        let last_call = self.report.calls.saturating_add(budget.calls);
        loop {
            match self.step(transport, queue, watch) {
                Ok(Some(turn)) => return Ok(turn),
                Ok(None) if queue.is_empty() => {}
                Ok(None) if self.report.accepted >= last_byte || self.report.calls >= last_call => {
                    watch.see(&Event::TurnOver);
                    return Ok(Turn::Over);
                }
                Ok(None) => {}
                Err(stop) => return Err(self.failure(stop, queue)),
            }
        }
    }

    /// The error of a driver that could not wait.
    pub(crate) fn cannot_wait(&self, source: io::Error, queue: &SendQueue<'_>) -> SendError {
        let kind = SendErrorKind::of_transport(&source);
        self.failure(Stop { kind, source: Some(source) }, queue)
    }

    fn failure(&self, stop: Stop, queue: &SendQueue<'_>) -> SendError {
        SendError::new(stop.kind, stop.source, self.report, queue)
    }

    /// Makes the call that comes next and accounts for it. `Some` if the turn is
    /// over by that.
    fn step<T: Transport + ?Sized>(
        &mut self,
        transport: &mut T,
        queue: &mut SendQueue<'_>,
        watch: &mut dyn Observer,
    ) -> Result<Option<Turn>, Stop> {
        if queue.is_empty() {
            return match transport.flush() {
                Ok(()) => Ok(Some(Turn::Done)),
                Err(error) => self.recover(error, watch),
            };
        }
        if self.clock.expired() {
            return Err(SendErrorKind::Deadline.into());
        }
        let at = queue.offset();
        let call = if queue.front_range().is_some() {
            self.call_for_file(transport, queue)?
        } else {
            self.coalesce(queue, watch);
            if queue.planned() <= FEW || self.took_one {
                call_for_memory::<FEW, T>(transport, queue)
            } else {
                call_for_memory::<MANY, T>(transport, queue)
            }
        };
        self.account(queue, call, at, watch)
    }

    fn coalesce(&mut self, queue: &mut SendQueue<'_>, watch: &mut dyn Observer) {
        let coalesced = queue.coalesce(self.policy.coalesce_below);
        if coalesced.bytes > 0 {
            self.report.coalesced += coalesced.bytes;
            let (segments, bytes) = (coalesced.segments, coalesced.bytes);
            watch.see(&Event::Coalesced { segments, bytes });
        }
    }

    fn call_for_file<T: Transport + ?Sized>(
        &mut self,
        transport: &mut T,
        queue: &mut SendQueue<'_>,
    ) -> Result<Call, Stop> {
        check_unchanged(queue)?;
        let copies = queue.front_range().is_some_and(|range| range.mode() == FileMode::Copy);
        let Op::File { file, offset, len, more } = queue.next_op(&mut []) else {
            unreachable!("a file range is at the front");
        };
        // No file reaches further than that, and the kernel would call it a bad argument.
        let reach = i64::MAX.unsigned_abs().saturating_sub(offset);
        if reach == 0 {
            return Err(SendErrorKind::FileShrank.into());
        }
        let offered = len.min(FILE_PIECE).min(reach);
        let more = more || len > offered;
        let road = if copies { Road::Scratch } else { self.refusals.road_for(file) };
        let answer = match road {
            Road::Sendfile => transport.send_file(file, offset, offered),
            Road::Splice => transport.splice_file(file, offset, offered, more),
            Road::Scratch | Road::Send => return self.call_by_scratch(transport, queue),
        };
        Ok(Call { road, slices: 1, first: offered, offered, more, answer })
    }

    fn call_by_scratch<T: Transport + ?Sized>(
        &mut self,
        transport: &mut T,
        queue: &mut SendQueue<'_>,
    ) -> Result<Call, Stop> {
        let pending = queue.pending();
        let Some((file, offset, len, scratch)) = queue.file_and_scratch() else {
            unreachable!("the operation was to send from a file");
        };
        let before = scratch.bytes().len();
        let len = len.min(i64::MAX.unsigned_abs().saturating_sub(offset));
        match scratch.refill(file, offset, len) {
            Refill::Ready => {}
            Refill::PastEnd => return Err(SendErrorKind::FileShrank.into()),
            Refill::Failed(error) => {
                return Err(Stop { kind: SendErrorKind::FileRead, source: Some(error) });
            }
        }
        self.report.file_reads += u64::from(before == 0);
        let bytes = scratch.bytes();
        let offered = bytes.len() as u64;
        let more = pending > offered;
        let answer = transport.send_vectored(&[IoSlice::new(bytes)], more);
        Ok(Call { road: Road::Scratch, slices: 1, first: offered, offered, more, answer })
    }

    /// Books what a call did and moves the queue on, and only then has it looked at: an
    /// observer that panics must not leave bytes in the queue which were taken.
    fn account(
        &mut self,
        queue: &mut SendQueue<'_>,
        call: Call,
        at: u64,
        watch: &mut dyn Observer,
    ) -> Result<Option<Turn>, Stop> {
        self.report.calls += 1;
        let Call { road, slices, first, offered, more, answer } = call;
        if let Ok(n) = answer {
            self.took_one = slices > 1 && n as u64 <= first;
        }
        let by_kernel = matches!(road, Road::Sendfile | Road::Splice);
        let mut see = |answer| {
            watch.see(&Event::Call { at, road, slices, offered, more, answer });
        };
        match answer {
            Ok(n) if n > 0 => {
                let settled = self.book(queue, road, offered, n as u64);
                see(Ok(n as u64));
                let settled = settled?;
                // Whether the file changed is asked when its last byte is booked: the
                // bytes were sent.
                settled.as_ref().map_or(Ok(None), |range| check(range).map(|()| None))
            }
            Ok(_) => {
                see(Ok(0));
                let kind =
                    if by_kernel { SendErrorKind::FileShrank } else { SendErrorKind::Closed };
                Err(kind.into())
            }
            Err(error) => {
                see(Err(&error));
                if by_kernel && error.kind() == io::ErrorKind::Unsupported {
                    self.report.fallbacks += 1;
                    if let Some(range) = queue.front_range() {
                        let to = self.refusals.refuse(range.file(), road);
                        watch.see(&Event::FellBack { from: road, to });
                    }
                    return Ok(None);
                }
                self.recover(error, watch)
            }
        }
    }

    /// Moves the queue on. Gives the file range that is to be looked at once more.
    fn book(
        &mut self,
        queue: &mut SendQueue<'_>,
        road: Road,
        offered: u64,
        n: u64,
    ) -> Result<Option<FileRange>, Stop> {
        if n > offered {
            // Believing it would skip bytes that nobody sent.
            let text = format!("the transport claims to have taken {n} of {offered} bytes");
            let source = Some(io::Error::new(io::ErrorKind::InvalidData, text));
            return Err(Stop { kind: SendErrorKind::Transport, source });
        }
        let noted = queue.front_range().filter(|range| range.mode() == FileMode::CheckUnchanged);
        let settled = noted.filter(|_| n == offered).cloned();
        queue.advance(n);
        self.clock.progressed(n);
        self.report.accepted += n;
        self.report.partials += u64::from(n < offered);
        *match road {
            Road::Send => &mut self.report.by_send,
            Road::Sendfile => &mut self.report.by_sendfile,
            Road::Splice => &mut self.report.by_splice,
            Road::Scratch => &mut self.report.by_scratch,
        } += n;
        Ok(settled)
    }

    /// Makes the next attempt possible, if the error is one that passes.
    fn recover(
        &mut self,
        error: io::Error,
        watch: &mut dyn Observer,
    ) -> Result<Option<Turn>, Stop> {
        match error.kind() {
            io::ErrorKind::Interrupted => {
                self.report.interrupts += 1;
                // Signals without end must not outlive the clocks.
                self.clock.time_left(Instant::now())?;
                Ok(None)
            }
            io::ErrorKind::WouldBlock => {
                self.report.would_blocks += 1;
                let now = Instant::now();
                let patience = self.clock.patience(now)?;
                self.report.waits += 1;
                self.blocked_since = Some(now);
                watch.see(&Event::Blocked { patience });
                Ok(Some(Turn::Blocked(patience)))
            }
            _ => Err(Stop { kind: SendErrorKind::of_transport(&error), source: Some(error) }),
        }
    }
}

fn call_for_memory<const N: usize, T: Transport + ?Sized>(
    transport: &mut T,
    queue: &SendQueue<'_>,
) -> Call {
    let mut slots = [IoSlice::new(&[]); N];
    let Op::Memory { slices, more } = queue.next_planned(&mut slots) else {
        unreachable!("memory is at the front, and planned for");
    };
    let offered = slices.iter().map(|slice| slice.len() as u64).sum();
    let first = slices.first().map_or(0, |slice| slice.len() as u64);
    let answer = transport.send_vectored(slices, more);
    Call { road: Road::Send, slices: slices.len(), first, offered, more, answer }
}

fn check_unchanged(queue: &SendQueue<'_>) -> Result<(), Stop> {
    queue.front_range().map_or(Ok(()), check)
}

fn check(range: &FileRange) -> Result<(), Stop> {
    match range.is_as_noted() {
        Ok(true) => Ok(()),
        Ok(false) => Err(SendErrorKind::FileChanged.into()),
        Err(error) => Err(Stop { kind: SendErrorKind::FileRead, source: Some(error) }),
    }
}
