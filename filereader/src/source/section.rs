//! A section of a file, read at a position of its own.

use std::io::{self, IoSliceMut, Read};
use std::ops::{Bound, RangeBounds};
use std::os::fd::{AsFd, BorrowedFd};

/// A section of a file as a [`Read`] with a position of its own.
///
/// Each read is one [`pread(2)`](https://man7.org/linux/man-pages/man2/pread.2.html)
/// or `preadv(2)`, so the file's own position neither matters nor moves, and many
/// sections of one file may be read at the same time, from many threads. `EINTR` is
/// reported, and retried by [`Block`](crate::Block).
///
/// A section that reaches past the end of the file ends with the file.
///
/// ```
/// use filereader::{FileReader, Section};
///
/// let file = std::fs::File::open("Cargo.toml")?;
/// let mut reader = FileReader::new(Section::new(&file, 1..8));
/// assert_eq!(reader.next_chunk()?.unwrap(), b"package");
/// assert!(reader.next_chunk()?.is_none());
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Section<F> {
    file: F,
    at: u64,
    end: u64,
}

impl<F: AsFd> Section<F> {
    /// The bytes of `file` in `range`. A range that ends before it starts is an
    /// empty one.
    pub fn new(file: F, range: impl RangeBounds<u64>) -> Self {
        let at = match range.start_bound() {
            Bound::Included(&from) => from,
            Bound::Excluded(&before) => before.saturating_add(1),
            Bound::Unbounded => 0,
        };
        let end = match range.end_bound() {
            Bound::Included(&last) => last.saturating_add(1),
            Bound::Excluded(&end) => end,
            Bound::Unbounded => u64::MAX,
        };
        Self { file, at, end }
    }

    /// Where in the file the next read begins.
    pub const fn position(&self) -> u64 {
        self.at
    }

    /// Where in the file the section ends; `u64::MAX` if it has no end but the
    /// file's.
    pub const fn end(&self) -> u64 {
        self.end
    }

    /// Gives the file back.
    pub fn into_inner(self) -> F {
        self.file
    }

    /// The bytes that are left, as far as a slice can be long.
    fn left(&self) -> usize {
        usize::try_from(self.end.saturating_sub(self.at)).unwrap_or(usize::MAX)
    }

    fn moved(&mut self, n: usize) -> usize {
        self.at += n as u64;
        n
    }
}

impl<F: AsFd> Read for Section<F> {
    fn read(&mut self, target: &mut [u8]) -> io::Result<usize> {
        let n = target.len().min(self.left());
        if n == 0 {
            return Ok(0);
        }
        let n = rustix::io::pread(&self.file, &mut target[..n], self.at)?;
        Ok(self.moved(n))
    }

    fn read_vectored(&mut self, targets: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
        let left = self.left();
        if targets.iter().map(|target| target.len()).sum::<usize>() > left {
            // The last slice would have to be shortened, and a slice of slices
            // cannot be given back as it was: one slice at a time is right too.
            let first = targets.iter_mut().find(|target| !target.is_empty());
            return first.map_or(Ok(0), |target| self.read(target));
        }
        let n = rustix::io::preadv(&self.file, targets, self.at)?;
        Ok(self.moved(n))
    }
}

impl<F: AsFd> AsFd for Section<F> {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.file.as_fd()
    }
}
