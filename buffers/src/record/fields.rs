//! Where a record lies in bytes that are given.

use super::record_error::{RecordError, Trouble};
use crate::Format;

impl Format {
    /// The bytes of one record at `offset`; a negative one counts from the end.
    pub(super) fn place(&self, offset: isize, len: usize) -> Result<usize, RecordError> {
        let itemsize = self.itemsize();
        let start = match usize::try_from(offset) {
            Ok(start) => Some(start),
            Err(_) => len.checked_sub(offset.unsigned_abs()),
        };
        let start = start.filter(|&start| len.checked_sub(start).is_some_and(|n| n >= itemsize));
        start.ok_or_else(|| Trouble::Short { itemsize, offset, given: len }.into())
    }

    /// Fails unless `given` bytes are exactly one record.
    pub(super) fn check_one(&self, given: usize) -> Result<(), RecordError> {
        let itemsize = self.itemsize();
        if given == itemsize { Ok(()) } else { Err(Trouble::Length { itemsize, given }.into()) }
    }

    /// Fails unless `given` bytes are whole records.
    pub(super) fn check_many(&self, given: usize) -> Result<(), RecordError> {
        match self.itemsize() {
            0 => Err(Trouble::Empty.into()),
            itemsize if given.is_multiple_of(itemsize) => Ok(()),
            itemsize => Err(Trouble::Leftover { itemsize, given }.into()),
        }
    }
}
