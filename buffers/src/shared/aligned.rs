//! Memory that begins where it is asked to, or an error.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;

use super::owner::{DynOwner, Memory};

/// `len` zeros at a multiple of `align`.
///
/// A little more is allocated, and the part that is aligned is shown. The
/// allocator could be asked for the alignment itself, which would save that
/// little, and takes unsafe code.
pub(super) fn aligned(len: usize, align: usize) -> Result<Memory, AllocError> {
    let fail = |kind| AllocError { len, align, kind };
    if !align.is_power_of_two() {
        return Err(fail(AllocErrorKind::NoPowerOfTwo));
    }
    let whole = len.checked_add(align - 1).ok_or(fail(AllocErrorKind::TooLarge))?;
    if isize::try_from(whole).is_err() {
        return Err(fail(AllocErrorKind::TooLarge));
    }
    let mut vec = Vec::new();
    vec.try_reserve_exact(whole).map_err(|_| fail(AllocErrorKind::OutOfMemory))?;
    vec.resize(whole, 0);
    if align == 1 {
        return Ok(Memory::Vec(vec));
    }
    let start = vec.as_ptr().align_offset(align);
    Ok(Memory::Owned(Box::new(Aligned { vec, start, len })))
}

/// A part of a vector that starts at an aligned address.
struct Aligned {
    vec: Vec<u8>,
    // Invariant: `start + len <= vec.len()`, and the vector is never touched.
    start: usize,
    len: usize,
}

impl DynOwner for Aligned {
    fn as_slice(&self) -> &[u8] {
        &self.vec[self.start..self.start + self.len]
    }

    fn as_mut_slice(&mut self) -> Option<&mut [u8]> {
        Some(&mut self.vec[self.start..self.start + self.len])
    }

    fn slack(&self) -> usize {
        self.vec.capacity() - self.len
    }
}

/// Memory that could not be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AllocError {
    len: usize,
    align: usize,
    kind: AllocErrorKind,
}

/// Why memory could not be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AllocErrorKind {
    /// The alignment is no power of two.
    NoPowerOfTwo,
    /// With the slack of alignment, no slice can be that long on this machine.
    TooLarge,
    /// The allocator has not got so much.
    OutOfMemory,
}

impl AllocError {
    /// The bytes that were asked for.
    #[must_use]
    pub const fn requested(&self) -> usize {
        self.len
    }

    /// The alignment that was asked for.
    #[must_use]
    pub const fn align(&self) -> usize {
        self.align
    }

    /// What stood in the way.
    #[must_use]
    pub const fn kind(&self) -> AllocErrorKind {
        self.kind
    }
}

impl fmt::Display for AllocError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { len, align, kind } = self;
        write!(f, "cannot allocate {len} bytes at a multiple of {align}: ")?;
        match kind {
            AllocErrorKind::NoPowerOfTwo => write!(f, "{align} is no power of two"),
            AllocErrorKind::TooLarge => {
                write!(f, "with the slack of alignment that is more than {} bytes", isize::MAX)
            }
            AllocErrorKind::OutOfMemory => write!(f, "the allocator has not got so much"),
        }
    }
}

impl core::error::Error for AllocError {}
