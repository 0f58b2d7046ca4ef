//! Each field is a `Bytes::slice`: no copy, one reference count each.

use std::io;

use bytes::Bytes;

use super::{KEPT, answer, cut};
use crate::contenders::{Contender, Done, Kind, Run};

pub(super) const CONTENDER: Contender = Contender {
    name: "bytes-slice",
    kind: Kind::Peer,
    about: "Bytes::slice per field",
    up_to: u64::MAX,
    blocking: true,
    text_only: false,
    run: Run::Cut(run),
};

#[expect(clippy::unnecessary_wraps, reason = "all contenders have one signature")]
fn run(log: Vec<u8>) -> io::Result<Done> {
    let log = Bytes::from(log);
    let mut fields = 0;
    let mut kept: Vec<Bytes> = Vec::new();
    let mut of_line: Vec<Bytes> = Vec::new();
    cut(&log, |range, ends_line| {
        of_line.push(log.slice(range));
        fields += 1;
        if ends_line {
            if of_line.get(1).is_some_and(|level| level == KEPT) {
                kept.extend(of_line.pop());
            }
            of_line.clear();
        }
    });
    Ok(Done::found(answer(fields, &kept), 0))
}
