//! The driver that waits for its socket.

use std::io;
use std::os::fd::AsFd;

use rustix::net::SocketType;
use rustix::net::sockopt::socket_type;

use super::drive::drive_observed;
use crate::account::{Observer, Policy, SendError, SendErrorKind, SendReport, Unobserved};
use crate::queue::SendQueue;
use crate::roads::SocketTransport;

/// Sends until the queue is empty, waiting in `poll` when the socket is full.
///
/// The socket is a connected stream socket, TCP or Unix, blocking or not: see
/// [`SocketTransport`] for what is done about each. It is borrowed, and neither
/// shut down nor closed. Whoever else sends through the same socket meanwhile
/// gets its bytes in between those of this queue, and on a blocking socket with files may
/// keep the clocks from being heard: see [`SocketTransport`]. Which roads were refused for which
/// file is remembered for this call; a [`Sender`](crate::nonblocking::Sender)
/// remembers it for the connection.
///
/// # Errors
///
/// [`SendError`] with the exact count. The queue stands behind the last byte
/// sent, and may be drained further by another call. What is no stream socket is
/// refused before anything is sent: datagrams have boundaries that a queue does
/// not know.
///
/// ```
/// use std::os::unix::net::UnixStream;
/// use netsend::{Policy, SendQueue, blocking};
///
/// let (socket, _peer) = UnixStream::pair()?;
/// let mut queue = SendQueue::new();
/// queue.push("hello ");
/// queue.push("world");
/// let report = blocking::drain(&socket, &mut queue, &Policy::default())?;
/// assert_eq!((report.accepted, report.calls), (11, 1));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn drain(
    socket: &impl AsFd,
    queue: &mut SendQueue<'_>,
    policy: &Policy,
) -> Result<SendReport, SendError> {
    drain_observed(socket, queue, policy, &mut Unobserved)
}

/// The same, with somebody who looks on.
///
/// # Errors
///
/// As [`drain`].
///
/// ```
/// use std::os::unix::net::UnixStream;
/// use netsend::{Policy, Printer, SendQueue, blocking};
///
/// let (socket, _peer) = UnixStream::pair()?;
/// let mut queue = SendQueue::new();
/// queue.push("hello");
/// let mut trace = Printer::new(Vec::new());
/// blocking::drain_observed(&socket, &mut queue, &Policy::default(), &mut trace)?;
/// assert_eq!(trace.get_ref(), b"at 0: send offers 5 bytes in 1 slice; all taken\n");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn drain_observed(
    socket: &impl AsFd,
    queue: &mut SendQueue<'_>,
    policy: &Policy,
    observer: &mut dyn Observer,
) -> Result<SendReport, SendError> {
    if let Err(error) = check_stream(socket) {
        let kind = SendErrorKind::Transport;
        return Err(SendError::new(kind, Some(error), SendReport::default(), queue));
    }
    drive_observed(&mut SocketTransport::new(socket), queue, policy, observer)
}

/// Datagrams would be cut anywhere.
pub(super) fn check_stream(socket: &impl AsFd) -> io::Result<()> {
    if socket_type(socket)? == SocketType::STREAM {
        return Ok(());
    }
    Err(io::Error::new(io::ErrorKind::InvalidInput, "only stream sockets are served"))
}

/// Sends all of `bytes`, with the default [`Policy`]: the one-liner.
///
/// Unlike `write_all` it says how much was sent when it fails, gives up on a
/// peer that takes nothing for 30 seconds, and works on non-blocking sockets.
///
/// # Errors
///
/// [`SendError`] with the exact count.
///
/// ```
/// # let (socket, _peer) = std::os::unix::net::UnixStream::pair()?;
/// netsend::blocking::send_all(&socket, b"hello")?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn send_all(
    socket: &impl AsFd,
    bytes: &(impl AsRef<[u8]> + ?Sized),
) -> Result<SendReport, SendError> {
    let mut queue = SendQueue::new();
    queue.push(bytes.as_ref());
    queue.end_message();
    drain(socket, &mut queue, &Policy::default())
}
