//! Ranges of files, and what can be promised about their bytes.

use std::fs::File;
use std::io;
use std::ops::Range;
use std::sync::Arc;
use std::time::SystemTime;

use super::scratch::read_at;

/// A range of bytes in a file, to be sent without passing through user space.
///
/// The file must be seekable. Its own position is neither used nor moved, so
/// one `Arc<File>` serves many ranges and many connections.
///
/// Which bytes arrive if the file is written to meanwhile depends on the
/// [`FileMode`].
#[derive(Clone, Debug)]
pub struct FileRange {
    file: Arc<File>,
    start: u64,
    end: u64,
    kept: Kept,
}

/// What is promised about the bytes of a file that others may write to.
///
/// `sendfile(2)` hands the file's pages to the socket. They wait there as pages
/// of the file, so that what is written to the file after the call has returned
/// can still be what arrives: over loopback even after the peer's kernel has
/// acknowledged the bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum FileMode {
    /// Nothing is promised: each byte is one that the file had at that place,
    /// some time between the call and its arrival. The cheapest, and right for
    /// files that are replaced as a whole (by `rename`) and never written to.
    #[default]
    Live,
    /// The file's size and time of modification are noted now, and compared
    /// before each call and after the last one; a difference ends the send with
    /// [`FileChanged`](crate::SendErrorKind::FileChanged).
    ///
    /// This tells of changes, it does not prevent them, and it does not see them
    /// all: a change within the clock tick of the note (some milliseconds), one
    /// whose time was set back, a store through a memory map that the kernel has
    /// not stamped yet, and whatever comes after the last call.
    CheckUnchanged,
    /// The bytes are read into the queue's scratch and sent from there, so that
    /// a byte is settled when it is read. Each piece of up to 64 KiB is what the
    /// file had then; two pieces may come from before and after a change. Costs
    /// what the scratch road costs.
    Copy,
}

#[derive(Clone, Debug)]
enum Kept {
    Live,
    Unchanged(Arc<Stamp>),
    Copy,
}

/// What tells a file from what it was. Not the inode's time of change: it moves
/// as well when the file is renamed or unlinked, and the bytes stay the same.
#[derive(Debug, PartialEq, Eq)]
struct Stamp {
    len: u64,
    modified: SystemTime,
}

impl Stamp {
    fn of(file: &File) -> io::Result<Self> {
        let metadata = file.metadata()?;
        Ok(Self { len: metadata.len(), modified: metadata.modified()? })
    }
}

impl FileRange {
    /// The bytes of `file` from `range.start` up to `range.end`. A range that
    /// ends before it starts is empty.
    ///
    /// Nothing is asked of the file yet: a range past its end, be it past the end of all
    /// files, fails when it is sent, with
    /// [`FileShrank`](crate::SendErrorKind::FileShrank).
    pub fn new(file: impl Into<Arc<File>>, range: Range<u64>) -> Self {
        let end = range.end.max(range.start);
        Self { file: file.into(), start: range.start, end, kept: Kept::Live }
    }

    /// The whole of a file, of the size that it has now.
    ///
    /// # Errors
    ///
    /// If the file's metadata cannot be read, or if its size is not known in
    /// advance: it is no regular file, or one under `/proc`, which says that it
    /// is of size 0 and is not. (Files under `/sys` say 4096, and end earlier:
    /// that is [`FileShrank`](crate::SendErrorKind::FileShrank).)
    pub fn whole(file: impl Into<Arc<File>>) -> io::Result<Self> {
        let file = file.into();
        let metadata = file.metadata()?;
        if !metadata.is_file() || (metadata.len() == 0 && read_at(&file, &mut [0], 0)? > 0) {
            let text = "the size of this file is not known in advance, so it cannot be sent as a \
                        range; read it in chunks instead";
            return Err(io::Error::new(io::ErrorKind::InvalidInput, text));
        }
        Ok(Self::new(file, 0..metadata.len()))
    }

    /// The same range under another promise. [`FileMode::CheckUnchanged`] notes
    /// what the file is like now, in one small allocation.
    ///
    /// # Errors
    ///
    /// If the file's metadata cannot be read.
    ///
    /// ```
    /// use std::fs::File;
    /// use netsend::{FileMode, FileRange};
    ///
    /// let range = FileRange::whole(File::open("Cargo.toml")?)?;
    /// let range = range.with_mode(FileMode::CheckUnchanged)?;
    /// assert_eq!(range.mode(), FileMode::CheckUnchanged);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn with_mode(mut self, mode: FileMode) -> io::Result<Self> {
        self.kept = match mode {
            FileMode::Live => Kept::Live,
            FileMode::Copy => Kept::Copy,
            FileMode::CheckUnchanged => Kept::Unchanged(Arc::new(Stamp::of(&self.file)?)),
        };
        Ok(self)
    }

    /// What is promised about the bytes.
    pub fn mode(&self) -> FileMode {
        match self.kept {
            Kept::Live => FileMode::Live,
            Kept::Copy => FileMode::Copy,
            Kept::Unchanged(_) => FileMode::CheckUnchanged,
        }
    }

    /// Whether the file is still what was noted, if anything was.
    pub(crate) fn is_as_noted(&self) -> io::Result<bool> {
        match &self.kept {
            Kept::Live | Kept::Copy => Ok(true),
            Kept::Unchanged(stamp) => Ok(Stamp::of(&self.file)? == **stamp),
        }
    }

    /// The number of bytes.
    pub fn len(&self) -> u64 {
        self.end - self.start
    }

    /// Whether there is no byte.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The file.
    pub fn file(&self) -> &Arc<File> {
        &self.file
    }

    /// The range within the file.
    pub fn range(&self) -> Range<u64> {
        self.start..self.end
    }
}
