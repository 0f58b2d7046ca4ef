//! Who may look on: each call, with what was offered and what was taken.

use std::fmt;
use std::io::{self, Write};
use std::time::Duration;

/// Which way bytes go out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Road {
    /// From memory, by `sendmsg` or a writer's `write`.
    Send,
    /// From a file, by `sendfile`.
    Sendfile,
    /// From a file, by `splice` through a pipe.
    Splice,
    /// From a file, read into the queue's scratch first.
    Scratch,
}

impl fmt::Display for Road {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Send => "send",
            Self::Sendfile => "sendfile",
            Self::Splice => "splice",
            Self::Scratch => "scratch",
        })
    }
}

/// Something that a driver did.
#[derive(Debug)]
#[non_exhaustive]
pub enum Event<'e> {
    /// Small segments were copied together.
    Coalesced {
        /// How many.
        segments: u64,
        /// Their bytes.
        bytes: u64,
    },
    /// One call was made.
    #[non_exhaustive]
    Call {
        /// Where in the queue's stream of bytes it began.
        at: u64,
        /// Which way.
        road: Road,
        /// How many slices were offered; 1 for a file.
        slices: usize,
        /// How many bytes were offered.
        offered: u64,
        /// Whether the transport was told that more follows.
        more: bool,
        /// How many bytes were taken, or why none.
        answer: Result<u64, &'e io::Error>,
    },
    /// A road was refused for a file, which goes on by the next one.
    FellBack {
        /// The road that was refused.
        from: Road,
        /// The road that is taken.
        to: Road,
    },
    /// The transport takes nothing now, and the driver waits.
    Blocked {
        /// For how long at most; `None` for ever.
        patience: Option<Duration>,
    },
    /// The turn's [`Budget`](crate::Budget) is used up, and others may run.
    TurnOver,
}

/// Sees everything that a driver does, as it does it.
///
/// Any `FnMut(&Event)` is one; [`Printer`] prints.
///
/// ```
/// use netsend::{Event, Policy, SendQueue, WriteTransport, drive_observed};
///
/// let mut queue = SendQueue::new();
/// queue.push("observed");
/// let mut calls = 0;
/// let mut count = |event: &Event<'_>| calls += u64::from(matches!(event, Event::Call { .. }));
/// let mut out = Vec::new();
/// let mut transport = WriteTransport(&mut out);
/// let report = drive_observed(&mut transport, &mut queue, &Policy::default(), &mut count)?;
/// assert_eq!(calls, report.calls);
/// # Ok::<(), netsend::SendError>(())
/// ```
pub trait Observer {
    /// Called after each event.
    fn see(&mut self, event: &Event<'_>);
}

impl<F: FnMut(&Event<'_>)> Observer for F {
    fn see(&mut self, event: &Event<'_>) {
        self(event);
    }
}

/// An observer that looks away, for calls that want one.
#[derive(Clone, Copy, Debug, Default)]
pub struct Unobserved;

impl Observer for Unobserved {
    fn see(&mut self, _: &Event<'_>) {}
}

/// Prints one line for each event. A line that cannot be written is left out: a
/// trace must not fail a send.
///
/// ```
/// use netsend::{Policy, Printer, SendQueue, WriteTransport, drive_observed};
///
/// let mut queue = SendQueue::new();
/// queue.push("12345678");
/// let mut room = [0; 5]; // a writer with room for 5 bytes
/// let mut trace = Printer::new(Vec::new());
/// let mut transport = WriteTransport(&mut room[..]);
/// drive_observed(&mut transport, &mut queue, &Policy::default(), &mut trace).unwrap_err();
/// assert_eq!(
///     String::from_utf8_lossy(trace.get_ref()),
///     "at 0: send offers 8 bytes in 1 slice; 5 taken, for want of room\n\
///      at 5: send offers 3 bytes in 1 slice; none taken: write zero\n",
/// );
/// ```
#[derive(Debug)]
pub struct Printer<W> {
    out: W,
}

impl<W: Write> Printer<W> {
    /// Prints to `out`.
    pub fn new(out: W) -> Self {
        Self { out }
    }

    /// What it prints to.
    pub fn get_ref(&self) -> &W {
        &self.out
    }
}

impl<W: Write> Observer for Printer<W> {
    fn see(&mut self, event: &Event<'_>) {
        let _ = writeln!(self.out, "{event}");
    }
}

impl fmt::Display for Event<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Coalesced { segments, bytes } => {
                write!(f, "{segments} small segments of {bytes} bytes are copied together")
            }
            Self::Call { at, road, slices, offered, more, answer } => {
                let plural = if *slices == 1 { "" } else { "s" };
                write!(f, "at {at}: {road} offers {offered} bytes in {slices} slice{plural}")?;
                write!(f, "{}; ", if *more { ", more follow" } else { "" })?;
                match answer {
                    Ok(0) => write!(f, "none taken"),
                    Ok(n) if n == offered => write!(f, "all taken"),
                    Ok(n) => write!(f, "{n} taken, for want of room"),
                    Err(error) => write!(f, "none taken: {error}"),
                }
            }
            Self::FellBack { from, to } => write!(f, "{from} is refused; the file goes by {to}"),
            Self::Blocked { patience: Some(limit) } => write!(f, "waiting, up to {limit:.1?}"),
            Self::Blocked { patience: None } => write!(f, "waiting, without a limit"),
            Self::TurnOver => write!(f, "the turn is over"),
        }
    }
}
