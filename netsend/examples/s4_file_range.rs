//! Mends the body in memory of `s3`: a range of a file stands in the queue like any
//! other segment, and goes from the page cache into the socket.
//!
//! **Its flaw:** a peer that stops reading holds it for as long as it likes (here the
//! clock that is on by default would end that after 30 seconds).

mod pair;

use std::fs::File;
use std::io::Write;

use netsend::{FileRange, Policy, SendQueue, blocking};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = std::env::temp_dir().join(format!("uncopied-s4-{}", std::process::id()));
    File::create(&path)?.write_all(&vec![7_u8; 8 << 20])?;
    let file = File::open(&path)?;
    std::fs::remove_file(&path)?;

    let (socket, reader) = pair::slow()?;
    let mut queue = SendQueue::new();
    queue.push("header");
    queue.push(FileRange::whole(file)?);
    queue.push("trailer");
    queue.end_message();
    let report = blocking::drain(&socket, &mut queue, &Policy::default())?;
    drop(socket);
    let received = reader.join().expect("the reader counts on");
    let (in_place, by_kernel) = (report.by_sendfile, report.kernel_copied());
    println!(
        "s4 file range: {received} bytes received, {in_place} by sendfile, {by_kernel} bytes \
         copied by the sender's kernel, {report}"
    );
    assert_eq!(report.accepted, received);
    Ok(())
}
