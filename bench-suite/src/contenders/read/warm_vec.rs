//! The whole file is read into a vector that was written before: no page faults,
//! and still out of the cache by the time it is looked at.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use super::Seen;
use crate::contenders::{Contender, Done, Kind, Run};

pub(super) const CONTENDER: Contender = Contender {
    name: "warm-vec",
    kind: Kind::Peer,
    about: "read into a Vec whose pages are there",
    up_to: u64::MAX,
    blocking: true,
    text_only: false,
    run: Run::ReadInto(run),
};

fn run(path: &Path, mut whole: Vec<u8>) -> io::Result<Done> {
    let mut seen = Seen::default();
    File::open(path)?.read_exact(&mut whole)?;
    seen.see(&whole);
    Ok(Done::found(seen.answer(), whole.len() as u64))
}
