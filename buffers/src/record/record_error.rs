//! Why a record cannot be packed or unpacked.

use core::fmt;

/// A record that cannot be packed or unpacked. Nothing was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordError(Trouble);

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// `unpack` wants exactly one record.
    Length { itemsize: usize, given: usize },
    /// `iter_unpack` wants whole records.
    Leftover { itemsize: usize, given: usize },
    /// No record has no bytes.
    Empty,
    /// Behind the offset there is not enough.
    Short { itemsize: usize, offset: isize, given: usize },
    /// As many values as the format has.
    Count { expected: usize, given: usize },
    /// A value that its code does not take.
    Value { index: usize, code: char, why: &'static str },
    /// A tuple's part that is not what the format has there.
    Part { index: usize, code: Option<char>, part: &'static str },
    /// The format has more values than the tuple.
    Rest { parts: usize, values: usize },
    /// There is no memory for a record.
    Memory { itemsize: usize },
}

impl RecordError {
    /// Which value it is about, counted from 0, if it is about one.
    pub fn index(&self) -> Option<usize> {
        match self.0 {
            Trouble::Value { index, .. } | Trouble::Part { index, .. } => Some(index),
            _ => None,
        }
    }
}

impl From<Trouble> for RecordError {
    #[cold]
    fn from(trouble: Trouble) -> Self {
        Self(trouble)
    }
}

impl fmt::Display for RecordError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Trouble::Length { itemsize, given } => {
                write!(f, "a record has {itemsize} bytes, and {given} were given; unpack_from ")?;
                f.write_str("takes one out of many bytes, iter_unpack takes all of them")
            }
            Trouble::Leftover { itemsize, given } => write!(
                f,
                "{given} bytes are no whole number of records of {itemsize} bytes each: {} are \
                 left over",
                given % itemsize.max(&1)
            ),
            Trouble::Empty => {
                f.write_str("a record of no bytes can be unpacked any number of times")
            }
            Trouble::Short { itemsize, offset, given } => write!(
                f,
                "a record of {itemsize} bytes does not fit at offset {offset} of {given} bytes"
            ),
            Trouble::Count { expected, given } => {
                write!(f, "a record has {expected} values, and {given} were given")
            }
            Trouble::Value { index, code, why } => {
                write!(f, "value {index} cannot be packed as '{code}': {why}")
            }
            Trouble::Part { index, code: Some(code), part } => {
                write!(f, "part {index} of the tuple is {part}, and the format has '{code}' there")
            }
            Trouble::Part { index, code: None, part } => {
                write!(f, "part {index} of the tuple is {part}, and the format has ended there")
            }
            Trouble::Rest { parts, values } => {
                write!(
                    f,
                    "the tuple has {parts} parts, which are not all {values} values of the "
                )?;
                f.write_str("format")
            }
            Trouble::Memory { itemsize } => {
                write!(f, "there is no memory for a record of {itemsize} bytes")
            }
        }
    }
}

impl core::error::Error for RecordError {}
