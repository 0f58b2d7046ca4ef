//! Moving the elements of a layout out of their bytes, and into them.
//!
//! A loop that learns the size of its elements at run time is four to five times as
//! slow as one that is compiled for it, so there is one for each of the sizes 1, 2, 4,
//! 8 and 16; what lies one after the other is copied at once.

use crate::layout::Layout;

/// The axes of a walk: where it starts, how long and how wide its steps are.
#[derive(Clone, Copy)]
pub(super) struct Axes<'l> {
    pub(super) place: usize,
    pub(super) shape: &'l [usize],
    pub(super) strides: &'l [isize],
}

impl<'l> Axes<'l> {
    /// The walks along all axes but the first, one for each place of that.
    pub(super) fn inner(self) -> Option<(usize, impl Iterator<Item = Self> + use<'l>)> {
        let (&len, shape) = self.shape.split_first()?;
        let (&stride, strides) = self.strides.split_first()?;
        let mut place = self.place;
        let walks = (0..len).map(move |_| {
            let walk = Self { place, shape, strides };
            place = place.wrapping_add_signed(stride);
            walk
        });
        Some((len, walks))
    }

    /// The length and the stride, if one axis is left.
    pub(super) fn single(self) -> Option<(usize, isize)> {
        match (self.shape, self.strides) {
            (&[len], &[stride]) => Some((len, stride)),
            _ => None,
        }
    }
}

/// Copies the elements of `layout`, in the order of C, from `bytes` to `to`, which has
/// to be as large as they are together.
pub(crate) fn gather(bytes: &[u8], layout: &Layout, to: &mut [u8]) {
    debug_assert_eq!(to.len(), layout.nbytes());
    if layout.is_empty() {
        return;
    }
    let (unit, axes) = layout.units();
    let axes = Axes { place: layout.offset(), shape: axes.shape(), strides: axes.strides() };
    match unit {
        1 => gather_sized::<1>(bytes, axes, to),
        2 => gather_sized::<2>(bytes, axes, to),
        4 => gather_sized::<4>(bytes, axes, to),
        8 => gather_sized::<8>(bytes, axes, to),
        16 => gather_sized::<16>(bytes, axes, to),
        _ => gather_runs(bytes, axes, unit, to),
    }
}

fn gather_runs(bytes: &[u8], axes: Axes<'_>, unit: usize, to: &mut [u8]) {
    match axes.inner() {
        None => to.copy_from_slice(&bytes[axes.place..][..unit]),
        Some((len, walks)) => {
            for (walk, to) in walks.zip(to.chunks_exact_mut(to.len() / len)) {
                gather_runs(bytes, walk, unit, to);
            }
        }
    }
}

fn gather_sized<const U: usize>(bytes: &[u8], axes: Axes<'_>, to: &mut [u8]) {
    if let Some((len, stride)) = axes.single() {
        return gather_line::<U>(bytes, axes.place, len, stride, to.as_chunks_mut().0);
    }
    match axes.inner() {
        None => to.copy_from_slice(&bytes[axes.place..][..U]),
        Some((len, walks)) => {
            for (walk, to) in walks.zip(to.chunks_exact_mut(to.len() / len)) {
                gather_sized::<U>(bytes, walk, to);
            }
        }
    }
}

/// One axis of elements of `U` bytes.
///
/// If their steps are as wide as they are, the stretch that they span is cut into
/// chunks of one step, each of which begins with an element; so the bounds are held
/// once for all of them.
fn gather_line<const U: usize>(
    bytes: &[u8],
    place: usize,
    len: usize,
    stride: isize,
    to: &mut [[u8; U]],
) {
    let step = stride.unsigned_abs();
    if step < U {
        let mut place = place;
        for to in to {
            to.copy_from_slice(&bytes[place..][..U]);
            place = place.wrapping_add_signed(stride);
        }
        return;
    }
    let way = step * (len - 1);
    let low = if stride < 0 { place - way } else { place };
    let (chunks, last) = bytes[low..][..way + U].split_at(way);
    let chunks = chunks.chunks_exact(step);
    if stride < 0 {
        let Some((first, rest)) = to.split_first_mut() else { return };
        first.copy_from_slice(last);
        rest.iter_mut().zip(chunks.rev()).for_each(|(to, chunk)| to.copy_from_slice(&chunk[..U]));
    } else {
        let Some((end, rest)) = to.split_last_mut() else { return };
        rest.iter_mut().zip(chunks).for_each(|(to, chunk)| to.copy_from_slice(&chunk[..U]));
        end.copy_from_slice(last);
    }
}
