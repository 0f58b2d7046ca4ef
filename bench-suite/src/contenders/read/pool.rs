//! Blocks of a 4 MiB pool, filled in place, seen as shared views.

use std::io;
use std::path::Path;

use filereader::{FileReader, Pool};

use super::{BLOCK, Seen};
use crate::contenders::{Contender, Done, Kind, Run};

pub(super) const CONTENDER: Contender = Contender {
    name: "pool-views",
    kind: Kind::Uncopied,
    about: "Pool of 4 MiB + FileReader",
    up_to: u64::MAX,
    blocking: true,
    text_only: false,
    run: Run::Read(run),
};

fn run(path: &Path) -> io::Result<Done> {
    let mut seen = Seen::default();
    let pool = Pool::builder().block_size(BLOCK).blocks(16).build()?;
    let mut file = FileReader::open(path)?.pool(&pool);
    while let Some(chunk) = file.next_chunk()? {
        seen.see(&chunk);
    }
    Ok(Done::found(seen.answer(), file.position()))
}
