//! A stream of shared buffers is a body for axum: its chunks are written from their
//! own addresses, and a chunk costs one allocation, or none if it converts in place.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::thread;

use axum::body::Body;
use axum::routing::get;
use axum::serve::Listener;
use axum::{Router, response::Response};
use bench_suite::meter::{Reading, measure};
use buffers::{SharedBuf, copied};
use bytes::Bytes;
use futures_util::stream;
use http_body_util::BodyExt;
use hyper::{Request, client};
use hyper_util::rt::TokioIo;
use oracles::content::pattern;
use oracles::recorder::{Recorder, Written};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use tokio::sync::oneshot;

bench_suite::install_meter!();

const CHUNK: usize = 1000;

/// `n` slices of one vector.
fn slices(n: usize) -> Vec<SharedBuf> {
    let whole = SharedBuf::from(pattern(n * CHUNK, 1));
    (0..n).map(|at| whole.slice(at * CHUNK..(at + 1) * CHUNK)).collect()
}

/// `n` vectors, whole and without spare capacity.
fn vectors(n: usize) -> Vec<SharedBuf> {
    pattern(n * CHUNK, 1).chunks(CHUNK).map(|chunk| SharedBuf::from(chunk.to_vec())).collect()
}

/// `n` slices of what came as one `Bytes`, such as a request's body.
fn received(n: usize) -> Vec<SharedBuf> {
    let whole = Bytes::from(pattern(n * CHUNK, 1));
    // Memory that came as `Bytes` counts as shared once there were two of it.
    drop(whole.clone());
    let whole = SharedBuf::from(whole);
    (0..n).map(|at| whole.slice(at * CHUNK..(at + 1) * CHUNK)).collect()
}

fn body(chunks: impl IntoIterator<Item = SharedBuf, IntoIter: Send + 'static>) -> Body {
    Body::from_stream(stream::iter(chunks.into_iter().map(Ok::<_, Infallible>)))
}

/// A runtime that stays on this thread, where the meter counts.
fn runtime() -> Runtime {
    tokio::runtime::Builder::new_current_thread().enable_io().build().unwrap()
}

/// The frames of a body of these chunks, each made into what `make` makes of it, and
/// what all of this costs.
fn frames(chunks: Vec<SharedBuf>, make: fn(SharedBuf) -> SharedBuf) -> (Vec<Bytes>, Reading) {
    let mut frames = Vec::with_capacity(chunks.len());
    let ((), cost) = measure(|| {
        runtime().block_on(async {
            let mut body = body(chunks.into_iter().map(make));
            while let Some(frame) = body.frame().await {
                frames.push(frame.unwrap().into_data().unwrap());
            }
        });
    });
    (frames, cost)
}

/// A listener whose first connection records what the server writes.
struct Recording {
    listener: TcpListener,
    written: Option<oneshot::Sender<Written>>,
}

impl Listener for Recording {
    type Io = Recorder<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        let (stream, address) = self.listener.accept().await.expect("a client connects");
        let (recorder, written) = Recorder::new(stream);
        if let Some(first) = self.written.take() {
            first.send(written).expect("the test waits for it");
        }
        (recorder, address)
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        self.listener.local_addr()
    }
}

/// Asks for the body on a thread of its own, and keeps what came.
fn ask(address: SocketAddr) -> Vec<SharedBuf> {
    runtime().block_on(async {
        let stream = TokioIo::new(TcpStream::connect(address).await.unwrap());
        let (mut sender, client) = client::conn::http1::handshake(stream).await.unwrap();
        tokio::spawn(client);
        let response = sender.send_request(Request::new(Body::empty())).await.unwrap();
        let mut body = response.into_body();
        let mut kept = Vec::new();
        while let Some(frame) = body.frame().await {
            let bytes = frame.unwrap().into_data().unwrap();
            let at = bytes.as_ptr();
            let shared = SharedBuf::from(bytes);
            assert_eq!(shared.as_ptr(), at, "what was received is kept in place");
            kept.push(shared);
        }
        kept
    })
}

/// A real server answers one real client with this body: what the client kept,
/// what the server wrote, and what this cost the server's thread.
fn serve(body: Body) -> (Vec<SharedBuf>, Written, Reading) {
    let runtime = runtime();
    let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
    let address = listener.local_addr().unwrap();
    let (first, written) = oneshot::channel();
    let (done, stop) = oneshot::channel();
    let client = thread::spawn(move || {
        let kept = ask(address);
        done.send(()).expect("the server waits for it");
        kept
    });
    let body = Arc::new(Mutex::new(Some(body)));
    let answer = move || {
        let body = body.lock().unwrap().take().expect("one request is made");
        async { Response::new(body) }
    };
    let routes = Router::new().route("/", get(answer));
    let ((), cost) = measure(|| {
        runtime.block_on(async {
            let listener = Recording { listener, written: Some(first) };
            let server = axum::serve(listener, routes);
            let stopped = async { stop.await.expect("the client says when") };
            server.with_graceful_shutdown(stopped).await.unwrap();
        });
    });
    let written = runtime.block_on(written).unwrap();
    (client.join().unwrap(), written, cost)
}

/// Fails unless `n` chunks more allocate `each` times as many more. How a connection
/// waits may cost it an allocation more or less: these are no more than `slack`.
fn assert_allocs(each: u64, slack: u64, cost: impl Fn(usize) -> Reading) {
    const N: usize = 100;
    let allocs = |n| cost(n).allocs.value().expect("the meter is installed");
    // Whatever is made once in a thread's life is made here.
    allocs(1);
    let (once, twice) = (allocs(N), allocs(2 * N));
    let off = twice.abs_diff(once + each * N as u64);
    assert!(off <= slack, "{once} for {N} chunks, {twice} for twice as many");
}

#[test]
fn frames_come_out_where_the_chunks_lie_for_one_allocation_or_none() {
    for (each, chunks) in [(1, slices as fn(usize) -> _), (0, vectors), (0, received)] {
        assert_allocs(each, 0, |n| {
            let chunks = chunks(n);
            let expected = addresses(&chunks);
            let (frames, cost) = frames(chunks, |chunk| chunk);
            assert_eq!(addresses(&frames), expected);
            assert_eq!(cost.ledger_bytes.value(), Some(0));
            cost
        });
    }
}

#[test]
fn chunks_that_are_copied_cost_their_bytes_and_come_out_elsewhere() {
    assert_allocs(2, 0, |n| {
        let chunks = slices(n);
        let (frames, cost) = frames(chunks.clone(), |chunk| SharedBuf::copy_from_slice(&chunk));
        let pairs = addresses(&frames).into_iter().zip(addresses(&chunks));
        assert_eq!(pairs.filter(|(copy, chunk)| copy.0 != chunk.0).count(), n);
        assert_eq!(cost.ledger_bytes.value(), Some((n * CHUNK) as u64));
        cost
    });
}

/// Where each lies, and how long it is.
fn addresses<T: AsRef<[u8]>>(parts: &[T]) -> Vec<(*const u8, usize)> {
    parts.iter().map(|part| (part.as_ref().as_ptr(), part.as_ref().len())).collect()
}

#[test]
fn a_server_writes_each_chunk_from_its_own_address() {
    let chunks = slices(300);
    let ((kept, written, cost), counted) = copied::during(|| serve(body(chunks.clone())));
    assert!(kept.concat() == pattern(300 * CHUNK, 1));
    for chunk in &chunks {
        assert_eq!(written.bytes_from(chunk), CHUNK);
    }
    assert_eq!(counted, 0);
    assert_eq!(cost.ledger_bytes.value(), Some(0));
}

#[test]
fn a_server_writes_copied_chunks_from_elsewhere() {
    let chunks = slices(300);
    let copies = chunks.clone().into_iter().map(|chunk| SharedBuf::copy_from_slice(&chunk));
    let (kept, written, _) = serve(body(copies));
    assert!(kept.concat() == chunks.concat());
    for chunk in &chunks {
        assert_eq!(written.bytes_from(chunk), 0);
    }
}

#[test]
fn a_chunk_costs_the_whole_server_no_allocation_but_its_conversion() {
    assert_allocs(1, 4, |n| serve(body(slices(n))).2);
    assert_allocs(0, 4, |n| serve(body(vectors(n))).2);
}
