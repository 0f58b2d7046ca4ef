//! The same server. `s1_copied_slices` copied every field, wanted or not. Here a field is
//! a `&[u8]`, which looks at the bytes where they lie, and only what is kept is copied.
//!
//! **Its flaw: a borrow ends with its page, so what is kept has to be copied after all.**
//! Of paths that is little; of bodies it would be everything. `s3_shared` mends that.
//!
//! ```text
//! a reply of 614 bytes
//! copied while reading: 2106 bytes
//! copied for the reply: 1121 bytes
//! kept: 28 vectors, 547 bytes of memory
//! ```

mod log;

use buffers::copied;

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
    missing: Vec<Vec<u8>>,
    slowest: Vec<u8>,
    millis: u32,
}

impl Kept {
    fn read(&mut self, page: &[u8]) {
        for line in page.split(|&b| b == b'\n') {
            let Some(request) = Request::parse(line) else { continue };
            let millis = log::millis(request.time);
            if millis > self.millis {
                (self.slowest, self.millis) = (copy(line), millis);
            }
            if request.status == b"404" {
                self.missing.push(copy(request.path));
            }
        }
    }

    fn reply(&self) -> Vec<u8> {
        let mut body = copy(&self.slowest);
        for path in &self.missing {
            body.push(b'\n');
            body.extend(copy(path));
        }
        let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len());
        let mut reply = head.into_bytes();
        reply.extend(copy(&body));
        reply
    }
}

/// A copy, written down in the ledger.
fn copy(bytes: &[u8]) -> Vec<u8> {
    copied::record(bytes.len());
    bytes.to_vec()
}

fn main() {
    let mut kept = Kept::default();
    let ((), reading) = copied::during(|| log::pages().for_each(|page| kept.read(&page)));
    let (reply, replying) = copied::during(|| kept.reply());

    let memory: usize = kept.missing.iter().chain([&kept.slowest]).map(Vec::capacity).sum();
    println!("a reply of {} bytes", reply.len());
    println!("copied while reading: {reading} bytes");
    println!("copied for the reply: {replying} bytes");
    println!("kept: {} vectors, {memory} bytes of memory", kept.missing.len() + 1);
}
