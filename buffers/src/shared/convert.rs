//! Owned memory into shared handles, and `bytes::Bytes` both ways: no byte is
//! copied in this file.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::mem;

use bytes::{Bytes, BytesMut};

use super::header::Header;
use super::owner::Memory;
use super::shared_buf::{Repr, SharedBuf};
use super::unique_buf::UniqueBuf;

/// Takes the vector over in place, its spare capacity too. Allocates a small header,
/// unless the vector has no memory.
impl From<Vec<u8>> for SharedBuf {
    #[track_caller]
    fn from(vec: Vec<u8>) -> Self {
        if vec.capacity() == 0 {
            return Self::new();
        }
        Self::over(Memory::Vec(vec))
    }
}

/// Takes the bytes over in place. Allocates a small header.
impl From<Box<[u8]>> for SharedBuf {
    #[track_caller]
    fn from(bytes: Box<[u8]>) -> Self {
        Self::from(bytes.into_vec())
    }
}

/// Takes the string's bytes over in place. Allocates a small header.
impl From<String> for SharedBuf {
    #[track_caller]
    fn from(text: String) -> Self {
        Self::from(text.into_bytes())
    }
}

/// Allocates nothing.
impl From<&'static [u8]> for SharedBuf {
    fn from(bytes: &'static [u8]) -> Self {
        Self::from_static(bytes)
    }
}

/// Allocates nothing.
impl<const N: usize> From<&'static [u8; N]> for SharedBuf {
    fn from(bytes: &'static [u8; N]) -> Self {
        Self::from_static(bytes)
    }
}

/// Allocates nothing.
impl From<&'static str> for SharedBuf {
    fn from(text: &'static str) -> Self {
        Self::from_static(text.as_bytes())
    }
}

/// Takes the bytes over in place. Allocates a small header, unless there are none.
impl From<Bytes> for SharedBuf {
    #[track_caller]
    fn from(bytes: Bytes) -> Self {
        if bytes.is_empty() {
            return Self::new();
        }
        Self::over(Memory::Bytes(bytes))
    }
}

/// Freezes the bytes in place. Allocates a small header.
impl From<BytesMut> for SharedBuf {
    #[track_caller]
    fn from(bytes: BytesMut) -> Self {
        Self::from(bytes.freeze())
    }
}

/// Takes the bytes over in place, still writable. Allocates a box and a header.
impl From<BytesMut> for UniqueBuf {
    fn from(bytes: BytesMut) -> Self {
        Self::from_owner(bytes)
    }
}

/// Hands the bytes over in place; none is copied.
///
/// Allocates nothing if the bytes are static, or if this is the last handle and
/// covers a whole `Bytes` or a whole vector with no spare capacity. A part of
/// memory that came as `Bytes` is cut by `Bytes::slice`, which allocates nothing
/// once that memory is shared. Otherwise the handle is boxed as the owner of the
/// new `Bytes`: one small allocation.
impl From<SharedBuf> for Bytes {
    fn from(mut buf: SharedBuf) -> Self {
        if let Some(bytes) = buf.as_static() {
            return Self::from_static(bytes);
        }
        let len = buf.len();
        if let Some(Header { memory: Memory::Bytes(bytes), .. }) = buf.header_mut()
            && bytes.len() == len
        {
            let whole = mem::take(bytes);
            buf.truncate(0);
            return whole;
        }
        if let Repr::Shared { header, span } = &buf.repr
            && let Memory::Bytes(bytes) = &header.memory
        {
            return bytes.slice(span.range());
        }
        match buf.try_into_vec() {
            Ok(vec) => Self::from(vec),
            Err(buf) => Self::from_owner(buf),
        }
    }
}
