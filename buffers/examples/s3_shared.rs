//! The same server. In `s2_borrowed` a borrow ended with its page, so what was kept had
//! to be copied. Here the page is a `SharedBuf`. Lines are still parsed as `&[u8]`, and
//! what is kept is promoted: a handle of the same memory, which outlives the parse.
//!
//! **Its flaw: the reply is glued together, path by path, and then behind its head.**
//! `s4_chain` mends that.
//!
//! ```text
//! a reply of 614 bytes
//! copied while reading: 0 bytes
//! copied for the reply: 1121 bytes
//! kept: 28 handles, 262144 bytes of memory
//! ```

mod log;

use buffers::{SharedBuf, copied, retention};

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

    fn reply(&self) -> Vec<u8> {
        let mut body = self.slowest.to_vec();
        for path in &self.missing {
            body.push(b'\n');
            body.extend(path.to_vec());
        }
        let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len());
        let mut reply = head.into_bytes();
        reply.extend(SharedBuf::from(body).to_vec());
        reply
    }
}

fn main() {
    let mut kept = Kept::default();
    let pages = log::pages().map(SharedBuf::from);
    let ((), reading) = copied::during(|| pages.for_each(|page| kept.read(&page)));
    let (reply, replying) = copied::during(|| kept.reply());

    let memory = retention::report(kept.missing.iter().chain([&kept.slowest])).pinned_bytes();
    println!("a reply of {} bytes", reply.len());
    println!("copied while reading: {reading} bytes");
    println!("copied for the reply: {replying} bytes");
    println!("kept: {} handles, {memory} bytes of memory", kept.missing.len() + 1);
}
