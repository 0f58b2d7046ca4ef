//! `sendfile(2)`, which has neither a flag for "do not wait" nor one for "no
//! signal".

use std::fs::File;
use std::io;

use rustix::io::Errno;

use super::room::{Room, refusal};
use super::sys::SigpipeMask;

/// One call.
pub(super) fn send(room: &Room<'_>, file: &File, offset: u64, len: u64) -> io::Result<usize> {
    let count = room.up_to(len)?;
    let mut at = offset;
    let mask = SigpipeMask::set()?;
    let answer = rustix::fs::sendfile(room.socket(), file, Some(&mut at), count);
    if answer == Err(Errno::PIPE) {
        mask.take_pending();
    }
    answer.map_err(refusal)
}
