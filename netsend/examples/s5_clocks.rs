//! Mends the endless patience of `s4`: three clocks, and an error that knows the count.
//! The peer here stops reading; then another takes over what it did not get.
//!
//! **Its flaw:** one thread waits for one connection.

mod pair;

use std::os::unix::net::UnixStream;
use std::time::Duration;

use netsend::{MinRate, Policy, SendQueue, Standing, blocking};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (socket, peer_that_does_not_read) = UnixStream::pair()?;
    let mut queue = SendQueue::new();
    queue.push(vec![7_u8; 8 << 20]);
    queue.end_message();
    let policy = Policy {
        stall: Some(Duration::from_millis(100)),
        deadline: Some(Duration::from_secs(10)),
        min_rate: Some(MinRate { bytes_per_second: 1000, grace: Duration::from_secs(1) }),
        ..Policy::default()
    };
    let error = blocking::drain(&socket, &mut queue, &policy).expect_err("nobody reads");
    println!("s5 clocks: {error}");
    drop((socket, peer_that_does_not_read));

    let cut = queue.cut();
    assert!(matches!(cut.standing, Standing::InMessage { missing: Some(_), .. }));
    let mut rest = cut.rest;
    let (socket, reader) = pair::slow()?;
    let report = blocking::drain(&socket, &mut rest, &policy)?;
    drop(socket);
    let received = reader.join().expect("the reader counts on");
    println!("s5 clocks: {received} bytes received by another peer, {report}");
    assert_eq!(error.sent() + received, 8 << 20);
    Ok(())
}
