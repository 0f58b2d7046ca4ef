//! A source read chunk by chunk into blocks of a pool.

use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use buffers::SharedBuf;

use crate::pool::{FilledEnd, Pool, ReadError};

/// Reads a source into blocks of a [`Pool`], chunk by chunk.
///
/// The source is a file by default; any [`Read`] will do: a FIFO, a socket, a
/// device, a file under `/proc` that says it is of size 0. A chunk is what one
/// `read` gave, so a regular file comes in whole blocks, and a FIFO as its
/// writer wrote. Chunks end where blocks end: a line or a record may begin in one
/// and end in the next.
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
    pool: Option<Pool>,
    position: u64,
    at_end: bool,
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

fn open_readable(path: &Path) -> io::Result<File> {
    let file = File::open(path)?;
    if file.metadata()?.is_dir() { Err(io::ErrorKind::IsADirectory.into()) } else { Ok(file) }
}

impl<R: Read> FileReader<R> {
    /// Reads from any source, from where it stands.
    pub fn new(source: R) -> Self {
        Self { source, pool: None, position: 0, at_end: false }
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
        if self.at_end {
            return Ok(None);
        }
        let mut block = match &self.pool {
            Some(pool) => pool.acquire()?,
            None => self.pool.insert(Pool::builder().build()?).acquire()?,
        };
        let filled = block.read_into(&mut self.source)?;
        self.position += filled.n as u64;
        match filled.end {
            FilledEnd::Full | FilledEnd::Partial => Ok(Some(block.freeze())),
            FilledEnd::WouldBlock => {
                Err(ReadError::new(0, io::ErrorKind::WouldBlock.into()).into())
            }
            FilledEnd::Eof => {
                self.at_end = true;
                Ok(None)
            }
        }
    }

    /// The bytes read so far.
    pub fn position(&self) -> u64 {
        self.position
    }

    /// The source. Reading from it moves what the next chunk will be.
    pub fn get_ref(&self) -> &R {
        &self.source
    }

    /// Gives the source back. Nothing that was read is held in here.
    pub fn into_inner(self) -> R {
        self.source
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
