//! Moving bytes into the places of a layout's elements: the way back of `gather`.

use super::gather::Axes;
use crate::layout::Layout;

/// Copies `from`, the elements of `layout` one after the other in the order of C, to
/// their places in `bytes`.
pub(super) fn scatter(from: &[u8], layout: &Layout, bytes: &mut [u8]) {
    debug_assert_eq!(from.len(), layout.nbytes());
    if layout.is_empty() {
        return;
    }
    let (unit, axes) = layout.units();
    let axes = Axes { place: layout.offset(), shape: axes.shape(), strides: axes.strides() };
    match unit {
        1 => scatter_sized::<1>(from, axes, bytes),
        2 => scatter_sized::<2>(from, axes, bytes),
        4 => scatter_sized::<4>(from, axes, bytes),
        8 => scatter_sized::<8>(from, axes, bytes),
        16 => scatter_sized::<16>(from, axes, bytes),
        _ => scatter_runs(from, axes, unit, bytes),
    }
}

fn scatter_runs(from: &[u8], axes: Axes<'_>, unit: usize, bytes: &mut [u8]) {
    match axes.inner() {
        None => bytes[axes.place..][..unit].copy_from_slice(from),
        Some((len, walks)) => {
            for (walk, from) in walks.zip(from.chunks_exact(from.len() / len)) {
                scatter_runs(from, walk, unit, bytes);
            }
        }
    }
}

fn scatter_sized<const U: usize>(from: &[u8], axes: Axes<'_>, bytes: &mut [u8]) {
    if let Some((len, stride)) = axes.single() {
        return scatter_line::<U>(from.as_chunks().0, axes.place, len, stride, bytes);
    }
    match axes.inner() {
        None => bytes[axes.place..][..U].copy_from_slice(from),
        Some((len, walks)) => {
            for (walk, from) in walks.zip(from.chunks_exact(from.len() / len)) {
                scatter_sized::<U>(from, walk, bytes);
            }
        }
    }
}

/// One axis of elements of `U` bytes; see `gather_line`. Elements that are written do
/// not overlap, so each step is as wide as they are.
fn scatter_line<const U: usize>(
    from: &[[u8; U]],
    place: usize,
    len: usize,
    stride: isize,
    bytes: &mut [u8],
) {
    let step = stride.unsigned_abs();
    let way = step * (len - 1);
    let low = if stride < 0 { place - way } else { place };
    let (chunks, last) = bytes[low..][..way + U].split_at_mut(way);
    let chunks = chunks.chunks_exact_mut(step);
    if stride < 0 {
        let Some((first, rest)) = from.split_first() else { return };
        last.copy_from_slice(first);
        chunks.rev().zip(rest).for_each(|(chunk, from)| chunk[..U].copy_from_slice(from));
    } else {
        let Some((end, rest)) = from.split_last() else { return };
        chunks.zip(rest).for_each(|(chunk, from)| chunk[..U].copy_from_slice(from));
        last.copy_from_slice(end);
    }
}
