//! The loop: the one place where a queue, a transport and the clocks meet.

use std::io::{self, IoSlice};
use std::time::Instant;

use crate::account::{Clock, Policy, SendError, SendErrorKind, SendReport};
use crate::queue::{Op, Refill, SendQueue};
use crate::roads::Transport;

/// How many slices one call is offered at most: as many as `sendmsg(2)` takes
/// (`UIO_MAXIOV`).
///
/// The slots live on the stack and are written anew for each call, 16 KiB of
/// them; so a short queue, which is the rule, gets few. The bench group
/// `small-segments` shows what many in one call are worth.
const MANY: usize = 1024;
const FEW: usize = 16;

/// How many bytes of a file one call is asked for at most: enough that the call
/// itself costs nothing beside them, and few enough that a deadline is heard.
const FILE_PIECE: u64 = 2 << 20;

/// Sends from `queue` through `transport` until the queue is empty: the loop
/// under every driver.
///
/// # Errors
///
/// [`SendError`] with the exact count. The queue stands behind the last byte
/// sent, and may be driven further.
///
/// ```
/// use netsend::{Policy, SendQueue, WriteTransport, drive};
///
/// let mut queue = SendQueue::new();
/// queue.push("any ");
/// queue.push("writer");
/// let mut out = Vec::new();
/// drive(&mut WriteTransport(&mut out), &mut queue, &Policy::default())?;
/// assert_eq!(out, b"any writer");
/// # Ok::<(), netsend::SendError>(())
/// ```
pub fn drive(
    transport: &mut impl Transport,
    queue: &mut SendQueue<'_>,
    policy: &Policy,
) -> Result<SendReport, SendError> {
    let mut run = Run {
        transport,
        clock: Clock::start(policy),
        report: SendReport::default(),
        by_scratch: false,
    };
    match run.until_empty(queue) {
        Ok(()) => Ok(run.report),
        Err(Stop { kind, source }) => {
            Err(SendError::new(kind, source, run.report, queue.pending(), queue.at_boundary()))
        }
    }
}

struct Run<'t, T> {
    transport: &'t mut T,
    clock: Clock,
    report: SendReport,
    /// Whether the transport has refused to take files.
    by_scratch: bool,
}

/// Which way the bytes of one call went.
#[derive(Clone, Copy)]
enum Road {
    Send,
    Sendfile,
    Scratch,
}

/// One call: what it was offered, what it answered.
struct Call {
    road: Road,
    offered: u64,
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

impl<T: Transport> Run<'_, T> {
    fn until_empty(&mut self, queue: &mut SendQueue<'_>) -> Result<(), Stop> {
        while !queue.is_empty() {
            if self.clock.expired() {
                return Err(SendErrorKind::Deadline.into());
            }
            if let Some(call) = self.call(queue)? {
                self.account(queue, call)?;
            }
        }
        self.flush()
    }

    fn flush(&mut self) -> Result<(), Stop> {
        while let Err(error) = self.transport.flush() {
            self.recover(error)?;
        }
        Ok(())
    }

    /// Makes the one call that comes next; `None` when nothing is left.
    fn call(&mut self, queue: &mut SendQueue<'_>) -> Result<Option<Call>, Stop> {
        if queue.segments() <= FEW {
            self.call_with_slots::<FEW>(queue)
        } else {
            self.call_with_slots::<MANY>(queue)
        }
    }

    fn call_with_slots<const N: usize>(
        &mut self,
        queue: &mut SendQueue<'_>,
    ) -> Result<Option<Call>, Stop> {
        let mut slots = [IoSlice::new(&[]); N];
        let call = match queue.next_op(&mut slots) {
            Op::Done => return Ok(None),
            Op::Memory { slices, more } => Call {
                road: Road::Send,
                offered: slices.iter().map(|slice| slice.len() as u64).sum(),
                answer: self.transport.send_vectored(slices, more),
            },
            Op::File { file, offset, len, .. } if !self.by_scratch => {
                let offered = len.min(FILE_PIECE);
                let answer = self.transport.send_file(file, offset, offered);
                Call { road: Road::Sendfile, offered, answer }
            }
            Op::File { .. } => self.call_by_scratch(queue)?,
        };
        Ok(Some(call))
    }

    fn call_by_scratch(&mut self, queue: &mut SendQueue<'_>) -> Result<Call, Stop> {
        let pending = queue.pending();
        let Some((file, offset, len, scratch)) = queue.file_and_scratch() else {
            unreachable!("the operation was to send from a file");
        };
        let before = scratch.bytes().len();
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
        let answer = self.transport.send_vectored(&[IoSlice::new(bytes)], pending > offered);
        Ok(Call { road: Road::Scratch, offered, answer })
    }

    /// Books what a call did, moves the queue on, and waits if it must.
    fn account(&mut self, queue: &mut SendQueue<'_>, call: Call) -> Result<(), Stop> {
        self.report.calls += 1;
        match call.answer {
            Ok(0) if matches!(call.road, Road::Sendfile) => Err(SendErrorKind::FileShrank.into()),
            Ok(0) => Err(SendErrorKind::Closed.into()),
            Ok(n) => self.book(queue, call.road, call.offered, n as u64),
            Err(error)
                if matches!(call.road, Road::Sendfile)
                    && error.kind() == io::ErrorKind::Unsupported =>
            {
                self.report.fallbacks += 1;
                self.by_scratch = true;
                Ok(())
            }
            Err(error) => self.recover(error),
        }
    }

    /// Makes the next attempt possible, if the error is one that passes.
    fn recover(&mut self, error: io::Error) -> Result<(), Stop> {
        match error.kind() {
            io::ErrorKind::Interrupted => {
                self.report.interrupts += 1;
                // Signals without end must not outlive the clocks.
                self.clock.patience(Instant::now())?;
                Ok(())
            }
            io::ErrorKind::WouldBlock => {
                self.report.would_blocks += 1;
                self.wait()
            }
            _ => Err(Stop { kind: SendErrorKind::of_transport(&error), source: Some(error) }),
        }
    }

    fn book(
        &mut self,
        queue: &mut SendQueue<'_>,
        road: Road,
        offered: u64,
        n: u64,
    ) -> Result<(), Stop> {
        if n > offered {
            // Believing it would skip bytes that nobody sent.
            let text = format!("the transport claims to have taken {n} of {offered} bytes");
            let source = Some(io::Error::new(io::ErrorKind::InvalidData, text));
            return Err(Stop { kind: SendErrorKind::Transport, source });
        }
        queue.advance(n);
        self.clock.progressed();
        self.report.accepted += n;
        self.report.partials += u64::from(n < offered);
        *match road {
            Road::Send => &mut self.report.by_send,
            Road::Sendfile => &mut self.report.by_sendfile,
            Road::Scratch => &mut self.report.by_scratch,
        } += n;
        Ok(())
    }

    fn wait(&mut self) -> Result<(), Stop> {
        let start = Instant::now();
        let patience = self.clock.patience(start)?;
        self.report.waits += 1;
        let waited = self.transport.wait(patience);
        self.report.blocked_for += start.elapsed();
        waited.map_err(|error| Stop {
            kind: SendErrorKind::of_transport(&error),
            source: Some(error),
        })
    }
}
