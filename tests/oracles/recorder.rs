//! A connection that remembers from which addresses it was written.

use std::io::{self, IoSlice};
use std::ops::Range;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// The addresses that the bytes which a connection took came from.
#[derive(Clone, Debug)]
pub struct Written(Arc<Mutex<Vec<Range<usize>>>>);

impl Written {
    /// How many bytes were written, from anywhere.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.runs().iter().map(Range::len).sum()
    }

    /// How many bytes were written from where these lie.
    #[must_use]
    pub fn bytes_from(&self, memory: &[u8]) -> usize {
        let memory = memory.as_ptr_range();
        let (start, end) = (memory.start.addr(), memory.end.addr());
        self.runs().iter().map(|run| (run.start.max(start)..run.end.min(end)).len()).sum()
    }

    fn runs(&self) -> MutexGuard<'_, Vec<Range<usize>>> {
        self.0.lock().expect("nobody panics while holding it")
    }

    /// Of the slices that were offered, the first `n` bytes were taken.
    fn record<'a>(&self, offered: impl IntoIterator<Item = &'a [u8]>, mut n: usize) {
        for slice in offered {
            let taken = n.min(slice.len());
            let start = slice.as_ptr().addr();
            self.runs().push(start..start + taken);
            n -= taken;
        }
    }
}

/// A connection with a record of what was written to it.
pub struct Recorder<T> {
    inner: T,
    written: Written,
}

impl<T> Recorder<T> {
    /// Records what is written to `inner` from now on. The record has room for
    /// some thousand writes, so that it does not show where allocations count.
    pub fn new(inner: T) -> (Self, Written) {
        let written = Written(Arc::new(Mutex::new(Vec::with_capacity(4096))));
        (Self { inner, written: written.clone() }, written)
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for Recorder<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        target: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_read(context, target)
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for Recorder<T> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let n = ready!(Pin::new(&mut self.inner).poll_write(context, bytes))?;
        self.written.record([bytes], n);
        Poll::Ready(Ok(n))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let n = ready!(Pin::new(&mut self.inner).poll_write_vectored(context, slices))?;
        self.written.record(slices.iter().map(|slice| &**slice), n);
        Poll::Ready(Ok(n))
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(context)
    }
}
