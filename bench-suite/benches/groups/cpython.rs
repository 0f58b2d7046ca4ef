//! CPython's `sendall` and `socket.sendfile` against the queue: the same bytes, each in a
//! process of its own, which tells the processor seconds that sending took.

use std::io::{self, Read, Write};
use std::mem::MaybeUninit;
use std::net::{Ipv4Addr, TcpListener};
use std::process::{Command, Stdio};
use std::time::Duration;

use buffers::SharedBuf;
use netsend::{FileRange, Policy, SendQueue, blocking};
use socket2::Socket;
use tempfile::NamedTempFile;

use crate::Plan;
use crate::lane::{cpu_of_thread, gib};

const LEN: usize = 64 << 20;

/// Sends the file's bytes to the port, as often as it is told, from memory or from the
/// file, and prints the seconds.
const SCRIPT: &str = "\
import socket, sys, time
port, path, times, way = int(sys.argv[1]), sys.argv[2], int(sys.argv[3]), sys.argv[4]
data = open(path, 'rb').read() if way == 'sendall' else None
s = socket.create_connection(('127.0.0.1', port))
start = time.process_time()
for _ in range(times):
    if way == 'sendall':
        s.sendall(data)
    else:
        with open(path, 'rb') as f:
            s.sendfile(f)
print(time.process_time() - start)
";

pub(crate) fn against_cpython(plan: Plan, name: &str) {
    if Command::new("python3").arg("--version").output().is_err() {
        say!("\n{name}: skipped, there is no python3");
        return;
    }
    let mut file = NamedTempFile::new().expect("a temporary file");
    let content = SharedBuf::from(super::payload(LEN));
    file.write_all(&content).expect("room for 64 MiB");
    // Each way in turn, so that a machine that grows busier grows busier for both.
    let rounds = plan.rounds.div_ceil(3);
    let times = plan.rounds.min(3);
    say!(
        "\n**{name}: {LEN} bytes, {times} times in each of {rounds} rounds, TCP, blocking, the receiver discards**\n"
    );
    say!("| contender | sender CPU s/GiB | ratio | both ends CPU s/GiB | ratio |");
    say!("|---|---|---|---|---|");
    let gib = gib(LEN * times);
    for (way, ours) in [("sendall", "queue of memory"), ("sendfile", "queue of a file range")] {
        let (mut theirs, mut mine) = (Vec::new(), Vec::new());
        for _ in 0..rounds {
            theirs.push(by_cpython(&file, times, way).per(gib));
            mine.push(by_queue(&file, &content, times, way).per(gib));
        }
        let ((python, python_both), (queue, queue_both)) = (medians(theirs), medians(mine));
        say!("| CPython {way} | {python:.3} | 1.00 | {python_both:.3} | 1.00 |");
        let (ratio, ratio_both) = (queue / python, queue_both / python_both);
        say!("| {ours} | {queue:.3} | {ratio:.2} | {queue_both:.3} | {ratio_both:.2} |");
    }
}

/// What one way cost the processor.
struct Cost {
    sender: Duration,
    receiver: Duration,
}

impl Cost {
    /// The sender's seconds for each GiB, and those of both ends.
    fn per(&self, gib: f64) -> (f64, f64) {
        (self.sender.as_secs_f64() / gib, (self.sender + self.receiver).as_secs_f64() / gib)
    }
}

fn medians(costs: Vec<(f64, f64)>) -> (f64, f64) {
    let (mut senders, mut both): (Vec<_>, Vec<_>) = costs.into_iter().unzip();
    senders.sort_by(f64::total_cmp);
    both.sort_by(f64::total_cmp);
    (senders[senders.len() / 2], both[both.len() / 2])
}

/// Takes all that comes over one connection while `send` sends, which gives the
/// processor's time that it took.
fn while_receiving(times: usize, send: impl FnOnce(u16) -> Duration) -> Cost {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
    let port = listener.local_addr().expect("it is bound").port();
    let receiver = std::thread::spawn(move || {
        let peer = Socket::from(listener.accept()?.0);
        let mut room: Box<[MaybeUninit<u8>]> = Box::new_uninit_slice(1 << 20);
        let mut got = 0;
        loop {
            match peer.recv_with_flags(&mut room, libc::MSG_TRUNC)? {
                0 => return io::Result::Ok((got, cpu_of_thread())),
                n => got += n,
            }
        }
    });
    let sender = send(port);
    let taken = receiver.join().expect("the receiver does not panic").expect("it reads on");
    let (got, receiver) = taken;
    assert_eq!(got, LEN * times, "each byte arrives");
    Cost { sender, receiver }
}

fn by_cpython(file: &NamedTempFile, times: usize, way: &str) -> Cost {
    while_receiving(times, |port| {
        let mut child = Command::new("python3")
            .args(["-c", SCRIPT, &port.to_string()])
            .arg(file.path())
            .args([&times.to_string(), way])
            .stdout(Stdio::piped())
            .spawn()
            .expect("python3 is there");
        let mut printed = String::new();
        let out = child.stdout.as_mut().expect("it is piped");
        out.read_to_string(&mut printed).expect("it prints text");
        assert!(child.wait().expect("it ends").success());
        Duration::from_secs_f64(printed.trim().parse().expect("it prints seconds"))
    })
}

fn by_queue(file: &NamedTempFile, content: &SharedBuf, times: usize, way: &str) -> Cost {
    while_receiving(times, |port| {
        let socket = std::net::TcpStream::connect((Ipv4Addr::LOCALHOST, port));
        let socket = socket.expect("a listener listens");
        let start = cpu_of_thread();
        for _ in 0..times {
            let mut queue = SendQueue::new();
            if way == "sendall" {
                queue.push(content.clone());
            } else {
                let range = FileRange::whole(file.reopen().expect("it is there"));
                queue.push(range.expect("it is a file"));
            }
            blocking::drain(&socket, &mut queue, &Policy::DEFAULT).expect("it is sent");
        }
        cpu_of_thread().saturating_sub(start)
    })
}
