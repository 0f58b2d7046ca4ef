//! The same server, and the end of its story. In `s4_chain` a few hundred bytes kept four
//! pages alive, and nothing said which handle kept which. Here the pages have names, and
//! so have those who keep parts of them; a report is asked three times: while the reply
//! is there, after it has been sent and the missing paths are forgotten, and once the
//! handle that is still to blame has been told to copy its bytes out.
//!
//! "6 of 12" says that the report was shown six handles of twelve: the others are in the
//! reply. What is copied in the end is one line, and it is copied knowingly.
//!
//! ```text
//! copied while reading: 0 bytes
//! copied for the reply: 0 bytes
//!
//! 1. The reply is made:
//! 4 memories keep 256.0 KiB for 547 B that are used (479.2 x)
//!
//!       kept       used     factor  handles  what, and who keeps it
//!   64.0 KiB      114 B    574.9 x   6 of 12  Vec "page 1": 6 by "missing"
//!   64.0 KiB      133 B    492.8 x   7 of 14  Vec "page 0": 7 by "missing"
//!   64.0 KiB      133 B    492.8 x   7 of 14  Vec "page 3": 7 by "missing"
//!   64.0 KiB      167 B    392.4 x   8 of 16  Vec "page 2": 7 by "missing", 1 by "slowest"
//!
//! 2. 614 bytes are sent, the paths forgotten:
//! 1 memory keeps 64.0 KiB for 34 B that are used (1927.5 x)
//!
//!       kept       used     factor  handles  what, and who keeps it
//!   64.0 KiB       34 B   1927.5 x   1 of 1  Vec "page 2": 1 by "slowest"
//!
//! 3. 34 bytes are copied out:
//! 1 memory keeps 34 B for 34 B that are used (1.0 x)
//!
//!       kept       used     factor  handles  what, and who keeps it
//!       34 B       34 B      1.0 x   1 of 1  Vec: 1 by "slowest"
//! ```

mod log;

use std::io::{self, Write};

use buffers::retention::{self, CompactPolicy, Report, Root};
use buffers::{Chain, SharedBuf, copied};

/// One line of the log, borrowed from its page.
struct Request<'page> {
    path: &'page [u8],
    status: &'page [u8],
    time: &'page [u8],
}

impl<'page> Request<'page> {
    fn parse(line: &'page [u8]) -> Option<Self> {
        let mut fields = line.split(|&b| b == b' ');
        let _method = fields.next()?;
        Some(Self { path: fields.next()?, status: fields.next()?, time: fields.next()? })
    }
}

/// What is kept of the log.
#[derive(Default)]
struct Kept {
    missing: Vec<SharedBuf>,
    slowest: SharedBuf,
    millis: u32,
}

impl Kept {
    fn read(&mut self, page: &SharedBuf) {
        for line in page.split(|&b| b == b'\n') {
            let Some(request) = Request::parse(line) else { continue };
            let millis = log::millis(request.time);
            if millis > self.millis {
                (self.slowest, self.millis) = (page.slice_ref(line), millis);
            }
            if request.status == b"404" {
                self.missing.push(page.slice_ref(request.path));
            }
        }
    }

    fn reply(&self) -> Chain {
        let mut reply = Chain::from(self.slowest.clone());
        for path in &self.missing {
            reply.push("\n");
            reply.push(path.clone());
        }
        let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", reply.len());
        reply.prepend(head);
        reply
    }

    /// Who keeps which page, and how little of it.
    fn report(&self) -> Report {
        let missing = self.missing.iter().map(|path| Root::from(("missing", path)));
        retention::report(missing.chain([("slowest", &self.slowest).into()]))
    }
}

/// A page with its number for a name.
fn named(number: usize, page: Vec<u8>) -> SharedBuf {
    let page = SharedBuf::from(page).try_with_label(format!("page {number}"));
    page.expect("a page that is new has one handle")
}

/// One call for all pieces; a socket would take a part, and be asked again for the rest
/// after `reply.advance(n)`.
fn send(reply: &Chain, peer: &mut impl Write) -> io::Result<usize> {
    let slices: Vec<_> = reply.io_slices().collect();
    peer.write_vectored(&slices)
}

fn main() -> io::Result<()> {
    let mut kept = Kept::default();
    let pages = log::pages().enumerate().map(|(number, page)| named(number, page));
    let ((), reading) = copied::during(|| pages.for_each(|page| kept.read(&page)));
    let (reply, replying) = copied::during(|| kept.reply());
    println!("copied while reading: {reading} bytes");
    println!("copied for the reply: {replying} bytes");
    println!("\n1. The reply is made:\n{}", kept.report());

    let sent = send(&reply, &mut io::sink())?;
    drop(reply);
    kept.missing.clear();
    println!("2. {sent} bytes are sent, the paths forgotten:\n{}", kept.report());

    let (freed, copies) = copied::during(|| kept.slowest.compact_if(&CompactPolicy::default()));
    assert!(freed, "64 KiB for one line is too much");
    println!("3. {copies} bytes are copied out:\n{}", kept.report());
    Ok(())
}
