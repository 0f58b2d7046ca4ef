//! The whole file is read into a fresh vector: each page of it is a page fault.

use std::fs;
use std::io;
use std::path::Path;

use super::Seen;
use crate::contenders::{Contender, Done, Kind, Run};

pub(super) const CONTENDER: Contender = Contender {
    name: "fs-read",
    kind: Kind::Peer,
    about: "fs::read: one Vec, fresh pages",
    up_to: u64::MAX,
    blocking: true,
    text_only: false,
    run: Run::Read(run),
};

fn run(path: &Path) -> io::Result<Done> {
    let mut seen = Seen::default();
    let whole = fs::read(path)?;
    seen.see(&whole);
    Ok(Done::found(seen.answer(), whole.len() as u64))
}
