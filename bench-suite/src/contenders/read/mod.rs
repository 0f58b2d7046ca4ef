//! Reading a file: the sum of its bytes and the number of its lines.
//!
//! Every byte is looked at, by the same code for all contenders, so that what
//! differs is how it got there. The ladder separates the price of page faults
//! (`fs-read` against `warm-vec`), of leaving the cache (`warm-vec` against
//! `one-buffer`), and of the copy (`one-buffer` against `one-buffer-copy`).

#[cfg(feature = "peers")]
mod bstr_lines;
mod bufread_lines;
mod fill_buf;
mod fs_read;
mod fs_read_copies;
mod mmap;
mod one_buffer;
mod one_buffer_copy;
mod pool;
mod warm_vec;

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;

use super::Contender;

/// The contenders; the first one is the baseline.
pub(super) static ALL: &[Contender] = &[
    bufread_lines::CONTENDER,
    fs_read_copies::CONTENDER,
    pool::CONTENDER,
    fs_read::CONTENDER,
    warm_vec::CONTENDER,
    one_buffer::CONTENDER,
    one_buffer_copy::CONTENDER,
    fill_buf::CONTENDER,
    mmap::CONTENDER,
    #[cfg(feature = "peers")]
    bstr_lines::CONTENDER,
];

/// The size of a block, for all who read in blocks.
const BLOCK: usize = 256 << 10;

/// What has been seen of a file so far.
#[derive(Default)]
struct Seen {
    sum: u64,
    lines: u64,
}

impl Seen {
    /// Looks at some bytes; the compiler makes vector instructions of it.
    fn see(&mut self, bytes: &[u8]) {
        // Pieces small enough for the first cache, so that the second pass over
        // them costs nothing.
        for piece in bytes.chunks(16 << 10) {
            self.sum += piece.iter().map(|&byte| u64::from(byte)).sum::<u64>();
            self.lines += newlines(piece);
        }
    }

    fn answer(&self) -> u64 {
        self.sum.wrapping_mul(31).wrapping_add(self.lines)
    }
}

fn newlines(piece: &[u8]) -> u64 {
    // At most 255 in each, so that a byte can count them.
    let counts = piece.chunks(255).map(|few| few.iter().map(|&b| u8::from(b == b'\n')).sum::<u8>());
    counts.map(u64::from).sum()
}

/// The same, byte by byte.
pub(super) fn oracle(file: &Path) -> io::Result<u64> {
    let mut seen = Seen::default();
    for byte in BufReader::with_capacity(1 << 20, File::open(file)?).bytes() {
        let byte = byte?;
        seen.sum += u64::from(byte);
        seen.lines += u64::from(byte == b'\n');
    }
    Ok(seen.answer())
}
