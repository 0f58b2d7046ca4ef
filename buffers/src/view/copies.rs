//! Copies of a view's elements.

use alloc::vec::Vec;

use super::borrowed::View;
use super::gather::gather;
use crate::layout::Trouble;
use crate::{LayoutError, Order, copied};

/// Copies. All of them are counted in [`copied`].
impl View<'_> {
    /// The bytes of all elements in the order of C, copied.
    ///
    /// # Panics
    ///
    /// If there is no memory for them: the elements of a [`broadcast`](Self::broadcast)
    /// view may be more than there is memory. Look at [`nbytes`](Self::nbytes) of a view
    /// whose shape somebody else has chosen.
    #[must_use = "the bytes were copied for nothing otherwise"]
    pub fn to_bytes(&self) -> Vec<u8> {
        self.to_bytes_in(Order::C)
    }

    /// The bytes of all elements in that order, copied.
    ///
    /// # Panics
    ///
    /// As [`to_bytes`](Self::to_bytes).
    ///
    /// ```
    /// use buffers::{Order, View};
    ///
    /// let matrix = View::of_bytes(b"abcdef").reshape([2, 3])?;
    /// assert_eq!(matrix.to_bytes_in(Order::F), b"adbecf");
    /// # Ok::<(), buffers::LayoutError>(())
    /// ```
    #[must_use = "the bytes were copied for nothing otherwise"]
    pub fn to_bytes_in(&self, order: Order) -> Vec<u8> {
        match order {
            Order::F => self.transpose().to_bytes_in(Order::C),
            Order::A if self.is_f_contiguous() => self.to_bytes_in(Order::F),
            Order::C | Order::A => {
                copied::record(self.nbytes());
                if let Some(bytes) = self.as_bytes() {
                    return bytes.to_vec();
                }
                check_room(self.nbytes());
                let mut to = alloc::vec![0; self.nbytes()];
                gather(self.backing(), self.layout(), &mut to);
                to
            }
        }
    }

    /// Copies the bytes of all elements, in the order of C, to memory of the caller's.
    ///
    /// # Errors
    ///
    /// [`LayoutError`] if `to` has not exactly [`nbytes`](Self::nbytes) bytes; nothing
    /// was copied then.
    pub fn copy_to_slice(&self, to: &mut [u8]) -> Result<(), LayoutError> {
        if to.len() != self.nbytes() {
            let (have, given) = (self.nbytes(), to.len());
            return Err(Trouble::Bytes { have, given }.into());
        }
        copied::record(to.len());
        match self.as_bytes() {
            Some(bytes) => to.copy_from_slice(bytes),
            None => gather(self.backing(), self.layout(), to),
        }
        Ok(())
    }
}

/// Panics if there is no memory for so many bytes, which may be a claim of the view's shape:
/// where a `Vec` finds none, it ends the process.
#[track_caller]
pub(super) fn check_room(bytes: usize) {
    const LITTLE: usize = 1 << 30;
    let fits = bytes <= LITTLE || Vec::<u8>::new().try_reserve_exact(bytes).is_ok();
    assert!(fits, "there is no memory for a copy that takes {bytes} bytes");
}
