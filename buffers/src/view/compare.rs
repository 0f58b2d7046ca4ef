//! Equality by value, across formats and byte orders.

use super::borrowed::View;
use crate::layout::Number;
use crate::{Code, SharedView, Value};

/// Views are equal if they have the same shape and equal elements at the same places, as
/// in CPython: by value, whatever the formats and byte orders. So `1` is equal to `1.0`
/// and NaN to nothing, not even to itself; of bytes, `c` is a string and `B` a number,
/// which are never equal. Records are equal if all their values are. Of two views of no
/// elements, the lengths behind the first 0 are not compared, so that views are equal
/// where their [lists](View::to_list) are.
///
/// Integers of the same format are compared by their bytes: by `memcmp`, where they have
/// no gaps.
///
/// ```
/// use buffers::{Format, View};
///
/// let big = View::new(&[0, 1, 0, 2], Format::parse(">H")?)?;
/// let doubles: Vec<u8> = [1.0, 2.0_f64].iter().flat_map(|n| n.to_le_bytes()).collect();
/// assert_eq!(big, View::new(&doubles, Format::parse("<d")?)?);
/// assert_eq!(big, View::of_bytes(&[1, 2]));
/// assert_ne!(big, View::of_bytes(&[1, 2]).reshape([2, 1])?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
impl PartialEq for View<'_> {
    fn eq(&self, other: &Self) -> bool {
        if !equal_shapes(self.shape(), other.shape()) {
            return false;
        }
        match (self.format().code(), other.format().code()) {
            (Some(ours), Some(theirs)) if bytes_decide(ours, theirs) => {
                let one_order =
                    ours.itemsize() == 1 || ours.is_big_endian() == theirs.is_big_endian();
                if one_order { equal_bytes(self, other) } else { equal_swapped(self, other) }
            }
            (Some(ours), Some(theirs)) => equal_numbers(self, ours, other, theirs),
            _ => self.records().zip(other.records()).all(|(a, b)| a.values().eq(b.values())),
        }
    }
}

/// As [`View`]s.
/// Lengths behind a 0 say nothing about any element, nor are they seen in a list of
/// lists.
fn equal_shapes(ours: &[usize], theirs: &[usize]) -> bool {
    let until = ours.iter().position(|&len| len == 0).map_or(ours.len(), |at| at + 1);
    ours.len() == theirs.len() && ours[..until] == theirs[..until]
}

impl PartialEq for SharedView {
    fn eq(&self, other: &Self) -> bool {
        self.view() == other.view()
    }
}

/// As [`View`]s.
impl PartialEq<View<'_>> for SharedView {
    fn eq(&self, other: &View<'_>) -> bool {
        self.view() == *other
    }
}

/// As [`View`]s.
impl PartialEq<SharedView> for View<'_> {
    fn eq(&self, other: &SharedView) -> bool {
        *self == other.view()
    }
}

/// Whether values are equal exactly if their bytes are, in one order: integers of one kind.
/// Floats have two zeros and a NaN, and truth has many bytes.
fn bytes_decide(ours: Code, theirs: Code) -> bool {
    let number = ours.kind().number();
    let floats = matches!(number, Number::F16 | Number::F32 | Number::F64);
    number == theirs.kind().number() && !floats && number != Number::Bool
}

fn equal_bytes(ours: &View<'_>, theirs: &View<'_>) -> bool {
    if ours.is_f_contiguous() && theirs.is_f_contiguous() {
        return ours.transpose().as_bytes() == theirs.transpose().as_bytes();
    }
    match (ours.as_bytes(), theirs.as_bytes()) {
        (Some(ours), Some(theirs)) => ours == theirs,
        _ => match ours.itemsize() {
            1 => all_sized::<1>(ours, theirs, |a, b| a == b),
            2 => all_sized::<2>(ours, theirs, |a, b| a == b),
            4 => all_sized::<4>(ours, theirs, |a, b| a == b),
            _ => all_sized::<8>(ours, theirs, |a, b| a == b),
        },
    }
}

/// Integers of one kind in two orders.
fn equal_swapped(ours: &View<'_>, theirs: &View<'_>) -> bool {
    match ours.itemsize() {
        2 => all_sized(ours, theirs, |a, b| u16::from_le_bytes(*a) == u16::from_be_bytes(*b)),
        4 => all_sized(ours, theirs, |a, b| u32::from_le_bytes(*a) == u32::from_be_bytes(*b)),
        _ => all_sized(ours, theirs, |a, b| u64::from_le_bytes(*a) == u64::from_be_bytes(*b)),
    }
}

#[allow(clippy::float_cmp, reason = "equality is what is asked")]
fn equal_numbers(ours: &View<'_>, our_code: Code, theirs: &View<'_>, their_code: Code) -> bool {
    let (a, b) = (our_code.kind().number(), their_code.kind().number());
    let (our_order, their_order) = (our_code.order(), their_code.order());
    match (a, b, our_order.is_big(), their_order.is_big()) {
        (Number::F32, Number::F32, false, false) => {
            all_sized(ours, theirs, |a, b| f32::from_le_bytes(*a) == f32::from_le_bytes(*b))
        }
        (Number::F64, Number::F64, false, false) => {
            all_sized(ours, theirs, |a, b| f64::from_le_bytes(*a) == f64::from_le_bytes(*b))
        }
        _ => all(ours, theirs, |ours, theirs| {
            Value::of(a, our_order, ours) == Value::of(b, their_order, theirs)
        }),
    }
}

/// [`all`] of elements whose size the compiler knows.
fn all_sized<const U: usize>(
    ours: &View<'_>,
    theirs: &View<'_>,
    equal: impl Fn(&[u8; U], &[u8; U]) -> bool,
) -> bool {
    all(ours, theirs, |a, b| match (a.first_chunk(), b.first_chunk()) {
        (Some(a), Some(b)) => equal(a, b),
        _ => false,
    })
}

/// Whether all pairs of elements are equal. Those without gaps need no walk.
fn all(ours: &View<'_>, theirs: &View<'_>, equal: impl Fn(&[u8], &[u8]) -> bool) -> bool {
    match (ours.as_bytes(), theirs.as_bytes()) {
        (Some(a), Some(b)) => {
            let items = a.chunks_exact(ours.itemsize()).zip(b.chunks_exact(theirs.itemsize()));
            items.into_iter().all(|(a, b)| equal(a, b))
        }
        _ => ours.items().zip(theirs.items()).all(|(a, b)| equal(a, b)),
    }
}
