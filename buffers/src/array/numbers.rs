//! What an [`Array`](super::Array) is made of.

use crate::Code;

/// A number that an [`Array`](crate::Array) may hold: `i8` to `i64`, `u8` to `u64`, `f32`
/// and `f64`.
pub trait Number: Copy + PartialEq + sealed::Number {}

pub(super) mod sealed {
    use super::Code;

    pub trait Number: Sized {
        fn code() -> Code;
        fn read(bytes: &[u8]) -> Self;
        fn write(self, bytes: &mut [u8]);
    }
}

macro_rules! number {
    ($($type:ty => $code:literal),* $(,)?) => {$(
        impl Number for $type {}
        impl sealed::Number for $type {
            fn code() -> Code {
                Code::parse($code).unwrap_or_default()
            }

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
    i8 => "b", i16 => "h", i32 => "i", i64 => "q", u8 => "B", u16 => "H", u32 => "I",
    u64 => "Q", f32 => "f", f64 => "d",
}
