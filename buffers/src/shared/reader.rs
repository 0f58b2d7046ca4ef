//! Reading a shared buffer through `std::io`.

use alloc::format;
use alloc::vec::Vec;
use std::io::{self, BufRead, IoSliceMut, Read, Seek, SeekFrom};

use super::shared_buf::SharedBuf;
use crate::copied;

/// A position in a [`SharedBuf`]: `std::io::{Read, BufRead, Seek}`, and parts of
/// the buffer taken from there without a copy.
///
/// The handle itself does not implement these traits: `BufRead` has methods named
/// `split` and `lines`, which would hide those of `[u8]`, and what was read has to
/// be kept for seeking back.
///
/// ```
/// use std::io::{BufRead, Seek};
/// use buffers::SharedBuf;
///
/// let file = SharedBuf::from(b"8\npayload\n".to_vec());
/// let mut reader = file.clone().reader();
/// let mut line = String::new();
/// reader.read_line(&mut line)?; // copied into the string, as the trait asks
/// let payload = reader.take_shared(7); // not copied
/// assert_eq!(payload.as_ptr(), file[2..].as_ptr());
/// reader.rewind()?;
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Reader {
    buf: SharedBuf,
    /// May lie past the end, as with [`std::io::Cursor`].
    position: u64,
}

impl SharedBuf {
    /// A reader of these bytes that starts at the first.
    ///
    /// It takes the handle, as [`bytes::Buf::reader`] does, which it stands in for
    /// where both are in scope.
    #[must_use]
    pub fn reader(self) -> Reader {
        Reader { buf: self, position: 0 }
    }
}

impl Reader {
    /// Where the next byte is read, counted from the buffer's first.
    pub fn position(&self) -> u64 {
        self.position
    }

    /// The buffer that is read.
    pub fn buf(&self) -> &SharedBuf {
        &self.buf
    }

    /// The bytes that are not read yet, in place.
    pub fn rest(&self) -> &[u8] {
        &self.buf[self.at()..]
    }

    /// Reads up to `n` bytes as a handle of the same memory: fewer if there are
    /// fewer, and none at the end. Copies and allocates nothing.
    #[must_use = "the bytes are passed over otherwise; `consume` says so"]
    #[track_caller]
    pub fn take_shared(&mut self, n: usize) -> SharedBuf {
        let at = self.at();
        let end = at + n.min(self.buf.len() - at);
        self.skip(end - at);
        self.buf.slice(at..end)
    }

    fn at(&self) -> usize {
        usize::try_from(self.position).map_or(self.buf.len(), |at| at.min(self.buf.len()))
    }

    fn skip(&mut self, n: usize) {
        self.position += n as u64;
    }
}

/// Copies into the caller's slice, which [`copied`] counts, and moves on.
impl Read for Reader {
    fn read(&mut self, target: &mut [u8]) -> io::Result<usize> {
        let n = target.len().min(self.rest().len());
        target[..n].copy_from_slice(&self.rest()[..n]);
        copied::record(n);
        self.skip(n);
        Ok(n)
    }

    /// Fills all slices, where the trait's default fills the first one only.
    fn read_vectored(&mut self, targets: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
        targets.iter_mut().try_fold(0, |n, target| Ok(n + self.read(target)?))
    }

    fn read_to_end(&mut self, target: &mut Vec<u8>) -> io::Result<usize> {
        let n = self.rest().len();
        target.try_reserve(n)?;
        target.extend_from_slice(self.rest());
        copied::record(n);
        self.skip(n);
        Ok(n)
    }
}

/// Gives the bytes in place. What the trait builds on that (`read_until`, `lines`)
/// copies on its own account and is not counted.
impl BufRead for Reader {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        Ok(self.rest())
    }

    fn consume(&mut self, n: usize) {
        self.skip(n.min(self.rest().len()));
    }
}

/// Moves the position only. It may be moved past the end, where nothing is read.
///
/// # Errors
///
/// If the position would lie before the first byte or beyond a `u64`.
impl Seek for Reader {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let position = match to {
            SeekFrom::Start(position) => Some(position),
            SeekFrom::End(by) => (self.buf.len() as u64).checked_add_signed(by),
            SeekFrom::Current(by) => self.position.checked_add_signed(by),
        };
        let outside = || {
            let (at, len) = (self.position, self.buf.len());
            let text = format!("cannot seek to {to:?} from {at} in a buffer of {len} bytes");
            io::Error::new(io::ErrorKind::InvalidInput, text)
        };
        self.position = position.ok_or_else(outside)?;
        Ok(self.position)
    }

    fn stream_position(&mut self) -> io::Result<u64> {
        Ok(self.position)
    }
}
