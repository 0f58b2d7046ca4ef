//! Fields are borrowed rows; only what is kept becomes a shared handle.

use std::io;

use buffers::{Row, SharedBuf};

use super::{KEPT, answer, cut};
use crate::contenders::{Contender, Done, Kind, Run};

pub(super) const CONTENDER: Contender = Contender {
    name: "rows",
    kind: Kind::Uncopied,
    about: "Row per field, survivors promoted to SharedBuf",
    up_to: u64::MAX,
    blocking: true,
    text_only: false,
    run: Run::Cut(run),
};

fn run(log: Vec<u8>) -> io::Result<Done> {
    let log = SharedBuf::from(log);
    let row = Row::of_bytes(&log);
    let mut fields = 0;
    let mut kept: Vec<SharedBuf> = Vec::new();
    let mut of_line: Vec<Row<'_>> = Vec::new();
    let mut foreign = false;
    cut(&log, |range, ends_line| {
        of_line.push(row.slice(range));
        fields += 1;
        if ends_line {
            if of_line.get(1).is_some_and(|level| level.as_bytes() == KEPT)
                && let Some(last) = of_line.last()
            {
                let survivor = log.promote(last.as_bytes());
                foreign |= survivor.is_none();
                kept.extend(survivor);
            }
            of_line.clear();
        }
    });
    if foreign {
        return Err(io::Error::other("a row of the log lies outside of it"));
    }
    Ok(Done::found(answer(fields, &kept), 0))
}
