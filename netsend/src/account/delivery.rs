//! What became of accepted bytes.

use std::fmt;
use std::io;
use std::os::fd::AsFd;

use super::diagnosis::TcpInfo;
use crate::roads::sys;

/// What became of the bytes that a TCP socket has accepted.
///
/// `acknowledged` means that the peer's **kernel** has them. Whether its program
/// has read them, or ever will, only the program can say.
///
/// It can still be asked after a reset: the kernel keeps the numbers until the
/// socket is closed. They are what had been acknowledged when the reset came. The
/// peer may have read some bytes more, whose acknowledgement it delayed and then
/// never sent; so `acknowledged` is the least that has arrived, not the most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Delivery {
    /// Bytes that this side's kernel accepted, as the caller said.
    pub accepted: u64,
    /// Of these, bytes that the peer's kernel has acknowledged.
    pub acknowledged: u64,
    /// Of these, bytes that are on their way, or were lost on it.
    pub in_flight: u64,
    /// Of these, bytes that were not sent even once.
    pub unsent: u64,
}

impl Delivery {
    /// Asks the kernel about a socket that has accepted `accepted` bytes in all,
    /// such as [`SendQueue::offset`](crate::SendQueue::offset) of the one queue that
    /// was sent through it.
    ///
    /// A Unix socket has no answer: its bytes are with the peer's kernel as soon
    /// as they are accepted.
    ///
    /// # Errors
    ///
    /// If the socket is no TCP socket, or
    /// [`InvalidInput`](io::ErrorKind::InvalidInput) if it cannot have accepted that many:
    /// more than what the peer has acknowledged and what still waits, as with a socket
    /// that was never connected. (Kernels before 4.1 do not tell.)
    ///
    /// ```
    /// use std::net::{TcpListener, TcpStream};
    /// use netsend::{Delivery, blocking};
    ///
    /// let listener = TcpListener::bind("127.0.0.1:0")?;
    /// let socket = TcpStream::connect(listener.local_addr()?)?;
    /// let report = blocking::send_all(&socket, "hello")?;
    /// let delivery = Delivery::of(&socket, report.accepted)?;
    /// assert_eq!(delivery.acknowledged + delivery.in_flight + delivery.unsent, 5);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn of(socket: &impl AsFd, accepted: u64) -> io::Result<Self> {
        let socket = socket.as_fd();
        // Also finds out whether this is a TCP socket: a Unix socket answers
        // the next question too, and means something else.
        let info = TcpInfo::of(socket)?;
        // In this order: what is acknowledged meanwhile must not count as
        // delivered and as unsent, and `unsent` only ever falls.
        let waiting = sys::unacknowledged(socket)?;
        let unsent = sys::unsent(socket)?;
        // Asked last, because it only ever grows.
        let ever = TcpInfo::of(socket)?.bytes_acknowledged().map(|bytes| bytes + waiting);
        if let Some(ever) = ever.filter(|&ever| accepted > ever) {
            let text = format!(
                "{accepted} bytes are said to be accepted, but this socket has taken {ever} at \
                 most; ask the socket that they went to"
            );
            return Err(io::Error::new(io::ErrorKind::InvalidInput, text));
        }
        // The end of the stream takes a number like a byte.
        let end = u64::from(info.end_is_unacknowledged());
        let waiting = waiting.saturating_sub(end.min(waiting)).min(accepted);
        let unsent = unsent.saturating_sub(end.min(unsent)).min(waiting);
        Ok(Self { accepted, acknowledged: accepted - waiting, in_flight: waiting - unsent, unsent })
    }
}

impl fmt::Display for Delivery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { accepted, acknowledged, in_flight, unsent } = self;
        write!(f, "of {accepted} bytes accepted, the peer's kernel has {acknowledged}, ")?;
        write!(f, "{in_flight} are on their way, {unsent} were not sent")
    }
}
