//! What each example sends through: a connection whose far end is slow, so that a send
//! takes only a part of what it is offered.

use std::io::Read;
use std::os::unix::net::UnixStream;
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// A non-blocking socket, and a reader at its far end that rests now and then and gives
/// the number of bytes that came.
pub(crate) fn slow() -> std::io::Result<(UnixStream, JoinHandle<u64>)> {
    let (near, mut far) = UnixStream::pair()?;
    near.set_nonblocking(true)?;
    let reader = thread::spawn(move || {
        let (mut part, mut total) = (vec![0; 64 << 10], 0);
        while let Ok(n @ 1..) = far.read(&mut part) {
            total += n as u64;
            if total % (1 << 20) < n as u64 {
                thread::sleep(Duration::from_millis(1));
            }
        }
        total
    });
    Ok((near, reader))
}
