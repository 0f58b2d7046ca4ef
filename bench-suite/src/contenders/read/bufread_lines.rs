//! `BufRead::lines`: a new `String` for each line, checked to be UTF-8.
//!
//! The documentation of `BufRead` and the Rust book read files like this, and so
//! does most code that reads lines.

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::Path;

use super::Seen;
use crate::contenders::{Contender, Done, Kind, Run};

pub(super) const CONTENDER: Contender = Contender {
    name: "bufread-lines",
    kind: Kind::Naive,
    about: "BufReader::new(file).lines()",
    up_to: u64::MAX,
    blocking: true,
    text_only: true,
    run: Run::Read(run),
};

fn run(path: &Path) -> io::Result<Done> {
    let mut seen = Seen::default();
    let mut read = 0;
    for line in BufReader::new(File::open(path)?).lines() {
        let line = line?;
        seen.see(line.as_bytes());
        seen.see(b"\n");
        read += line.len() as u64 + 1;
    }
    Ok(Done::found(seen.answer(), read))
}
