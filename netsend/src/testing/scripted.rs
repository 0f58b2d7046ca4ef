//! A transport that does what a script says, and keeps what it took.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, IoSlice, Write};
use std::os::unix::fs::FileExt;
#[cfg(feature = "tokio")]
use std::pin::Pin;
use std::sync::Arc;
#[cfg(feature = "tokio")]
use std::task::{Context, Poll};
use std::thread;
use std::time::Duration;

use crate::account::SendReport;
use crate::roads::Transport;

/// What a transport answers to one call.
#[derive(Clone, Copy, Debug)]
pub enum Answer {
    /// It takes that many bytes, at least 1 and at most what is offered.
    Take(usize),
    /// It takes nothing now.
    WouldBlock,
    /// A signal came first.
    Interrupted,
    /// It fails.
    Fail(io::ErrorKind),
    /// The file has come to end before its range does; what is no file is taken
    /// one byte of.
    Shrink,
    /// It takes nothing, and claims one byte more than it was offered.
    Overclaim,
}

/// Takes bytes as its script says, and keeps them. After the script's end it takes
/// all that it is offered, or goes on as `always` says.
///
/// It is a [`Transport`] and a [`Write`], and with the feature `tokio` an
/// `AsyncWrite` as well.
///
/// ```
/// use netsend::testing::{Answer, Scripted};
/// use netsend::{Policy, SendQueue, drive};
///
/// let mut transport = Scripted::new([Answer::Take(2), Answer::WouldBlock, Answer::Take(1)]);
/// let mut queue = SendQueue::new();
/// queue.push("abcdef");
/// let report = drive(&mut transport, &mut queue, &Policy::default())?;
/// assert_eq!(transport.taken, b"abcdef");
/// assert_eq!((report.calls, report.partials, report.waits), (4, 2, 1));
/// # Ok::<(), netsend::SendError>(())
/// ```
#[derive(Debug, Default)]
pub struct Scripted {
    /// The answers to come.
    pub script: VecDeque<Answer>,
    /// The answer to each call after the script's end.
    pub always: Option<Answer>,
    /// The number of `send_file` calls that are served before they are refused.
    pub files_served: usize,
    /// The number of `splice_file` calls that are served before they are refused.
    pub splices_served: usize,
    /// All bytes taken.
    pub taken: Vec<u8>,
    /// How long each wait could have been.
    pub waits: Vec<Option<Duration>>,
    /// The address of the first slice of each call.
    pub bases: Vec<usize>,
    /// Whether the last call said that more follows.
    pub more: bool,
    /// What the calls so far add up to, as a driver should report them.
    pub tally: SendReport,
    /// Whether waits take the time that they may.
    pub sleeps: bool,
}

impl Scripted {
    /// A transport that follows `script`, and serves files for ever.
    #[must_use]
    pub fn new(script: impl IntoIterator<Item = Answer>) -> Self {
        Self { script: script.into_iter().collect(), files_served: usize::MAX, ..Self::default() }
    }

    /// The same, refusing `send_file` from the call number `served` on.
    #[must_use]
    pub fn refusing_files(mut self, served: usize) -> Self {
        self.files_served = served;
        self
    }

    /// The same, serving `splice_file` that many times.
    #[must_use]
    pub fn splicing(mut self, served: usize) -> Self {
        self.splices_served = served;
        self
    }

    /// Books one call that offers `offered` bytes, and tells how many to take.
    fn answer(&mut self, offered: usize) -> io::Result<usize> {
        self.tally.calls += 1;
        // A driver that ignores its clocks is to fail, not to hang.
        assert!(self.tally.calls < 50_000_000, "the driver does not stop");
        match self.script.pop_front().or(self.always) {
            None => Ok(offered),
            Some(Answer::Take(n)) => Ok(n.clamp(1, offered)),
            Some(Answer::Fail(kind)) => Err(kind.into()),
            Some(Answer::Shrink) => Ok(offered.min(1)),
            Some(Answer::Overclaim) => Ok(offered + 1),
            Some(Answer::WouldBlock) => {
                self.tally.would_blocks += 1;
                Err(io::ErrorKind::WouldBlock.into())
            }
            Some(Answer::Interrupted) => {
                self.tally.interrupts += 1;
                Err(io::ErrorKind::Interrupted.into())
            }
        }
    }

    fn book(&mut self, taken: usize, offered: usize) {
        self.tally.accepted += taken as u64;
        self.tally.partials += u64::from(taken < offered);
    }

    fn take(&mut self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        let offered = slices.iter().map(|slice| slice.len()).sum();
        self.bases.extend(slices.first().map(|slice| slice.as_ptr() as usize));
        let n = self.answer(offered)?;
        if n <= offered {
            let bytes = slices.iter().flat_map(|slice| slice.iter()).take(n);
            self.taken.extend(bytes);
            self.book(n, offered);
        }
        Ok(n)
    }

    fn take_file(&mut self, file: &File, offset: u64, len: u64) -> io::Result<usize> {
        let offered = usize::try_from(len).unwrap_or(usize::MAX);
        let shrinks = matches!(self.script.front().or(self.always.as_ref()), Some(Answer::Shrink));
        let n = self.answer(offered)?;
        if n > offered {
            return Ok(n);
        }
        let mut bytes = vec![0; if shrinks { 0 } else { n }];
        let n = file.read_at(&mut bytes, offset)?;
        self.taken.extend(&bytes[..n]);
        if n > 0 {
            self.book(n, offered);
        }
        Ok(n)
    }

    fn refuse(&mut self) -> io::Result<usize> {
        self.tally.calls += 1;
        self.tally.fallbacks += 1;
        Err(io::ErrorKind::Unsupported.into())
    }
}

/// What a driver should book of an answer: an overclaim counts for nothing.
fn believable(n: usize, len: u64) -> u64 {
    if n as u64 > len { 0 } else { n as u64 }
}

impl Transport for Scripted {
    fn send_vectored(&mut self, slices: &[IoSlice<'_>], more: bool) -> io::Result<usize> {
        self.more = more;
        self.take(slices)
    }

    fn send_file(&mut self, file: &File, offset: u64, len: u64) -> io::Result<usize> {
        let Some(left) = self.files_served.checked_sub(1) else {
            return self.refuse();
        };
        self.files_served = left;
        let n = self.take_file(file, offset, len)?;
        self.tally.by_sendfile += believable(n, len);
        Ok(n)
    }

    fn splice_file(
        &mut self,
        file: &Arc<File>,
        offset: u64,
        len: u64,
        more: bool,
    ) -> io::Result<usize> {
        let Some(left) = self.splices_served.checked_sub(1) else {
            return self.refuse();
        };
        self.splices_served = left;
        self.more = more;
        let n = self.take_file(file, offset, len)?;
        self.tally.by_splice += believable(n, len);
        Ok(n)
    }

    fn wait(&mut self, limit: Option<Duration>) -> io::Result<()> {
        self.waits.push(limit);
        if self.sleeps {
            thread::sleep(limit.expect("a sleeping test has a limit"));
        }
        Ok(())
    }
}

impl Write for Scripted {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.take(&[IoSlice::new(bytes)])
    }

    fn write_vectored(&mut self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        self.take(slices)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A would-block is a `Pending` that wakes its task at once.
#[cfg(feature = "tokio")]
impl tokio::io::AsyncWrite for Scripted {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.poll_write_vectored(context, &[IoSlice::new(bytes)])
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut().take(slices) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                context.waker().wake_by_ref();
                Poll::Pending
            }
            answer => Poll::Ready(answer),
        }
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
