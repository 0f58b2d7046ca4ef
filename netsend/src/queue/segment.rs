//! What a queue is made of.

use buffers::SharedBuf;

use super::file_range::FileRange;
use super::piece::Piece;

/// One piece of what is to be sent.
///
/// Users rarely name this type: [`SendQueue::push`](crate::SendQueue::push)
/// takes whatever converts into it, and nothing is copied by that.
///
/// It is not generic over `AsRef<[u8]>`, because asking a stranger's type
/// twice for its bytes may give different ones. Such a type comes in through
/// [`SharedBuf::from_owner`].
///
/// What it holds is not shown, so that the queue may hold it as it likes: 32 bytes each,
/// because a queue of thousands is written, read and cleared for each send, and what it
/// weighs is what that costs (bench `sender_cpu`, groups `segments-16` and `-64`).
#[derive(Clone, Debug)]
pub struct Segment<'a> {
    pub(super) piece: Piece<'a>,
}

impl Segment<'_> {
    /// The number of bytes.
    #[inline]
    pub fn len(&self) -> u64 {
        self.piece.len()
    }

    /// Whether there is no byte.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl<'a> From<&'a [u8]> for Segment<'a> {
    #[inline]
    fn from(bytes: &'a [u8]) -> Self {
        Self { piece: Piece::Borrowed(bytes) }
    }
}

impl<'a, const N: usize> From<&'a [u8; N]> for Segment<'a> {
    #[inline]
    fn from(bytes: &'a [u8; N]) -> Self {
        Self { piece: Piece::Borrowed(bytes) }
    }
}

impl<'a> From<&'a Vec<u8>> for Segment<'a> {
    #[inline]
    fn from(bytes: &'a Vec<u8>) -> Self {
        Self { piece: Piece::Borrowed(bytes) }
    }
}

impl<'a> From<&'a str> for Segment<'a> {
    #[inline]
    fn from(text: &'a str) -> Self {
        Self { piece: Piece::Borrowed(text.as_bytes()) }
    }
}

impl<'a> From<buffers::Row<'a>> for Segment<'a> {
    #[inline]
    fn from(row: buffers::Row<'a>) -> Self {
        Self { piece: Piece::Borrowed(row.as_bytes()) }
    }
}

impl From<SharedBuf> for Segment<'_> {
    #[inline]
    fn from(bytes: SharedBuf) -> Self {
        Self { piece: Piece::Shared(bytes) }
    }
}

impl From<Vec<u8>> for Segment<'_> {
    #[inline]
    fn from(bytes: Vec<u8>) -> Self {
        Self { piece: Piece::Shared(bytes.into()) }
    }
}

impl From<String> for Segment<'_> {
    #[inline]
    fn from(text: String) -> Self {
        Self { piece: Piece::Shared(text.into()) }
    }
}

impl From<bytes::Bytes> for Segment<'_> {
    #[inline]
    fn from(bytes: bytes::Bytes) -> Self {
        Self { piece: Piece::Shared(bytes.into()) }
    }
}

impl From<FileRange> for Segment<'_> {
    /// Boxes it: a range weighs more than what else a queue holds, and comes more rarely.
    fn from(range: FileRange) -> Self {
        Self { piece: Piece::File(Box::new(range)) }
    }
}
