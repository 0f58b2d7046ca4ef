//! Memory that grows, and refuses to while somebody looks at it: Python's `bytearray` and
//! `array`.

mod buffer_error;
mod byte_array;
mod numbers;
mod typed;

pub use buffer_error::BufferError;
pub use byte_array::ByteArray;
pub use numbers::Number;
pub use typed::Array;
