//! Every driver passes the suite that any driver has to pass, over scripts and over
//! real sockets; drivers with well-known mistakes do not.

use std::fs::File;
use std::io::{self, IoSlice, Write};
use std::os::unix::fs::FileExt;

use netsend::nonblocking::{Sender, Step};
use netsend::testing::{End, Scripted, over_sockets, over_transport, pattern};
use netsend::{Op, Policy, SendQueue, Transport, Unobserved, blocking, drain_to, drive};
use oracles::content::file_of;
use oracles::panic_text;
use tokio::runtime::{Builder, Runtime};

const POLICY: Policy = Policy { coalesce_below: 50, ..Policy::DEFAULT };

fn file() -> File {
    file_of(&pattern(60_000, 9)).try_clone().unwrap()
}

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

/// What the suite says about a driver that is to fail it.
fn complaint(driver: impl FnMut(&mut Scripted, &mut SendQueue<'_>) -> io::Result<()>) -> String {
    panic_text(|| over_transport(file(), driver))
}

#[test]
fn the_loop_over_a_transport() {
    let cases =
        over_transport(file(), |transport, queue| Ok(drive(transport, queue, &POLICY).map(drop)?));
    assert!(cases > 200, "{cases}");
}

#[test]
fn the_loop_that_coalesces_everything_or_nothing() {
    for coalesce_below in [0, 1 << 20] {
        let policy = Policy { coalesce_below, ..POLICY };
        over_transport(file(), |transport, queue| Ok(drive(transport, queue, &policy).map(drop)?));
    }
}

#[test]
fn the_non_blocking_driver() {
    for turn in [netsend::Budget::DEFAULT, netsend::Budget { bytes: 1, calls: 1 }] {
        over_transport(file(), |transport, queue| {
            let mut sender = Sender::new(&Policy { turn, ..POLICY });
            loop {
                if let Step::Done(_) = sender.step_through(transport, queue, &mut Unobserved)? {
                    return Ok(());
                }
            }
        });
    }
}

#[test]
fn the_writer_s_driver() {
    over_transport(file(), |transport, queue| {
        let writer: &mut dyn Write = transport;
        let mut writer = writer;
        Ok(drain_to(&mut writer, queue, &POLICY).map(drop)?)
    });
}

#[test]
fn the_asynchronous_writer_s_driver() {
    let runtime = runtime();
    over_transport(file(), |transport, queue| {
        Ok(runtime.block_on(netsend::tokio::drain_to(transport, queue, &POLICY)).map(drop)?)
    });
}

#[test]
fn the_blocking_driver_over_sockets() {
    over_sockets(file(), |socket, queue| Ok(blocking::drain(&socket, queue, &POLICY).map(drop)?));
}

#[test]
fn the_non_blocking_driver_over_sockets_of_either_mode() {
    for nonblocking in [false, true] {
        over_sockets(file(), |socket, queue| {
            socket2::SockRef::from(&socket).set_nonblocking(nonblocking)?;
            let mut sender = Sender::new(&POLICY);
            loop {
                match sender.step(&socket, queue)? {
                    Step::Done(_) => return Ok(()),
                    Step::Blocked(limit) => oracles::sockets::await_room(&socket, limit),
                    Step::TurnOver => {}
                }
            }
        });
    }
}

#[test]
fn the_tokio_driver_over_sockets() {
    let runtime = runtime();
    over_sockets(file(), |socket, queue| {
        socket2::SockRef::from(&socket).set_nonblocking(true)?;
        let report = runtime.block_on(async {
            match socket {
                End::Tcp(socket) => {
                    let socket = tokio::net::TcpStream::from_std(socket)?;
                    netsend::tokio::drain(&socket, queue, &POLICY).await.map_err(io::Error::from)
                }
                End::Unix(socket) => {
                    let socket = tokio::net::UnixStream::from_std(socket)?;
                    netsend::tokio::drain(&socket, queue, &POLICY).await.map_err(io::Error::from)
                }
            }
        })?;
        assert_eq!(report.by_scratch, 0, "files go by sendfile");
        Ok(())
    });
}

/// A user's own loop over the queue's arithmetic, with room for mistakes.
struct OwnLoop {
    /// How much further than was taken the queue is advanced when a send was short.
    oversteps: u64,
    /// Whether a file's end is taken for a passing state.
    ignores_the_end: bool,
    /// Whether it stops at the first short send, and says that it is done.
    stops_short: bool,
}

const RIGHT: OwnLoop = OwnLoop { oversteps: 0, ignores_the_end: false, stops_short: false };

impl OwnLoop {
    fn run(&self, transport: &mut Scripted, queue: &mut SendQueue<'_>) -> io::Result<()> {
        loop {
            let mut slots = [IoSlice::new(&[]); 16];
            let (offered, answer) = match queue.next_op(&mut slots) {
                Op::Done => return Ok(()),
                Op::Memory { slices, more } => {
                    let offered = slices.iter().map(|slice| slice.len()).sum::<usize>();
                    (offered, transport.send_vectored(slices, more))
                }
                Op::File { file, offset, len, more } => {
                    let mut bytes = vec![0; usize::try_from(len).unwrap()];
                    let n = file.read_at(&mut bytes, offset)?;
                    if n == 0 {
                        assert!(!self.ignores_the_end, "it went round for ever");
                        return Err(io::ErrorKind::UnexpectedEof.into());
                    }
                    (n, transport.send_vectored(&[IoSlice::new(&bytes[..n])], more))
                }
            };
            match answer {
                Ok(n) if n < offered => {
                    queue.advance((n as u64 + self.oversteps).min(queue.pending()));
                    if self.stops_short {
                        return Ok(());
                    }
                }
                Ok(n) => queue.advance(n as u64),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }
}

#[test]
fn a_loop_of_one_s_own_can_pass() {
    over_transport(file(), |transport, queue| RIGHT.run(transport, queue));
}

#[test]
fn loops_with_mistakes_do_not_pass() {
    let oversteps = OwnLoop { oversteps: 1, ..RIGHT };
    let text = complaint(|transport, queue| oversteps.run(transport, queue));
    assert!(text.contains("the bytes that came are others"), "{text}");

    let stops_short = OwnLoop { stops_short: true, ..RIGHT };
    let text = complaint(|transport, queue| stops_short.run(transport, queue));
    assert!(text.contains("done, and"), "{text}");

    let endless = OwnLoop { ignores_the_end: true, ..RIGHT };
    let text = complaint(|transport, queue| endless.run(transport, queue));
    assert!(text.contains("for ever"), "{text}");
}

#[test]
fn a_loop_that_sends_the_wrong_half_does_not_pass() {
    let text = complaint(|transport, queue| {
        let mut slots = [IoSlice::new(&[]); 16];
        while let Op::Memory { slices, more } = queue.next_op(&mut slots) {
            // It shows the tail of the first slice where the head was to be sent.
            let half = slices[0].len() / 2;
            let n = transport.send_vectored(&[IoSlice::new(&slices[0][half..])], more)?;
            queue.advance(n as u64);
            slots = [IoSlice::new(&[]); 16];
        }
        Ok(())
    });
    assert!(text.contains("the bytes that came are others"), "{text}");
}

#[test]
fn a_driver_that_loses_a_socket_s_bytes_does_not_pass() {
    let text = panic_text(|| {
        over_sockets(file(), |mut socket, queue| {
            let mut all = Vec::new();
            drain_to(&mut all, queue, &POLICY)?;
            match &mut socket {
                End::Tcp(socket) => socket.write_all(&all[1..]),
                End::Unix(socket) => socket.write_all(&all[1..]),
            }
        });
    });
    assert!(text.contains("the bytes that came are others"), "{text}");
}
