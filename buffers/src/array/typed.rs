//! Growable numbers.

use alloc::vec::Vec;
use core::fmt;
use core::marker::PhantomData;

use super::buffer_error::BufferError;
use super::byte_array::ByteArray;
use super::numbers::Number;
use crate::{Code, Row, SharedView, View, copied};

/// Growable numbers of one type that can be exported in place, and refuse to change as long as
/// an export is alive: Python's `array.array`.
///
/// They are kept as the bytes that they are, so that a [`View`] of them or a
/// [`SharedView`] costs nothing. What comes from elsewhere as bytes is appended as it
/// is, and [`byteswap`](Self::byteswap)ped if it was of another order.
///
/// ```
/// use buffers::Array;
///
/// let mut squares: Array<u32> = (0..5).map(|n| n * n).collect();
/// squares.push(25)?;
/// assert_eq!((squares.len(), squares.get(3), squares.index(16)), (6, Some(9), Some(4)));
/// let odd = squares.export().slice(buffers::Slice::every(2));
/// let error = squares.push(36).unwrap_err(); // `odd` still looks
/// assert_eq!((error.exports(), odd.shape()), (1, &[3][..]));
/// # Ok::<(), buffers::BufferError>(())
/// ```
pub struct Array<T> {
    bytes: ByteArray,
    number: PhantomData<fn() -> T>,
}

impl<T: Number> Array<T> {
    const SIZE: usize = size_of::<T>();

    /// No numbers.
    pub fn new() -> Self {
        Self { bytes: ByteArray::new(), number: PhantomData }
    }

    /// Numbers from their bytes in native order, in place.
    ///
    /// # Errors
    ///
    /// Gives the bytes back if they are no whole number of numbers.
    pub fn from_bytes(bytes: Vec<u8>) -> Result<Self, Vec<u8>> {
        if bytes.len().is_multiple_of(Self::SIZE) {
            Ok(Self { bytes: bytes.into(), number: PhantomData })
        } else {
            Err(bytes)
        }
    }

    /// How many numbers there are.
    #[inline]
    pub fn len(&self) -> usize {
        self.bytes.len() / Self::SIZE
    }

    /// Whether there is none.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// The code of the numbers.
    pub fn code(&self) -> Code {
        T::CODE
    }

    /// The number at `index`, or `None` past the last.
    #[inline]
    pub fn get(&self, index: usize) -> Option<T> {
        let start = index.checked_mul(Self::SIZE)?;
        Some(T::read(self.bytes.get(start..)?.get(..Self::SIZE)?))
    }

    /// The numbers in order.
    #[inline]
    pub fn iter(&self) -> impl ExactSizeIterator<Item = T> + DoubleEndedIterator + '_ {
        self.bytes.chunks_exact(Self::SIZE).map(T::read)
    }

    /// The first place of a number that equals `number`.
    pub fn index(&self, number: T) -> Option<usize> {
        self.iter().position(|other| other == number)
    }

    /// How many numbers equal `number`.
    pub fn count(&self, number: T) -> usize {
        self.iter().filter(|&other| other == number).count()
    }

    /// The bytes, in native order and in place.
    #[inline]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// A copy of the bytes, counted in [`copied`].
    pub fn to_bytes(&self) -> Vec<u8> {
        copied::record(self.bytes.len());
        self.bytes.to_vec()
    }

    /// The numbers as a row, in place.
    pub fn row(&self) -> Row<'_> {
        Row::new(&self.bytes, T::CODE).unwrap_or(Row::of_bytes(&[]))
    }

    /// The numbers as a view, in place.
    pub fn view(&self) -> View<'_> {
        self.row().into()
    }

    /// A view of the numbers as they are that may be kept, in place. Allocates as
    /// [`ByteArray::export`] does.
    #[must_use = "the array cannot change as long as this lives"]
    #[track_caller]
    pub fn export(&mut self) -> SharedView {
        let layout = self.view().layout().clone();
        SharedView::kept(self.bytes.export(), T::CODE.into(), layout)
    }

    /// Replaces the number at `index`, and gives the one that was there; `None` past the
    /// last.
    ///
    /// # Errors
    ///
    /// [`BufferError`] if an export is alive.
    pub fn replace(&mut self, index: usize, number: T) -> Result<Option<T>, BufferError> {
        let old = self.get(index);
        let bytes = self.bytes.as_mut_slice()?;
        if old.is_some() {
            number.write(&mut bytes[index * Self::SIZE..][..Self::SIZE]);
        }
        Ok(old)
    }

    /// Appends a number.
    ///
    /// # Errors
    ///
    /// [`BufferError`] if an export is alive, as with all that follow.
    pub fn push(&mut self, number: T) -> Result<(), BufferError> {
        let bytes = self.bytes.as_mut_vec()?;
        let len = bytes.len();
        bytes.resize(len + Self::SIZE, 0);
        number.write(&mut bytes[len..]);
        Ok(())
    }

    /// Appends numbers.
    ///
    /// # Errors
    ///
    /// [`BufferError`] if an export is alive.
    pub fn extend(&mut self, numbers: impl IntoIterator<Item = T>) -> Result<(), BufferError> {
        numbers.into_iter().try_for_each(|number| self.push(number))
    }

    /// Puts a number before the one at `index`, or at the end if there are fewer.
    ///
    /// # Errors
    ///
    /// [`BufferError`] if an export is alive.
    pub fn insert(&mut self, index: usize, number: T) -> Result<(), BufferError> {
        let at = index.min(self.len()) * Self::SIZE;
        self.push(number)?;
        self.bytes.as_mut_slice()?[at..].rotate_right(Self::SIZE);
        Ok(())
    }

    /// Takes the number at `index` out, or gives `None` past the last.
    ///
    /// # Errors
    ///
    /// [`BufferError`] if an export is alive.
    pub fn remove(&mut self, index: usize) -> Result<Option<T>, BufferError> {
        let bytes = self.bytes.as_mut_vec()?;
        let Some(at) = index.checked_mul(Self::SIZE).filter(|&at| at < bytes.len()) else {
            return Ok(None);
        };
        let number = T::read(&bytes[at..][..Self::SIZE]);
        bytes.drain(at..at + Self::SIZE);
        Ok(Some(number))
    }

    /// Takes the last number off.
    ///
    /// # Errors
    ///
    /// [`BufferError`] if an export is alive.
    pub fn pop(&mut self) -> Result<Option<T>, BufferError> {
        match self.len().checked_sub(1) {
            Some(last) => self.remove(last),
            None => self.bytes.as_mut_vec().map(|_| None),
        }
    }

    /// Turns the order of the numbers around.
    ///
    /// # Errors
    ///
    /// [`BufferError`] if an export is alive.
    pub fn reverse(&mut self) -> Result<(), BufferError> {
        let bytes = self.bytes.as_mut_slice()?;
        bytes.reverse();
        bytes.chunks_exact_mut(Self::SIZE).for_each(<[u8]>::reverse);
        Ok(())
    }

    /// Turns the bytes of each number around: for what came from a machine of the other
    /// order.
    ///
    /// # Errors
    ///
    /// [`BufferError`] if an export is alive.
    pub fn byteswap(&mut self) -> Result<(), BufferError> {
        self.bytes.as_mut_slice()?.chunks_exact_mut(Self::SIZE).for_each(<[u8]>::reverse);
        Ok(())
    }

    /// Appends numbers from a copy of their bytes in native order, counted in
    /// [`copied`]. Gives the bytes that are left because they are no whole number: fewer
    /// than one takes.
    ///
    /// # Errors
    ///
    /// [`BufferError`] if an export is alive.
    pub fn extend_from_bytes<'b>(&mut self, bytes: &'b [u8]) -> Result<&'b [u8], BufferError> {
        let (whole, rest) = bytes.split_at(bytes.len() - bytes.len() % Self::SIZE);
        self.bytes.extend_from_slice(whole)?;
        Ok(rest)
    }

    /// How many exports are alive.
    pub fn exports(&self) -> usize {
        self.bytes.exports()
    }
}

impl<T: Number> Default for Array<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: Number> FromIterator<T> for Array<T> {
    fn from_iter<I: IntoIterator<Item = T>>(numbers: I) -> Self {
        let numbers = numbers.into_iter();
        let mut bytes = Vec::with_capacity(numbers.size_hint().0.saturating_mul(Self::SIZE));
        for number in numbers {
            let len = bytes.len();
            bytes.resize(len + Self::SIZE, 0);
            number.write(&mut bytes[len..]);
        }
        Self { bytes: bytes.into(), number: PhantomData }
    }
}

impl<T: Number> Clone for Array<T> {
    fn clone(&self) -> Self {
        Self { bytes: self.bytes.clone(), number: PhantomData }
    }
}

impl<T: Number> PartialEq for Array<T> {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl<T: Number + fmt::Debug> fmt::Debug for Array<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}
