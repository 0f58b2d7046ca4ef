//! Cutting the lines of a log into fields, and keeping one field of some lines.
//!
//! All contenders find the fields by the same search, so that what differs is
//! what they make of them: the fields of each line are collected, and of lines
//! with the level ERROR the last field, a request's number, is kept to the end.

mod bytes_slice;
mod rows;
mod to_vec;

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::Path;

use super::Contender;

/// The contenders; the first one is the baseline.
pub(super) static ALL: &[Contender] = &[to_vec::CONTENDER, rows::CONTENDER, bytes_slice::CONTENDER];

/// The level of lines of which something is kept.
const KEPT: &[u8] = b"ERROR";

/// Calls `each` with the range of each field, and with whether it ends a line.
fn cut(log: &[u8], mut each: impl FnMut(std::ops::Range<usize>, bool)) {
    let mut start = 0;
    for end in memchr::memchr2_iter(b' ', b'\n', log) {
        each(start..end, log[end] == b'\n');
        start = end + 1;
    }
    // A last line without an end is a line too.
    if log.last().is_some_and(|&byte| byte != b'\n') {
        each(start..log.len(), true);
    }
}

/// The fields and the kept bytes as one number.
fn answer<T: AsRef<[u8]>>(fields: u64, kept: &[T]) -> u64 {
    kept.iter().fold(fields, |sum, field| sum.wrapping_mul(31).wrapping_add(digits(field.as_ref())))
}

fn digits(field: &[u8]) -> u64 {
    field
        .iter()
        .fold(field.len() as u64, |sum, &byte| sum.wrapping_mul(10).wrapping_add(u64::from(byte)))
}

/// The same, found line by line with the standard library alone.
pub(super) fn oracle(file: &Path) -> io::Result<u64> {
    let mut fields = 0;
    let mut kept = Vec::new();
    for line in BufReader::new(File::open(file)?).split(b'\n') {
        let line = line?;
        let of_line: Vec<&[u8]> = line.split(|&byte| byte == b' ').collect();
        fields += of_line.len() as u64;
        if of_line.get(1) == Some(&KEPT) {
            kept.push(of_line[of_line.len() - 1].to_vec());
        }
    }
    Ok(answer(fields, &kept))
}
