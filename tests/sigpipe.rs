//! No road dies of SIGPIPE, and none leaves a trace of it.

use std::io::{self, Write};
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, Output};
use std::thread;
use std::time::Duration;

use netsend::{FileRange, Policy, SendError, SendErrorKind, SendQueue, blocking};
use oracles::content::file_of;
use oracles::raw;
use oracles::sockets::{Kind, Socket, pair};

/// Names the road that a child is to take, as `road/kind/mode`.
const ROAD: &str = "UNCOPIED_SIGPIPE_ROAD";

/// What a child prints when it is still alive at the end of its road.
const SURVIVED: &str = "survived the closed peer";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Road {
    Memory,
    Sendfile,
    Splice,
    Scratch,
    PlainSend,
    PlainSendfile,
    PlainSplice,
}

impl Road {
    const OURS: [Self; 4] = [Self::Memory, Self::Sendfile, Self::Splice, Self::Scratch];
    const PLAIN: [Self; 3] = [Self::PlainSend, Self::PlainSendfile, Self::PlainSplice];

    /// Takes away, from this thread, the roads that would come before this one.
    fn clear(self) {
        match self {
            Self::Splice => raw::refuse_calls(&[libc::SYS_sendfile], libc::EINVAL),
            Self::Scratch => {
                raw::refuse_calls(&[libc::SYS_sendfile, libc::SYS_splice], libc::EINVAL);
            }
            _ => {}
        }
    }

    /// Sends something to `socket` once.
    fn once(self, socket: &Socket) -> Result<(), io::ErrorKind> {
        let sent = match self {
            Self::Memory | Self::Sendfile | Self::Splice | Self::Scratch => {
                return drain(socket, self).map_err(|error| error.io_kind().unwrap());
            }
            Self::PlainSend => raw::plain_send(socket, b"bytes"),
            Self::PlainSendfile => raw::plain_sendfile(socket, &file_of(b"bytes"), 5),
            Self::PlainSplice => {
                let (from, mut into) = io::pipe().unwrap();
                into.write_all(b"bytes").unwrap();
                raw::plain_splice(socket, &from, 5)
            }
        };
        if sent < 0 { Err(io::Error::last_os_error().kind()) } else { Ok(()) }
    }
}

fn drain(socket: &Socket, road: Road) -> Result<(), SendError> {
    let mut queue = SendQueue::new();
    if road == Road::Memory {
        queue.push("bytes");
    } else {
        queue.push(FileRange::whole(file_of(b"bytes")).unwrap());
    }
    blocking::drain(socket, &mut queue, &Policy::default()).map(|_| ())
}

/// Sends to a peer that has gone until the kernel says so by EPIPE, which is
/// when it sends SIGPIPE. TCP takes a moment, and may say "reset" first.
fn send_until_broken(kind: Kind, nonblocking: bool, road: Road) {
    let (socket, peer) = pair(kind);
    socket.options().set_nonblocking(nonblocking).unwrap();
    drop(peer);
    for _ in 0..5000 {
        match road.once(&socket) {
            Err(io::ErrorKind::BrokenPipe) => return,
            Ok(()) | Err(io::ErrorKind::ConnectionReset) => {
                thread::sleep(Duration::from_millis(1));
            }
            Err(other) => panic!("a closed peer was to break the pipe: {other:?}"),
        }
    }
    panic!("a closed peer still takes bytes");
}

/// What the children run; in the parent it has nothing to do.
#[test]
fn child() {
    let Ok(wanted) = std::env::var(ROAD) else {
        return;
    };
    raw::make_sigpipe_deadly();
    each_way(|road, kind, nonblocking| {
        if wanted == format!("{road:?}/{kind:?}/{nonblocking}") {
            road.clear();
            send_until_broken(kind, nonblocking, road);
            println!("{SURVIVED}");
        }
    });
}

fn each_way(mut visit: impl FnMut(Road, Kind, bool)) {
    for road in Road::OURS.into_iter().chain(Road::PLAIN) {
        for kind in [Kind::Unix, Kind::Tcp] {
            for nonblocking in [false, true] {
                visit(road, kind, nonblocking);
            }
        }
    }
}

fn run_child(road: &str) -> Output {
    Command::new(std::env::current_exe().unwrap())
        .args(["child", "--exact", "--nocapture", "--test-threads=1"])
        .env(ROAD, road)
        .output()
        .unwrap()
}

#[test]
fn our_roads_survive_and_plain_calls_do_not() {
    each_way(|road, kind, nonblocking| {
        let way = format!("{road:?}/{kind:?}/{nonblocking}");
        let output = run_child(&way);
        let survived = String::from_utf8_lossy(&output.stdout).contains(SURVIVED);
        if Road::OURS.contains(&road) {
            assert!(output.status.success() && survived, "{way}: {output:?}");
        } else {
            // The control: the same peer does kill who takes no care.
            assert_eq!(output.status.signal(), Some(libc::SIGPIPE), "{way}: {output:?}");
            assert!(!survived);
        }
    });
}

/// Runs `test` in a thread of its own, whose mask dies with it.
fn in_thread(test: impl FnOnce() + Send + 'static) {
    thread::spawn(test).join().unwrap();
}

/// Sends to a closed peer by each road.
fn break_each_road() {
    for road in Road::OURS {
        road.clear();
        let (socket, peer) = pair(Kind::Unix);
        drop(peer);
        let error = drain(&socket, road).unwrap_err();
        assert_eq!(error.kind(), SendErrorKind::Closed);
    }
}

#[test]
fn the_mask_is_afterwards_as_before() {
    in_thread(|| {
        let before = raw::blocked_signals();
        assert_eq!(before & 1 << (libc::SIGPIPE - 1), 0);
        break_each_road();
        assert_eq!(raw::blocked_signals(), before);
        assert!(!raw::sigpipe_is_pending());
    });
}

#[test]
fn who_blocks_the_signal_is_not_left_with_one() {
    in_thread(|| {
        raw::block_sigpipe();
        let before = raw::blocked_signals();
        assert!(!raw::sigpipe_is_pending());
        break_each_road();
        assert!(!raw::sigpipe_is_pending(), "ours was taken away");
        assert_eq!(raw::blocked_signals(), before);
    });
}

#[test]
fn a_signal_that_waited_before_still_waits() {
    in_thread(|| {
        raw::block_sigpipe();
        raw::raise_sigpipe();
        assert!(raw::sigpipe_is_pending());
        break_each_road();
        assert!(raw::sigpipe_is_pending(), "that one was not ours to take");
    });
}

#[test]
fn a_plain_call_does_leave_a_signal() {
    in_thread(|| {
        raw::block_sigpipe();
        let (socket, peer) = pair(Kind::Unix);
        drop(peer);
        assert_eq!(raw::plain_sendfile(&socket, &file_of(b"bytes"), 5), -1);
        assert!(raw::sigpipe_is_pending(), "or the tests above prove nothing");
    });
}
