//! Mends the single segments of `s2`: one queue, shown to the kernel in one call, and
//! advanced through the middle of any segment.
//!
//! **Its flaw:** the body has to be in memory. A file would be read into it first, and
//! copied into the kernel again.

mod pair;

use netsend::{Policy, Printer, SendQueue, blocking};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (socket, reader) = pair::slow()?;
    let mut queue = SendQueue::new();
    for i in 0..3 {
        queue.push(format!("header {i}"));
        queue.push(vec![7_u8; 30_000]);
        queue.push("trailer");
        queue.end_message();
    }
    let (result, copied) = buffers::copied::during(|| {
        let mut trace = Printer::new(std::io::stdout());
        blocking::drain_observed(&socket, &mut queue, &Policy::default(), &mut trace)
    });
    let report = result?;
    drop(socket);
    let received = reader.join().expect("the reader counts on");
    println!("s3 vectored: {received} bytes received, {copied} bytes copied, {report}");
    assert_eq!((report.accepted, copied.value()), (received, Some(0)));
    Ok(())
}
