//! The same server. `s3_shared` glued its reply together. Here the reply is a `Chain`: its
//! pieces are the paths where they lie in the log, the head is put before them, and all
//! of it goes out in one vectored write. No byte is copied any more.
//!
//! **Its flaw: a few hundred bytes keep four pages alive, and nothing says which handle
//! keeps which.** `s5_who_pins_it` mends that.
//!
//! ```text
//! a reply of 614 bytes, in 56 pieces
//! copied while reading: 0 bytes
//! copied for the reply: 0 bytes
//! kept: 28 handles, 262144 bytes of memory
//! ```

mod log;

use std::io::{self, Write};

use buffers::{Chain, SharedBuf, copied, retention};

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
}

/// One call for all pieces; a socket would take a part, and be asked again for the rest
/// after `reply.advance(n)`.
fn send(reply: &Chain, peer: &mut impl Write) -> io::Result<usize> {
    let slices: Vec<_> = reply.io_slices().collect();
    peer.write_vectored(&slices)
}

fn main() -> io::Result<()> {
    let mut kept = Kept::default();
    let pages = log::pages().map(SharedBuf::from);
    let ((), reading) = copied::during(|| pages.for_each(|page| kept.read(&page)));
    let (reply, replying) = copied::during(|| kept.reply());
    let sent = send(&reply, &mut io::sink())?;

    let memory = retention::report(kept.missing.iter().chain([&kept.slowest])).pinned_bytes();
    println!("a reply of {sent} bytes, in {} pieces", reply.pieces());
    println!("copied while reading: {reading} bytes");
    println!("copied for the reply: {replying} bytes");
    println!("kept: {} handles, {memory} bytes of memory", kept.missing.len() + 1);
    Ok(())
}
