//! Bytes in memory, through a non-blocking socket and in sends of 64 KiB: the case in
//! which slicing the rest hurts.

use std::io::{self, ErrorKind};
use std::sync::Arc;

use buffers::SharedBuf;
use netsend::{Policy, SendQueue, blocking};
use socket2::Socket;
use tokio::io::AsyncWriteExt;

use super::{payload, wait_until_writable};
use crate::lane::{Contender, DISCARD, Wire};
use crate::{Plan, race};

const MIB: usize = 1 << 20;
const PIECE: usize = 64 << 10;
const NONBLOCKING: Wire = Wire { nonblocking: true, ..DISCARD };

/// Sends pieces of at most 64 KiB from a cursor, as one writes it by hand.
fn by_hand(bytes: &[u8], socket: &Socket) -> io::Result<()> {
    let mut sent = 0;
    while sent < bytes.len() {
        let end = bytes.len().min(sent + PIECE);
        match socket.send_with_flags(&bytes[sent..end], libc::MSG_NOSIGNAL) {
            Ok(n) => sent += n,
            Err(error) if error.kind() == ErrorKind::WouldBlock => wait_until_writable(socket)?,
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// The same with what is left copied to the front each time.
fn by_drain(bytes: &[u8], socket: &Socket) -> io::Result<()> {
    let mut left = bytes.to_vec();
    while !left.is_empty() {
        let end = left.len().min(PIECE);
        match socket.send_with_flags(&left[..end], libc::MSG_NOSIGNAL) {
            Ok(n) => drop(left.drain(..n)),
            Err(error) if error.kind() == ErrorKind::WouldBlock => wait_until_writable(socket)?,
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// A queue of slices of 64 KiB, so that each call offers no more than the others do.
fn by_queue(bytes: &SharedBuf, socket: &Socket) -> io::Result<()> {
    let mut start = 0;
    while start < bytes.len() {
        let end = bytes.len().min(start + PIECE);
        let mut queue = SendQueue::new();
        queue.push(bytes.slice(start..end));
        blocking::drain(socket, &mut queue, &Policy::DEFAULT)?;
        start = end;
    }
    Ok(())
}

fn by_whole_queue(bytes: &SharedBuf, socket: &Socket) -> io::Result<()> {
    let mut queue = SendQueue::new();
    queue.push(bytes.clone());
    blocking::drain(socket, &mut queue, &Policy::DEFAULT)?;
    Ok(())
}

fn contender(
    name: &'static str,
    content: &SharedBuf,
    send: impl Fn(&SharedBuf, &Socket) -> io::Result<()> + 'static,
) -> Contender {
    let content = content.clone();
    Contender::new(name, move |socket| send(&content, socket))
}

/// 4, 16 and 100 MiB, in one race: the price of a GiB must not rise with the size.
pub(crate) fn sizes(plan: Plan, name: &str) {
    let content = SharedBuf::from(payload(100 * MIB));
    let part = |name, mib: usize, send: fn(&SharedBuf, &Socket) -> io::Result<()>| {
        let part = content.slice(..mib * MIB);
        Contender { len: Some(part.len()), ..contender(name, &part, send) }
    };
    let by_hand = |bytes: &SharedBuf, socket: &Socket| by_hand(bytes, socket);
    let by_drain = |bytes: &SharedBuf, socket: &Socket| by_drain(bytes, socket);
    let field = vec![
        part("hand-written loop, 16 MiB", 16, by_hand),
        part("hand-written loop, 4 MiB", 4, by_hand),
        part("hand-written loop, 100 MiB", 100, by_hand),
        part("queue, 64 KiB at a time, 4 MiB", 4, by_queue),
        part("queue, 64 KiB at a time, 16 MiB", 16, by_queue),
        part("queue, 64 KiB at a time, 100 MiB", 100, by_queue),
        part("queue, all at once, 4 MiB", 4, by_whole_queue),
        part("queue, all at once, 16 MiB", 16, by_whole_queue),
        part("queue, all at once, 100 MiB", 100, by_whole_queue),
        // Its price is quadratic: a hundred MiB would take minutes.
        part("the rest moved, 4 MiB", 4, by_drain),
        part("the rest moved, 16 MiB", 16, by_drain),
    ];
    race(plan, name, NONBLOCKING, &content, field);
}

/// tokio's `write_all_buf` against the driver, on one thread.
pub(crate) fn drivers(plan: Plan, name: &str) {
    let content = SharedBuf::from(payload(16 * MIB));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = Arc::new(runtime.expect("a runtime"));
    let through_tokio = |name, ours: bool| {
        let (content, runtime) = (content.clone(), Arc::clone(&runtime));
        Contender::new(name, move |socket| {
            let socket = std::net::TcpStream::from(socket.try_clone()?);
            runtime.block_on(async {
                let mut socket = tokio::net::TcpStream::from_std(socket)?;
                if ours {
                    let mut queue = SendQueue::new();
                    queue.push(content.clone());
                    netsend::tokio::drain(&socket, &mut queue, &Policy::DEFAULT).await?;
                } else {
                    let mut bytes = bytes::Bytes::from(content.clone());
                    socket.write_all_buf(&mut bytes).await?;
                }
                Ok(())
            })
        })
    };
    let field = vec![
        through_tokio("tokio write_all_buf", false),
        through_tokio("queue on tokio", true),
        contender("queue, blocking driver", &content, by_whole_queue),
    ];
    race(plan, name, NONBLOCKING, &content, field);
}
