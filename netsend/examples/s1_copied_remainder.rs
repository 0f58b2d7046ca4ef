//! The loop as it is written first: what a send has not taken is moved to the front.
//!
//! **Its flaw:** each short send moves everything that is left. Sending 8 MiB moves far
//! more than 8 MiB, and twice the size moves four times as much.

mod pair;

use std::io::{ErrorKind, Write};

fn main() -> std::io::Result<()> {
    let (mut socket, reader) = pair::slow()?;
    let mut left = vec![7_u8; 8 << 20];
    let (mut calls, mut moved) = (0, 0);
    while !left.is_empty() {
        calls += 1;
        match socket.write(&left) {
            Ok(n) => {
                left.drain(..n);
                moved += left.len();
            }
            // Its other flaw: it burns the processor while the socket is full.
            Err(error) if error.kind() == ErrorKind::WouldBlock => std::thread::yield_now(),
            Err(error) => return Err(error),
        }
    }
    drop(socket);
    let received = reader.join().expect("the reader counts on");
    println!("s1 copied remainder: {received} bytes received, {moved} bytes moved, {calls} calls");
    assert!(moved > 8 << 20);
    Ok(())
}
