//! Mends the copied remainder of `s1`: a cursor moves, the bytes stay.
//!
//! **Its flaw:** one segment at a time. A header, a body and a trailer take three calls
//! each, and three small packets where one would do.

mod pair;

use netsend::{Policy, SendQueue, blocking};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (socket, reader) = pair::slow()?;
    let body = vec![7_u8; 8 << 20];
    let mut calls = 0;
    let (sent, copied) = buffers::copied::during(|| {
        let mut sent = 0;
        for part in [&b"header"[..], &body, b"trailer"] {
            let mut queue = SendQueue::new();
            queue.push(part);
            let report = blocking::drain(&socket, &mut queue, &Policy::default())?;
            (sent, calls) = (sent + report.accepted, calls + report.calls);
        }
        Ok::<_, netsend::SendError>(sent)
    });
    let sent = sent?;
    drop(socket);
    let received = reader.join().expect("the reader counts on");
    println!("s2 cursor: {received} bytes received, {copied} bytes copied, {calls} calls");
    assert_eq!((sent, copied.value()), (received, Some(0)));
    Ok(())
}
