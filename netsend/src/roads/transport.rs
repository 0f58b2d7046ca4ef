//! What a driver asks of whatever takes the bytes.

use std::fs::File;
use std::io::{self, IoSlice, Write};
use std::sync::Arc;
use std::time::Duration;

/// Something that takes bytes, one call at a time.
///
/// [`drive`](crate::drive) loops over these calls; an implementation must not
/// loop, wait or retry by itself, and must tell exactly what it took.
pub trait Transport {
    /// Takes bytes from the slices, in order, and returns how many. `more` tells
    /// that more follow at once, as `MSG_MORE` does.
    ///
    /// # Errors
    ///
    /// [`WouldBlock`](io::ErrorKind::WouldBlock) if it can take nothing now,
    /// [`Interrupted`](io::ErrorKind::Interrupted) to be called again; anything
    /// else ends the send.
    fn send_vectored(&mut self, slices: &[IoSlice<'_>], more: bool) -> io::Result<usize>;

    /// Takes bytes straight from a file, and returns how many; 0 means that the
    /// file has none at `offset`.
    ///
    /// # Errors
    ///
    /// As [`send_vectored`](Self::send_vectored), and
    /// [`Unsupported`](io::ErrorKind::Unsupported), as by default, if it cannot
    /// do that: then the file is read, and comes by `send_vectored`.
    fn send_file(&mut self, file: &File, offset: u64, len: u64) -> io::Result<usize> {
        let _ = (file, offset, len);
        Err(io::ErrorKind::Unsupported.into())
    }

    /// Takes bytes from a file by another way, when `send_file` was refused. An
    /// implementation that moves bytes in two steps counts those that are through
    /// the second; it may keep the others for a call that goes on right behind,
    /// and must forget them if another one comes.
    ///
    /// # Errors
    ///
    /// As [`send_file`](Self::send_file); on
    /// [`Unsupported`](io::ErrorKind::Unsupported), as by default, the file is
    /// read, and comes by `send_vectored`.
    fn splice_file(
        &mut self,
        file: &Arc<File>,
        offset: u64,
        len: u64,
        more: bool,
    ) -> io::Result<usize> {
        let _ = (file, offset, len, more);
        Err(io::ErrorKind::Unsupported.into())
    }

    /// Passes on what was taken and is held back; called once, when everything
    /// was taken. Does nothing by default.
    ///
    /// # Errors
    ///
    /// As [`send_vectored`](Self::send_vectored).
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }

    /// A turn begins: a driver was called, or has waited. Bytes of a file that were read
    /// ahead and not sent are to be forgotten, because the file may have changed since,
    /// or other bytes been queued. Does nothing if not said otherwise.
    fn begin_turn(&mut self) {}

    /// Waits until bytes may be taken again, or until `limit` has passed (`None`
    /// for ever). Coming back early is no mistake: the clocks are asked again.
    ///
    /// # Errors
    ///
    /// What ends the send.
    fn wait(&mut self, limit: Option<Duration>) -> io::Result<()>;
}

/// Any [`Write`] as a transport: a TLS stream, a file, a pipe, a `Vec`.
///
/// It is flushed when everything was written. File ranges take the scratch road. A
/// writer that would block cannot be waited for, so the send ends there, with the
/// exact count.
#[derive(Debug)]
pub struct WriteTransport<W>(pub W);

impl<W: Write> Transport for WriteTransport<W> {
    fn send_vectored(&mut self, slices: &[IoSlice<'_>], _more: bool) -> io::Result<usize> {
        match self.0.write_vectored(slices)? {
            0 => Err(io::ErrorKind::WriteZero.into()),
            n => Ok(n),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }

    fn wait(&mut self, _limit: Option<Duration>) -> io::Result<()> {
        Err(io::ErrorKind::WouldBlock.into())
    }
}
