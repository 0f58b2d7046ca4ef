//! One file cut into parts for several threads, each record in exactly one.

use std::fs::File;
use std::io;
use std::num::NonZeroU64;
use std::sync::Arc;

use super::chunks::FileReader;
use crate::pool::Pool;
use crate::source::Section;

/// Where a file may be cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum At {
    /// After a `\n`.
    Newline,
    /// At multiples of so many bytes, counted from the file's start.
    Record(NonZeroU64),
}

/// A part of a file that others read other parts of.
pub type RangeReader = FileReader<Section<Arc<File>>>;

/// Reading one file from several threads.
impl FileReader {
    /// Cuts the file into at most `n` parts of about the same size, for as many
    /// threads. Each part begins where a line or a record begins, so that each is in
    /// exactly one of them; together they are the whole file as long as it was when
    /// it was cut, whatever this reader has read of it before.
    ///
    /// The parts read by `pread`, each from a position of its own, into blocks of the
    /// same pool. Finding the cuts reads a block of the file for each, and more where
    /// a line is longer than that. A long line may leave fewer parts than `n`, and an
    /// empty file leaves none.
    ///
    /// What is appended meanwhile is in no part. A file that is cut short ends its
    /// parts early.
    ///
    /// ```
    /// use std::thread;
    /// use filereader::{At, FileReader};
    ///
    /// let parts = FileReader::open("Cargo.toml")?.ranges(2, At::Newline)?;
    /// let lines: usize = thread::scope(|scope| {
    ///     let threads: Vec<_> = parts
    ///         .into_iter()
    ///         .map(|mut part| {
    ///             scope.spawn(move || {
    ///                 let mut lines = 0;
    ///                 while let Some(batch) = part.next_lines()? {
    ///                     lines += batch.lines().count();
    ///                 }
    ///                 std::io::Result::Ok(lines)
    ///             })
    ///         })
    ///         .collect();
    ///     threads.into_iter().map(|thread| thread.join().unwrap()).sum::<Result<usize, _>>()
    /// })?;
    /// assert_eq!(lines, std::fs::read_to_string("Cargo.toml")?.lines().count());
    /// # Ok::<(), std::io::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Unsupported`](io::ErrorKind::Unsupported) for what is no regular file or says
    /// that it is empty and is not, as those under `/proc`: such a thing has no
    /// parts. Else what the system said, or that no block came free.
    #[track_caller]
    pub fn ranges(self, n: usize, at: At) -> io::Result<Vec<RangeReader>> {
        let (file, pool, limit) = self.into_parts()?;
        let metadata = file.metadata()?;
        let size = metadata.len();
        if !metadata.is_file() || (size == 0 && has_bytes(&file, &pool)?) {
            let text = "only a regular file that knows its size can be cut into parts";
            return Err(io::Error::new(io::ErrorKind::Unsupported, text));
        }
        let file = Arc::new(file);
        let mut parts = Vec::new();
        let mut start = 0;
        for part in 1..=n.max(1) as u64 {
            // In 128 bits: the product of a size and a number of parts may be large.
            let ideal = u128::from(size) * u128::from(part) / n.max(1) as u128;
            let ideal = u64::try_from(ideal).unwrap_or(size);
            let end = cut_after(&file, &pool, ideal.max(start), size, at)?;
            if end > start {
                let mut reader =
                    FileReader::new(Section::new(Arc::clone(&file), start..end)).pool(&pool);
                reader.position = start;
                reader.line_limit = limit.clone();
                parts.push(reader);
                start = end;
            }
        }
        Ok(parts)
    }
}

/// Reads one byte of a file that says it has none.
#[track_caller]
fn has_bytes(file: &File, pool: &Pool) -> io::Result<bool> {
    Ok(pool.acquire()?.read_at(file, 0)?.n > 0)
}

/// The first place from `ideal` on where the file may be cut.
#[track_caller]
fn cut_after(file: &File, pool: &Pool, ideal: u64, size: u64, at: At) -> io::Result<u64> {
    match at {
        At::Record(len) => {
            // The last part takes what is left, also if that is no whole record.
            let cut = ideal.checked_next_multiple_of(len.get()).unwrap_or(size);
            Ok(if ideal >= size { size } else { cut.min(size) })
        }
        At::Newline => {
            // The byte before it decides whether a line begins at `ideal` itself.
            let mut from = match ideal.checked_sub(1) {
                Some(before) if ideal < size => before,
                Some(_) => return Ok(size),
                None => return Ok(0),
            };
            let mut block = pool.acquire()?;
            while from < size {
                block.clear();
                if block.read_at(file, from)?.n == 0 {
                    break;
                }
                if let Some(end) = memchr::memchr(b'\n', &block) {
                    return Ok((from + end as u64 + 1).min(size));
                }
                from += block.len() as u64;
            }
            Ok(size)
        }
    }
}
