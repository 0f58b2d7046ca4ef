//! Each field becomes a vector of its own.
//!
//! `line.split(' ').map(String::from).collect::<Vec<_>>()` is how splitting a
//! line is usually shown and written, because the result has no lifetime to
//! think about. This is the same for bytes.

use std::io;

use super::{KEPT, answer, cut};
use crate::contenders::{Contender, Done, Kind, Run};

pub(super) const CONTENDER: Contender = Contender {
    name: "to_vec",
    kind: Kind::Naive,
    about: "each field copied into a Vec<u8> of its own",
    up_to: u64::MAX,
    blocking: true,
    text_only: false,
    run: Run::Cut(run),
};

#[expect(clippy::needless_pass_by_value, reason = "others of the same job consume their input")]
#[expect(clippy::unnecessary_wraps, reason = "all contenders have one signature")]
fn run(log: Vec<u8>) -> io::Result<Done> {
    let mut fields = 0;
    let mut kept: Vec<Vec<u8>> = Vec::new();
    let mut of_line: Vec<Vec<u8>> = Vec::new();
    cut(&log, |range, ends_line| {
        of_line.push(log[range].to_vec());
        fields += 1;
        if ends_line {
            let mut of_line = std::mem::take(&mut of_line);
            if of_line.get(1).is_some_and(|level| level == KEPT) {
                kept.extend(of_line.pop());
            }
        }
    });
    Ok(Done::found(answer(fields, &kept), 0))
}
