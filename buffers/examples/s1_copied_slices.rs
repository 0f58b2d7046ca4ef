//! A server reads its log, page by page. Of each page it keeps the paths that were not
//! found, and of all of them the line that took longest; from these it makes a reply.
//!
//! This is the program that one writes first. Each field of each line becomes a vector,
//! because vectors are easy to pass around.
//!
//! **Its flaw: it copies every field, and almost none is kept.** `s2_borrowed` mends that.
//!
//! ```text
//! a reply of 614 bytes
//! copied while reading: 231648 bytes
//! copied for the reply: 1121 bytes
//! kept: 28 vectors, 547 bytes of memory
//! ```

mod log;

use buffers::copied;

/// One line of the log.
struct Request {
    path: Vec<u8>,
    status: Vec<u8>,
    time: Vec<u8>,
}

impl Request {
    fn parse(line: &[u8]) -> Option<Self> {
        let mut fields = line.split(|&b| b == b' ').map(copy);
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
            let millis = log::millis(&request.time);
            if millis > self.millis {
                (self.slowest, self.millis) = (copy(line), millis);
            }
            if request.status == b"404" {
                self.missing.push(request.path);
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
