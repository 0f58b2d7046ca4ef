//! What selects a part of an axis, and of several axes at once.

use core::fmt;
use core::ops::{Bound, Range, RangeFrom, RangeFull, RangeInclusive, RangeTo, RangeToInclusive};

/// `start:end:step` as in Python: negative positions count from the end, missing ones
/// mean the whole, and positions past an end are cut to it.
///
/// ```
/// use buffers::{Slice, View};
///
/// let digits = View::of_bytes(b"0123456789");
/// let text = |slice| digits.slice(slice).to_bytes();
/// assert_eq!(text(Slice::new(1, -1, 3)), b"147"); // [1:-1:3]
/// assert_eq!(text(Slice::new(-2, None, -4)), b"840"); // [-2::-4]
/// assert_eq!(text(Slice::every(-1)), b"9876543210"); // [::-1]
/// assert_eq!(text(Slice::new(7, 1000, 1)), b"789"); // [7:1000]
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Slice {
    start: Option<isize>,
    end: Option<isize>,
    step: isize,
}

impl Slice {
    /// `start:end:step`. A step of 0 is refused when the slice is used.
    #[inline]
    pub fn new(
        start: impl Into<Option<isize>>,
        end: impl Into<Option<isize>>,
        step: isize,
    ) -> Self {
        Self { start: start.into(), end: end.into(), step }
    }

    /// `::step`: every so manieth element, from the last one on if negative.
    #[inline]
    #[must_use]
    pub const fn every(step: isize) -> Self {
        Self { start: None, end: None, step }
    }

    /// Where the slice begins in `len` elements, and how many it takes.
    #[inline]
    fn within(self, len: usize) -> Option<Cut> {
        // No axis is longer than `isize::MAX`; see `check_size`.
        let last = len.cast_signed();
        let down = self.step < 0;
        let limit = |position: Option<isize>, otherwise: isize| match position {
            None => otherwise,
            Some(at) if at < 0 => (at + last).max(if down { -1 } else { 0 }),
            Some(at) => at.min(if down { last - 1 } else { last }),
        };
        let (start, end) = if down {
            (limit(self.start, last - 1), limit(self.end, -1))
        } else {
            (limit(self.start, 0), limit(self.end, last))
        };
        let way = if down { start - end } else { end - start };
        let step = self.step.unsigned_abs();
        let count = if way <= 0 { 0 } else { (way.unsigned_abs() - 1).checked_div(step)? + 1 };
        // A start of -1 selects nothing: the count is 0 then.
        (step > 0).then_some(Cut::Part {
            start: start.max(0).unsigned_abs(),
            count,
            step: self.step,
        })
    }
}

/// What selects a part of one axis: an element, a range, or a [`Slice`].
///
/// Made by `From` of integers and ranges of `isize`, `usize` or `i32`, so it is rarely
/// named. Negative positions count from the end. A range has to fit the axis, as
/// everywhere in Rust; a [`Slice`] is cut to it, as in Python.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Index {
    /// The one element there; the axis goes away.
    At(isize),
    /// The elements between, which have to be there.
    Range(Bound<isize>, Bound<isize>),
    /// The elements that Python would take.
    Slice(Slice),
}

/// An index that was held against the length of its axis.
pub(crate) enum Cut {
    At(usize),
    Part { start: usize, count: usize, step: isize },
}

impl Index {
    /// What this selects of `len` elements, or `None` if that is not there.
    #[inline(always)]
    #[allow(clippy::inline_always, reason = "see `Layout::cut`")]
    pub(crate) fn within(self, len: usize) -> Option<Cut> {
        match self {
            Self::At(at) => place(at, len).filter(|&at| at < len).map(Cut::At),
            Self::Range(start, end) => {
                let start = match start {
                    Bound::Included(at) => place(at, len)?,
                    Bound::Excluded(at) => place(at, len)? + 1,
                    Bound::Unbounded => 0,
                };
                let end = match end {
                    Bound::Included(at) => place(at, len)? + 1,
                    Bound::Excluded(at) => place(at, len)?,
                    Bound::Unbounded => len,
                };
                let fits = start <= end && end <= len;
                fits.then(|| Cut::Part { start, count: end - start, step: 1 })
            }
            Self::Slice(slice) => slice.within(len),
        }
    }
}

/// A position from the front; `None` if it lies before it. At most `isize::MAX`.
#[inline]
fn place(at: isize, len: usize) -> Option<usize> {
    if at < 0 { len.checked_sub(at.unsigned_abs()) } else { Some(at.unsigned_abs()) }
}

impl From<Slice> for Index {
    #[inline]
    fn from(slice: Slice) -> Self {
        Self::Slice(slice)
    }
}

impl From<RangeFull> for Index {
    #[inline]
    fn from(_: RangeFull) -> Self {
        Self::Range(Bound::Unbounded, Bound::Unbounded)
    }
}

/// One or several [`Index`]es, the first axis first: an integer, a range or a
/// [`Slice`]; a tuple of up to 8 of them; an array; or a slice of [`Index`]es.
///
/// Axes that are not named stay whole.
pub trait Indices {
    /// The list of them.
    type List: AsRef<[Index]>;

    /// Makes the list.
    fn into_list(self) -> Self::List;
}

impl<'i> Indices for &'i [Index] {
    type List = &'i [Index];

    #[inline]
    fn into_list(self) -> Self::List {
        self
    }
}

impl<I: Into<Index>, const N: usize> Indices for [I; N] {
    type List = [Index; N];

    #[inline]
    fn into_list(self) -> Self::List {
        self.map(Into::into)
    }
}

macro_rules! singles {
    ($($single:ty),+ $(,)?) => {$(
        impl Indices for $single {
            type List = [Index; 1];

            #[inline]
            fn into_list(self) -> Self::List {
                [self.into()]
            }
        }
    )+};
}

macro_rules! integers {
    ($($integer:ident by $narrow:expr),+ $(,)?) => {$(
        impl From<$integer> for Index {
            #[inline]
            fn from(at: $integer) -> Self {
                Self::At($narrow(at))
            }
        }

        integers!($integer, $narrow, Range, |r| Included(r.start), Excluded(r.end));
        integers!($integer, $narrow, RangeInclusive, |r| Included(*r.start()), Included(*r.end()));
        integers!($integer, $narrow, RangeFrom, |r| Included(r.start), Unbounded);
        integers!($integer, $narrow, RangeTo, |r| Unbounded, Excluded(r.end));
        integers!($integer, $narrow, RangeToInclusive, |r| Unbounded, Included(r.end));
        singles!($integer);
    )+};
    ($integer:ident, $narrow:expr, $range:ident, |$r:ident| $start:expr, $end:expr) => {
        impl From<$range<$integer>> for Index {
            #[inline]
            fn from($r: $range<$integer>) -> Self {
                use Bound::{Excluded, Included, Unbounded};
                // Each range needs two of the three.
                let _ = (Included::<()>, Excluded::<()>, Unbounded::<()>);
                let (start, end): (Bound<$integer>, Bound<$integer>) = ($start, $end);
                Self::Range(start.map($narrow), end.map($narrow))
            }
        }

        singles!($range<$integer>);
    };
}

integers!(isize by core::convert::identity, usize by from_unsigned, i32 by from_short);
singles!(RangeFull, Slice, Index);

/// No axis is longer than `isize::MAX`, so what is larger is outside in any case.
#[inline]
fn from_unsigned(at: usize) -> isize {
    isize::try_from(at).unwrap_or(isize::MAX)
}

#[inline]
fn from_short(at: i32) -> isize {
    isize::try_from(at).unwrap_or(if at < 0 { isize::MIN } else { isize::MAX })
}

macro_rules! tuples {
    ($($count:literal: $($letter:ident $field:tt),*;)+) => {$(
        impl<$($letter: Into<Index>),*> Indices for ($($letter,)*) {
            type List = [Index; $count];

            #[inline]
            fn into_list(self) -> Self::List {
                [$(self.$field.into()),*]
            }
        }
    )+};
}

tuples! {
    0: ;
    1: A 0;
    2: A 0, B 1;
    3: A 0, B 1, C 2;
    4: A 0, B 1, C 2, D 3;
    5: A 0, B 1, C 2, D 3, E 4;
    6: A 0, B 1, C 2, D 3, E 4, F 5;
    7: A 0, B 1, C 2, D 3, E 4, F 5, G 6;
    8: A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7;
}

impl fmt::Display for Slice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(start) = self.start {
            write!(f, "{start}")?;
        }
        f.write_str(":")?;
        if let Some(end) = self.end {
            write!(f, "{end}")?;
        }
        write!(f, ":{}", self.step)
    }
}

impl fmt::Display for Index {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::At(at) => write!(f, "index {at}"),
            Self::Slice(slice) => write!(f, "slice {slice}"),
            Self::Range(start, end) => {
                f.write_str("range ")?;
                match start {
                    Bound::Included(at) => write!(f, "{at}..")?,
                    Bound::Excluded(at) => write!(f, "({at}, excluded)..")?,
                    Bound::Unbounded => f.write_str("..")?,
                }
                match end {
                    Bound::Included(at) => write!(f, "={at}"),
                    Bound::Excluded(at) => write!(f, "{at}"),
                    Bound::Unbounded => Ok(()),
                }
            }
        }
    }
}
