//! Why a send ended early, and how far it had got.

use std::fmt;
use std::io;

use super::report::SendReport;
use crate::queue::{SendQueue, Standing};

/// A send that ended before the queue was empty.
///
/// Nothing is lost by it: [`sent`](Self::sent) is exact, the queue stands right
/// after that byte, and a later call goes on from there (if the peer is still
/// there to take it).
#[derive(Debug)]
pub struct SendError(Box<Failure>);

#[derive(Debug)]
struct Failure {
    kind: SendErrorKind,
    source: Option<io::Error>,
    report: SendReport,
    pending: u64,
    segment: u64,
    standing: Standing,
}

/// Why a send ended early.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SendErrorKind {
    /// The call took longer than [`Policy::deadline`](crate::Policy::deadline).
    Deadline,
    /// No byte was taken for as long as [`Policy::stall`](crate::Policy::stall).
    Stalled,
    /// Fewer bytes were taken than [`Policy::min_rate`](crate::Policy::min_rate)
    /// asks for.
    TooSlow,
    /// The peer has closed the connection, or this side has shut it down.
    Closed,
    /// The peer has reset the connection. The kernel tells that once: a `sendfile`
    /// that moved some bytes before the reset came returns their number and
    /// swallows it, and the next call finds the connection [closed](Self::Closed).
    Reset,
    /// A file ends before the range that was to be sent of it.
    FileShrank,
    /// A file is not what it was when its range was made with
    /// [`FileMode::CheckUnchanged`](crate::FileMode::CheckUnchanged). The count
    /// says how much of it was sent; some of that may be of either state.
    FileChanged,
    /// A file could not be read.
    FileRead,
    /// Anything else that the transport said; see the source.
    Transport,
}

impl SendError {
    pub(crate) fn new(
        kind: SendErrorKind,
        source: Option<io::Error>,
        report: SendReport,
        queue: &SendQueue<'_>,
    ) -> Self {
        let (pending, segment, standing) = (queue.pending(), queue.segment(), queue.standing());
        Self(Box::new(Failure { kind, source, report, pending, segment, standing }))
    }

    /// Why it ended.
    pub fn kind(&self) -> SendErrorKind {
        self.0.kind
    }

    /// The bytes that this call sent before it failed.
    pub fn sent(&self) -> u64 {
        self.0.report.accepted
    }

    /// The bytes that are left in the queue.
    pub fn pending(&self) -> u64 {
        self.0.pending
    }

    /// Whether the peer was left in the middle of a message.
    pub fn in_message(&self) -> bool {
        self.0.standing != Standing::AtBoundary
    }

    /// Where the peer was left, with how much of the message it has.
    pub fn standing(&self) -> Standing {
        self.0.standing
    }

    /// Which segment it ended in, or before: those that were pushed are counted
    /// from 0, without the empty ones.
    pub fn segment(&self) -> u64 {
        self.0.segment
    }

    /// All that this call did.
    pub fn report(&self) -> &SendReport {
        &self.0.report
    }

    /// The error that the system gave, if it gave one.
    pub fn io_error(&self) -> Option<&io::Error> {
        self.0.source.as_ref()
    }

    /// The kind of the error that the system gave, if it gave one.
    pub fn io_kind(&self) -> Option<io::ErrorKind> {
        self.0.source.as_ref().map(io::Error::kind)
    }
}

impl SendErrorKind {
    /// What a transport's error means.
    pub(crate) fn of_transport(error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe | io::ErrorKind::WriteZero | io::ErrorKind::NotConnected => {
                Self::Closed
            }
            io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionAborted => Self::Reset,
            _ => Self::Transport,
        }
    }

    fn text(self) -> &'static str {
        match self {
            Self::Deadline => "the deadline passed",
            Self::Stalled => "the peer took no byte for too long",
            Self::TooSlow => "the peer took bytes too slowly",
            Self::Closed => "the connection is closed",
            Self::Reset => "the peer reset the connection",
            Self::FileShrank => "the file ends before the range that was to be sent",
            Self::FileChanged => "the file has changed since the range was made",
            Self::FileRead => "the file could not be read",
            Self::Transport => "the transport failed",
        }
    }
}

impl fmt::Display for SendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Failure { kind, source, report, pending, standing, .. } = &*self.0;
        let place = match standing {
            Standing::AtBoundary => "at a message boundary",
            Standing::InMessage { missing: Some(_), .. } => "inside a message",
            Standing::InMessage { missing: None, .. } => "inside a message that was not ended yet",
        };
        write!(f, "{}", kind.text())?;
        if let Some(source) = source {
            write!(f, " ({source})")?;
        }
        write!(f, "; {} bytes were sent, {pending} are left, {place}", report.accepted)
    }
}

impl std::error::Error for SendError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source.as_ref().map(|source| source as _)
    }
}

impl From<SendError> for io::Error {
    fn from(error: SendError) -> Self {
        let kind = match error.kind() {
            SendErrorKind::Deadline | SendErrorKind::Stalled | SendErrorKind::TooSlow => {
                io::ErrorKind::TimedOut
            }
            SendErrorKind::FileShrank => io::ErrorKind::UnexpectedEof,
            SendErrorKind::Closed => error.io_kind().unwrap_or(io::ErrorKind::BrokenPipe),
            _ => error.io_kind().unwrap_or(io::ErrorKind::Other),
        };
        Self::new(kind, error)
    }
}
