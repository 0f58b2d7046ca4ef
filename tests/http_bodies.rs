//! A shared buffer is an HTTP body as it is: hyper writes it to the socket from its
//! own address, and what hyper receives becomes a shared buffer where it lies.

use std::convert::Infallible;
use std::future::Future;
use std::sync::Mutex;

use bench_suite::meter::measure;
use buffers::{SharedBuf, copied};
use bytes::{Buf, Bytes};
use filereader::Pool;
use futures_util::stream;
use http_body_util::{BodyExt, Empty, Full, StreamBody};
use hyper::body::{Body, Frame, Incoming};
use hyper::service::service_fn;
use hyper::{Request, Response, client, server};
use hyper_util::rt::{TokioExecutor, TokioIo};
use oracles::content::pattern;
use oracles::recorder::{Recorder, Written};
use tokio::net::{TcpListener, TcpStream};

bench_suite::install_meter!();

/// Of the two ends of a connection, the one that answers records.
async fn connection() -> (TcpStream, Recorder<TcpStream>, Written) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let asking = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
    let (answering, written) = Recorder::new(listener.accept().await.unwrap().0);
    (asking, answering, written)
}

/// Runs both ends on this thread.
fn run<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build().unwrap();
    runtime.block_on(work)
}

/// The data of a message's frames, as it comes.
async fn frames(mut body: Incoming) -> Vec<Bytes> {
    let mut frames = Vec::new();
    while let Some(frame) = body.frame().await {
        frames.push(frame.unwrap().into_data().expect("no trailers are sent"));
    }
    frames
}

/// A server answers one request with this body: what the client received, and
/// from which memory the server wrote.
fn answer<B>(body: B, writev: bool) -> (Vec<Bytes>, Written)
where
    B: Body<Error = Infallible> + Send + 'static,
    B::Data: Send,
{
    run(async {
        let (asking, answering, written) = connection().await;
        let body = Mutex::new(Some(body));
        let service = service_fn(move |_: Request<Incoming>| {
            let body = body.lock().unwrap().take().expect("one request is made");
            async { Ok::<_, Infallible>(Response::new(body)) }
        });
        let mut builder = server::conn::http1::Builder::new();
        let serving = builder.writev(writev).serve_connection(TokioIo::new(answering), service);
        let serving = tokio::spawn(serving);
        let (mut sender, client) =
            client::conn::http1::handshake(TokioIo::new(asking)).await.unwrap();
        tokio::spawn(client);
        let request = Request::new(Empty::<Bytes>::new());
        let received = frames(sender.send_request(request).await.unwrap().into_body()).await;
        drop(sender);
        serving.await.unwrap().unwrap();
        (received, written)
    })
}

/// The same by HTTP/2, with the bytes joined.
fn answer_by_http2(body: SharedBuf) -> (Vec<u8>, Written) {
    run(async {
        let (asking, answering, written) = connection().await;
        let service = service_fn(move |_: Request<Incoming>| {
            let body = Full::new(body.clone());
            async { Ok::<_, Infallible>(Response::new(body)) }
        });
        let builder = server::conn::http2::Builder::new(TokioExecutor::new());
        let serving = tokio::spawn(builder.serve_connection(TokioIo::new(answering), service));
        let asking = TokioIo::new(asking);
        let (mut sender, client) =
            client::conn::http2::handshake(TokioExecutor::new(), asking).await.unwrap();
        tokio::spawn(client);
        let request = Request::new(Empty::<Bytes>::new());
        let received = frames(sender.send_request(request).await.unwrap().into_body()).await;
        drop(sender);
        serving.await.unwrap().unwrap();
        (received.concat(), written)
    })
}

/// Heads and the framing of chunks are less than this.
const HEAD: usize = 300;

#[test]
fn a_body_of_any_size_is_written_from_its_own_address() {
    let whole = SharedBuf::from(pattern(2 << 20, 1));
    for len in [1, 10, 100, 1000, 10_000, 100_000, 2 << 20] {
        let body = whole.slice(..len);
        let ((received, written), counted) =
            copied::during(|| answer(Full::new(body.clone()), true));
        assert!(received.concat() == body[..], "{len}");
        assert_eq!(written.bytes_from(&whole), len, "each byte once");
        assert!(written.bytes() < len + HEAD, "{len}: {}", written.bytes());
        assert_eq!(counted, 0);
    }
}

#[test]
fn a_body_that_was_copied_is_written_from_elsewhere() {
    let shared = SharedBuf::from(pattern(100_000, 2));
    let copies: [fn(&SharedBuf) -> SharedBuf; 2] =
        [|shared| SharedBuf::copy_from_slice(shared), |shared| shared.as_slice().to_vec().into()];
    for copy in copies {
        let (received, written) = answer(Full::new(copy(&shared)), true);
        assert!(received.concat() == shared[..]);
        assert_eq!(written.bytes_from(&shared), 0);
        assert!(written.bytes() > 100_000);
    }
}

#[test]
fn without_vectored_writes_hyper_copies_a_body_of_any_size_behind_its_head() {
    let whole = SharedBuf::from(pattern(100_000, 3));
    for len in [1, 100_000] {
        let body = whole.slice(..len);
        let ((received, written), cost) = measure(|| answer(Full::new(body), false));
        assert!(received.concat() == whole[..len]);
        assert_eq!(written.bytes_from(&whole), 0, "{len}");
        assert!(cost.copied_bytes.value().unwrap() >= len as u64, "{cost}");
        assert_eq!(cost.ledger_bytes.value(), Some(0), "the copy is not ours");
    }
}

/// Its h2 fills a frame's head up to 256 bytes before it writes the rest in place.
#[test]
fn by_http2_small_bodies_are_copied_and_of_large_ones_the_first_bytes_of_each_frame() {
    let whole = SharedBuf::from(pattern(1 << 20, 8));
    for len in [1, 200, 255] {
        let (received, written) = answer_by_http2(whole.slice(..len));
        assert!(received == whole[..len]);
        assert_eq!(written.bytes_from(&whole), 0, "{len}");
    }
    for len in [5000, 1 << 20] {
        let (received, written) = answer_by_http2(whole.slice(..len));
        assert!(received == whole[..len]);
        let in_place = written.bytes_from(&whole);
        assert!((len - len / 20..len).contains(&in_place), "{in_place} of {len}");
    }
}

#[test]
fn the_frames_of_a_stream_are_written_each_from_its_block_which_then_goes_home() {
    const BLOCK: usize = 10_000;
    let pool = Pool::builder().block_size(BLOCK).blocks(40).build().unwrap();
    let content = pattern(40 * BLOCK, 4);
    let mut source = &content[..];
    let lent: Vec<SharedBuf> = (0..40)
        .map(|_| {
            let mut block = pool.acquire().unwrap();
            assert_eq!(block.read_into(&mut source).unwrap().n, BLOCK);
            block.freeze()
        })
        .collect();
    assert_eq!(pool.idle(), 0);
    let frames = lent.clone().into_iter().map(|block| Ok::<_, Infallible>(Frame::data(block)));
    let (received, written) = answer(StreamBody::new(stream::iter(frames)), true);
    assert!(received.concat() == content);
    for block in &lent {
        assert_eq!(written.bytes_from(block), BLOCK);
    }
    assert_eq!(pool.idle(), 0, "we still look");
    drop(lent);
    assert_eq!(pool.idle(), 40, "hyper has let go of each");
}

#[test]
fn a_request_is_written_from_its_own_address_too() {
    let shared = SharedBuf::from(pattern(300_000, 5));
    let received = run(async {
        let (answering, asking, written) = connection().await;
        let service = service_fn(|request: Request<Incoming>| async {
            let received = SharedBuf::from(frames(request.into_body()).await.concat());
            Ok::<_, Infallible>(Response::new(Full::new(received)))
        });
        let answering = TokioIo::new(answering);
        tokio::spawn(server::conn::http1::Builder::new().serve_connection(answering, service));
        let (mut sender, client) =
            client::conn::http1::handshake(TokioIo::new(asking)).await.unwrap();
        tokio::spawn(client);
        let request = Request::new(Full::new(shared.clone()));
        let received = frames(sender.send_request(request).await.unwrap().into_body()).await;
        assert_eq!(written.bytes_from(&shared), 300_000);
        received
    });
    assert!(received.concat() == shared[..]);
}

#[test]
fn what_was_received_becomes_a_shared_buffer_where_it_lies_and_outlives_the_response() {
    let content = pattern(300_000, 6);
    let (received, _) = answer(Full::new(SharedBuf::from(content.clone())), true);
    let mut kept = Vec::new();
    let mut at = 0;
    for bytes in received {
        let (address, len) = (bytes.as_ptr(), bytes.len());
        let (shared, cost) = measure(|| SharedBuf::from(bytes));
        assert_eq!((shared.as_ptr(), shared.len()), (address, len));
        assert_eq!((cost.allocs.value(), cost.ledger_bytes.value()), (Some(1), Some(0)));
        let copy = SharedBuf::copy_from_slice(&shared);
        assert_ne!(copy.as_ptr(), address, "a copy lies elsewhere");
        kept.push((at + len / 3, shared.slice(len / 3..)));
        at += len;
    }
    assert_eq!(at, 300_000);
    // The runtime, both connections and the frames themselves are gone.
    for (at, slice) in kept {
        assert!(slice == content[at..at + slice.len()]);
    }
}

#[test]
fn a_body_collected_from_one_frame_is_still_in_place() {
    let shared = SharedBuf::from(pattern(1000, 7));
    let (bytes, counted) =
        copied::during(|| run(Full::new(shared.clone()).collect()).unwrap().to_bytes());
    assert_eq!((bytes.as_ptr(), bytes.len()), (shared.as_ptr(), 1000));
    assert_eq!(counted, 0);

    // Two frames have no one address: `to_bytes` copies them, `aggregate` does not.
    let two = || {
        let frames = [shared.slice(..500), shared.slice(500..)];
        let frames = frames.map(|data| Ok::<_, Infallible>(Frame::data(data)));
        run(StreamBody::new(stream::iter(frames)).collect()).unwrap()
    };
    let mut joined = two().aggregate();
    assert_eq!(joined.chunk().as_ptr(), shared.as_ptr());
    joined.advance(500);
    assert_eq!(joined.chunk().as_ptr(), shared[500..].as_ptr());
    let (bytes, cost) = measure(|| two().to_bytes());
    assert_eq!(shared, bytes);
    assert_ne!(bytes.as_ptr(), shared.as_ptr());
    assert!(cost.copied_bytes.value().unwrap() >= 1000, "{cost}");
}
