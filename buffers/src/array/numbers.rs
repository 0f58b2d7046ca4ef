//! What an [`Array`](super::Array) is made of.

use crate::Code;
use crate::layout::{ByteOrder, Kind};

/// A number that has a code of its own, in native order and size, and that an
/// [`Array`](crate::Array) may hold: `i8` to `i64`, `u8` to `u64`, `isize`, `usize`, `f32` and
/// `f64`.
pub trait Number: Copy + PartialEq + sealed::Number {}

pub(crate) mod sealed {
    use super::Code;

    pub trait Number: Sized {
        const CODE: Code;
        fn read(bytes: &[u8]) -> Self;
        fn write(self, bytes: &mut [u8]);
    }
}

macro_rules! number {
    ($($type:ty => $code:literal),* $(,)?) => {$(
        impl Number for $type {}
        impl sealed::Number for $type {
            const CODE: Code = match Kind::of(ByteOrder::Native, $code) {
                Some(kind) => Code::new(ByteOrder::Native, kind),
                None => panic!("this is a code"),
            };

            #[inline]
            fn read(bytes: &[u8]) -> Self {
                bytes.first_chunk().map_or(Default::default(), |&bytes| Self::from_ne_bytes(bytes))
            }

            #[inline]
            fn write(self, bytes: &mut [u8]) {
                bytes.copy_from_slice(&self.to_ne_bytes());
            }
        }
    )*};
}

number! {
    i8 => b'b', i16 => b'h', i32 => b'i', i64 => b'q', u8 => b'B', u16 => b'H', u32 => b'I',
    u64 => b'Q', f32 => b'f', f64 => b'd',
    isize => b'n', usize => b'N',
}
