//! Elements as values of a type, in place, by `zerocopy`.

use alloc::boxed::Box;
use core::fmt;

use zerocopy::{FromBytes, Immutable, IntoBytes};

use super::borrowed::View;
use super::mutable::ViewMut;

impl<'a> View<'a> {
    /// The elements as a slice of `T`, in place, in the order of C.
    ///
    /// The format is not looked at, only the size: which type has the meaning that a
    /// format says is the caller's to know.
    ///
    /// # Errors
    ///
    /// [`TypedError`] if the elements have gaps, another size than `T`, or an address
    /// that is not good for `T`. It hands the view back.
    ///
    /// ```
    /// use buffers::{Format, View};
    ///
    /// let numbers = [1_u32, 2, 3];
    /// let bytes = zerocopy::IntoBytes::as_bytes(&numbers);
    /// let view = View::new(bytes, Format::parse("I")?)?;
    /// assert_eq!(view.clone().typed::<u32>().unwrap(), [1, 2, 3]);
    ///
    /// let error = View::of_bytes(&bytes[1..9]).cast(Format::parse("I")?)?.typed::<u32>();
    /// let error = error.unwrap_err();
    /// assert_eq!((error.address() % 4, error.needed_align()), (1, Some(4)));
    /// assert_eq!(error.into_view().nbytes(), 8);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn typed<T: FromBytes + Immutable>(self) -> Result<&'a [T], TypedError<Self>> {
        if let Some(cause) = cause::<T>(self.itemsize()) {
            return Err(self.not_typed(cause));
        }
        let Some(bytes) = self.as_bytes() else { return Err(self.not_typed(Cause::Gaps)) };
        if bytes.is_empty() {
            return Ok(&[]);
        }
        <[T]>::ref_from_bytes(bytes).map_err(|_| self.not_typed(Cause::Align(align_of::<T>())))
    }

    pub(crate) fn not_typed(self, cause: Cause) -> TypedError<Self> {
        let address = self.backing().as_ptr().addr() + self.layout().offset();
        TypedError { view: Box::new(self), address, cause }
    }
}

impl<'a> ViewMut<'a> {
    /// The elements as a slice of `T` for writing, in place, in the order of C. See
    /// [`View::typed`].
    ///
    /// # Errors
    ///
    /// [`TypedError`] if the elements have gaps, another size than `T`, or an address
    /// that is not good for `T`. It hands the view back.
    pub fn typed<T>(mut self) -> Result<&'a mut [T], TypedError<Self>>
    where
        T: FromBytes + IntoBytes + Immutable,
    {
        let fail = |view, address, cause| Err(TypedError { view: Box::new(view), address, cause });
        let cause = cause::<T>(self.itemsize());
        let Some(bytes) = self.as_bytes_mut() else {
            return fail(self, 0, cause.unwrap_or(Cause::Gaps));
        };
        let address = bytes.as_ptr().addr();
        if bytes.is_empty() && cause.is_none() {
            return Ok(&mut []);
        }
        if !address.is_multiple_of(align_of::<T>()) || cause.is_some() {
            return fail(self, address, cause.unwrap_or(Cause::Align(align_of::<T>())));
        }
        match self.into_bytes_mut().map(<[T]>::mut_from_bytes) {
            Some(Ok(items)) => Ok(items),
            // Size and address were looked at, and there are no gaps.
            _ => unreachable!("contiguous elements of the right size at the right address"),
        }
    }
}

/// What stands in the way of elements of `itemsize` bytes as `T`, whatever their place.
fn cause<T>(itemsize: usize) -> Option<Cause> {
    let size = size_of::<T>();
    (size != itemsize).then_some(Cause::Size { itemsize, size })
}

/// Elements that are no slice of a type. Hands the view back.
#[derive(Clone)]
pub struct TypedError<V> {
    // In a box, so that results stay small where nothing is wrong.
    view: Box<V>,
    address: usize,
    cause: Cause,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cause {
    Gaps,
    Size {
        itemsize: usize,
        size: usize,
    },
    Align(usize),
    #[cfg(feature = "ndarray")]
    Stride {
        axis: usize,
    },
}

impl<V> TypedError<V> {
    /// The view, as it was.
    pub fn into_view(self) -> V {
        *self.view
    }

    /// The address of the first element; 0 if it was not asked for, because there are
    /// gaps.
    pub fn address(&self) -> usize {
        self.address
    }

    /// The alignment that the type needs, if the address is not a multiple of it: then
    /// a copy by `to_bytes` may have a better one, or a part of the view.
    pub fn needed_align(&self) -> Option<usize> {
        match self.cause {
            Cause::Align(align) => Some(align),
            _ => None,
        }
    }
}

impl<V> fmt::Display for TypedError<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.cause {
            Cause::Gaps => f.write_str("there are gaps between the elements"),
            Cause::Size { itemsize, size } => {
                write!(f, "the elements have {itemsize} bytes, and the type has {size}")
            }
            Cause::Align(align) => {
                write!(f, "the address {:#x} is no multiple of {align}", self.address)
            }
            #[cfg(feature = "ndarray")]
            Cause::Stride { axis } => {
                write!(f, "the stride of axis {axis} is no whole number of elements")
            }
        }
    }
}

impl<V> fmt::Debug for TypedError<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TypedError({self})")
    }
}

impl<V> core::error::Error for TypedError<V> {}
