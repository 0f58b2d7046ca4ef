//! Floating-point numbers of 16 bits: `binary16` of IEEE 754, the code `e`.
//!
//! By hand because the standard library's `f16` is not stable, and a crate for these
//! thirty lines would be one more of twelve.

/// Exact: each half is an `f64`.
pub(crate) fn to_f64(half: u16) -> f64 {
    let sign = u64::from(half >> 15) << 63;
    let exponent = u64::from(half >> 10 & 0x1f);
    let fraction = u64::from(half & 0x3ff);
    let magnitude = match exponent {
        // Subnormals are multiples of 2^-24.
        0 => return f64::from_bits(sign | (f64::from(half & 0x3ff) / 16_777_216.0).to_bits()),
        0x1f => 0x7ff << 52 | fraction << 42,
        // The biases are 15 and 1023.
        _ => (exponent + 1008) << 52 | fraction << 42,
    };
    f64::from_bits(sign | magnitude)
}

/// The nearest half, ties to the even one; `None` if a finite number is too large.
pub(crate) fn of_f64(number: f64) -> Option<u16> {
    let bits = number.to_bits();
    let sign = if number.is_sign_negative() { 0x8000 } else { 0 };
    if number.is_nan() {
        // One quiet NaN of each sign, as CPython packs it.
        return Some(sign | 0x7e00);
    }
    if number.is_infinite() {
        return Some(sign | 0x7c00);
    }
    let exponent = (bits >> 52 & 0x7ff).cast_signed() - 1023;
    if exponent < -25 {
        return Some(sign);
    }
    // The number is `significand * 2^(exponent - 52)`; a half of this exponent counts in
    // steps of `2^(exponent - 10)`, and a subnormal one in steps of `2^-24`.
    let significand = bits & ((1 << 52) - 1) | 1 << 52;
    let dropped = 42 + (-14 - exponent).max(0).unsigned_abs();
    let kept = significand >> dropped;
    let rest = significand & ((1 << dropped) - 1);
    let tie = 1 << (dropped - 1);
    let rounded = kept + u64::from(rest > tie || rest == tie && kept & 1 == 1);
    // A normal half's leading bit is one step of its exponent: added, it carries into it.
    let biased = (exponent + 14).max(0).unsigned_abs();
    let half = (biased << 10) + rounded;
    (half < 0x7c00).then(|| sign | low_bits(half))
}

/// What fits 16 bits.
fn low_bits(bits: u64) -> u16 {
    u16::try_from(bits & 0xffff).unwrap_or(u16::MAX)
}
