//! What an element holds, when its format is known at run time only.

use core::fmt;

use super::half;
use crate::layout::{ByteOrder, Number};

/// Reads the first `N` bytes as a number; 0 if there are fewer, which no caller has.
macro_rules! read {
    ($number:ty, $bytes:expr, $big:expr) => {
        match $bytes.first_chunk() {
            Some(&bytes) if $big => <$number>::from_be_bytes(bytes),
            Some(&bytes) => <$number>::from_le_bytes(bytes),
            None => Default::default(),
        }
    };
}

/// One value of an element: a number, a truth value, or bytes that are borrowed from the
/// element.
///
/// Values are equal as they are in Python: `1`, `1.0` and `true` are, without rounding;
/// NaN differs from itself, and bytes equal bytes only.
///
/// ```
/// use buffers::Value;
///
/// assert_eq!(Value::from(1_u8), Value::from(1.0));
/// assert_ne!(Value::from(u64::MAX), Value::from(u64::MAX as f64)); // that rounds up
/// assert_ne!(Value::from(f64::NAN), Value::from(f64::NAN));
/// ```
#[derive(Clone, Copy)]
pub enum Value<'a> {
    /// An integer of the codes `b h i l q n`.
    Int(i64),
    /// An integer of the codes `B H I L Q N P`.
    UInt(u64),
    /// A number of the codes `e f d`.
    Float(f64),
    /// A truth value: `?`.
    Bool(bool),
    /// The bytes of `s`; the used ones of `p`; the one byte of `c`.
    Bytes(&'a [u8]),
}

impl<'a> Value<'a> {
    /// The value that begins with the first of `bytes`.
    #[inline]
    pub(crate) fn of(number: Number, order: ByteOrder, bytes: &'a [u8]) -> Self {
        let big = order.is_big();
        match number {
            Number::I8 => Self::Int(read!(i8, bytes, big).into()),
            Number::I16 => Self::Int(read!(i16, bytes, big).into()),
            Number::I32 => Self::Int(read!(i32, bytes, big).into()),
            Number::I64 => Self::Int(read!(i64, bytes, big)),
            Number::U8 => Self::UInt(read!(u8, bytes, big).into()),
            Number::U16 => Self::UInt(read!(u16, bytes, big).into()),
            Number::U32 => Self::UInt(read!(u32, bytes, big).into()),
            Number::U64 => Self::UInt(read!(u64, bytes, big)),
            Number::F16 => Self::Float(half::to_f64(read!(u16, bytes, big))),
            Number::F32 => Self::Float(read!(f32, bytes, big).into()),
            Number::F64 => Self::Float(read!(f64, bytes, big)),
            Number::Bool => Self::Bool(bytes.first().is_some_and(|&byte| byte != 0)),
            Number::Char => Self::Bytes(&bytes[..1]),
        }
    }

    /// The integer, if it is one that an `i64` holds.
    #[inline]
    pub fn as_i64(&self) -> Option<i64> {
        match *self {
            Self::Int(number) => Some(number),
            Self::UInt(number) => i64::try_from(number).ok(),
            _ => None,
        }
    }

    /// The integer, if it is one that a `u64` holds.
    #[inline]
    pub fn as_u64(&self) -> Option<u64> {
        match *self {
            Self::Int(number) => u64::try_from(number).ok(),
            Self::UInt(number) => Some(number),
            _ => None,
        }
    }

    /// The number, if it is a float.
    #[inline]
    pub fn as_f64(&self) -> Option<f64> {
        match *self {
            Self::Float(number) => Some(number),
            _ => None,
        }
    }

    /// The truth value, if it is one.
    #[inline]
    pub fn as_bool(&self) -> Option<bool> {
        match *self {
            Self::Bool(value) => Some(value),
            _ => None,
        }
    }

    /// The bytes, in place, if it is bytes.
    #[inline]
    pub fn as_bytes(&self) -> Option<&'a [u8]> {
        match *self {
            Self::Bytes(bytes) => Some(bytes),
            _ => None,
        }
    }
}

impl PartialEq for Value<'_> {
    fn eq(&self, other: &Self) -> bool {
        match (*self, *other) {
            (Self::Bytes(a), Self::Bytes(b)) => a == b,
            (Self::Bytes(_), _) | (_, Self::Bytes(_)) => false,
            (Self::Float(a), Self::Float(b)) => a == b,
            (Self::Float(float), number) | (number, Self::Float(float)) => {
                is_integer(float, number.to_i128())
            }
            (a, b) => a.to_i128() == b.to_i128(),
        }
    }
}

impl Value<'_> {
    /// Integers and truth values as the numbers that they are in Python.
    fn to_i128(self) -> i128 {
        match self {
            Self::Int(number) => number.into(),
            Self::UInt(number) => number.into(),
            Self::Bool(value) => value.into(),
            Self::Float(_) | Self::Bytes(_) => unreachable!("neither is an integer"),
        }
    }
}

/// Whether `float` is exactly `integer`, which has at most 64 bits and a sign.
#[expect(clippy::cast_possible_truncation, reason = "what is out of range saturates, and differs")]
#[expect(clippy::cast_precision_loss, reason = "what was rounded differs when it is turned back")]
#[expect(clippy::float_cmp, reason = "exactly that is asked")]
fn is_integer(float: f64, integer: i128) -> bool {
    float as i128 == integer && integer as f64 == float
}

macro_rules! from {
    ($($type:ty => $variant:ident),*) => {$(
        impl From<$type> for Value<'_> {
            #[inline]
            fn from(value: $type) -> Self {
                Self::$variant(value.into())
            }
        }
    )*};
}

from!(i8 => Int, i16 => Int, i32 => Int, i64 => Int, u8 => UInt, u16 => UInt, u32 => UInt,
      u64 => UInt, f32 => Float, f64 => Float, bool => Bool);

impl<'a> From<&'a [u8]> for Value<'a> {
    #[inline]
    fn from(bytes: &'a [u8]) -> Self {
        Self::Bytes(bytes)
    }
}

impl<'a, const N: usize> From<&'a [u8; N]> for Value<'a> {
    #[inline]
    fn from(bytes: &'a [u8; N]) -> Self {
        Self::Bytes(bytes)
    }
}

impl fmt::Debug for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Int(number) => write!(f, "{number}"),
            Self::UInt(number) => write!(f, "{number}"),
            Self::Float(number) => write!(f, "{number:?}"),
            Self::Bool(value) => write!(f, "{value}"),
            Self::Bytes(bytes) => write!(f, "b\"{}\"", bytes.escape_ascii()),
        }
    }
}
