//! The reader as the standard library's traits know one.

use std::io::{self, BufRead, Read, Seek, SeekFrom};

use buffers::copied;

use super::chunks::FileReader;
use super::rest::Align;

/// Copies, as the trait leaves no choice, and counts the copy. What is longer than a
/// block and comes while nothing is held in here is read into `target` directly, which
/// copies nothing.
impl<R: Read> Read for FileReader<R> {
    fn read(&mut self, target: &mut [u8]) -> io::Result<usize> {
        if self.is_in_step() && self.block_size().is_some_and(|size| target.len() >= size) {
            return self.read_past_the_blocks(target);
        }
        let bytes = self.fill_buf()?;
        let n = bytes.len().min(target.len());
        target[..n].copy_from_slice(&bytes[..n]);
        copied::record(n);
        self.consume(n);
        Ok(n)
    }
}

/// The block that is being given out, in place. What the standard library builds on
/// this (`read_until`, `lines`) copies on its own account and is not counted.
///
/// The block stays with the reader until it is consumed, so one block of the pool is
/// in use between calls.
impl<R: Read> BufRead for FileReader<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.rest.is_empty() {
            self.refill(Align::Read)?;
        }
        Ok(self.rest.bytes())
    }

    /// # Panics
    ///
    /// If fewer than `n` bytes are held.
    fn consume(&mut self, n: usize) {
        let have = self.rest.len();
        assert!(n <= have, "cannot consume {n} bytes: only {have} are held");
        drop(self.give_out(n));
    }
}

/// Drops what is held, and moves the source. [`position`](FileReader::position) counts
/// from the source's start then, and reading begins anew, also after the end.
impl<R: Read + Seek> Seek for FileReader<R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        // The source is further than what was given out by what is held in here.
        let held = self.held();
        let to = match to {
            SeekFrom::Current(by) => {
                let held = i64::try_from(held).unwrap_or(i64::MAX);
                match by.checked_sub(held) {
                    Some(by) => SeekFrom::Current(by),
                    None => return Err(io::ErrorKind::InvalidInput.into()),
                }
            }
            other => other,
        };
        let position = self.seek_source(to)?;
        self.drop_held();
        self.line_limit.forget();
        Ok(position)
    }
}
