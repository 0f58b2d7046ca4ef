//! Why a socket is slow, as far as the kernel knows.

use std::fmt;
use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::time::Duration;

use crate::roads::sys;

/// What a TCP socket's own clocks say about where its time went.
///
/// **Caveat.** Ask this about a connection that *is* slow. A healthy one shows
/// limits as well: over a fast network the peer's window is often the limit, and
/// that is no fault. The clocks add up since the connection was made; take two
/// and use [`since`](Self::since) for what happened in between. And the kernel
/// sees the peer's window, not why its program does not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Diagnosis {
    /// The time in which there was something to send.
    pub busy: Duration,
    /// Of this, the time in which the peer's window was full.
    pub limited_by_peer: Duration,
    /// Of this, the time in which this side's send buffer was too small.
    pub limited_by_buffer: Duration,
    /// Bytes that had to be sent again.
    pub sent_again: u64,
    /// The round trip, smoothed.
    pub round_trip: Duration,
}

/// What holds a connection up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Bottleneck {
    /// There was hardly anything to send: the program itself.
    Nothing,
    /// The peer's window is full: it does not read fast enough.
    Peer,
    /// This side's send buffer is too small for the round trip.
    OwnBuffer,
    /// Neither: the network's rate, its losses, or its length.
    Network,
}

impl Diagnosis {
    /// Asks the kernel.
    ///
    /// # Errors
    ///
    /// If the socket is no TCP socket, or the kernel is older than 4.10 and does
    /// not keep these clocks.
    pub fn of(socket: &impl AsFd) -> io::Result<Self> {
        TcpInfo::of(socket.as_fd())?.diagnosis()
    }

    /// What happened since an earlier answer about the same socket.
    #[must_use]
    pub fn since(&self, earlier: &Self) -> Self {
        Self {
            busy: self.busy.saturating_sub(earlier.busy),
            limited_by_peer: self.limited_by_peer.saturating_sub(earlier.limited_by_peer),
            limited_by_buffer: self.limited_by_buffer.saturating_sub(earlier.limited_by_buffer),
            sent_again: self.sent_again.saturating_sub(earlier.sent_again),
            round_trip: self.round_trip,
        }
    }

    /// What took more than half of the busy time; the network if none of the
    /// others did.
    pub fn bottleneck(&self) -> Bottleneck {
        if self.busy < Duration::from_millis(1) {
            Bottleneck::Nothing
        } else if self.limited_by_peer > self.busy / 2 {
            Bottleneck::Peer
        } else if self.limited_by_buffer > self.busy / 2 {
            Bottleneck::OwnBuffer
        } else {
            Bottleneck::Network
        }
    }
}

impl fmt::Display for Diagnosis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { busy, limited_by_peer, limited_by_buffer, sent_again, round_trip } = self;
        let verdict = match self.bottleneck() {
            Bottleneck::Nothing => "there was hardly anything to send",
            Bottleneck::Peer => "the peer does not read fast enough",
            Bottleneck::OwnBuffer => "this side's send buffer is too small",
            Bottleneck::Network => "the network's rate, losses or length",
        };
        write!(f, "if this connection is slow: {verdict} (busy for {busy:.1?}, of this the ")?;
        write!(f, "peer's window was full for {limited_by_peer:.1?}, the send buffer too small ")?;
        write!(f, "for {limited_by_buffer:.1?}; {sent_again} bytes sent again, ")?;
        write!(f, "round trip {round_trip:.1?})")
    }
}

/// The kernel's `struct tcp_info`, read by the offsets of its `tcp.h`, which never
/// change: new fields come at the end.
pub(super) struct TcpInfo {
    bytes: [u8; 512],
    len: usize,
}

impl TcpInfo {
    const STATE: usize = 0;
    const RTT: usize = 68;
    const BYTES_ACKNOWLEDGED: usize = 120;
    const BUSY: usize = 168;
    const WINDOW_LIMITED: usize = 176;
    const BUFFER_LIMITED: usize = 184;
    const BYTES_SENT_AGAIN: usize = 208;

    pub(super) fn of(socket: BorrowedFd<'_>) -> io::Result<Self> {
        let (bytes, len) = sys::tcp_info(socket)?;
        Ok(Self { bytes, len })
    }

    fn number<const N: usize>(&self, at: usize) -> Option<[u8; N]> {
        let known = &self.bytes[..self.len];
        known.get(at..at + N)?.try_into().ok()
    }

    fn long(&self, at: usize) -> Option<u64> {
        self.number(at).map(u64::from_ne_bytes)
    }

    fn micros(&self, at: usize) -> io::Result<Duration> {
        let text = "this kernel does not keep the clocks that a diagnosis needs";
        let missing = || io::Error::new(io::ErrorKind::Unsupported, text);
        self.long(at).map(Duration::from_micros).ok_or_else(missing)
    }

    /// Whether the end of the stream was sent, or waits to be, and has not been
    /// acknowledged: the states `FIN_WAIT1`, `LAST_ACK` and
    /// `CLOSING`.
    pub(super) fn end_is_unacknowledged(&self) -> bool {
        matches!(self.bytes[Self::STATE], 4 | 9 | 11)
    }

    /// The bytes that the peer has acknowledged since the connection was made, which may
    /// count the ends of the stream as one more each.
    pub(super) fn bytes_acknowledged(&self) -> Option<u64> {
        self.long(Self::BYTES_ACKNOWLEDGED)
    }

    fn diagnosis(&self) -> io::Result<Diagnosis> {
        let round_trip = self.number(Self::RTT).map_or(0, u32::from_ne_bytes);
        Ok(Diagnosis {
            busy: self.micros(Self::BUSY)?,
            limited_by_peer: self.micros(Self::WINDOW_LIMITED)?,
            limited_by_buffer: self.micros(Self::BUFFER_LIMITED)?,
            // Known since 4.19.
            sent_again: self.long(Self::BYTES_SENT_AGAIN).unwrap_or(0),
            round_trip: Duration::from_micros(round_trip.into()),
        })
    }
}

/// Sets `TCP_NOTSENT_LOWAT`: the socket counts as writable only while fewer than
/// `bytes` bytes wait in the kernel unsent. So what is queued stays in the
/// [`SendQueue`](crate::SendQueue), where it can still be called off, and the
/// kernel holds little more than what is on its way.
///
/// # Errors
///
/// If the socket is no TCP socket.
pub fn limit_unsent(socket: &impl AsFd, bytes: u32) -> io::Result<()> {
    sys::set_unsent_limit(socket.as_fd(), bytes)
}
