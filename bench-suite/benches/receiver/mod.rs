//! The other end of a connection: it takes bytes, and says when a whole
//! message is there.

use std::io::{self, Read};
use std::mem::MaybeUninit;
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use socket2::{SockRef, Socket};

/// What the receiver does with the bytes.
#[derive(Clone, Copy)]
pub(crate) enum Taking {
    /// It lets the kernel throw them away, so that the sender is what is timed.
    Discard,
    /// It copies them into a buffer, as a program that wants them would.
    Copy,
}

/// What a connection is like.
#[derive(Clone, Copy)]
pub(crate) struct Line {
    pub(crate) taking: Taking,
    /// The mode of the sender's socket.
    pub(crate) nonblocking: bool,
    /// What is asked of the kernel for the buffers of both ends, or nothing.
    pub(crate) buffers: Option<usize>,
}

/// A connection with a receiver at its other end, on a thread of its own, that
/// takes message after message of one length.
pub(crate) struct Connection {
    socket: TcpStream,
    arrived: Receiver<()>,
    thread: Option<JoinHandle<io::Result<usize>>>,
}

impl Connection {
    pub(crate) fn open(line: Line, message: usize) -> io::Result<Self> {
        let (socket, peer) = connect(line)?;
        let (tell, arrived) = mpsc::channel();
        let thread = thread::spawn(move || take(&peer.into(), line.taking, message, &tell));
        Ok(Self { socket, arrived, thread: Some(thread) })
    }

    /// The sender's end.
    pub(crate) fn socket(&self) -> &TcpStream {
        &self.socket
    }

    /// Waits until one more message is there, to its last byte.
    pub(crate) fn await_message(&self) {
        let waited = self.arrived.recv_timeout(Duration::from_secs(30));
        waited.expect("all bytes of the message arrive");
    }
}

impl Drop for Connection {
    /// A sender that sent too much has begun a message that nobody waited for.
    fn drop(&mut self) {
        let closed = self.socket.shutdown(Shutdown::Write);
        let taken = self.thread.take().map(JoinHandle::join);
        if !thread::panicking() {
            closed.expect("the connection is still there");
            let left = taken.expect("joined once").expect("the receiver does not panic");
            assert_eq!(left.expect("the receiver reads on"), 0, "bytes nobody asked for");
            assert!(self.arrived.try_recv().is_err(), "a message nobody asked for");
        }
    }
}

/// All that `send` sends over such a connection.
pub(crate) fn received(
    line: Line,
    send: impl FnOnce(&TcpStream) -> io::Result<()>,
) -> io::Result<Vec<u8>> {
    let (socket, mut peer) = connect(line)?;
    let reader = thread::spawn(move || {
        let mut all = Vec::new();
        peer.read_to_end(&mut all).map(|_| all)
    });
    send(&socket)?;
    drop(socket);
    reader.join().expect("the receiver does not panic")
}

fn connect(line: Line) -> io::Result<(TcpStream, TcpStream)> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    if let Some(size) = line.buffers {
        // The accepted socket inherits it.
        SockRef::from(&listener).set_recv_buffer_size(size)?;
    }
    let socket = TcpStream::connect(listener.local_addr()?)?;
    let (peer, _) = listener.accept()?;
    if let Some(size) = line.buffers {
        SockRef::from(&socket).set_send_buffer_size(size)?;
    }
    // Or the last bytes of a message might wait for an acknowledgement.
    socket.set_nodelay(true)?;
    socket.set_nonblocking(line.nonblocking)?;
    Ok((socket, peer))
}

/// Takes messages until the sender is done, and gives the number of bytes of
/// the message that it ended in.
fn take(peer: &Socket, taking: Taking, message: usize, tell: &Sender<()>) -> io::Result<usize> {
    // With MSG_TRUNC, none of it is ever written to.
    let mut room = Box::new_uninit_slice(1 << 20);
    let mut got = 0;
    loop {
        let most = room.len().min(message - got);
        match take_once(peer, taking, &mut room[..most])? {
            0 => return Ok(got),
            n => got += n,
        }
        if got == message {
            got = 0;
            // The last message may find nobody who waits, if the sender failed.
            let _ = tell.send(());
        }
    }
}

fn take_once(peer: &Socket, taking: Taking, room: &mut [MaybeUninit<u8>]) -> io::Result<usize> {
    let flags = match taking {
        Taking::Discard => libc::MSG_TRUNC,
        Taking::Copy => 0,
    };
    // A copying receiver's buffer stays within the processor's cache.
    let most = match taking {
        Taking::Discard => room.len(),
        Taking::Copy => room.len().min(256 << 10),
    };
    peer.recv_with_flags(&mut room[..most], flags)
}
