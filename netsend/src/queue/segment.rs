//! What a queue is made of.

use buffers::SharedBuf;

use super::file_range::FileRange;

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
