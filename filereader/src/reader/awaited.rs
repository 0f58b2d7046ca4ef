//! Chunks and lines for tasks: what a thread reads ahead is awaited.

use std::fmt;
use std::fs::File;
use std::future::{Future, poll_fn};
use std::io::{self, Read};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use buffers::SharedBuf;

use super::chunks::{FileReader, lender};
use super::lines::{LineBatch, LineStep};
use super::rest::Align;
use crate::pool::Acquire;

/// A [`FileReader`] for tasks: chunks and batches of lines are awaited.
///
/// A thread reads [ahead](FileReader::prefetch) into blocks of the pool, and wakes the
/// task when there is something; so no read of a disk holds up a runtime's thread, and
/// no block crosses to another thread pool and back. It knows no runtime, and works
/// with all of them. The feature `stream` adds streams.
///
/// ```
/// # fn block_on<F: Future>(future: F) -> F::Output {
/// #     let mut future = std::pin::pin!(future);
/// #     let mut context = std::task::Context::from_waker(std::task::Waker::noop());
/// #     loop {
/// #         if let std::task::Poll::Ready(output) = future.as_mut().poll(&mut context) {
/// #             return output;
/// #         }
/// #         std::thread::yield_now();
/// #     }
/// # }
/// use filereader::FileReader;
///
/// # block_on(async {
/// let mut file = FileReader::open("Cargo.toml")?.prefetch(2)?.into_async()?;
/// let mut lines = 0;
/// while let Some(batch) = file.next_lines().await? {
///     lines += batch.lines().count();
/// }
/// assert!(lines > 10);
/// # Ok::<(), std::io::Error>(())
/// # })?;
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// All futures are cancel-safe: what was read stays with the reader, so a future that
/// is dropped loses no byte, and the next one goes on where it stood.
pub struct AsyncReader<R = File> {
    reader: FileReader<R>,
    /// A block that is waited for, to move a long tail to.
    acquire: Option<Acquire>,
}

impl<R: Read> FileReader<R> {
    /// The reader for tasks.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](io::ErrorKind::InvalidInput) if nothing is
    /// [read ahead](Self::prefetch), because it was not asked for, or because the pool has
    /// less than four blocks.
    pub fn into_async(self) -> io::Result<AsyncReader<R>> {
        if self.reads_ahead() == 0 && !self.at_end {
            let text = "tasks take what is read ahead: call `prefetch(1)` or more before, with a \
                        pool of at least four blocks";
            return Err(io::Error::new(io::ErrorKind::InvalidInput, text));
        }
        Ok(AsyncReader { reader: self, acquire: None })
    }
}

impl<R: Read> AsyncReader<R> {
    /// The next chunk, as [`FileReader::next_chunk`] gives it.
    ///
    /// # Errors
    ///
    /// As there. Of a pool whose blocks are out for longer than its patience, it says who
    /// has them.
    pub fn next_chunk(&mut self) -> impl Future<Output = io::Result<Option<SharedBuf>>> {
        poll_fn(|context| self.poll_chunk(context))
    }

    /// The next batch of lines, as [`FileReader::next_lines`] gives it.
    ///
    /// # Errors
    ///
    /// As there.
    pub fn next_lines(&mut self) -> impl Future<Output = io::Result<Option<LineBatch>>> {
        poll_fn(|context| self.poll_lines(context))
    }

    /// [`next_chunk`](Self::next_chunk) for those who write futures by hand.
    ///
    /// # Errors
    ///
    /// As there.
    pub fn poll_chunk(&mut self, context: &mut Context<'_>) -> Poll<io::Result<Option<SharedBuf>>> {
        if self.reader.rest.is_empty() && !ready!(self.poll_refill(context))? {
            return Poll::Ready(Ok(None));
        }
        let n = self.reader.rest.len();
        Poll::Ready(Ok(Some(self.reader.give_out(n))))
    }

    /// [`next_lines`](Self::next_lines) for those who write futures by hand.
    ///
    /// # Errors
    ///
    /// As there.
    pub fn poll_lines(&mut self, context: &mut Context<'_>) -> Poll<io::Result<Option<LineBatch>>> {
        let mut searched = 0;
        loop {
            match self.reader.step_lines(searched) {
                LineStep::Batch(batch) => return Poll::Ready(batch.map(Some)),
                LineStep::More(looked_at) => searched = looked_at,
            }
            if !ready!(self.poll_refill(context))? {
                return Poll::Ready(Ok(self.reader.last_lines()));
            }
        }
    }

    /// Puts what was read ahead behind the rest; `false` at the end.
    fn poll_refill(&mut self, context: &mut Context<'_>) -> Poll<io::Result<bool>> {
        let Self { reader, acquire } = self;
        if reader.at_end {
            return Poll::Ready(Ok(false));
        }
        if reader.next.is_empty()
            && let Some(ahead) = &reader.ahead
        {
            let fetched = ready!(ahead.poll_take(context));
            if !reader.has_next(fetched)? {
                return Poll::Ready(Ok(false));
            }
        }
        let pool = lender(&mut reader.pool)?;
        let get_block = || {
            let waiting = acquire.get_or_insert_with(|| pool.acquire_async());
            match Pin::new(waiting).poll(context) {
                Poll::Ready(block) => {
                    *acquire = None;
                    Ok(block)
                }
                Poll::Pending => Err(()),
            }
        };
        match reader.rest.join(&mut reader.next, Align::Read, get_block) {
            Ok(()) => Poll::Ready(Ok(true)),
            // The block's future wakes us.
            Err(()) => Poll::Pending,
        }
    }

    /// The reader itself: its position, its rest, or to go on without tasks.
    pub fn into_inner(self) -> FileReader<R> {
        self.reader
    }

    /// The reader itself: its position, its rest.
    pub fn get_ref(&self) -> &FileReader<R> {
        &self.reader
    }
}

impl<R> fmt::Debug for AsyncReader<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("AsyncReader").field(&self.reader).finish()
    }
}

/// The chunks of a source as a [`Stream`](futures_core::Stream).
#[cfg(feature = "stream")]
#[derive(Debug)]
pub struct ChunkStream<R = File>(AsyncReader<R>);

/// The batches of lines of a source as a [`Stream`](futures_core::Stream).
#[cfg(feature = "stream")]
#[derive(Debug)]
pub struct LineStream<R = File>(AsyncReader<R>);

#[cfg(feature = "stream")]
impl<R: Read + Unpin> AsyncReader<R> {
    /// The chunks as a stream.
    pub fn into_chunks(self) -> ChunkStream<R> {
        ChunkStream(self)
    }

    /// The batches of lines as a stream.
    pub fn into_lines(self) -> LineStream<R> {
        LineStream(self)
    }
}

#[cfg(feature = "stream")]
impl<R: Read + Unpin> futures_core::Stream for ChunkStream<R> {
    type Item = io::Result<SharedBuf>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.poll_chunk(context).map(Result::transpose)
    }
}

#[cfg(feature = "stream")]
impl<R: Read + Unpin> futures_core::Stream for LineStream<R> {
    type Item = io::Result<LineBatch>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.poll_lines(context).map(Result::transpose)
    }
}
