//! Blocks of a 4 MiB pool are filled, frozen, sent as views, and come home.
//!
//! For bytes that the program has to look at on the way.

use std::io;
use std::net::TcpStream;
use std::path::Path;

use filereader::{FileReader, Pool};
use netsend::{Policy, SendQueue, blocking};

use crate::contenders::{Contender, Done, HEADER, Kind, Run, TRAILER};

/// The pool's ceiling: 16 blocks of 256 KiB.
const CEILING: usize = 16 * (256 << 10);

pub(super) const CONTENDER: Contender = Contender {
    name: "pool-views",
    kind: Kind::Uncopied,
    about: "Pool + FileReader -> views -> SendQueue",
    up_to: u64::MAX,
    blocking: true,
    text_only: false,
    run: Run::SendFile(run),
};

fn run(path: &Path, socket: &TcpStream) -> io::Result<Done> {
    let pool = Pool::builder().block_size(CEILING / 16).blocks(16).build()?;
    let mut file = FileReader::open(path)?.pool(&pool);
    let mut queue = SendQueue::new();
    let mut copied = 0;
    queue.push(HEADER);
    while let Some(chunk) = file.next_chunk()? {
        copied += chunk.len() as u64;
        queue.push(chunk);
        copied += blocking::drain(socket, &mut queue, &Policy::default())?.kernel_copied();
    }
    queue.push(TRAILER);
    queue.end_message();
    copied += blocking::drain(socket, &mut queue, &Policy::default())?.kernel_copied();
    Ok(Done::sent(copied))
}
