//! The loop over any transport that can be waited for.

use std::io::Write;

use super::engine::{Engine, Turn};
use crate::account::{Observer, Policy, SendError, SendReport, Unobserved};
use crate::queue::SendQueue;
use crate::roads::{Transport, WriteTransport};

/// Sends from `queue` through `transport` until the queue is empty: the loop
/// under every driver that waits.
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
    drive_observed(transport, queue, policy, &mut Unobserved)
}

/// The same, with somebody who looks on.
///
/// # Errors
///
/// As [`drive`].
pub fn drive_observed(
    transport: &mut impl Transport,
    queue: &mut SendQueue<'_>,
    policy: &Policy,
    observer: &mut dyn Observer,
) -> Result<SendReport, SendError> {
    let mut engine = Engine::start(policy);
    loop {
        match engine.turn(transport, queue, None, observer)? {
            Turn::Done => return Ok(engine.report()),
            Turn::Over => {}
            Turn::Blocked(patience) => {
                let waited = transport.wait(patience);
                waited.map_err(|error| engine.cannot_wait(error, queue))?;
            }
        }
    }
}

/// Writes the queue out to any [`Write`], and flushes it: a TLS stream, a file, a
/// pipe, a `Vec`.
///
/// File ranges take the scratch road, and [`SendReport::by_scratch`] says so. A
/// writer that would block cannot be waited for: see [`WriteTransport`].
///
/// # Errors
///
/// As [`drive`].
///
/// ```
/// use netsend::{Policy, SendQueue, drain_to};
///
/// let mut queue = SendQueue::new();
/// queue.push("into a vector");
/// let mut out = Vec::new();
/// let report = drain_to(&mut out, &mut queue, &Policy::default())?;
/// assert_eq!((report.accepted, out.len()), (13, 13));
/// # Ok::<(), netsend::SendError>(())
/// ```
pub fn drain_to(
    writer: &mut impl Write,
    queue: &mut SendQueue<'_>,
    policy: &Policy,
) -> Result<SendReport, SendError> {
    drive(&mut WriteTransport(writer), queue, policy)
}
