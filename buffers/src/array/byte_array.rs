//! Growable bytes.

use alloc::sync::{Arc, Weak};
use alloc::vec::Vec;
use core::fmt;
use core::mem;
use core::ops::Deref;
use core::panic::Location;

use super::buffer_error::BufferError;
use crate::SharedBuf;

/// Growable bytes that can be exported in place, and refuse to change as long as an export
/// is alive: Python's `bytearray`.
///
/// An [`export`](Self::export) is a [`SharedBuf`] of the same memory, which may be kept, sliced and
/// sent to other threads. Python lets the bytes be written meanwhile, and only the size
/// stays; here nobody who holds a `SharedBuf` sees its bytes change, so nothing does.
/// What only borrows, such as [`View::of_bytes`](crate::View::of_bytes) of the bytes, is watched by the
/// compiler, and costs nothing.
///
/// ```
/// use buffers::ByteArray;
///
/// let mut bytes = ByteArray::from(b"head".to_vec());
/// let sent = bytes.export();
/// assert_eq!(sent.as_ptr(), bytes.as_ptr());
/// let error = bytes.push(b'!').unwrap_err();
/// assert_eq!(error.exports(), 1);
/// drop(sent);
/// bytes.push(b'!')?;
/// assert_eq!(&bytes[..], b"head!");
/// # Ok::<(), buffers::BufferError>(())
/// ```
#[derive(Default)]
pub struct ByteArray {
    /// Taken out of the `Arc` to be changed, when there is nobody else.
    bytes: Arc<Vec<u8>>,
    /// The exports that were made and may be alive, the oldest first.
    exports: Vec<(Weak<Alive>, &'static Location<'static>)>,
    /// At how many of them the dead ones are looked for: at twice as many as were alive, so
    /// that an export does not pass over all others each time.
    prune_at: usize,
}

/// Dropped with the last handle of an export.
struct Alive;

/// What stands behind the handles of one export.
struct Export {
    bytes: Arc<Vec<u8>>,
    _alive: Arc<Alive>,
}

impl AsRef<[u8]> for Export {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl ByteArray {
    /// No bytes.
    pub fn new() -> Self {
        Self::default()
    }

    /// No bytes, and room for as many.
    pub fn with_capacity(capacity: usize) -> Self {
        Vec::with_capacity(capacity).into()
    }

    /// A handle of the bytes as they are, in place. Allocates its header and what remembers
    /// the place of this call; copies nothing. Clones and slices of it keep the array from
    /// changing as it does, but for empty slices, which hold nothing.
    #[must_use = "the array cannot change as long as this lives"]
    #[track_caller]
    pub fn export(&mut self) -> SharedBuf {
        if self.exports.len() >= self.prune_at {
            self.exports.retain(|(alive, _)| alive.strong_count() > 0);
            self.prune_at = (2 * self.exports.len()).max(8);
        }
        let alive = Arc::new(Alive);
        self.exports.push((Arc::downgrade(&alive), Location::caller()));
        SharedBuf::from_owner(Export { bytes: Arc::clone(&self.bytes), _alive: alive })
    }

    /// The vector itself, for anything that a vector can do.
    ///
    /// # Errors
    ///
    /// [`BufferError`] if an export is alive.
    pub fn as_mut_vec(&mut self) -> Result<&mut Vec<u8>, BufferError> {
        // An export lets go of the bytes before it is no longer alive, so that the second
        // look finds one, or the first will succeed.
        while Arc::get_mut(&mut self.bytes).is_none() {
            self.exports.retain(|(alive, _)| alive.strong_count() > 0);
            if let Some((_, place)) = self.exports.first() {
                return Err(BufferError::new(self.exports.len(), place));
            }
        }
        self.exports.clear();
        // There is nobody else, so nothing is cloned.
        Ok(Arc::make_mut(&mut self.bytes))
    }

    /// The bytes, to be written in place.
    ///
    /// # Errors
    ///
    /// [`BufferError`] if an export is alive.
    pub fn as_mut_slice(&mut self) -> Result<&mut [u8], BufferError> {
        Ok(self.as_mut_vec()?)
    }

    /// Appends a byte.
    ///
    /// # Errors
    ///
    /// [`BufferError`] if an export is alive.
    pub fn push(&mut self, byte: u8) -> Result<(), BufferError> {
        self.as_mut_vec()?.push(byte);
        Ok(())
    }

    /// Appends a copy of `bytes`, counted in [`copied`](crate::copied).
    ///
    /// # Errors
    ///
    /// [`BufferError`] if an export is alive.
    pub fn extend_from_slice(&mut self, bytes: &[u8]) -> Result<(), BufferError> {
        self.as_mut_vec()?.extend_from_slice(bytes);
        crate::copied::record(bytes.len());
        Ok(())
    }

    /// Makes it as long as `len`: what is too much is dropped, what is missing is `byte`.
    ///
    /// # Errors
    ///
    /// [`BufferError`] if an export is alive, also if the length stays.
    pub fn resize(&mut self, len: usize, byte: u8) -> Result<(), BufferError> {
        self.as_mut_vec()?.resize(len, byte);
        Ok(())
    }

    /// Drops all bytes, and keeps the memory.
    ///
    /// # Errors
    ///
    /// [`BufferError`] if an export is alive.
    pub fn clear(&mut self) -> Result<(), BufferError> {
        self.as_mut_vec()?.clear();
        Ok(())
    }

    /// Takes the last byte off, if there is one.
    ///
    /// # Errors
    ///
    /// [`BufferError`] if an export is alive.
    pub fn pop(&mut self) -> Result<Option<u8>, BufferError> {
        Ok(self.as_mut_vec()?.pop())
    }

    /// How many exports are alive.
    pub fn exports(&self) -> usize {
        self.exports.iter().filter(|(alive, _)| alive.strong_count() > 0).count()
    }

    /// The vector, in place.
    ///
    /// # Errors
    ///
    /// Gives the array back if an export is alive.
    pub fn try_into_vec(mut self) -> Result<Vec<u8>, Self> {
        match self.as_mut_vec() {
            Ok(bytes) => Ok(mem::take(bytes)),
            Err(_) => Err(self),
        }
    }
}

impl Deref for ByteArray {
    type Target = [u8];

    #[inline]
    fn deref(&self) -> &[u8] {
        &self.bytes
    }
}

impl AsRef<[u8]> for ByteArray {
    fn as_ref(&self) -> &[u8] {
        self
    }
}

/// In place; allocates what counts the exports.
impl From<Vec<u8>> for ByteArray {
    fn from(bytes: Vec<u8>) -> Self {
        Self { bytes: Arc::new(bytes), exports: Vec::new(), prune_at: 8 }
    }
}

/// A copy, without the exports.
impl Clone for ByteArray {
    fn clone(&self) -> Self {
        crate::copied::record(self.len());
        self.to_vec().into()
    }
}

impl PartialEq for ByteArray {
    fn eq(&self, other: &Self) -> bool {
        self[..] == other[..]
    }
}

impl Eq for ByteArray {}

impl fmt::Debug for ByteArray {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ByteArray(b\"{}\")", self.escape_ascii())
    }
}
