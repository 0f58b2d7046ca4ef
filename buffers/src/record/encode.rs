//! Values into bytes, refused where `struct.pack` refuses them.

use crate::Value;
use crate::layout::{ByteOrder, Kind, Number};
use crate::view::half;

/// Writes `value` into the bytes of one number, truth value or `c`.
///
/// # Errors
///
/// Why the code does not take it, in words; nothing is written then.
pub(super) fn encode(
    kind: Kind,
    order: ByteOrder,
    value: Value<'_>,
    out: &mut [u8],
) -> Result<(), &'static str> {
    match kind.number() {
        Number::I8 | Number::I16 | Number::I32 | Number::I64 => integer(value, true, order, out),
        Number::U8 | Number::U16 | Number::U32 | Number::U64 => match value {
            // As CPython takes addresses: of either sign.
            Value::Int(number) if kind.code() == b'P' => {
                number_bytes(number.cast_unsigned().into(), order, out)
            }
            _ => integer(value, false, order, out),
        },
        Number::F16 | Number::F32 | Number::F64 => float(value, order, out),
        Number::Bool => {
            let truth = match value {
                Value::Int(number) => number != 0,
                Value::UInt(number) => number != 0,
                Value::Float(number) => number != 0.0,
                Value::Bool(truth) => truth,
                Value::Bytes(bytes) => !bytes.is_empty(),
            };
            out.fill(truth.into());
            Ok(())
        }
        Number::Char => match value {
            Value::Bytes(&[byte]) => {
                out.fill(byte);
                Ok(())
            }
            _ => Err("it is not one byte"),
        },
    }
}

fn integer(
    value: Value<'_>,
    signed: bool,
    order: ByteOrder,
    out: &mut [u8],
) -> Result<(), &'static str> {
    let number = match value {
        Value::Int(number) => i128::from(number),
        Value::UInt(number) => i128::from(number),
        Value::Bool(truth) => i128::from(truth),
        Value::Float(_) | Value::Bytes(_) => return Err("it is no integer"),
    };
    // At most 8 bytes, so that both ends fit.
    let bits = out.len() * 8;
    let (low, high) = if signed {
        (-(1_i128 << (bits - 1)), (1_i128 << (bits - 1)) - 1)
    } else {
        (0, (1_i128 << bits) - 1)
    };
    if (low..=high).contains(&number) {
        number_bytes(number.cast_unsigned(), order, out)
    } else {
        Err("it is out of range")
    }
}

/// The lowest bytes of a number, in their order.
#[expect(clippy::unnecessary_wraps, reason = "the last step of what may fail")]
fn number_bytes(number: u128, order: ByteOrder, out: &mut [u8]) -> Result<(), &'static str> {
    let (n, bytes) = (out.len(), number.to_le_bytes());
    out.copy_from_slice(&bytes[..n]);
    if order.is_big() {
        out.reverse();
    }
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "as Python's float() of an integer")]
#[expect(clippy::cast_possible_truncation, reason = "that is what `f` is")]
fn float(value: Value<'_>, order: ByteOrder, out: &mut [u8]) -> Result<(), &'static str> {
    let number = match value {
        Value::Float(number) => number,
        Value::Int(number) => number as f64,
        Value::UInt(number) => number as f64,
        Value::Bool(truth) => u8::from(truth).into(),
        Value::Bytes(_) => return Err("it is no number"),
    };
    let bits = match out.len() {
        2 => u64::from(half::of_f64(number).ok_or("it is too large for 16 bits")?),
        4 => {
            let single = number as f32;
            if single.is_infinite() && number.is_finite() {
                return Err("it is too large for 32 bits");
            }
            single.to_bits().into()
        }
        _ => number.to_bits(),
    };
    number_bytes(bits.into(), order, out)
}
