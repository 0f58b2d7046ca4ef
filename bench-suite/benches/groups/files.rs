//! A file into a socket.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::os::fd::AsFd;
use std::sync::Arc;

use netsend::{FileMode, FileRange, Policy, SendQueue, blocking};
use socket2::Socket;
use tempfile::NamedTempFile;

use super::{payload, wait_until_writable};
use crate::lane::{COPY, Contender, DISCARD, UNIX, Wire};
use crate::{Plan, race};

const LEN: usize = 64 << 20;

type Shared = Arc<NamedTempFile>;

fn by_queue(file: &NamedTempFile, socket: &Socket) -> io::Result<()> {
    let mut queue = SendQueue::new();
    queue.push(FileRange::whole(file.reopen()?)?);
    blocking::drain(socket, &mut queue, &Policy::DEFAULT)?;
    Ok(())
}

fn by_copying_queue(file: &NamedTempFile, socket: &Socket) -> io::Result<()> {
    let mut queue = SendQueue::new();
    queue.push(FileRange::whole(file.reopen()?)?.with_mode(FileMode::Copy)?);
    blocking::drain(socket, &mut queue, &Policy::DEFAULT)?;
    Ok(())
}

fn by_sendfile(file: &NamedTempFile, socket: &Socket) -> io::Result<()> {
    let file = file.reopen()?;
    let (mut at, len) = (0, file.metadata()?.len());
    while at < len {
        let left = usize::try_from(len - at).unwrap_or(usize::MAX);
        match rustix::fs::sendfile(socket.as_fd(), &file, Some(&mut at), left) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(_) => {}
            Err(rustix::io::Errno::AGAIN) => wait_until_writable(socket)?,
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

fn by_read_write(file: &NamedTempFile, socket: &Socket, buf: &mut [u8]) -> io::Result<()> {
    let mut file = file.reopen()?;
    loop {
        match file.read(buf)? {
            0 => return Ok(()),
            n => write_all(socket, &buf[..n])?,
        }
    }
}

/// std's, also for a socket that does not wait.
fn write_all(mut socket: &Socket, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        match socket.write(bytes) {
            Ok(n) => bytes = &bytes[n..],
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                wait_until_writable(socket)?;
            }
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

fn contender(
    name: &'static str,
    file: &Shared,
    send: impl Fn(&NamedTempFile, &Socket) -> io::Result<()> + 'static,
) -> Contender {
    let file = Arc::clone(file);
    Contender::new(name, move |socket| send(&file, socket))
}

fn field(file: &Shared) -> Vec<Contender> {
    let (kept, mut buf) = (Arc::clone(file), vec![0; 64 << 10]);
    vec![
        Contender::new("read + write 64 KiB", move |socket| by_read_write(&kept, socket, &mut buf)),
        contender("fs::read, then written", file, |file, socket| {
            write_all(socket, &fs::read(file.path())?)
        }),
        contender("sendfile loop", file, by_sendfile),
        contender("queue", file, by_queue),
        contender("queue, FileMode::Copy", file, by_copying_queue),
    ]
}

fn file_of(content: &[u8]) -> Shared {
    let mut file = NamedTempFile::new().expect("a temporary file");
    file.write_all(content).expect("room for 64 MiB");
    Arc::new(file)
}

pub(crate) fn to_tcp(plan: Plan, name: &str) {
    let content = payload(LEN);
    let file = file_of(&content);
    for wire in [DISCARD, COPY] {
        race(plan, name, wire, &content, field(&file));
    }
}

pub(crate) fn to_unix(plan: Plan, name: &str) {
    let content = payload(LEN);
    let file = file_of(&content);
    for nonblocking in [false, true] {
        race(plan, name, Wire { nonblocking, ..UNIX }, &content, field(&file));
    }
}

/// tokio's own ways to send a file, and the queue on tokio.
pub(crate) fn through_tokio(plan: Plan, name: &str) {
    let content = payload(LEN);
    let file = file_of(&content);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = Arc::new(runtime.expect("a runtime"));
    let way = |name, way: Way| {
        let (file, runtime) = (Arc::clone(&file), Arc::clone(&runtime));
        Contender::new(name, move |socket| {
            let socket = std::net::TcpStream::from(socket.try_clone()?);
            runtime.block_on(way.send(file.reopen()?, socket))
        })
    };
    let field = vec![
        way("tokio::io::copy", Way::Copy),
        way("tokio copy_buf, 256 KiB", Way::CopyBuf),
        way("queue on tokio", Way::Queue),
    ];
    race(plan, name, Wire { nonblocking: true, ..DISCARD }, &content, field);
}

#[derive(Clone, Copy)]
enum Way {
    Copy,
    CopyBuf,
    Queue,
}

impl Way {
    async fn send(self, file: File, socket: std::net::TcpStream) -> io::Result<()> {
        let mut socket = tokio::net::TcpStream::from_std(socket)?;
        match self {
            Self::Copy => {
                tokio::io::copy(&mut tokio::fs::File::from_std(file), &mut socket).await?;
            }
            Self::CopyBuf => {
                let file = tokio::fs::File::from_std(file);
                let mut reader = tokio::io::BufReader::with_capacity(256 << 10, file);
                tokio::io::copy_buf(&mut reader, &mut socket).await?;
            }
            Self::Queue => {
                let mut queue = SendQueue::new();
                queue.push(FileRange::whole(file)?);
                netsend::tokio::drain(&socket, &mut queue, &Policy::DEFAULT).await?;
            }
        }
        Ok(())
    }
}
