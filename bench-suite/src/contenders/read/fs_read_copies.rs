//! The whole file is read, and each line copied out of it.
//!
//! `fs::read_to_string(path)?.lines().map(String::from)` is the other usual way
//! to get lines without lifetimes.

use std::fs;
use std::io;
use std::path::Path;

use super::Seen;
use crate::contenders::{Contender, Done, Kind, Run};

pub(super) const CONTENDER: Contender = Contender {
    name: "fs-read-copies",
    kind: Kind::Naive,
    about: "fs::read, then each line copied",
    up_to: u64::MAX,
    blocking: true,
    text_only: false,
    run: Run::Read(run),
};

fn run(path: &Path) -> io::Result<Done> {
    let mut seen = Seen::default();
    let whole = fs::read(path)?;
    for line in whole.split_inclusive(|&byte| byte == b'\n') {
        let line = line.to_vec();
        seen.see(&line);
    }
    Ok(Done::found(seen.answer(), whole.len() as u64))
}
