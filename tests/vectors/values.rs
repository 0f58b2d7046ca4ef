//! Values as the vectors write them, and ours.

use buffers::{Value, View};
use oracles::vectors::{Outcome, from_hex};
use serde_json::Value as Json;

/// Whether ours is CPython's; if it is not, what it is.
#[allow(clippy::needless_pass_by_value, reason = "most are made for the comparison")]
pub(crate) fn same<T: PartialEq + std::fmt::Debug>(ours: T, theirs: T) -> Result<Outcome, String> {
    if ours == theirs { Ok(Outcome::Same) } else { Err(format!("{ours:?}, not {theirs:?}")) }
}

/// A value of ours as the vectors would write it. Types and bits count, not only what is equal.
pub(crate) fn written(value: Value<'_>) -> Json {
    match value {
        Value::Int(number) => number.into(),
        Value::UInt(number) => number.into(),
        Value::Float(number) => format!("f{:016x}", number.to_bits()).into(),
        Value::Bool(truth) => truth.into(),
        Value::Bytes(bytes) => {
            // A view of bytes writes digits as CPython does; the cases of `hex` show it.
            format!("b{}", View::of_bytes(bytes).hex(None, 1)).into()
        }
    }
}

/// Values that the vectors write, read back. They own their bytes.
pub(crate) struct Owned(Vec<(Json, Vec<u8>)>);

impl Owned {
    pub(crate) fn read(list: &[Json]) -> Self {
        let digits = |value: &Json| value.as_str()?.strip_prefix('b').map(from_hex);
        Self(list.iter().map(|value| (value.clone(), digits(value).unwrap_or_default())).collect())
    }

    pub(crate) fn values(&self) -> Vec<Value<'_>> {
        self.0.iter().map(|(value, bytes)| read(value, bytes)).collect()
    }
}

fn read<'b>(value: &Json, bytes: &'b [u8]) -> Value<'b> {
    if let Some(text) = value.as_str() {
        return text
            .strip_prefix('f')
            .map_or(Value::Bytes(bytes), |bits| Value::Float(float(bits)));
    }
    if let Some(truth) = value.as_bool() {
        return Value::Bool(truth);
    }
    let unsigned = || value.as_u64().expect("a number of 64 bits");
    value.as_i64().map_or_else(|| Value::UInt(unsigned()), Value::Int)
}

fn float(bits: &str) -> f64 {
    f64::from_bits(u64::from_str_radix(bits, 16).expect("16 hexadecimal digits"))
}
