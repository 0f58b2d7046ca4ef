//! Reading ahead on a thread, and waiting for what it reads without one.

use std::fs::File;
use std::io::{self, Read};
use std::os::fd::AsFd;
use std::panic::Location;
use std::sync::Arc;

use super::ahead::{Ahead, Fetched};
use super::chunks::{FileReader, lender};
use super::rest::Align;
use crate::source::{DontKeep, Section};

impl FileReader {
    /// Reads up to `blocks` blocks ahead, on a thread of its own, into blocks of the same
    /// pool: while one block is looked at, the next ones are read.
    ///
    /// All ways to read give the same bytes as without it, in the same order, errors
    /// among them. The thread begins at once, waits when it is far enough ahead, and
    /// ends at the end of the source or when the reader is dropped, which waits for a
    /// read of a disk that is under way, and for no other.
    ///
    /// Three blocks of the pool are always left to the reader, so a pool of `n` blocks
    /// reads at most `n - 3` ahead, and one of less than four none: then nothing
    /// changes, and no thread is begun. [`reads_ahead`](Self::reads_ahead) tells how many
    /// it is. When others hold the blocks, the thread waits in line for them as everybody
    /// does. If the reader then waits longer than the pool's patience, it gets the error
    /// that says who has them, and may go on.
    ///
    /// Each block that is read ahead has room for a tail of 4 KiB before it, so carrying
    /// a line over costs its bytes and no more. A longer tail costs a copy of what was
    /// read, too, counted.
    ///
    /// Worth it where looking takes as long as reading, or the disk is slow, and there is
    /// a second processor; from the page cache, for work of a few instructions a byte,
    /// it is slower than reading.
    ///
    /// ```
    /// use filereader::FileReader;
    ///
    /// let mut file = FileReader::open("Cargo.toml")?.prefetch(4)?;
    /// let mut lines = 0;
    /// while let Some(batch) = file.next_lines()? {
    ///     lines += batch.lines().count();
    /// }
    /// assert!(lines > 10);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    ///
    /// The thread reads from a second descriptor of the same open file, whose position
    /// it moves. Seeking the reader ends the thread.
    ///
    /// # Errors
    ///
    /// What the system says to a second descriptor, a pipe (by which the thread is told
    /// to end) or a thread; [`OutOfMemory`](io::ErrorKind::OutOfMemory) if there is no
    /// room for a list of so many blocks.
    #[track_caller]
    pub fn prefetch(self, blocks: usize) -> io::Result<Self> {
        let twin = self.get_ref().try_clone()?;
        self.ahead_by(blocks, twin, Location::caller())
    }
}

impl FileReader<DontKeep<File>> {
    /// As that of a [file](FileReader::prefetch).
    ///
    /// # Errors
    ///
    /// The same.
    #[track_caller]
    pub fn prefetch(self, blocks: usize) -> io::Result<Self> {
        let file = File::from(self.get_ref().as_fd().try_clone_to_owned()?);
        self.ahead_by(blocks, DontKeep::new(file), Location::caller())
    }
}

impl FileReader<Section<Arc<File>>> {
    /// As that of a [file](FileReader::prefetch).
    ///
    /// # Errors
    ///
    /// The same.
    #[track_caller]
    pub fn prefetch(self, blocks: usize) -> io::Result<Self> {
        let twin = self.get_ref().clone();
        self.ahead_by(blocks, twin, Location::caller())
    }
}

impl<R: Read> FileReader<R> {
    fn ahead_by(
        mut self,
        blocks: usize,
        twin: impl Read + AsFd + Send + 'static,
        caller: &'static Location<'static>,
    ) -> io::Result<Self> {
        let pool = lender(&mut self.pool)?.clone();
        let most = blocks.min(pool.blocks_of_size().saturating_sub(LEFT));
        if most > 0 && self.ahead.is_none() && !self.at_end {
            self.ahead = Some(Ahead::start(twin, pool, most, caller)?);
        }
        Ok(self)
    }

    /// How many blocks are read ahead at most; 0 if none are.
    pub fn reads_ahead(&self) -> usize {
        self.ahead.as_ref().map_or(0, Ahead::most)
    }

    /// Puts what was read ahead behind the rest.
    #[track_caller]
    pub(super) fn refill_from_ahead(&mut self, align: Align) -> io::Result<bool> {
        if self.next.is_empty()
            && let Some(ahead) = &self.ahead
        {
            let fetched = ahead.take();
            if !self.has_next(fetched)? {
                return Ok(false);
            }
        }
        if self.next.is_empty() {
            // The thread was ended, and all that it had read is gone.
            return self.refill(align);
        }
        let pool = lender(&mut self.pool)?;
        self.rest.join(&mut self.next, align, || pool.acquire())?;
        Ok(true)
    }

    /// Takes over what was fetched; `false` if it is the end.
    pub(super) fn has_next(&mut self, fetched: Fetched) -> io::Result<bool> {
        match fetched {
            Fetched::Bytes(bytes) => self.next = bytes,
            Fetched::Trouble(error) => return Err(error),
            Fetched::Over => self.ahead = None,
            Fetched::End => {
                self.at_end = true;
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// So many blocks are never read ahead into: the one that is looked at, the one that
/// comes next, and one to which a tail can be moved that is too long for the room before
/// the next one.
const LEFT: usize = 3;
