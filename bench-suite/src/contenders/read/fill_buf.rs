//! The standard library's buffered reader, looked into instead of copied out of.

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::Path;

use super::Seen;
use crate::contenders::{Contender, Done, Kind, Run};

pub(super) const CONTENDER: Contender = Contender {
    name: "fill-buf",
    kind: Kind::Peer,
    about: "BufReader::fill_buf, 8 KiB",
    up_to: u64::MAX,
    blocking: true,
    text_only: false,
    run: Run::Read(run),
};

fn run(path: &Path) -> io::Result<Done> {
    let mut seen = Seen::default();
    let mut file = BufReader::new(File::open(path)?);
    let mut read = 0;
    loop {
        let bytes = file.fill_buf()?;
        let n = bytes.len();
        if n == 0 {
            return Ok(Done::found(seen.answer(), read));
        }
        seen.see(bytes);
        file.consume(n);
        read += n as u64;
    }
}
