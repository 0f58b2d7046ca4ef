//! hyper's write path: a response whose body is many small frames.

use std::convert::Infallible;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use buffers::SharedBuf;
use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use hyper::rt::{Read, ReadBufCursor, Write};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use tokio::io::AsyncWrite;
use tokio::runtime::Runtime;

use crate::lane::Contender;

/// A connection whose request is there already; the answer goes out.
struct Canned<W> {
    request: &'static [u8],
    out: W,
}

impl<W: Unpin> Read for Canned<W> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        mut buf: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        let request = std::mem::take(&mut self.request);
        if request.is_empty() {
            return Poll::Pending;
        }
        buf.put_slice(request);
        Poll::Ready(Ok(()))
    }
}

impl<W: AsyncWrite + Unpin> Write for Canned<W> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.out).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.out).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.out.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.out).poll_flush(context)
    }

    /// The lane goes on after this answer.
    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

/// Frames that are there already.
struct Frames {
    all: Arc<Vec<Bytes>>,
    next: usize,
    left: u64,
}

impl Frames {
    fn of(frames: &Arc<Vec<Bytes>>) -> Self {
        let left = frames.iter().map(|frame| frame.len() as u64).sum();
        Self { all: Arc::clone(frames), next: 0, left }
    }
}

impl Body for Frames {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let frame = self.all.get(self.next).cloned();
        self.next += 1;
        self.left -= frame.as_ref().map_or(0, |frame| frame.len() as u64);
        Poll::Ready(frame.map(|frame| Ok(Frame::data(frame))))
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}

async fn answer(out: impl AsyncWrite + Unpin, frames: &Arc<Vec<Bytes>>) -> io::Result<()> {
    let request = b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    let service = service_fn(|_: Request<_>| {
        let body = Frames::of(frames);
        async { Ok::<_, Infallible>(Response::new(body)) }
    });
    let mut builder = http1::Builder::new();
    let connection =
        builder.auto_date_header(false).serve_connection(Canned { request, out }, service);
    connection.await.map_err(io::Error::other)
}

fn runtime() -> Runtime {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime")
}

fn frames_of(segments: &[SharedBuf]) -> Arc<Vec<Bytes>> {
    Arc::new(segments.iter().cloned().map(Bytes::from).collect())
}

/// The head that hyper puts before a body of these segments.
pub(super) fn head_of(segments: &[SharedBuf]) -> Vec<u8> {
    let mut all = Vec::new();
    let frames = frames_of(segments);
    runtime().block_on(answer(&mut all, &frames)).expect("it is answered");
    let body: usize = segments.iter().map(SharedBuf::len).sum();
    all.truncate(all.len() - body);
    all
}

/// Answers with these segments as frames; hyper makes the head itself.
pub(super) fn contender(segments: &[SharedBuf]) -> Contender {
    let (frames, runtime) = (frames_of(segments), runtime());
    Contender::new("hyper, a frame each", move |socket| {
        socket.set_nonblocking(true)?;
        let stream = std::net::TcpStream::from(socket.try_clone()?);
        runtime.block_on(async {
            let stream = tokio::net::TcpStream::from_std(stream)?;
            answer(stream, &frames).await
        })
    })
}
