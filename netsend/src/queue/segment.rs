//! What a queue is made of.

use std::fs::File;
use std::io;
use std::ops::Range;
use std::sync::Arc;

use buffers::SharedBuf;

use super::scratch::read_at;

/// One piece of what is to be sent.
///
/// Users rarely name this type: [`SendQueue::push`](crate::SendQueue::push)
/// takes whatever converts into it, and nothing is copied by that.
///
/// It is not generic over `AsRef<[u8]>`, because asking a stranger's type
/// twice for its bytes may give different ones. Such a type comes in through
/// [`SharedBuf::from_owner`].
#[derive(Clone, Debug)]
pub enum Segment<'a> {
    /// Bytes that the caller keeps.
    Borrowed(&'a [u8]),
    /// Bytes that the queue keeps, until they are sent.
    Shared(SharedBuf),
    /// Bytes that stand in a file.
    File(FileRange),
}

impl Segment<'_> {
    /// The number of bytes.
    pub fn len(&self) -> u64 {
        match self {
            Self::Borrowed(bytes) => bytes.len() as u64,
            Self::Shared(bytes) => bytes.len() as u64,
            Self::File(range) => range.len(),
        }
    }

    /// Whether there is no byte.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl<'a> From<&'a [u8]> for Segment<'a> {
    fn from(bytes: &'a [u8]) -> Self {
        Self::Borrowed(bytes)
    }
}

impl<'a, const N: usize> From<&'a [u8; N]> for Segment<'a> {
    fn from(bytes: &'a [u8; N]) -> Self {
        Self::Borrowed(bytes)
    }
}

impl<'a> From<&'a Vec<u8>> for Segment<'a> {
    fn from(bytes: &'a Vec<u8>) -> Self {
        Self::Borrowed(bytes)
    }
}

impl<'a> From<&'a str> for Segment<'a> {
    fn from(text: &'a str) -> Self {
        Self::Borrowed(text.as_bytes())
    }
}

impl<'a> From<buffers::Row<'a>> for Segment<'a> {
    fn from(row: buffers::Row<'a>) -> Self {
        Self::Borrowed(row.as_bytes())
    }
}

impl From<SharedBuf> for Segment<'_> {
    fn from(bytes: SharedBuf) -> Self {
        Self::Shared(bytes)
    }
}

impl From<Vec<u8>> for Segment<'_> {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Shared(bytes.into())
    }
}

impl From<String> for Segment<'_> {
    fn from(text: String) -> Self {
        Self::Shared(text.into())
    }
}

impl From<bytes::Bytes> for Segment<'_> {
    fn from(bytes: bytes::Bytes) -> Self {
        Self::Shared(bytes.into())
    }
}

impl From<FileRange> for Segment<'_> {
    fn from(range: FileRange) -> Self {
        Self::File(range)
    }
}

/// A range of bytes in a file, to be sent without passing through user space.
///
/// The file must be seekable. Its own position is neither used nor moved, so
/// one `Arc<File>` serves many ranges and many connections.
///
/// The bytes are those that the file has when they are sent. After `sendfile`
/// has returned, they may still wait in the socket as pages of the file: what
/// is written to the file meanwhile may be what arrives.
#[derive(Clone, Debug)]
pub struct FileRange {
    file: Arc<File>,
    start: u64,
    end: u64,
}

impl FileRange {
    /// The bytes of `file` from `range.start` up to `range.end`. A range that
    /// ends before it starts is empty.
    ///
    /// Nothing is asked of the file yet: a range past its end fails when it is
    /// sent, with [`FileShrank`](crate::SendErrorKind::FileShrank).
    pub fn new(file: impl Into<Arc<File>>, range: Range<u64>) -> Self {
        Self { file: file.into(), start: range.start, end: range.end.max(range.start) }
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
