//! `serde`: a handle is written as bytes, and read from whatever a format has
//! for bytes.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use serde_core::de::{Deserialize, Deserializer, Error, SeqAccess, Visitor};
use serde_core::ser::{Serialize, Serializer};

use crate::SharedBuf;

/// The most bytes that are allocated because a sequence says that it is long.
/// What really comes may be more; the vector then grows with it.
const MOST_BELIEVED: usize = 4096;

/// Written as bytes, straight from where they lie, as `bytes::Bytes` is. What
/// that looks like is the format's choice: JSON, which has no bytes, writes a
/// list of numbers.
///
/// ```
/// use buffers::SharedBuf;
///
/// let page = SharedBuf::from(b"GET /".to_vec());
/// assert_eq!(serde_json::to_string(&page.slice(..3)).unwrap(), "[71,69,84]");
/// ```
impl Serialize for SharedBuf {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(self)
    }
}

/// Read from bytes, text or a sequence of numbers, as `bytes::Bytes` is.
///
/// | the format gives | bytes copied | allocated |
/// |---|---|---|
/// | a `Vec<u8>` or a `String` of its own | 0 | a header |
/// | bytes or text that it lends | all, counted in [`copied`](crate::copied) | the bytes and a header |
/// | a sequence of numbers | 0: each is decoded into its place | the bytes as they come, and a header |
///
/// The length that a sequence claims is believed up to 4 KiB; past that, memory
/// is allocated only for bytes that were there.
///
/// A format that lends bytes out of a buffer which is itself shared needs no
/// copy at all: deserialize a `&[u8]` and [promote](SharedBuf::promote) it.
///
/// # Errors
///
/// What the format answers if something else stands there, or a number that is
/// no byte.
///
/// ```
/// use buffers::SharedBuf;
///
/// let list: SharedBuf = serde_json::from_str("[71, 69, 84]").unwrap();
/// let text: SharedBuf = serde_json::from_str(r#""GET""#).unwrap();
/// assert_eq!(list, text);
/// assert!(serde_json::from_str::<SharedBuf>("[256]").is_err());
/// ```
impl<'de> Deserialize<'de> for SharedBuf {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // A format that owns what it read then gives it away.
        deserializer.deserialize_byte_buf(Bytes)
    }
}

/// Accepts all that may stand for bytes.
struct Bytes;

impl<'de> Visitor<'de> for Bytes {
    type Value = SharedBuf;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("bytes")
    }

    fn visit_byte_buf<E: Error>(self, bytes: Vec<u8>) -> Result<SharedBuf, E> {
        Ok(bytes.into())
    }

    fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<SharedBuf, E> {
        Ok(SharedBuf::copy_from_slice(bytes))
    }

    fn visit_string<E: Error>(self, text: String) -> Result<SharedBuf, E> {
        Ok(text.into())
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<SharedBuf, E> {
        Ok(SharedBuf::copy_from_slice(text.as_bytes()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<SharedBuf, A::Error> {
        let claimed = seq.size_hint().unwrap_or(0);
        let mut bytes = Vec::with_capacity(claimed.min(MOST_BELIEVED));
        while let Some(byte) = seq.next_element()? {
            bytes.push(byte);
        }
        Ok(bytes.into())
    }
}
