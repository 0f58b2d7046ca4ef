//! A connection whose far end takes messages of one length, and the clocks of the
//! processor.

use std::fmt;
use std::io::{self, Read};
use std::mem::MaybeUninit;
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;
use std::time::Duration;

use nix::time::{ClockId, clock_gettime};
use socket2::{SockRef, Socket};

/// What lies between the two ends.
#[derive(Clone, Copy)]
pub(crate) struct Wire {
    /// TCP over the loopback, or a Unix socket.
    pub(crate) tcp: bool,
    /// Whether the receiver lets the kernel throw the bytes away, so that the sender is
    /// what limits; only TCP can.
    pub(crate) discard: bool,
    /// Whether the sender's end is non-blocking.
    pub(crate) nonblocking: bool,
}

pub(crate) const DISCARD: Wire = Wire { tcp: true, discard: true, nonblocking: false };
pub(crate) const COPY: Wire = Wire { discard: false, ..DISCARD };
pub(crate) const UNIX: Wire = Wire { tcp: false, discard: false, nonblocking: false };

impl fmt::Display for Wire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = if self.tcp { "TCP" } else { "a Unix socket" };
        let mode = if self.nonblocking { "non-blocking" } else { "blocking" };
        let taking = if self.discard { "discards" } else { "copies" };
        write!(f, "{kind}, {mode}, the receiver {taking}")
    }
}

type Send = dyn FnMut(&Socket) -> io::Result<()>;

/// One way to send a group's content; it may keep what it needs between turns.
pub(crate) struct Contender {
    pub(crate) name: &'static str,
    /// How many bytes of the group's content it sends: all, if not said otherwise.
    pub(crate) len: Option<usize>,
    pub(crate) send: Box<Send>,
}

impl Contender {
    pub(crate) fn new(
        name: &'static str,
        send: impl FnMut(&Socket) -> io::Result<()> + 'static,
    ) -> Self {
        Self { name, len: None, send: Box::new(send) }
    }
}

/// A connection for many messages.
pub(crate) struct Lane {
    socket: Socket,
    /// The processor's time that taking each message cost the receiver.
    arrived: Receiver<Duration>,
}

impl Lane {
    pub(crate) fn open(wire: Wire, message: usize) -> Self {
        let (socket, peer) = connect(wire).expect("a connection");
        let (tell, arrived) = mpsc::channel();
        thread::spawn(move || take(&peer, wire, message, &tell));
        Self { socket, arrived }
    }

    pub(crate) fn socket(&self) -> &Socket {
        &self.socket
    }

    /// Waits until a whole message has arrived, and gives the processor's time that the
    /// receiver's thread spent on it.
    pub(crate) fn await_message(&self) -> Duration {
        let waited = self.arrived.recv_timeout(Duration::from_secs(60));
        waited.expect("all bytes of the message arrive")
    }
}

/// Fails unless what the contender sends is the content, to the last byte.
pub(crate) fn verify(wire: Wire, content: &[u8], contender: &mut Contender) {
    let (socket, mut peer) = connect(wire).expect("a connection");
    let reader = thread::spawn(move || {
        let mut all = Vec::new();
        peer.read_to_end(&mut all).map(|_| all)
    });
    (contender.send)(&socket).expect("it is sent");
    socket.shutdown(Shutdown::Write).expect("the connection is still there");
    let all = reader.join().expect("the receiver does not panic").expect("it reads on");
    assert!(all == content, "{}: the bytes arrive as they are", contender.name);
}

fn connect(wire: Wire) -> io::Result<(Socket, Socket)> {
    let (near, far): (Socket, Socket) = if wire.tcp {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let near = TcpStream::connect(listener.local_addr()?)?;
        near.set_nodelay(true)?;
        (near.into(), listener.accept()?.0.into())
    } else {
        let (near, far) = UnixStream::pair()?;
        (near.into(), far.into())
    };
    near.set_nonblocking(wire.nonblocking)?;
    Ok((near, far))
}

fn take(peer: &Socket, wire: Wire, message: usize, tell: &Sender<Duration>) {
    let most = if wire.discard { 1 << 20 } else { 256 << 10 };
    let mut room: Box<[MaybeUninit<u8>]> = Box::new_uninit_slice(most);
    let (mut got, mut before) = (0, cpu_of_thread());
    loop {
        let flags = if wire.discard { libc::MSG_TRUNC } else { 0 };
        let most = room.len().min(message - got);
        match SockRef::from(peer).recv_with_flags(&mut room[..most], flags) {
            Ok(n) if n > 0 => got += n,
            _ => return,
        }
        if got == message {
            let now = cpu_of_thread();
            let _ = tell.send(now.saturating_sub(before));
            (got, before) = (0, now);
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "a figure needs no more than 52 bits")]
pub(crate) fn gib(bytes: usize) -> f64 {
    bytes as f64 / f64::from(1 << 30)
}

pub(crate) fn cpu_of_thread() -> Duration {
    clock(ClockId::CLOCK_THREAD_CPUTIME_ID)
}

pub(crate) fn cpu_of_process() -> Duration {
    clock(ClockId::CLOCK_PROCESS_CPUTIME_ID)
}

fn clock(id: ClockId) -> Duration {
    clock_gettime(id).expect("each Linux has these clocks").into()
}
