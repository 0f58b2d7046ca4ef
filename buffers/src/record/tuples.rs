//! Packing and unpacking, when the format is known as the program is written.

use alloc::vec::Vec;
use core::iter::FusedIterator;
use core::slice::ChunksExact;

use super::record_error::RecordError;
use super::tuple::Tuple;
use crate::Format;

impl Format {
    /// One record, which `bytes` is exactly, as a tuple. Strings are borrowed.
    ///
    /// # Errors
    ///
    /// [`RecordError`] if the tuple is not what the format says, and names its part; if
    /// `bytes` has another length than a record.
    ///
    /// ```
    /// use buffers::Format;
    ///
    /// let format = Format::parse("!H3s")?;
    /// let (port, name) = format.unpack_as::<(u16, &[u8])>(b"\x00\x50www")?;
    /// assert_eq!((port, name), (80, &b"www"[..]));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn unpack_as<'b, T: Tuple<'b>>(&self, bytes: &'b [u8]) -> Result<T, RecordError> {
        let places = T::places(self)?;
        self.check_one(bytes.len())?;
        Ok(How::of::<T>(self, &places).read(bytes, &places))
    }

    /// The records that `bytes` holds one after the other, as tuples. Nothing is
    /// allocated, and strings are borrowed.
    ///
    /// # Errors
    ///
    /// [`RecordError`] if the tuple is not what the format says, and names its part; if
    /// `bytes` is no whole number of records, or if a record has no bytes.
    ///
    /// ```
    /// use buffers::Format;
    ///
    /// let format = Format::parse("<IHbd")?;
    /// let bytes = [format.pack_as((7_u32, 80_u16, -1_i8, 0.5))?, vec![0; 15]].concat();
    /// let mut total = 0.0;
    /// for (id, port, level, load) in format.iter_unpack_as::<(u32, u16, i8, f64)>(&bytes)? {
    ///     total += f64::from(id) + f64::from(port) + f64::from(level) + load;
    /// }
    /// assert_eq!(total, 86.5);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn iter_unpack_as<'b, T: Tuple<'b>>(
        &self,
        bytes: &'b [u8],
    ) -> Result<Tuples<'b, T>, RecordError> {
        let places = T::places(self)?;
        self.check_many(bytes.len())?;
        let how = How::of::<T>(self, &places);
        Ok(Tuples { chunks: bytes.chunks_exact(self.itemsize()), places, how })
    }

    /// One record of a tuple, in new memory. As [`pack`](Self::pack), but what is of the
    /// wrong kind or out of range cannot be written down.
    ///
    /// # Errors
    ///
    /// [`RecordError`] if the tuple is not what the format says, and names its part.
    pub fn pack_as<'b, T: Tuple<'b>>(&self, tuple: T) -> Result<Vec<u8>, RecordError> {
        let places = T::places(self)?;
        let mut bytes = self.zeros()?;
        self.write_tuple(tuple, &places, &mut bytes);
        Ok(bytes)
    }

    /// Writes one record of a tuple at `offset` of `bytes`; a negative offset counts from
    /// the end. Padding becomes zero.
    ///
    /// # Errors
    ///
    /// As [`pack_as`](Self::pack_as), and if a record does not fit there. Nothing is
    /// written then.
    pub fn pack_into_as<'b, T: Tuple<'b>>(
        &self,
        bytes: &mut [u8],
        offset: isize,
        tuple: T,
    ) -> Result<(), RecordError> {
        let places = T::places(self)?;
        let start = self.place(offset, bytes.len())?;
        let record = &mut bytes[start..start + self.itemsize()];
        record.fill(0);
        self.write_tuple(tuple, &places, record);
        Ok(())
    }

    fn write_tuple<'b, T: Tuple<'b>>(&self, tuple: T, places: &T::Places, record: &mut [u8]) {
        if self.is_big_endian() {
            tuple.write::<true>(record, places);
        } else {
            tuple.write::<false>(record, places);
        }
    }
}

/// Which of the compiled ways reads a record.
#[derive(Clone, Copy)]
enum How {
    PackedLittle,
    PackedBig,
    Little,
    Big,
}

impl How {
    fn of<'b, T: Tuple<'b>>(format: &Format, places: &T::Places) -> Self {
        match (T::are_packed(places), format.is_big_endian()) {
            (true, false) => Self::PackedLittle,
            (true, true) => Self::PackedBig,
            (false, false) => Self::Little,
            (false, true) => Self::Big,
        }
    }

    #[inline]
    fn read<'b, T: Tuple<'b>>(self, record: &'b [u8], places: &T::Places) -> T {
        match self {
            Self::PackedLittle => T::read_packed::<false>(record),
            Self::PackedBig => T::read_packed::<true>(record),
            Self::Little => T::read::<false>(record, places),
            Self::Big => T::read::<true>(record, places),
        }
    }
}

/// The records of some bytes as tuples; made by [`Format::iter_unpack_as`].
#[derive(Clone)]
pub struct Tuples<'b, T: Tuple<'b>> {
    chunks: ChunksExact<'b, u8>,
    places: T::Places,
    how: How,
}

impl<'b, T: Tuple<'b>> Iterator for Tuples<'b, T> {
    type Item = T;

    #[inline]
    fn next(&mut self) -> Option<T> {
        let record = self.chunks.next()?;
        Some(self.how.read(record, &self.places))
    }

    #[inline]
    fn size_hint(&self) -> (usize, Option<usize>) {
        self.chunks.size_hint()
    }

    #[inline]
    fn nth(&mut self, n: usize) -> Option<T> {
        let record = self.chunks.nth(n)?;
        Some(self.how.read(record, &self.places))
    }

    /// Asks once, and not for each record, how they are read.
    #[inline]
    fn fold<B, F: FnMut(B, T) -> B>(self, init: B, mut f: F) -> B {
        let Self { chunks, places, how } = self;
        match how {
            How::PackedLittle => chunks.fold(init, |all, r| f(all, T::read_packed::<false>(r))),
            How::PackedBig => chunks.fold(init, |all, r| f(all, T::read_packed::<true>(r))),
            How::Little => chunks.fold(init, |all, r| f(all, T::read::<false>(r, &places))),
            How::Big => chunks.fold(init, |all, r| f(all, T::read::<true>(r, &places))),
        }
    }
}

impl<'b, T: Tuple<'b>> DoubleEndedIterator for Tuples<'b, T> {
    fn next_back(&mut self) -> Option<T> {
        let record = self.chunks.next_back()?;
        Some(self.how.read(record, &self.places))
    }
}

impl<'b, T: Tuple<'b>> ExactSizeIterator for Tuples<'b, T> {}
impl<'b, T: Tuple<'b>> FusedIterator for Tuples<'b, T> {}
