//! Batches of whole records.

use std::fmt;
use std::iter::FusedIterator;

use buffers::SharedBuf;

use super::ends::Ends;
use super::records::{Delimiter, Prefix, Records, Shape};

/// Whole records, in place, and the block that they stand in.
#[derive(Clone)]
pub struct RecordBatch {
    pub(super) bytes: SharedBuf,
    pub(super) position: u64,
    pub(super) records: Records,
}

impl RecordBatch {
    /// The records, without their prefixes and delimiters. Borrowed: nothing is
    /// copied or allocated.
    pub fn records(&self) -> RecordIter<'_> {
        let bytes = self.bytes.as_slice();
        let steps = match &self.records.shape {
            Shape::Fixed(size) => Steps::Fixed(*size),
            Shape::Prefixed(prefix, _) => Steps::Prefixed(*prefix),
            Shape::Delimited(Delimiter::Byte(byte), _) => {
                Steps::Ends { ends: Ends::new(bytes, *byte), at: 0 }
            }
            Shape::Delimited(delimiter, _) => Steps::Delimited(delimiter),
        };
        RecordIter { rest: bytes, steps }
    }

    /// Keeps a record, or any part of the batch, beyond the batch: a handle of the
    /// same block. `None` if `part` does not lie within the batch.
    #[inline]
    #[track_caller]
    pub fn promote(&self, part: &[u8]) -> Option<SharedBuf> {
        self.bytes.promote(part)
    }

    /// All bytes of the batch, prefixes and delimiters included.
    pub fn bytes(&self) -> &SharedBuf {
        &self.bytes
    }

    /// All bytes of the batch, as the handle that it is.
    pub fn into_bytes(self) -> SharedBuf {
        self.bytes
    }

    /// Where the batch begins, counted in bytes from where its reader began.
    pub fn position(&self) -> u64 {
        self.position
    }

    /// The records of fixed size as a slice of `T`, in place.
    ///
    /// A batch starts at an address that is good for every type, as long as its
    /// reader is asked for these records only.
    ///
    /// # Errors
    ///
    /// What `zerocopy` says: the size is not that of `T`, or records of other kinds
    /// were read before, and the address is not good for `T`.
    #[cfg(feature = "zerocopy")]
    pub fn typed<T>(&self) -> Result<&[T], zerocopy::CastError<&[u8], [T]>>
    where
        T: zerocopy::FromBytes + zerocopy::Immutable,
    {
        use zerocopy::FromBytes;
        <[T]>::ref_from_bytes(&self.bytes)
    }
}

impl fmt::Debug for RecordBatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let records = self.records().count();
        write!(f, "RecordBatch({} bytes at {}, {records} records)", self.bytes.len(), self.position)
    }
}

/// The records of a [`RecordBatch`].
#[derive(Clone, Debug)]
pub struct RecordIter<'b> {
    rest: &'b [u8],
    steps: Steps<'b>,
}

#[derive(Clone, Debug)]
enum Steps<'b> {
    Fixed(usize),
    Prefixed(Prefix),
    /// Positions from the batch's front, of which `at` bytes are gone.
    Ends {
        ends: Ends<'b>,
        at: usize,
    },
    Delimited(&'b Delimiter),
}

impl<'b> RecordIter<'b> {
    /// Takes `n` bytes off the front, of which `skip` are no payload.
    #[inline]
    fn take(&mut self, skip: usize, n: usize) -> Option<&'b [u8]> {
        let (taken, rest) = self.rest.split_at_checked(n)?;
        self.rest = rest;
        taken.get(skip..)
    }

    fn last(&mut self) -> Option<&'b [u8]> {
        let last = std::mem::take(&mut self.rest);
        if last.is_empty() { None } else { Some(last) }
    }
}

impl<'b> Iterator for RecordIter<'b> {
    type Item = &'b [u8];

    #[inline]
    fn next(&mut self) -> Option<&'b [u8]> {
        match &mut self.steps {
            Steps::Fixed(size) => {
                let size = *size;
                self.take(0, size)
            }
            Steps::Prefixed(prefix) => {
                let width = prefix.width();
                let len = usize::try_from(prefix.read(self.rest)?).ok()?;
                self.take(width, width.checked_add(len)?)
            }
            Steps::Ends { ends, at } => {
                let Some(end) = ends.next() else { return self.last() };
                let n = end + 1 - *at;
                *at = end + 1;
                let record = self.take(0, n)?;
                Some(&record[..n - 1])
            }
            Steps::Delimited(delimiter) => {
                let width = delimiter.len();
                let Some(end) = delimiter.find(self.rest) else { return self.last() };
                let record = self.take(0, end + width)?;
                Some(&record[..end])
            }
        }
    }
}

impl FusedIterator for RecordIter<'_> {}
