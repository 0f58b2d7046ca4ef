//! Apache Arrow's buffer, both ways: no byte is copied in this file.

use arrow_buffer::Buffer;
use bytes::Bytes;

use crate::SharedBuf;

/// Hands the bytes over in place; none is copied. Dropping the last of the
/// buffer's clones and slices drops this handle, so lent memory goes
/// [home](crate::Home) then.
///
/// | the handle | allocated |
/// |---|---|
/// | is the last one, of a whole vector that is not lent | 1: the buffer's count; `Buffer::into_vec` and `into_mutable` work |
/// | is static, or comes from a `Bytes` and turns into one without allocating | 2: the count, a box for the `Bytes` |
/// | is any other | 3: these, and the owner that the `Bytes` stands on |
///
/// The bytes lie where they lay, so the buffer is aligned for an element type
/// only if they were: a vector of bytes promises no alignment, and a slice has
/// that of its offset. Where Arrow needs it, for instance in a `ScalarBuffer`,
/// it checks, and panics. Memory that is mapped begins at a page.
///
/// ```
/// use arrow_buffer::Buffer;
/// use buffers::SharedBuf;
///
/// let page = SharedBuf::from(vec![7; 100]);
/// let column = Buffer::from(page.slice(10..30));
/// assert_eq!((column.len(), column.as_ptr()), (20, page[10..].as_ptr()));
/// ```
impl From<SharedBuf> for Buffer {
    fn from(buf: SharedBuf) -> Self {
        match buf.try_into_vec() {
            Ok(vec) => Self::from_vec(vec),
            Err(buf) => Self::from(Bytes::from(buf)),
        }
    }
}

/// Takes the bytes over in place; none is copied. They live as long as the last
/// handle, whatever keeps them alive behind the buffer.
///
/// | the buffer | allocated |
/// |---|---|
/// | has no byte | nothing: it pins nothing either |
/// | is the last one, came from a `Vec<u8>`, and begins where that does | 1: a header; may be written again |
/// | is any other | 2: a header and a box for the owner; read-only |
///
/// A buffer that was made from a handle is not unwrapped again: a round trip,
/// other than of a whole vector, puts one owner on top of the other.
///
/// ```
/// use arrow_buffer::Buffer;
/// use buffers::SharedBuf;
///
/// let column = Buffer::from_vec(vec![1_u32, 2, 3]);
/// let bytes = SharedBuf::from(column.clone());
/// assert_eq!(bytes.as_ptr(), column.as_ptr());
/// assert_eq!(bytes.slice(4..8), 2_u32.to_ne_bytes());
/// ```
impl From<Buffer> for SharedBuf {
    #[track_caller]
    fn from(buffer: Buffer) -> Self {
        if buffer.is_empty() {
            return Self::new();
        }
        match buffer.into_vec::<u8>() {
            Ok(vec) => Self::from(vec),
            Err(buffer) => Self::from_owner(buffer),
        }
    }
}
