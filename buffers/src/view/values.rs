//! What the elements of a view hold, when the format is known at run time only.

use alloc::vec::Vec;
use core::fmt;

use super::borrowed::{Items, View};
use super::copies::check_room;
use crate::record::Record;
use crate::{Format, IndexError, Indices, Value, copied};

impl<'a> View<'a> {
    /// The value of the one element at `indices`, an integer for each axis. Strings are
    /// borrowed from the bytes.
    ///
    /// # Errors
    ///
    /// [`IndexError`] if an index is out of range, if there is not one for each axis, or
    /// if elements have not exactly one value: see [`record`](Self::record) for these.
    ///
    /// ```
    /// use buffers::{Format, Value, View};
    ///
    /// let row = View::new(&[0xfe, 0xff, 7, 0], Format::parse("<h")?)?;
    /// assert_eq!(row.value(0)?, Value::from(-2));
    /// assert_eq!(row.value(-1)?.as_i64(), Some(7));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn value(&self, indices: impl Indices) -> Result<Value<'a>, IndexError> {
        let mut values = self.format().record(self.item(indices)?).values();
        match (values.next(), values.len()) {
            (Some(value), 0) => Ok(value),
            _ => Err(IndexError::not_one_value(self.format().values(), self.ndim())),
        }
    }

    /// The one element at `indices` as the record that the format says that it is.
    ///
    /// # Errors
    ///
    /// [`IndexError`] if an index is out of range, or if there is not one for each axis.
    ///
    /// ```
    /// use buffers::{Format, Value, View};
    ///
    /// let view = View::new(b"\x01\0ab\x02\0cd", Format::parse("<H2s")?)?;
    /// let record = view.record(1)?;
    /// assert_eq!(record.get(0), Some(Value::from(2)));
    /// assert_eq!(record.get(1), Some(Value::from(b"cd")));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn record(&self, indices: impl Indices) -> Result<Record<'_, 'a>, IndexError> {
        Ok(self.format().record(self.item(indices)?))
    }

    /// All elements in the order of C, each as its record, in place.
    pub fn records(&self) -> ViewRecords<'_, 'a> {
        ViewRecords { format: self.format(), items: self.items() }
    }

    /// All values, in a list for each axis, as `memoryview.tolist`; elements of several
    /// values are lists of these. Counted as a copy of all bytes; strings are borrowed.
    ///
    /// # Panics
    ///
    /// If there is no memory for them. A view of no elements may still have very many lists:
    /// those along the axes before the one of length 0.
    ///
    /// ```
    /// let matrix = buffers::View::of_bytes(&[1, 2, 3, 4]).reshape([2, 2])?;
    /// assert_eq!(format!("{:?}", matrix.to_list()), "[[1, 2], [3, 4]]");
    /// # Ok::<(), buffers::LayoutError>(())
    /// ```
    #[must_use = "the values were copied for nothing otherwise"]
    pub fn to_list(&self) -> List<'a> {
        copied::record(self.nbytes());
        let (mut along, mut lists) = (1_usize, 1_usize);
        for &len in self.shape() {
            along = along.saturating_mul(len);
            lists = lists.saturating_add(along);
        }
        let values = lists.saturating_mul(self.format().values().max(1));
        check_room(values.saturating_mul(size_of::<List<'_>>()));
        self.nested()
    }

    fn nested(&self) -> List<'a> {
        match self.ndim() {
            0 => List::of(self.records().next().into_iter().flat_map(|record| record.values())),
            1 => List::List(self.records().map(|record| List::of(record.values())).collect()),
            _ => List::List(self.iter().map(|part| part.nested()).collect()),
        }
    }

    /// Where an element of that value comes first, counted in the order of C: along one
    /// axis its index, as `memoryview.index`. `None` if there is none.
    ///
    /// Values are equal as they are in Python: `1`, `1.0` and `true` are, and NaN is not
    /// found. Elements of several values are equal to no value.
    ///
    /// ```
    /// use buffers::{Format, View};
    ///
    /// let view = View::new(b"\0\x05\0\x07\0\x05", Format::parse(">H")?)?;
    /// assert_eq!(view.index(7.0), Some(1));
    /// assert_eq!(view.slice(1..).index(5), Some(1)); // from the second element on
    /// assert_eq!((view.count(5), view.contains(6)), (2, false));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn index<'v>(&self, value: impl Into<Value<'v>>) -> Option<usize> {
        let value = value.into();
        match self.as_plain_bytes() {
            Some(bytes) => {
                let byte = byte_of(value)?;
                bytes.iter().position(|&other| other == byte)
            }
            None => self.records().position(|record| is(record, value)),
        }
    }

    /// How many elements have that value; see [`index`](Self::index).
    #[allow(clippy::naive_bytecount, reason = "the compiler makes vectors of it")]
    pub fn count<'v>(&self, value: impl Into<Value<'v>>) -> usize {
        let value = value.into();
        match self.as_plain_bytes() {
            Some(bytes) => byte_of(value)
                .map_or(0, |byte| bytes.iter().filter(|&&other| other == byte).count()),
            None => self.records().filter(|&record| is(record, value)).count(),
        }
    }

    /// Whether an element has that value; see [`index`](Self::index).
    pub fn contains<'v>(&self, value: impl Into<Value<'v>>) -> bool {
        self.index(value).is_some()
    }

    /// Unsigned bytes without gaps, which can be searched as they are.
    fn as_plain_bytes(&self) -> Option<&'a [u8]> {
        self.as_bytes().filter(|_| *self.format() == Format::U8)
    }
}

/// Whether the record is this one value.
fn is(record: Record<'_, '_>, value: Value<'_>) -> bool {
    record.values().eq([value])
}

/// The byte of that value, if there is one.
fn byte_of(value: Value<'_>) -> Option<u8> {
    (0..=u8::MAX).find(|&byte| Value::from(byte) == value)
}

/// The elements of a view as records; made by [`View::records`].
#[derive(Clone)]
pub struct ViewRecords<'f, 'a> {
    format: &'f Format,
    items: Items<'a>,
}

impl<'f, 'a> Iterator for ViewRecords<'f, 'a> {
    type Item = Record<'f, 'a>;

    #[inline]
    fn next(&mut self) -> Option<Record<'f, 'a>> {
        let item = self.items.next()?;
        Some(self.format.record(item))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.items.size_hint()
    }
}

impl ExactSizeIterator for ViewRecords<'_, '_> {}

/// The values of a view, nested as its axes are; made by [`View::to_list`].
#[derive(Clone, PartialEq)]
pub enum List<'a> {
    /// The value of an element.
    Value(Value<'a>),
    /// The elements along an axis, or the values of an element that has not just one.
    List(Vec<List<'a>>),
}

impl<'a> List<'a> {
    /// One value as itself, several as a list.
    fn of(mut values: impl Iterator<Item = Value<'a>>) -> Self {
        match (values.next(), values.next()) {
            (Some(value), None) => Self::Value(value),
            (first, second) => {
                let all = first.into_iter().chain(second).chain(values);
                Self::List(all.map(Self::Value).collect())
            }
        }
    }
}

impl fmt::Debug for List<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Value(value) => value.fmt(f),
            Self::List(list) => f.debug_list().entries(list).finish(),
        }
    }
}
