//! A future that is dropped at any await loses nothing, over sockets and over TLS; a
//! slow peer trips the clocks; others get their turn.

use std::future::poll_fn;
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::Poll;
use std::time::Duration;

use netsend::testing::{Answer, Scripted};
use netsend::{Budget, FileRange, MinRate, Policy, Printer, SendErrorKind, SendQueue, Unobserved};
use oracles::content::{file_of, pattern};
use oracles::sockets::{self, Kind, Socket};
use tokio::io::AsyncReadExt;
use tokio::net::UnixStream;
use tokio::runtime::Builder;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore, ServerConfig};
use tokio_rustls::{TlsAcceptor, TlsConnector};

const POLICY: Policy = Policy::DEFAULT;

fn block_on<F: Future>(future: F) -> F::Output {
    Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

/// A header, a file and a trailer with these bytes in all.
fn queue_of(bytes: &[u8]) -> SendQueue<'_> {
    let mut queue = SendQueue::new();
    queue.push(&bytes[..1000]);
    let half = bytes.len() / 2;
    queue.push(FileRange::new(file_of(bytes), 1000..half as u64));
    queue.push(&bytes[half..]);
    queue.end_message();
    queue
}

/// A pair whose first end has the smallest buffers.
fn tiny_unix() -> (UnixStream, UnixStream) {
    let (Socket::Unix(a), Socket::Unix(b)) = sockets::tiny_pair(Kind::Unix) else {
        unreachable!("it was to be of Unix");
    };
    a.set_nonblocking(true).unwrap();
    b.set_nonblocking(true).unwrap();
    (UnixStream::from_std(a).unwrap(), UnixStream::from_std(b).unwrap())
}

/// Polls `future` up to `polls` times, then drops it; its output if it has one.
async fn polled<F: Future>(future: F, polls: usize) -> Option<F::Output> {
    let mut future = pin!(future);
    let mut left = polls;
    poll_fn(move |context| {
        if left == 0 {
            return Poll::Ready(None);
        }
        left -= 1;
        let polled = future.as_mut().poll(context).map(Some);
        if polled.is_pending() && left == 0 { Poll::Ready(None) } else { polled }
    })
    .await
}

#[test]
fn a_future_dropped_at_every_await_loses_nothing() {
    let bytes = pattern(60_000, 50);
    let mut awaits = 0;
    for polls in 1..200 {
        let (mut dropped, mut received) = (0, Vec::new());
        block_on(async {
            let (socket, mut peer) = tiny_unix();
            let mut queue = queue_of(&bytes);
            let reader = async {
                peer.read_to_end(&mut received).await.unwrap();
            };
            let writer = async {
                while !queue.is_empty() {
                    let drain = netsend::tokio::drain(&socket, &mut queue, &POLICY);
                    match polled(drain, polls).await {
                        Some(result) => drop(result.unwrap()),
                        None => dropped += 1,
                    }
                    assert_eq!(queue.invariants(), Ok(()));
                    tokio::task::yield_now().await;
                }
                assert_eq!(queue.offset(), 60_000);
                drop(socket);
            };
            tokio::join!(reader, writer);
        });
        assert!(received == bytes, "dropped after {polls} polls");
        awaits = awaits.max(dropped);
        if dropped == 0 {
            assert!(awaits > 5, "or nothing was dropped at all");
            return;
        }
    }
    panic!("even 200 polls do not finish it");
}

#[test]
fn a_writer_s_future_dropped_at_every_await_loses_nothing() {
    let bytes = pattern(5000, 51);
    let script = [Answer::WouldBlock, Answer::Take(170), Answer::WouldBlock].repeat(20);
    for polls in 1..60 {
        block_on(async {
            let mut writer = Scripted::new(script.iter().copied());
            let mut queue = queue_of(&bytes);
            while !queue.is_empty() {
                let drain = netsend::tokio::drain_to(&mut writer, &mut queue, &POLICY);
                if let Some(result) = polled(drain, polls).await {
                    result.unwrap();
                }
                assert_eq!(queue.offset(), writer.taken.len() as u64);
            }
            assert!(writer.taken == bytes);
        });
    }
}

#[test]
fn a_peer_that_does_not_read_trips_the_clocks() {
    let short = Duration::from_millis(50);
    let min_rate = Some(MinRate { bytes_per_second: 1 << 30, grace: short });
    let bytes = vec![7; 8 << 20];
    for (policy, kind) in [
        (Policy { stall: Some(short), ..POLICY }, SendErrorKind::Stalled),
        (Policy { deadline: Some(short), ..POLICY }, SendErrorKind::Deadline),
        (Policy { min_rate, ..POLICY }, SendErrorKind::TooSlow),
    ] {
        block_on(async {
            let (socket, _peer) = UnixStream::pair().unwrap();
            let mut queue = SendQueue::new();
            queue.push(&bytes);
            let error = netsend::tokio::drain(&socket, &mut queue, &policy).await.unwrap_err();
            assert_eq!((error.kind(), error.sent()), (kind, queue.offset()));
            assert!(error.report().blocked_for > Duration::ZERO);
        });
    }
}

#[test]
fn a_peer_that_goes_away_is_told() {
    block_on(async {
        let (socket, peer) = UnixStream::pair().unwrap();
        drop(peer);
        let mut queue = SendQueue::new();
        queue.push("nobody hears this");
        let error = netsend::tokio::drain(&socket, &mut queue, &POLICY).await.unwrap_err();
        assert_eq!((error.kind(), error.sent()), (SendErrorKind::Closed, 0));
    });
}

#[test]
fn others_get_their_turn() {
    // The writer never blocks, so that only the budget lets the other task run.
    let bytes = vec![7; 100_000];
    for (turn, least) in [(Budget { bytes: 1000, calls: 100 }, 50), (Budget::DEFAULT, 0)] {
        let turns = Arc::new(AtomicU64::new(0));
        let counted = block_on(async {
            let counter = Arc::clone(&turns);
            let other = tokio::spawn(async move {
                loop {
                    counter.fetch_add(1, Ordering::Relaxed);
                    tokio::task::yield_now().await;
                }
            });
            tokio::task::yield_now().await;
            let before = turns.load(Ordering::Relaxed);
            let mut writer = Scripted::new([Answer::Take(1000); 100]);
            let mut queue = SendQueue::new();
            queue.push(&bytes);
            let policy = Policy { turn, ..POLICY };
            netsend::tokio::drain_to(&mut writer, &mut queue, &policy).await.unwrap();
            other.abort();
            turns.load(Ordering::Relaxed) - before
        });
        assert!(counted >= least, "{counted} turns of the other task");
        assert!(least > 0 || counted < 50, "the control: {counted} without a budget");
    }
}

#[test]
fn who_looks_on_sees_the_calls() {
    block_on(async {
        let (socket, _peer) = UnixStream::pair().unwrap();
        let mut queue = SendQueue::new();
        queue.push("seen");
        let mut trace = Printer::new(Vec::new());
        netsend::tokio::drain_observed(&socket, &mut queue, &POLICY, &mut trace).await.unwrap();
        let text = String::from_utf8_lossy(trace.get_ref());
        assert_eq!(text, "at 0: send offers 4 bytes in 1 slice; all taken\n");
        netsend::tokio::drain_observed(&socket, &mut queue, &POLICY, &mut Unobserved)
            .await
            .unwrap();
    });
}

fn tls() -> (TlsAcceptor, TlsConnector) {
    let made = rcgen::generate_simple_self_signed(["localhost".to_string()]).unwrap();
    let certificate = made.cert.der().clone();
    let key = PrivateKeyDer::Pkcs8(made.signing_key.serialize_der().into());
    let mut roots = RootCertStore::empty();
    roots.add(certificate.clone()).unwrap();
    let server = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap();
    let client = ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
    (Arc::new(server).into(), Arc::new(client).into())
}

#[test]
fn tls_takes_a_queue_and_files_take_the_scratch_road() {
    let bytes = pattern(300_000, 52);
    for drop_after in [usize::MAX, 1, 3] {
        let (acceptor, connector) = tls();
        let received = block_on(async {
            let (near, far) = tiny_unix();
            let server = async {
                let mut stream = acceptor.accept(near).await.unwrap();
                let mut queue = queue_of(&bytes);
                let mut report = None;
                while report.is_none() {
                    let drain = netsend::tokio::drain_to(&mut stream, &mut queue, &POLICY);
                    report = polled(drain, drop_after).await.transpose().unwrap();
                    tokio::task::yield_now().await;
                }
                assert_eq!((queue.offset(), queue.pending()), (300_000, 0));
                if drop_after == usize::MAX {
                    let report = report.unwrap();
                    assert_eq!((report.by_scratch, report.by_send), (149_000, 151_000));
                    assert_eq!((report.by_sendfile, report.by_splice), (0, 0));
                    assert!(report.fallbacks > 0, "and the report says why");
                }
                tokio::io::AsyncWriteExt::shutdown(&mut stream).await.unwrap();
            };
            let client = async {
                let name = ServerName::try_from("localhost").unwrap();
                let mut stream = connector.connect(name, far).await.unwrap();
                let mut received = Vec::new();
                stream.read_to_end(&mut received).await.map(|_| received)
            };
            let (received, ()) = tokio::join!(client, server);
            received
        });
        let received: io::Result<Vec<u8>> = received;
        assert!(received.unwrap() == bytes, "dropped after {drop_after} polls");
    }
}
