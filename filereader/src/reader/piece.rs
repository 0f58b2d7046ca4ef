//! What to do with lines that are too long, and the error that says so.

use std::fmt;
use std::io;

/// What [`next_lines`](crate::FileReader::next_lines) does with a line that is
/// longer than allowed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LongLines {
    /// Refuse it with [`TooLong`], after the lines before it. The next call goes on
    /// with it all the same, in pieces.
    #[default]
    Refuse,
    /// Give it out in pieces of the greatest length allowed, each a batch of its own.
    Split,
}

/// A line or a record is longer than allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooLong {
    pub(super) what: &'static str,
    pub(super) position: u64,
    /// The length, if it is known.
    pub(super) len: Option<u64>,
    pub(super) limit: usize,
    /// The size of the blocks, if it is they that set the limit.
    pub(super) block_size: Option<usize>,
}

impl TooLong {
    /// Where it begins, counted in bytes from where the reader began.
    pub fn position(&self) -> u64 {
        self.position
    }

    /// The greatest length that was allowed.
    pub fn limit(&self) -> usize {
        self.limit
    }
}

impl fmt::Display for TooLong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { what, position, len, limit, block_size } = self;
        write!(f, "the {what} at byte {position} is longer than {limit} bytes")?;
        if let Some(len) = len {
            write!(f, " (it says {len})")?;
        }
        f.write_str(": ")?;
        match block_size {
            Some(size) => write!(f, "read into blocks of more than {size} bytes")?,
            None => f.write_str("allow longer ones")?,
        }
        if *what == "line" {
            f.write_str(", or take it in pieces")?;
        }
        Ok(())
    }
}

impl std::error::Error for TooLong {}

/// [`InvalidData`](io::ErrorKind::InvalidData).
impl From<TooLong> for io::Error {
    fn from(error: TooLong) -> Self {
        Self::new(io::ErrorKind::InvalidData, error)
    }
}
