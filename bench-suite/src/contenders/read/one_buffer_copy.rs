//! One buffer, and a copy of each block, for whoever needs bytes that outlive the
//! next read.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use super::{BLOCK, Seen};
use crate::contenders::{Contender, Done, Kind, Run};

pub(super) const CONTENDER: Contender = Contender {
    name: "one-buffer-copy",
    kind: Kind::Peer,
    about: "the same loop, each block copied with to_vec",
    up_to: u64::MAX,
    blocking: true,
    text_only: false,
    run: Run::Read(run),
};

fn run(path: &Path) -> io::Result<Done> {
    let mut seen = Seen::default();
    let mut file = File::open(path)?;
    let mut buffer = vec![0; BLOCK];
    let mut read = 0;
    loop {
        let n = file.read(&mut buffer)?;
        if n == 0 {
            return Ok(Done::found(seen.answer(), read));
        }
        let block = buffer[..n].to_vec();
        seen.see(&block);
        read += n as u64;
    }
}
