//! What any driver has to pass, over real sockets with the smallest buffers.

use std::fs::File;
use std::io::{self, Read};
use std::net::{TcpListener, TcpStream};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::fs::FileExt;
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use socket2::SockRef;

use super::content::pattern;
use crate::queue::{FileRange, SendQueue};

/// A sender's end of a connection, in blocking mode; a driver may change that.
#[derive(Debug)]
pub enum End {
    /// TCP over the loopback.
    Tcp(TcpStream),
    /// A Unix socket pair.
    Unix(UnixStream),
}

impl AsFd for End {
    fn as_fd(&self) -> BorrowedFd<'_> {
        match self {
            Self::Tcp(socket) => socket.as_fd(),
            Self::Unix(socket) => socket.as_fd(),
        }
    }
}

/// The other end.
struct Peer(End);

impl Read for Peer {
    fn read(&mut self, target: &mut [u8]) -> io::Result<usize> {
        match &mut self.0 {
            End::Tcp(socket) => socket.read(target),
            End::Unix(socket) => socket.read(target),
        }
    }
}

/// Holds a driver against real sockets, TCP and Unix, whose buffers are so small
/// that nearly each send is short. It has to deliver everything to a slow reader,
/// and to end with an error and a count that is not too low when the reader goes
/// away in the middle.
///
/// `driver` sends the queue through the socket, drops it, and returns.
///
/// # Panics
///
/// If the driver does not keep to that, or if the system refuses a socket.
///
/// ```
/// use netsend::testing::{End, over_sockets};
/// use netsend::{Policy, SendQueue, blocking};
///
/// let file = std::fs::File::open("Cargo.toml")?;
/// over_sockets(file, |socket: End, queue: &mut SendQueue<'_>| {
///     Ok(blocking::drain(&socket, queue, &Policy::default()).map(drop)?)
/// });
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn over_sockets(file: File, mut driver: impl FnMut(End, &mut SendQueue<'_>) -> io::Result<()>) {
    let file = Arc::new(file);
    for tcp in [false, true] {
        delivers_everything(tcp, &file, &mut driver);
        counts_what_a_lost_peer_got(tcp, &mut driver);
    }
}

fn delivers_everything(
    tcp: bool,
    file: &Arc<File>,
    driver: &mut impl FnMut(End, &mut SendQueue<'_>) -> io::Result<()>,
) {
    let bytes = pattern(100_000, 4);
    let in_file = usize::try_from(file.metadata().map_or(0, |metadata| metadata.len()));
    let mut content = vec![0; in_file.unwrap_or(0).min(50_000)];
    assert!(file.read_exact_at(&mut content, 0).is_ok(), "the suite's file can be read");
    let mut queue = SendQueue::new();
    queue.push(&bytes[..10]);
    queue.push(FileRange::new(Arc::clone(file), 0..content.len() as u64));
    queue.extend(bytes[10..5000].chunks(20));
    queue.push(&bytes[5000..]);
    queue.end_message();
    let flat = [&bytes[..10], &content, &bytes[10..]].concat();

    let (end, peer) = connect(tcp);
    let reader = read_slowly(peer, usize::MAX);
    let result = driver(end, &mut queue);
    assert!(result.is_ok(), "a driver has to deliver everything: {result:?}");
    assert!(queue.is_empty(), "{} bytes are pending", queue.pending());
    assert_eq!(queue.offset(), flat.len() as u64);
    let received = reader.join().expect("the reader does not panic");
    assert!(received == flat, "the bytes that came are others");
}

fn counts_what_a_lost_peer_got(
    tcp: bool,
    driver: &mut impl FnMut(End, &mut SendQueue<'_>) -> io::Result<()>,
) {
    let bytes = pattern(10_000_000, 5);
    let mut queue = SendQueue::new();
    queue.push(&bytes[..]);
    let (end, peer) = connect(tcp);
    let reader = read_slowly(peer, 20_000);
    let result = driver(end, &mut queue);
    assert!(result.is_err(), "a peer that has gone has to be told");
    let received = reader.join().expect("the reader does not panic");
    assert!(bytes.starts_with(&received), "the bytes that came are others");
    assert!(queue.offset() >= received.len() as u64, "more came than was counted");
    assert_eq!(queue.offset() + queue.pending(), bytes.len() as u64);
}

fn connect(tcp: bool) -> (End, Peer) {
    let (end, peer) = if tcp { tcp_pair() } else { unix_pair() }.expect("a pair of sockets");
    let small = SockRef::from(&end).set_send_buffer_size(1);
    small.expect("a sender's buffer can be made small");
    (end, Peer(peer))
}

fn unix_pair() -> io::Result<(End, End)> {
    UnixStream::pair().map(|(a, b)| (End::Unix(a), End::Unix(b)))
}

fn tcp_pair() -> io::Result<(End, End)> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    // The window is fixed when the connection is made.
    SockRef::from(&listener).set_recv_buffer_size(1)?;
    let end = TcpStream::connect(listener.local_addr()?)?;
    Ok((End::Tcp(end), End::Tcp(listener.accept()?.0)))
}

/// Reads little by little, at first with rests, until the end or until `most`
/// bytes have come; then it goes away.
fn read_slowly(mut peer: Peer, most: usize) -> JoinHandle<Vec<u8>> {
    thread::spawn(move || {
        let (mut bytes, mut part) = (Vec::new(), [0; 2000]);
        while bytes.len() < most {
            match peer.read(&mut part) {
                Ok(0) | Err(_) => break,
                Ok(n) => bytes.extend(&part[..n]),
            }
            if bytes.len() < 50_000 {
                thread::sleep(Duration::from_millis(1));
            }
        }
        bytes
    })
}
