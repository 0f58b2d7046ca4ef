//! The other end: it takes everything, and checks every byte.

use std::fs::File;
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::unix::fs::FileExt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use socket2::{Domain, SockRef, Socket, Type};

use super::{Case, Job};
use crate::contenders::{HEADER, TRAILER};

/// The byte that the send job sends.
pub(super) const FILL: u8 = b'a';
/// What is asked of the kernel for each buffer of the send job, in bytes.
pub(super) const SMALL_BUFFER: usize = 64 << 10;

/// A receiver on a thread of its own.
pub(super) struct Receiver {
    address: SocketAddr,
    sender_is_gone: Arc<AtomicBool>,
    thread: JoinHandle<io::Result<bool>>,
}

impl Receiver {
    /// Listens on a port of the loopback interface for one sender.
    pub(super) fn start(case: &Case) -> io::Result<Self> {
        let expected = Expected::of(case)?;
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
        if case.job == Job::Send {
            // Accepted sockets inherit it.
            socket.set_recv_buffer_size(SMALL_BUFFER)?;
        }
        socket.bind(&SocketAddr::from(([127, 0, 0, 1], 0)).into())?;
        socket.listen(1)?;
        let listener = TcpListener::from(socket);
        let address = listener.local_addr()?;
        let sender_is_gone = Arc::new(AtomicBool::new(false));
        let gone = Arc::clone(&sender_is_gone);
        let thread = thread::spawn(move || receive(&accept(&listener, &gone)?, expected));
        Ok(Self { address, sender_is_gone, thread })
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Whether exactly the expected bytes came. To be asked when the sender has
    /// ended, one way or another.
    pub(super) fn finish(self) -> io::Result<bool> {
        self.sender_is_gone.store(true, Ordering::Relaxed);
        self.thread.join().unwrap_or_else(|_| Err(io::Error::other("the receiver panicked")))
    }
}

/// Waits for the sender, but not for one that has ended without coming.
fn accept(listener: &TcpListener, sender_is_gone: &AtomicBool) -> io::Result<TcpStream> {
    listener.set_nonblocking(true)?;
    loop {
        // Asked before the attempt: a sender that connected and ended between
        // the two is still accepted.
        let gone = sender_is_gone.load(Ordering::Relaxed);
        match listener.accept() {
            Ok((socket, _)) => {
                socket.set_nonblocking(false)?;
                return Ok(socket);
            }
            Err(e) if e.kind() == io::ErrorKind::WouldBlock && !gone => {
                thread::sleep(Duration::from_micros(200));
            }
            Err(e) => return Err(e),
        }
    }
}

/// Reads to the end, and tells the sender by one byte when everything is there.
fn receive(mut socket: &TcpStream, mut expected: Expected) -> io::Result<bool> {
    SockRef::from(socket).set_read_timeout(Some(Duration::from_secs(60)))?;
    let mut buf = vec![0; 256 << 10];
    let mut right = true;
    loop {
        let n = socket.read(&mut buf)?;
        if n == 0 {
            break;
        }
        // After a wrong byte the rest is still taken, so that the sender ends
        // as it would, and its other figures are what they are.
        right = right && expected.matches(&buf[..n])?;
    }
    right = right && expected.is_complete();
    socket.write_all(&[u8::from(right)])?;
    Ok(right)
}

/// What should come, and how much of it has.
struct Expected {
    parts: Vec<Part>,
    position: u64,
    compare: Vec<u8>,
}

struct Part {
    len: u64,
    content: Content,
}

enum Content {
    Fill,
    Bytes(&'static [u8]),
    File(File),
}

impl Expected {
    fn of(case: &Case) -> io::Result<Self> {
        let parts = match &case.file {
            None => vec![Part { len: case.size, content: Content::Fill }],
            Some(path) => vec![
                Part { len: HEADER.len() as u64, content: Content::Bytes(HEADER) },
                Part { len: case.size, content: Content::File(File::open(path)?) },
                Part { len: TRAILER.len() as u64, content: Content::Bytes(TRAILER) },
            ],
        };
        Ok(Self { parts, position: 0, compare: vec![FILL; 256 << 10] })
    }

    fn is_complete(&self) -> bool {
        self.position == self.parts.iter().map(|part| part.len).sum::<u64>()
    }

    /// Whether `bytes` are what should come next.
    fn matches(&mut self, mut bytes: &[u8]) -> io::Result<bool> {
        while !bytes.is_empty() {
            let Some((part, within)) = find(&self.parts, self.position) else {
                return Ok(false);
            };
            let left = usize::try_from(part.len - within).unwrap_or(usize::MAX);
            let (now, rest) = bytes.split_at(bytes.len().min(left));
            if !part.matches(within, now, &mut self.compare)? {
                return Ok(false);
            }
            self.position += now.len() as u64;
            bytes = rest;
        }
        Ok(true)
    }
}

/// The part at `position`, and where in it that is.
fn find(parts: &[Part], mut position: u64) -> Option<(&Part, u64)> {
    for part in parts {
        if position < part.len {
            return Some((part, position));
        }
        position -= part.len;
    }
    None
}

impl Part {
    fn matches(&self, within: u64, bytes: &[u8], compare: &mut [u8]) -> io::Result<bool> {
        match &self.content {
            Content::Fill => Ok(bytes == &compare[..bytes.len()]),
            Content::Bytes(expected) => {
                let from = usize::try_from(within).unwrap_or(usize::MAX);
                Ok(expected.get(from..).and_then(|rest| rest.get(..bytes.len())) == Some(bytes))
            }
            Content::File(file) => {
                file.read_exact_at(&mut compare[..bytes.len()], within)?;
                Ok(bytes == &compare[..bytes.len()])
            }
        }
    }
}
