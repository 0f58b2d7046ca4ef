//! Records as tuples: the parts of one, and how each is read and written.

use super::record_error::{RecordError, Trouble};
use super::records::pascal;
use crate::layout::{Content, Number};
use crate::{Field, Format, copied};

/// A tuple of up to 12 [`Part`]s that a record is unpacked to or packed from, when its
/// format is known as the program is written; see [`Format::iter_unpack_as`].
///
/// Which part stands where is held against the format once; then each record is decoded by
/// code that was compiled for this tuple.
pub trait Tuple<'b>: Sized + sealed::Tuple<'b> {}

/// What a tuple of a record may consist of: `u8` to `u64`, `i8` to `i64`, `f32`, `f64` and
/// `bool` for numbers and truth values of the same size and sign; arrays of them for
/// counted ones such as `4H`; `&[u8]` for `s`, `p` and `c`. `u8` serves `c` as well.
pub trait Part<'b>: Sized + sealed::Part<'b> {}

/// Where a part lies in a record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Place {
    offset: usize,
    len: usize,
    pascal: bool,
}

impl Place {
    pub(super) const fn of(offset: usize, len: usize) -> Self {
        Self { offset, len, pascal: false }
    }

    #[inline]
    fn bytes(self, record: &[u8]) -> &[u8] {
        &record[self.offset..][..self.len]
    }
}

/// Passes over a format's values as parts claim them.
pub struct Cursor<'f> {
    fields: &'f [Field],
    /// Values of the first field that were claimed.
    claimed: usize,
}

impl<'f> Cursor<'f> {
    pub(super) fn new(format: &'f Format) -> Self {
        let mut cursor = Self { fields: format.as_fields(), claimed: 0 };
        cursor.pass_padding();
        cursor
    }

    pub(super) fn code(&self) -> Option<char> {
        self.fields.first().map(Field::code)
    }

    pub(super) fn has_ended(&self) -> bool {
        self.fields.is_empty()
    }

    /// The next `n` values of one field, if they are of a kind.
    fn numbers(&mut self, n: usize, fits: impl Fn(Number) -> bool) -> Option<Place> {
        let field = self.fields.first()?;
        let Content::Values(kind) = field.content() else {
            return None;
        };
        if !fits(kind.number()) || field.values() - self.claimed < n {
            return None;
        }
        let offset = field.offset() + self.claimed * kind.size();
        self.claim(n);
        Some(Place::of(offset, n * kind.size()))
    }

    fn string(&mut self) -> Option<Place> {
        let field = self.fields.first()?;
        let pascal = match field.content() {
            Content::Bytes => false,
            Content::Pascal => true,
            Content::Values(_) | Content::Padding => return None,
        };
        let place = Place { offset: field.offset(), len: field.count(), pascal };
        self.claim(1);
        Some(place)
    }

    fn claim(&mut self, n: usize) {
        self.claimed += n;
        if self.fields.first().is_some_and(|field| field.values() == self.claimed) {
            self.claimed = 0;
            self.fields = &self.fields[1..];
            self.pass_padding();
        }
    }

    fn pass_padding(&mut self) {
        while let Some((Content::Padding, rest)) =
            self.fields.split_first().map(|(first, rest)| (first.content(), rest))
        {
            self.fields = rest;
        }
    }
}

mod sealed {
    use super::{Cursor, Format, Place, RecordError};

    pub trait Part<'b>: Sized {
        /// What it is called in errors.
        const NAME: &'static str;
        /// Its bytes in a record; `None` if the format tells.
        const SIZE: Option<usize>;
        fn claim(cursor: &mut Cursor<'_>) -> Option<Place>;
        fn read<const BIG: bool>(record: &'b [u8], place: Place) -> Self;
        fn write<const BIG: bool>(self, record: &mut [u8], place: Place);
    }

    pub trait Tuple<'b>: Sized {
        type Places: Clone;
        fn places(format: &Format) -> Result<Self::Places, RecordError>;
        /// Whether the parts lie one after the other without a gap.
        fn are_packed(places: &Self::Places) -> bool;
        fn read<const BIG: bool>(record: &'b [u8], places: &Self::Places) -> Self;
        /// The same for places that are packed, which are known to the compiler.
        fn read_packed<const BIG: bool>(record: &'b [u8]) -> Self;
        fn write<const BIG: bool>(self, record: &mut [u8], places: &Self::Places);
    }
}

macro_rules! number {
    ($($type:ty => $kind:pat),* $(,)?) => {$(
        impl Part<'_> for $type {}
        impl sealed::Part<'_> for $type {
            const NAME: &'static str = stringify!($type);
            const SIZE: Option<usize> = Some(size_of::<$type>());

            fn claim(cursor: &mut Cursor<'_>) -> Option<Place> {
                cursor.numbers(1, |number| matches!(number, $kind))
            }

            #[inline]
            fn read<const BIG: bool>(record: &[u8], place: Place) -> Self {
                match record[place.offset..].first_chunk() {
                    Some(&bytes) if BIG => Self::from_be_bytes(bytes),
                    Some(&bytes) => Self::from_le_bytes(bytes),
                    None => Default::default(),
                }
            }

            #[inline]
            fn write<const BIG: bool>(self, record: &mut [u8], place: Place) {
                let bytes = if BIG { self.to_be_bytes() } else { self.to_le_bytes() };
                record[place.offset..][..place.len].copy_from_slice(&bytes);
            }
        }
    )*};
}

number! {
    u8 => Number::U8 | Number::Char,
    u16 => Number::U16,
    u32 => Number::U32,
    u64 => Number::U64,
    i8 => Number::I8,
    i16 => Number::I16,
    i32 => Number::I32,
    i64 => Number::I64,
    f32 => Number::F32,
    f64 => Number::F64,
}

impl Part<'_> for bool {}
impl sealed::Part<'_> for bool {
    const NAME: &'static str = "bool";
    const SIZE: Option<usize> = Some(1);

    fn claim(cursor: &mut Cursor<'_>) -> Option<Place> {
        cursor.numbers(1, |number| number == Number::Bool)
    }

    #[inline]
    fn read<const BIG: bool>(record: &[u8], place: Place) -> Self {
        record[place.offset] != 0
    }

    #[inline]
    fn write<const BIG: bool>(self, record: &mut [u8], place: Place) {
        record[place.offset] = self.into();
    }
}

impl<'b, T: Part<'b>, const N: usize> Part<'b> for [T; N] {}
impl<'b, T: Part<'b>, const N: usize> sealed::Part<'b> for [T; N] {
    const NAME: &'static str = "an array";
    const SIZE: Option<usize> = match T::SIZE {
        Some(size) => Some(size * N),
        None => None,
    };

    fn claim(cursor: &mut Cursor<'_>) -> Option<Place> {
        let first = if N == 0 { Place::default() } else { T::claim(cursor)? };
        let mut len = first.len;
        for _ in 1..N {
            let next = T::claim(cursor)?;
            // Elements of one array lie side by side, and are read by their distance.
            if next.offset != first.offset + len || next.len != first.len || next.pascal {
                return None;
            }
            len += next.len;
        }
        Some(Place { len, ..first })
    }

    #[inline]
    fn read<const BIG: bool>(record: &'b [u8], place: Place) -> Self {
        let len = T::SIZE.unwrap_or(place.len / N.max(1));
        core::array::from_fn(|i| {
            T::read::<BIG>(record, Place { offset: place.offset + i * len, len, ..place })
        })
    }

    #[inline]
    fn write<const BIG: bool>(self, record: &mut [u8], place: Place) {
        let len = T::SIZE.unwrap_or(place.len / N.max(1));
        for (i, part) in self.into_iter().enumerate() {
            part.write::<BIG>(record, Place { offset: place.offset + i * len, len, ..place });
        }
    }
}

impl<'b> Part<'b> for &'b [u8] {}
impl<'b> sealed::Part<'b> for &'b [u8] {
    const NAME: &'static str = "&[u8]";
    const SIZE: Option<usize> = None;

    fn claim(cursor: &mut Cursor<'_>) -> Option<Place> {
        cursor.string().or_else(|| cursor.numbers(1, |number| number == Number::Char))
    }

    #[inline]
    fn read<const BIG: bool>(record: &'b [u8], place: Place) -> Self {
        let bytes = place.bytes(record);
        if place.pascal { pascal(bytes) } else { bytes }
    }

    fn write<const BIG: bool>(self, record: &mut [u8], place: Place) {
        let mut out = &mut record[place.offset..][..place.len];
        out.fill(0);
        if place.pascal {
            let Some((len, rest)) = out.split_first_mut() else { return };
            *len = u8::try_from(self.len().min(rest.len())).unwrap_or(u8::MAX);
            out = rest;
        }
        let n = self.len().min(out.len());
        out[..n].copy_from_slice(&self[..n]);
        copied::record(n);
    }
}

/// A tuple's implementation, by its parts with their positions.
macro_rules! tuple {
    ($count:literal: $($part:ident $index:tt),*) => {
        impl<'b, $($part: Part<'b>),*> Tuple<'b> for ($($part,)*) {}
        impl<'b, $($part: Part<'b>),*> sealed::Tuple<'b> for ($($part,)*) {
            type Places = [Place; $count];

            fn places(format: &Format) -> Result<Self::Places, RecordError> {
                let mut cursor = Cursor::new(format);
                let places = [$({
                    let code = cursor.code();
                    let claimed = <$part>::claim(&mut cursor);
                    claimed.ok_or(Trouble::Part { index: $index, code, part: <$part>::NAME })?
                }),*];
                if cursor.has_ended() {
                    Ok(places)
                } else {
                    Err(Trouble::Rest { parts: $count, values: format.values() }.into())
                }
            }

            fn are_packed(places: &Self::Places) -> bool {
                let all_fixed = [$(<$part>::SIZE.is_some()),*].iter().all(|&fixed| fixed);
                all_fixed && *places == packed([$(<$part>::SIZE),*])
            }

            #[inline]
            fn read<const BIG: bool>(record: &'b [u8], places: &Self::Places) -> Self {
                ($(<$part>::read::<BIG>(record, places[$index]),)*)
            }

            #[inline]
            fn read_packed<const BIG: bool>(record: &'b [u8]) -> Self {
                let places = const { packed([$(<$part>::SIZE),*]) };
                let last = const { packed([$(<$part>::SIZE),*])[$count - 1] };
                // One check for all of them.
                let record = &record[..last.offset + last.len];
                ($(<$part>::read::<BIG>(record, places[$index]),)*)
            }

            #[inline]
            fn write<const BIG: bool>(self, record: &mut [u8], places: &Self::Places) {
                $(self.$index.write::<BIG>(record, places[$index]);)*
            }
        }
    };
}

/// Places one after the other.
const fn packed<const N: usize>(sizes: [Option<usize>; N]) -> [Place; N] {
    let mut places = [Place::of(0, 0); N];
    let (mut i, mut offset) = (0, 0);
    while i < N {
        let len = match sizes[i] {
            Some(len) => len,
            None => 0,
        };
        places[i] = Place::of(offset, len);
        (i, offset) = (i + 1, offset + len);
    }
    places
}

tuple!(1: A 0);
tuple!(2: A 0, B 1);
tuple!(3: A 0, B 1, C 2);
tuple!(4: A 0, B 1, C 2, D 3);
tuple!(5: A 0, B 1, C 2, D 3, E 4);
tuple!(6: A 0, B 1, C 2, D 3, E 4, F 5);
tuple!(7: A 0, B 1, C 2, D 3, E 4, F 5, G 6);
tuple!(8: A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7);
tuple!(9: A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8);
tuple!(10: A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9);
tuple!(11: A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10);
tuple!(12: A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11);
