//! Mends the gathering that comes before a send: a window of a matrix goes out from
//! where it lies, each row of it a segment of one call.
//!
//! **Its flaw:** a window of narrow rows is many small segments. Below some 64 to 256
//! bytes a row, `SendQueue::coalesce` copies them together, and counts it.

mod pair;

use buffers::{SharedBuf, SharedView, copied};
use netsend::{Policy, Printer, SendQueue, blocking};

const ROWS: usize = 1080;
const ROW: usize = 1920 * 4;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let frame = SharedView::of_bytes(SharedBuf::from(vec![7; ROWS * ROW])).reshape([ROWS, ROW])?;
    let window = frame.slice((100..116, 400..2400));

    // What is done without views: gather, and send that.
    let (gathered, copied_for_it) = copied::during(|| window.to_bytes());
    drop(gathered);

    let (socket, reader) = pair::slow()?;
    let mut queue = SendQueue::new();
    let (result, copied) = copied::during(|| {
        queue.push(window);
        let mut trace = Printer::new(std::io::stdout());
        blocking::drain_observed(&socket, &mut queue, &Policy::default(), &mut trace)
    });
    let report = result?;
    drop(socket);
    let received = reader.join().expect("the reader counts on");
    println!("s8 window: {received} bytes received, {copied} bytes copied, {report}");
    println!("gathered first, {copied_for_it} bytes would have been copied");
    assert_eq!((report.accepted, copied.value()), (received, Some(0)));
    Ok(())
}
