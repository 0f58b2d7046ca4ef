//! A static file server: GET and HEAD, ranges, keep-alive, dates.
//!
//! ```console
//! $ cargo run --release -p uncopied-netsend --features tokio --example serve -- --root DIR
//! ```
//!
//! Each response is one queue of a header and a range of a file, which goes from the page
//! cache into the socket. A connection holds 8 KiB for requests and the header of one
//! response, whatever the size of the file and however slow the client; clients that
//! stall or trickle are given up. Nothing outside the root is opened: the kernel itself
//! resolves each path beneath it (`openat2(2)`). Files that are not in the page cache
//! make the thread wait for the disk. `beside_nginx.sh` measures it beside nginx.

mod answer;
mod request;

use std::fs::File;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use netsend::{MinRate, Policy, SendQueue};
use tokio::io::AsyncReadExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::timeout;

use request::{Parsed, Request};

/// How many connections are served at a time; others wait in the kernel's queue.
const CONNECTIONS: usize = 10_000;

/// How long a connection may stand idle, and how long a request's head may take.
const IDLE: Duration = Duration::from_secs(30);

/// How long connections may take to finish when the server is stopped.
const FAREWELL: Duration = Duration::from_secs(10);

/// The longest head of a request.
const HEAD: usize = 8 << 10;

/// A client may stall for 30 seconds, and has to take 500 bytes a second.
const POLICY: Policy = Policy {
    stall: Some(Duration::from_secs(30)),
    min_rate: Some(MinRate { bytes_per_second: 500, grace: Duration::from_secs(20) }),
    ..Policy::DEFAULT
};

struct Arguments {
    root: PathBuf,
    port: u16,
}

fn arguments() -> Result<Arguments, String> {
    let (mut root, mut port) = (None, 8080);
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        let value = args.next().ok_or(format!("{arg} needs a value"))?;
        match arg.as_str() {
            "--root" => root = Some(PathBuf::from(value)),
            "--port" => port = value.parse().map_err(|_| format!("{value} is no port"))?,
            _ => return Err(format!("{arg} is unknown; there are --root DIR and --port N")),
        }
    }
    Ok(Arguments { root: root.ok_or("--root DIR says what to serve")?, port })
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let Arguments { root, port } = arguments()?;
    let root = Arc::new(File::open(&root)?);
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    println!("serving on http://{}", listener.local_addr()?);

    let (stop, stopped) = watch::channel(false);
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut connections = JoinSet::new();
    tokio::select! {
        result = accept(&listener, &root, &stopped, &mut connections) => result?,
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    stop.send_replace(true);
    drop(listener);
    let all = async { while connections.join_next().await.is_some() {} };
    let finished = timeout(FAREWELL, all).await.is_ok();
    println!("stopped; {}", if finished { "all were served" } else { "some were cut off" });
    Ok(())
}

async fn accept(
    listener: &TcpListener,
    root: &Arc<File>,
    stopped: &watch::Receiver<bool>,
    connections: &mut JoinSet<()>,
) -> io::Result<()> {
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    loop {
        let place = Arc::clone(&places).acquire_owned().await.map_err(io::Error::other)?;
        let socket = match listener.accept().await {
            Ok((socket, _)) => socket,
            // Too many open files, or a client that left early: neither ends a server.
            Err(error) => {
                eprintln!("not accepted: {error}");
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        let (root, stopped) = (Arc::clone(root), stopped.clone());
        while connections.try_join_next().is_some() {}
        connections.spawn(async move {
            if let Err(error) = converse(socket, &root, stopped).await {
                eprintln!("{error}");
            }
            drop(place);
        });
    }
}

/// Answers the requests of one connection, one after the other.
async fn converse(
    mut socket: TcpStream,
    root: &File,
    mut stopped: watch::Receiver<bool>,
) -> io::Result<()> {
    socket.set_nodelay(true)?;
    let mut head = Vec::with_capacity(HEAD);
    let mut queue = SendQueue::new();
    loop {
        let request = tokio::select! {
            biased;
            request = timeout(IDLE, next_request(&mut socket, &mut head)) => request,
            // Only a client that has not begun to ask is hung up on.
            _ = stopped.wait_for(|stopped| *stopped), if head.is_empty() => return Ok(()),
        };
        let Ok(request) = request else {
            return Ok(());
        };
        let Some(request) = request? else {
            return Ok(());
        };
        let keep_alive = match request {
            Ok(request) => {
                let keep_alive = request.keep_alive && !*stopped.borrow();
                answer::push(&mut queue, root, &request, keep_alive);
                keep_alive
            }
            Err(refusal) => {
                answer::push_refusal(&mut queue, refusal);
                false
            }
        };
        netsend::tokio::drain(&socket, &mut queue, &POLICY).await?;
        if !keep_alive {
            return Ok(());
        }
    }
}

/// Reads until there is a whole head, and takes it out of `head`. `None` if the client
/// has left; an inner error is what to answer to something that is no request.
async fn next_request(
    socket: &mut TcpStream,
    head: &mut Vec<u8>,
) -> io::Result<Option<Result<Request, answer::Status>>> {
    loop {
        match request::parse(head) {
            Parsed::Whole(request, len) => {
                head.drain(..len);
                return Ok(Some(Ok(request)));
            }
            Parsed::Refused(status) => return Ok(Some(Err(status))),
            Parsed::Partial if head.len() >= HEAD => {
                return Ok(Some(Err(answer::Status::HeadTooLarge)));
            }
            Parsed::Partial => {}
        }
        let room = (HEAD - head.len()) as u64;
        if (&mut *socket).take(room).read_buf(head).await? == 0 {
            return Ok(None);
        }
    }
}
