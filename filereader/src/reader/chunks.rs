//! A source read into blocks of a pool, and given out chunk by chunk.

use std::fmt;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use buffers::SharedBuf;

#[cfg(unix)]
use super::ahead::Ahead;
use super::lines::LineLimit;
use super::rest::{Align, Rest};
use crate::pool::{DEFAULT_BLOCK_SIZE, FilledEnd, Pool, ReadError};
#[cfg(unix)]
use crate::source::{Cache, DontKeep, Plan};

/// Reads a source into blocks of a [`Pool`]: chunk by chunk, in batches of
/// [lines](Self::next_lines), or in batches of [records](Self::next_records).
///
/// The source is a file by default; any [`Read`] will do: a FIFO, a socket, a
/// device, a file under `/proc` that says it is of size 0. A chunk is what one
/// `read` gave, so a regular file comes in whole blocks, and a FIFO as its
/// writer wrote. Chunks end where blocks end: a line or a record may begin in one
/// and end in the next. Batches of lines and records hold whole ones.
///
/// ```
/// use filereader::FileReader;
///
/// let mut lines = 0;
/// let mut file = FileReader::open("Cargo.toml")?;
/// while let Some(chunk) = file.next_chunk()? {
///     lines += chunk.iter().filter(|&&byte| byte == b'\n').count();
/// }
/// assert!(lines > 10);
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct FileReader<R = File> {
    source: R,
    pub(super) pool: Option<Pool>,
    /// Where in the source the next chunk or batch begins.
    pub(super) position: u64,
    pub(super) at_end: bool,
    /// What was read and not given out yet.
    pub(super) rest: Rest,
    pub(super) line_limit: LineLimit,
    /// What a thread reads ahead, if it was told to.
    #[cfg(unix)]
    pub(super) ahead: Option<Ahead>,
    /// What was read ahead and does not belong to the rest yet.
    #[cfg(unix)]
    pub(super) next: SharedBuf,
}

impl FileReader {
    /// Opens a file for reading.
    ///
    /// # Errors
    ///
    /// What the system says, with the path; also if the path is a directory,
    /// which could be opened and not read.
    pub fn open(path: impl AsRef<Path>) -> io::Result<Self> {
        let path = path.as_ref();
        open_readable(path).map(Self::new).map_err(|error| {
            io::Error::new(error.kind(), format!("cannot open {}: {error}", path.display()))
        })
    }
}

/// What only a file can say, and be told.
#[cfg(unix)]
impl FileReader {
    /// How this file is read, and why: what was found out by asking it. Prints as a
    /// few lines.
    ///
    /// ```
    /// use filereader::{FileReader, Kind, Road};
    ///
    /// let plan = FileReader::open("Cargo.toml")?.plan()?;
    /// assert_eq!((plan.kind, plan.road), (Kind::Regular, Road::Blocks));
    /// println!("{plan}");
    /// # Ok::<(), std::io::Error>(())
    /// ```
    ///
    /// Asking takes a few system calls and reads one byte, twice; the file's position
    /// stays. Nothing of it is kept: a file that grew may answer otherwise.
    ///
    /// # Errors
    ///
    /// What the system says when the file's metadata is asked for.
    pub fn plan(&self) -> io::Result<Plan> {
        Plan::of(&self.source, self.block_size().unwrap_or(DEFAULT_BLOCK_SIZE))
    }

    /// Tells the system how this file will be read.
    ///
    /// ```
    /// use filereader::{Cache, FileReader};
    ///
    /// let mut file = FileReader::open("Cargo.toml")?.advise(Cache::Sequential)?;
    /// assert!(file.next_chunk()?.is_some());
    /// # Ok::<(), std::io::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// What the system says: pipes and sockets, which are never read ahead of, take no
    /// advice.
    pub fn advise(self, cache: Cache) -> io::Result<Self> {
        cache.tell(&self.source)?;
        Ok(self)
    }

    /// Reads without keeping the file in the page cache, for what is read once; see
    /// [`DontKeep`]. What was read already is still given out.
    ///
    /// ```
    /// use filereader::FileReader;
    ///
    /// let mut file = FileReader::open("Cargo.toml")?.dont_keep();
    /// while let Some(batch) = file.next_lines()? {
    ///     assert!(batch.lines().count() > 0);
    /// }
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[must_use]
    pub fn dont_keep(self) -> FileReader<DontKeep<File>> {
        let Self { source, pool, position, at_end, rest, line_limit, ahead, next } = self;
        let source = DontKeep::new(source);
        FileReader { source, pool, position, at_end, rest, line_limit, ahead, next }
    }

    /// The file, the pool, and how lines are limited: what the parts of a file share.
    pub(super) fn into_parts(mut self) -> io::Result<(File, Pool, LineLimit)> {
        let pool = lender(&mut self.pool)?.clone();
        Ok((self.source, pool, self.line_limit))
    }
}

fn open_readable(path: &Path) -> io::Result<File> {
    let file = File::open(path)?;
    if file.metadata()?.is_dir() { Err(io::ErrorKind::IsADirectory.into()) } else { Ok(file) }
}

impl<R: Read> FileReader<R> {
    /// Reads from any source, from where it stands.
    pub fn new(source: R) -> Self {
        Self {
            source,
            pool: None,
            position: 0,
            at_end: false,
            rest: Rest::default(),
            line_limit: LineLimit::default(),
            #[cfg(unix)]
            ahead: None,
            #[cfg(unix)]
            next: SharedBuf::new(),
        }
    }

    /// Reads into blocks of `pool`. Without one, the first read builds a pool of
    /// its own with the default measures (4 MiB).
    #[must_use]
    pub fn pool(mut self, pool: &Pool) -> Self {
        self.pool = Some(pool.clone());
        self
    }

    /// The next chunk, or `None` at the end of the source, which stays the end.
    ///
    /// Waits for a block when all of them are out. Keep few chunks at a time:
    /// a caller who keeps as many as the pool has blocks waits for itself, until
    /// the pool's patience ends. That the end is reached is learned by reading
    /// too, so one block has to be free for that.
    ///
    /// # Errors
    ///
    /// What the source said; [`WouldBlock`](io::ErrorKind::WouldBlock) if it is
    /// non-blocking and has nothing now; an error of kind
    /// [`TimedOut`](io::ErrorKind::TimedOut) around
    /// [`Exhausted`](crate::Exhausted) if no block came free;
    /// [`OutOfMemory`](io::ErrorKind::OutOfMemory) if the default pool could
    /// not be built. No byte is lost by any of them: the next call goes on
    /// where this one stood.
    #[track_caller]
    pub fn next_chunk(&mut self) -> io::Result<Option<SharedBuf>> {
        if self.rest.is_empty() && !self.refill(Align::Read)? {
            return Ok(None);
        }
        let n = self.rest.len();
        Ok(Some(self.give_out(n)))
    }

    /// Reads more behind the rest; `false` at the end of the source.
    #[track_caller]
    pub(super) fn refill(&mut self, align: Align) -> io::Result<bool> {
        if self.at_end {
            return Ok(false);
        }
        #[cfg(unix)]
        if self.ahead.is_some() || !self.next.is_empty() {
            return self.refill_from_ahead(align);
        }
        let pool = lender(&mut self.pool)?;
        match self.rest.refill(pool, &mut self.source, align)? {
            FilledEnd::Full | FilledEnd::Partial => Ok(true),
            FilledEnd::WouldBlock => {
                Err(ReadError::new(0, io::ErrorKind::WouldBlock.into()).into())
            }
            FilledEnd::Eof => {
                self.at_end = true;
                Ok(false)
            }
        }
    }

    /// Whether the source stands where this reader's bytes end.
    pub(super) fn is_in_step(&self) -> bool {
        #[cfg(unix)]
        if self.ahead.is_some() || !self.next.is_empty() {
            return false;
        }
        self.rest.is_empty()
    }

    /// How many bytes the source stands further than what was given out. Ends the thread
    /// that moves it.
    pub(super) fn held(&mut self) -> u64 {
        #[cfg(unix)]
        let ahead = self.next.len() as u64 + self.ahead.as_mut().map_or(0, Ahead::end);
        #[cfg(not(unix))]
        let ahead = 0;
        self.rest.len() as u64 + ahead
    }

    pub(super) fn drop_held(&mut self) {
        self.rest = Rest::default();
        #[cfg(unix)]
        {
            self.ahead = None;
            self.next = SharedBuf::new();
        }
    }

    /// Reads once into memory that is none of the pool's.
    pub(super) fn read_past_the_blocks(&mut self, target: &mut [u8]) -> io::Result<usize> {
        if self.at_end {
            return Ok(0);
        }
        let n = self.source.read(target)?;
        self.at_end = n == 0 && !target.is_empty();
        self.position += n as u64;
        Ok(n)
    }

    /// Moves the source, and begins anew there.
    pub(super) fn seek_source(&mut self, to: SeekFrom) -> io::Result<u64>
    where
        R: Seek,
    {
        self.position = self.source.seek(to)?;
        self.at_end = false;
        Ok(self.position)
    }

    /// Takes the first `n` bytes off the rest.
    pub(super) fn give_out(&mut self, n: usize) -> SharedBuf {
        self.position += n as u64;
        self.rest.give_out(n)
    }

    /// The bytes of each block that this reader reads into, if it has a pool yet.
    pub(super) fn block_size(&self) -> Option<usize> {
        self.pool.as_ref().map(Pool::block_size)
    }

    /// The bytes given out so far: where in the source the next chunk or batch begins,
    /// counted from where the reader began; from the file's start if the reader is one
    /// of several [ranges](FileReader::ranges) of it.
    pub fn position(&self) -> u64 {
        self.position
    }

    /// The source. Reading from it takes bytes away from what this reader gives out.
    pub fn get_ref(&self) -> &R {
        &self.source
    }

    /// What was read and not given out: the beginning of a line or a record that is
    /// not whole yet, or what stood after one that was refused. After chunks only,
    /// it is empty.
    pub fn rest(&self) -> &[u8] {
        self.rest.bytes()
    }

    /// Gives the source back. The [`rest`](Self::rest) is dropped with the reader;
    /// take it before, by [`next_chunk`](Self::next_chunk), if it matters.
    pub fn into_inner(self) -> R {
        self.source
    }
}

/// The pool; the default one is built when it is first needed.
pub(super) fn lender(pool: &mut Option<Pool>) -> io::Result<&Pool> {
    match pool {
        Some(pool) => Ok(pool),
        none => Ok(none.insert(Pool::builder().build()?)),
    }
}

impl<R> fmt::Debug for FileReader<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FileReader")
            .field("position", &self.position)
            .field("at_end", &self.at_end)
            .field("pool", &self.pool)
            .finish_non_exhaustive()
    }
}
