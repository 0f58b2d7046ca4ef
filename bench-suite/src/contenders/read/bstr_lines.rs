//! `bstr`'s `for_byte_line_with_terminator`: lines in place, out of a buffer that
//! the next call reuses.

use std::fs::File;
use std::io::{self, BufReader};
use std::path::Path;

use bstr::io::BufReadExt;

use super::{BLOCK, Seen};
use crate::contenders::{Contender, Done, Kind, Run};

pub(super) const CONTENDER: Contender = Contender {
    name: "bstr-lines",
    kind: Kind::Peer,
    about: "bstr's for_byte_line_with_terminator, 256 KiB",
    up_to: u64::MAX,
    blocking: true,
    text_only: false,
    run: Run::Read(run),
};

fn run(path: &Path) -> io::Result<Done> {
    let mut seen = Seen::default();
    let mut read = 0;
    let mut file = BufReader::with_capacity(BLOCK, File::open(path)?);
    file.for_byte_line_with_terminator(|line| {
        seen.see(line);
        read += line.len() as u64;
        Ok(true)
    })?;
    Ok(Done::found(seen.answer(), read))
}
