//! Unpacking, when the format is known at run time only.

use alloc::vec::Vec;
use core::fmt;
use core::iter::FusedIterator;
use core::slice::ChunksExact;

use super::record_error::RecordError;
use crate::layout::{ByteOrder, Content};
use crate::{Field, Format, Value};

impl Format {
    /// The values of one record, which `bytes` is exactly: `struct.unpack`. Strings are
    /// borrowed from `bytes`; the list is the one allocation.
    ///
    /// # Errors
    ///
    /// [`RecordError`] if `bytes` has another length than a record.
    ///
    /// ```
    /// use buffers::{Format, Value};
    ///
    /// let values = Format::parse(">H3s")?.unpack(b"\x01\x02abc")?;
    /// assert_eq!(values, [Value::from(0x0102), Value::from(b"abc")]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn unpack<'b>(&self, bytes: &'b [u8]) -> Result<Vec<Value<'b>>, RecordError> {
        self.check_one(bytes.len())?;
        Ok(self.record(bytes).values().collect())
    }

    /// The record that begins at `offset`: `struct.unpack_from`. A negative offset counts
    /// from the end. Allocates nothing.
    ///
    /// # Errors
    ///
    /// [`RecordError`] if there is not a whole record there.
    pub fn unpack_from<'f, 'b>(
        &'f self,
        bytes: &'b [u8],
        offset: isize,
    ) -> Result<Record<'f, 'b>, RecordError> {
        let start = self.place(offset, bytes.len())?;
        Ok(self.record(&bytes[start..start + self.itemsize()]))
    }

    /// The records that `bytes` holds one after the other: `struct.iter_unpack`. Each is
    /// decoded where it lies, when it is asked for its values; nothing is allocated.
    ///
    /// For a format that is known when the program is written,
    /// [`iter_unpack_as`](Self::iter_unpack_as) is several times faster.
    ///
    /// # Errors
    ///
    /// [`RecordError`] if `bytes` is no whole number of records, or if a record has no
    /// bytes.
    ///
    /// ```
    /// use buffers::Format;
    ///
    /// let format = Format::parse("<HB")?;
    /// let mut sum = 0;
    /// for record in format.iter_unpack(&[1, 0, 5, 2, 0, 6])? {
    ///     sum += record.values().filter_map(|value| value.as_u64()).sum::<u64>();
    /// }
    /// assert_eq!(sum, 1 + 5 + 2 + 6);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn iter_unpack<'f, 'b>(&'f self, bytes: &'b [u8]) -> Result<Records<'f, 'b>, RecordError> {
        self.check_many(bytes.len())?;
        let chunks = bytes.chunks_exact(self.itemsize());
        Ok(Records { fields: self.as_fields(), order: self.order(), chunks })
    }

    /// The record that `bytes` is, which the caller has held against its size.
    #[inline]
    pub(crate) fn record<'f, 'b>(&'f self, bytes: &'b [u8]) -> Record<'f, 'b> {
        Record { fields: self.as_fields(), order: self.order(), bytes }
    }
}

/// The records of some bytes; made by [`Format::iter_unpack`].
#[derive(Clone)]
pub struct Records<'f, 'b> {
    fields: &'f [Field],
    order: ByteOrder,
    chunks: ChunksExact<'b, u8>,
}

impl<'f, 'b> Records<'f, 'b> {
    #[inline]
    fn record(&self, bytes: &'b [u8]) -> Record<'f, 'b> {
        Record { fields: self.fields, order: self.order, bytes }
    }
}

impl<'f, 'b> Iterator for Records<'f, 'b> {
    type Item = Record<'f, 'b>;

    #[inline]
    fn next(&mut self) -> Option<Record<'f, 'b>> {
        let bytes = self.chunks.next()?;
        Some(self.record(bytes))
    }

    #[inline]
    fn size_hint(&self) -> (usize, Option<usize>) {
        self.chunks.size_hint()
    }

    fn nth(&mut self, n: usize) -> Option<Record<'f, 'b>> {
        let bytes = self.chunks.nth(n)?;
        Some(self.record(bytes))
    }
}

impl DoubleEndedIterator for Records<'_, '_> {
    fn next_back(&mut self) -> Option<Self::Item> {
        let bytes = self.chunks.next_back()?;
        Some(self.record(bytes))
    }
}

impl ExactSizeIterator for Records<'_, '_> {}
impl FusedIterator for Records<'_, '_> {}

/// One record in place: its bytes, and what the format tells of them.
#[derive(Clone, Copy)]
pub struct Record<'f, 'b> {
    fields: &'f [Field],
    order: ByteOrder,
    bytes: &'b [u8],
}

impl<'f, 'b> Record<'f, 'b> {
    /// How many values it has.
    pub fn len(&self) -> usize {
        self.fields.iter().map(Field::values).sum()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Its bytes, in place.
    pub fn as_bytes(&self) -> &'b [u8] {
        self.bytes
    }

    /// Its values in order. Strings are borrowed from the bytes.
    #[inline]
    pub fn values(&self) -> Values<'f, 'b> {
        Values { fields: self.fields, order: self.order, bytes: self.bytes, left: 0, at: 0 }
    }

    /// The value at `index`, or `None` past the last. Passes over the fields before it.
    pub fn get(&self, index: usize) -> Option<Value<'b>> {
        self.values().nth(index)
    }
}

impl fmt::Debug for Record<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.values()).finish()
    }
}

/// The values of a record; made by [`Record::values`].
#[derive(Clone)]
pub struct Values<'f, 'b> {
    /// The fields from the one on whose values are being given.
    fields: &'f [Field],
    order: ByteOrder,
    bytes: &'b [u8],
    /// How many more values the first field has, once it was begun; 0 before that.
    left: usize,
    /// Where the next of them lies.
    at: usize,
}

impl<'b> Iterator for Values<'_, 'b> {
    type Item = Value<'b>;

    #[inline]
    fn next(&mut self) -> Option<Value<'b>> {
        let (field, rest) = self.fields.split_first()?;
        match field.content() {
            Content::Values(kind) if field.count() == 1 => {
                self.fields = rest;
                Some(Value::of(kind.number(), self.order, &self.bytes[field.offset()..]))
            }
            _ => self.next_of_several(),
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let all: usize = self.fields.iter().map(Field::values).sum();
        let begun = self.fields.first().map_or(0, Field::values);
        let left = if self.left == 0 { all } else { all - begun + self.left };
        (left, Some(left))
    }
}

impl<'b> Values<'_, 'b> {
    /// The next value, if the first field is padding, a string, or has a count.
    fn next_of_several(&mut self) -> Option<Value<'b>> {
        loop {
            let field = self.fields.first()?;
            if self.left == 0 {
                (self.left, self.at) = (field.values(), field.offset());
            }
            let bytes = &self.bytes[self.at..];
            let value = match field.content() {
                Content::Values(kind) => {
                    self.at += kind.size();
                    Some(Value::of(kind.number(), self.order, bytes))
                }
                Content::Bytes => Some(Value::Bytes(&bytes[..field.count()])),
                Content::Pascal => Some(Value::Bytes(pascal(&bytes[..field.count()]))),
                Content::Padding => None,
            };
            self.left = self.left.saturating_sub(1);
            if self.left == 0 {
                self.fields = &self.fields[1..];
            }
            if value.is_some() {
                return value;
            }
        }
    }
}

impl ExactSizeIterator for Values<'_, '_> {}
impl FusedIterator for Values<'_, '_> {}

/// The used part of the bytes of `p`, whose first one tells how many are used.
#[inline]
pub(super) fn pascal(bytes: &[u8]) -> &[u8] {
    match bytes.split_first() {
        Some((&len, rest)) => &rest[..rest.len().min(len.into())],
        None => &[],
    }
}
