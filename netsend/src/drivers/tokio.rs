//! The drivers for tokio: its sockets, and anything that is `AsyncWrite`.
//!
//! **Cancelling loses nothing.** The queue is advanced in the same breath in which
//! bytes are taken, never across an await. A future that is dropped leaves the
//! queue right behind the last byte that was taken, and another one goes on there;
//! only the dropped future's report is gone.
//!
//! **Files may wait for the disk.** `sendfile`, and reads into the scratch, block
//! the thread while pages come from the disk; each call is for 2 MiB at most.
//! Files that are not in the page cache belong on a thread of their own.
//!
//! The runtime needs its I/O and time drivers (`enable_all`).

use std::fs::File;
use std::future::poll_fn;
use std::io::{self, IoSlice};
use std::os::fd::AsFd;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use ::tokio::io::{AsyncWrite, Interest};
use ::tokio::net::{TcpStream, UnixStream};
use ::tokio::time::sleep;

use super::engine::{Engine, Turn};
use crate::account::{Observer, Policy, SendError, SendReport, Unobserved};
use crate::queue::SendQueue;
use crate::roads::{SocketTransport, Transport};

/// Sends until the queue is empty, through a socket of tokio. Files go by
/// `sendfile`.
///
/// After each [`Policy::turn`] other tasks run. The future borrows the policy: inside
/// `select!`, which keeps it, write `&Policy::DEFAULT` or name yours first. A half of a
/// socket gives the whole by `as_ref`.
///
/// # Errors
///
/// [`SendError`] with the exact count. The queue stands behind the last byte
/// sent.
///
/// ```
/// use netsend::{Policy, SendQueue};
///
/// # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
/// # runtime.block_on(async {
/// let (socket, _peer) = tokio::net::UnixStream::pair()?;
/// let mut queue = SendQueue::new();
/// queue.push("hello");
/// let report = netsend::tokio::drain(&socket, &mut queue, &Policy::default()).await?;
/// assert_eq!(report.accepted, 5);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub async fn drain(
    socket: &impl Stream,
    queue: &mut SendQueue<'_>,
    policy: &Policy,
) -> Result<SendReport, SendError> {
    let mut transport = SocketTransport::nonblocking(socket);
    let mut engine = Engine::start(policy);
    run(&mut engine, queue, policy, |engine, queue, context| {
        let mut transport = Ready { socket, transport: &mut transport, context };
        engine.turn(&mut transport, queue, Some(policy.turn), &mut Unobserved)
    })
    .await
}

/// The same, with somebody who looks on.
///
/// # Errors
///
/// As [`drain`].
pub async fn drain_observed(
    socket: &impl Stream,
    queue: &mut SendQueue<'_>,
    policy: &Policy,
    observer: &mut (dyn Observer + Send),
) -> Result<SendReport, SendError> {
    let mut transport = SocketTransport::nonblocking(socket);
    let mut engine = Engine::start(policy);
    run(&mut engine, queue, policy, |engine, queue, context| {
        let mut transport = Ready { socket, transport: &mut transport, context };
        engine.turn(&mut transport, queue, Some(policy.turn), observer)
    })
    .await
}

/// Writes the queue out to anything that is `AsyncWrite`, such as a TLS stream,
/// and flushes it. File ranges take the scratch road, and
/// [`SendReport::by_scratch`] says so.
///
/// Accepted means that the writer took the bytes. One that keeps them, as TLS does,
/// may lose those that it has not passed on when it is dropped; dropping this
/// future does not.
///
/// # Errors
///
/// As [`drain`].
///
/// ```
/// use netsend::{Policy, SendQueue};
///
/// # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
/// # runtime.block_on(async {
/// let mut out = Vec::new();
/// let mut queue = SendQueue::new();
/// queue.push("hello");
/// netsend::tokio::drain_to(&mut out, &mut queue, &Policy::default()).await?;
/// assert_eq!(out, b"hello");
/// # Ok::<(), netsend::SendError>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub async fn drain_to(
    writer: &mut (impl AsyncWrite + Unpin),
    queue: &mut SendQueue<'_>,
    policy: &Policy,
) -> Result<SendReport, SendError> {
    let mut engine = Engine::start(policy);
    run(&mut engine, queue, policy, |engine, queue, context| {
        let mut transport = Polled { writer: Pin::new(&mut *writer), context };
        engine.turn(&mut transport, queue, Some(policy.turn), &mut Unobserved)
    })
    .await
}

/// Turn after turn, with sleep in between for as long as the clocks allow.
async fn run(
    engine: &mut Engine,
    queue: &mut SendQueue<'_>,
    policy: &Policy,
    mut turn: impl FnMut(&mut Engine, &mut SendQueue<'_>, &mut Context<'_>) -> Result<Turn, SendError>,
) -> Result<SendReport, SendError> {
    // No timer is made for a send without clocks, nor before the first wait.
    let clocks = policy.stall.is_some() || policy.deadline.is_some() || policy.min_rate.is_some();
    let mut alarm = pin!(None);
    poll_fn(move |context| {
        loop {
            match turn(engine, queue, context) {
                Err(error) => return Poll::Ready(Err(error)),
                Ok(Turn::Done) => return Poll::Ready(Ok(engine.report())),
                Ok(Turn::Over) => {
                    context.waker().wake_by_ref();
                    return Poll::Pending;
                }
                Ok(Turn::Blocked(Some(patience))) if clocks => {
                    alarm.set(Some(sleep(patience)));
                    let alarm = alarm.as_mut().as_pin_mut();
                    ready!(alarm.expect("it was just set").poll(context));
                }
                Ok(Turn::Blocked(_)) => return Poll::Pending,
            }
        }
    })
    .await
}

/// A socket of tokio's: [`TcpStream`] or [`UnixStream`]. Halves of them give a
/// reference to the whole by `as_ref`.
pub trait Stream: AsFd + Sync + sealed::Sealed {
    /// Whether it can be written to; if not, the task is woken when it can.
    #[doc(hidden)]
    fn poll_write_ready(&self, context: &mut Context<'_>) -> Poll<io::Result<()>>;

    /// Runs `work`, and takes note if it says that the socket is full.
    #[doc(hidden)]
    fn try_io<R>(&self, work: impl FnOnce() -> io::Result<R>) -> io::Result<R>;
}

mod sealed {
    /// Streams alone have it: a datagram socket has no stream of bytes.
    pub trait Sealed {}
    impl Sealed for ::tokio::net::TcpStream {}
    impl Sealed for ::tokio::net::UnixStream {}
}

macro_rules! stream {
    ($($socket:ty),*) => {$(
        impl Stream for $socket {
            fn poll_write_ready(&self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
                <$socket>::poll_write_ready(self, context)
            }

            fn try_io<R>(&self, work: impl FnOnce() -> io::Result<R>) -> io::Result<R> {
                <$socket>::try_io(self, Interest::WRITABLE, work)
            }
        }
    )*};
}

stream!(TcpStream, UnixStream);

/// A socket's transport, whose would-blocks have asked for the task to be woken.
struct Ready<'r, 's, 'c, S> {
    socket: &'r S,
    transport: &'r mut SocketTransport<'s>,
    context: &'r mut Context<'c>,
}

impl<S: Stream> Ready<'_, '_, '_, S> {
    fn call(
        &mut self,
        mut work: impl FnMut(&mut SocketTransport<'_>) -> io::Result<usize>,
    ) -> io::Result<usize> {
        loop {
            match self.socket.poll_write_ready(self.context) {
                Poll::Pending => return Err(io::ErrorKind::WouldBlock.into()),
                Poll::Ready(ready) => ready?,
            }
            match self.socket.try_io(|| work(self.transport)) {
                // The readiness was stale. Asking again leaves the waker.
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                answer => return answer,
            }
        }
    }
}

impl<S: Stream> Transport for Ready<'_, '_, '_, S> {
    fn begin_turn(&mut self) {
        self.transport.begin_turn();
    }

    fn send_vectored(&mut self, slices: &[IoSlice<'_>], more: bool) -> io::Result<usize> {
        self.call(|transport| transport.send_vectored(slices, more))
    }

    fn send_file(&mut self, file: &File, offset: u64, len: u64) -> io::Result<usize> {
        self.call(|transport| transport.send_file(file, offset, len))
    }

    fn splice_file(
        &mut self,
        file: &Arc<File>,
        offset: u64,
        len: u64,
        more: bool,
    ) -> io::Result<usize> {
        self.call(|transport| transport.splice_file(file, offset, len, more))
    }

    fn wait(&mut self, _: Option<Duration>) -> io::Result<()> {
        Err(io::ErrorKind::WouldBlock.into())
    }
}

/// An asynchronous writer, whose would-blocks have asked for the task to be woken.
struct Polled<'w, 'c, W> {
    writer: Pin<&'w mut W>,
    context: &'w mut Context<'c>,
}

impl<W: AsyncWrite> Transport for Polled<'_, '_, W> {
    fn send_vectored(&mut self, slices: &[IoSlice<'_>], _more: bool) -> io::Result<usize> {
        match self.writer.as_mut().poll_write_vectored(self.context, slices) {
            Poll::Pending => Err(io::ErrorKind::WouldBlock.into()),
            Poll::Ready(Ok(0)) => Err(io::ErrorKind::WriteZero.into()),
            Poll::Ready(answer) => answer,
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self.writer.as_mut().poll_flush(self.context) {
            Poll::Pending => Err(io::ErrorKind::WouldBlock.into()),
            Poll::Ready(answer) => answer,
        }
    }

    fn wait(&mut self, _: Option<Duration>) -> io::Result<()> {
        Err(io::ErrorKind::WouldBlock.into())
    }
}
