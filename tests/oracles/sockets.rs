//! Socket pairs, also with the smallest buffers that the kernel gives.

use std::io::{self, Read};
use std::net::{TcpListener, TcpStream};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use netsend::{SocketTransport, Transport};
use socket2::SockRef;

/// The kinds of stream sockets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A Unix socket pair.
    Unix,
    /// TCP over the loopback.
    Tcp,
}

/// One end of a connection.
pub enum Socket {
    /// A Unix socket.
    Unix(UnixStream),
    /// A TCP socket.
    Tcp(TcpStream),
}

impl AsFd for Socket {
    fn as_fd(&self) -> BorrowedFd<'_> {
        match self {
            Self::Unix(socket) => socket.as_fd(),
            Self::Tcp(socket) => socket.as_fd(),
        }
    }
}

impl Read for Socket {
    fn read(&mut self, target: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Unix(socket) => socket.read(target),
            Self::Tcp(socket) => socket.read(target),
        }
    }
}

impl Socket {
    /// What options are asked of and set on.
    #[must_use]
    pub fn options(&self) -> SockRef<'_> {
        SockRef::from(self)
    }
}

/// A connected pair.
///
/// # Panics
///
/// If the system refuses one.
#[must_use]
pub fn pair(kind: Kind) -> (Socket, Socket) {
    connect(kind, |_| ())
}

/// A connected pair whose first end sends, through the smallest buffers that
/// the kernel gives, so that any larger send is partial.
///
/// # Panics
///
/// If the system refuses one.
#[must_use]
pub fn tiny_pair(kind: Kind) -> (Socket, Socket) {
    let (sender, receiver) = connect(kind, |listener| {
        // The window is fixed when the connection is made, so the buffer has
        // to be small before that.
        let small = SockRef::from(listener).set_recv_buffer_size(1);
        small.expect("a listener's buffer can be made small");
    });
    let small = sender.options().set_send_buffer_size(1);
    small.expect("a sender's buffer can be made small");
    (sender, receiver)
}

fn connect(kind: Kind, prepare: impl Fn(&TcpListener)) -> (Socket, Socket) {
    match kind {
        Kind::Unix => {
            let (a, b) = UnixStream::pair().expect("a pair of sockets");
            (Socket::Unix(a), Socket::Unix(b))
        }
        Kind::Tcp => {
            let listener = TcpListener::bind("127.0.0.1:0").expect("a port of the loopback");
            prepare(&listener);
            let address = listener.local_addr().expect("a bound address");
            let sender = TcpStream::connect(address).expect("a listener listens");
            let (receiver, _) = listener.accept().expect("a connection waits");
            (Socket::Tcp(sender), Socket::Tcp(receiver))
        }
    }
}

/// Reads all that comes, in another thread.
///
/// # Panics
///
/// The thread does, if the sender does not close in order.
#[must_use]
pub fn collect(mut socket: Socket) -> JoinHandle<Vec<u8>> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        socket.read_to_end(&mut bytes).expect("the sender closes in order");
        bytes
    })
}

/// Waits until the socket may take bytes, for `limit` at most.
///
/// # Panics
///
/// If the socket cannot be waited for.
pub fn await_room(socket: &impl AsFd, limit: Option<Duration>) {
    let transport = &mut SocketTransport::new(socket);
    transport.wait(limit).expect("a socket can be waited for");
}

/// A connected TCP pair whose second end resets the connection when it is dropped.
///
/// # Panics
///
/// If the system refuses one.
#[must_use]
pub fn resetting_pair() -> (Socket, Socket) {
    let (sender, receiver) = pair(Kind::Tcp);
    let linger = receiver.options().set_linger(Some(Duration::ZERO));
    linger.expect("a socket can be told not to linger");
    (sender, receiver)
}
