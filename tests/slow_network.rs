//! Over a real network of 50 Mbit/s, between two namespaces, what is counted is what
//! arrives, and the clocks and the diagnosis see the network for what it is. It needs
//! the right to make namespaces, and says so where it is skipped.

use std::io::Read;
use std::net::{TcpListener, TcpStream};
use std::process::Command;
use std::thread;
use std::time::Duration;

use netsend::testing::pattern;
use netsend::{
    Bottleneck, Delivery, Diagnosis, MinRate, Policy, SendErrorKind, SendQueue, blocking,
};

/// Says that this process is the one that runs inside the namespace.
const INSIDE: &str = "UNCOPIED_SLOW_NETWORK";

/// Joins a fresh namespace to another one by a pair of devices, the near one with a
/// token bucket of 50 Mbit/s. All of it goes when the processes in it do.
const NETWORK: &str = "\
    set -e
    ip link set lo up
    unshare --net sleep 60 &
    peer=$!
    trap 'kill $peer' EXIT
    while [ \"$(readlink /proc/$peer/ns/net)\" = \"$(readlink /proc/$$/ns/net)\" ]; do sleep 0.01; done
    ip link add near type veth peer name far netns $peer
    ip address add 10.9.8.1/24 dev near
    ip link set near up
    nsenter --net=/proc/$peer/ns/net ip address add 10.9.8.2/24 dev far
    nsenter --net=/proc/$peer/ns/net ip link set far up
    tc qdisc add dev near root tbf rate 50mbit burst 64kb latency 50ms
    export UNCOPIED_SLOW_NETWORK=$peer
    \"$0\" inside --exact --nocapture --test-threads=1";

#[test]
fn fifty_megabits_are_what_they_are() {
    let this = std::env::current_exe().unwrap();
    let tried =
        Command::new("unshare").args(["--net", "--", "ip", "link", "set", "lo", "up"]).output();
    if !tried.is_ok_and(|output| output.status.success()) {
        eprintln!("skipped: this user may not make a network namespace");
        return;
    }
    let output = Command::new("unshare")
        .args(["--net", "--", "bash", "-c", NETWORK])
        .arg(this)
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stderr);
    if text.contains("Specified qdisc kind is unknown") || text.contains("Unknown device type") {
        eprintln!("skipped: this kernel has no veth or no tbf");
        return;
    }
    assert!(output.status.success(), "{}{text}", String::from_utf8_lossy(&output.stdout));
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(said.contains("bytes arrived over the slow network"), "{said}");
}

/// What runs inside; outside it has nothing to do.
#[test]
fn inside() {
    let Ok(peer) = std::env::var(INSIDE) else {
        return;
    };
    let bytes = pattern(4 << 20, 70);
    everything_arrives(&peer, &bytes);
    too_slow_for_a_gigabit(&peer, &bytes);
}

/// A connection whose far end stands in the other namespace.
fn connect(peer: &str) -> (TcpStream, TcpStream) {
    let path = format!("/proc/{peer}/ns/net");
    // A socket belongs to the namespace that its thread is in when it is made.
    let listener = thread::spawn(move || {
        oracles::raw::enter_network(&std::fs::File::open(path).unwrap());
        TcpListener::bind("10.9.8.2:0").unwrap()
    });
    let listener = listener.join().unwrap();
    let socket = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    (socket, listener.accept().unwrap().0)
}

fn everything_arrives(peer: &str, bytes: &[u8]) {
    let (socket, mut far) = connect(peer);
    let reader = thread::spawn(move || {
        let mut received = Vec::new();
        far.read_to_end(&mut received).map(|_| received)
    });
    let mut queue = SendQueue::new();
    queue.push(bytes);
    queue.end_message();
    let report = blocking::drain(&socket, &mut queue, &Policy::default()).unwrap();
    let diagnosis = Diagnosis::of(&socket).unwrap();
    let delivery = Delivery::of(&socket, report.accepted).unwrap();
    println!("{report}\n{delivery}\n{diagnosis}");
    assert_ne!(diagnosis.bottleneck(), Bottleneck::Nothing, "{diagnosis}");
    assert_ne!(diagnosis.bottleneck(), Bottleneck::Peer, "the peer reads: {diagnosis}");
    assert!(report.waits > 0, "4 MiB do not fit the buffers of so slow a network: {report:?}");
    drop(socket);
    let received = reader.join().unwrap().unwrap();
    assert!(received == bytes);
    println!("{} bytes arrived over the slow network", received.len());
}

fn too_slow_for_a_gigabit(peer: &str, bytes: &[u8]) {
    let (socket, mut far) = connect(peer);
    let reader = thread::spawn(move || {
        let mut received = Vec::new();
        let _ = far.read_to_end(&mut received);
        received
    });
    let min_rate =
        Some(MinRate { bytes_per_second: 125_000_000, grace: Duration::from_millis(200) });
    let mut queue = SendQueue::new();
    for _ in 0..8 {
        queue.push(bytes);
    }
    let policy = Policy { min_rate, ..Policy::DEFAULT };
    let error = blocking::drain(&socket, &mut queue, &policy).unwrap_err();
    assert_eq!(error.kind(), SendErrorKind::TooSlow, "{error}");
    drop(socket);
    assert_eq!(reader.join().unwrap().len() as u64, error.sent(), "what was accepted arrives");
}
