//! The longest contiguous pieces of a layout.

use alloc::vec::Vec;
use core::ops::Range;

use super::axes::{Axes, INLINE};
use super::geometry::Layout;

/// Where the longest contiguous pieces lie, in the order of C.
#[derive(Clone)]
pub(crate) struct Spans {
    walk: Walk,
    /// The bytes that lie one after the other at each place of the walk.
    unit: usize,
    /// The next place, already taken off the walk: a piece ends where that is not its
    /// continuation.
    next: Option<usize>,
}

impl Layout {
    /// Where the longest contiguous pieces lie, in the order of C.
    pub(crate) fn spans(&self) -> Spans {
        let (unit, axes) = self.units();
        let mut walk = Walk::new(self.offset, axes);
        let next = walk.next();
        Spans { walk, unit, next }
    }

    /// The bytes that lie one after the other along the fastest axes, and the axes that
    /// are left: as few as can be.
    pub(crate) fn units(&self) -> (usize, Axes) {
        let merged = self.axes.merged();
        match merged.last() {
            Some((len, stride)) if stride == self.itemsize.cast_signed() && !self.is_empty() => {
                let outer = merged.ndim() - 1;
                (self.itemsize * len, merged.iter().take(outer).collect())
            }
            _ => (self.itemsize, merged),
        }
    }
}

impl Iterator for Spans {
    type Item = Range<usize>;

    #[inline]
    fn next(&mut self) -> Option<Range<usize>> {
        let start = self.next?;
        let mut end = start + self.unit;
        loop {
            self.next = self.walk.next();
            if self.next != Some(end) {
                return Some(start..end);
            }
            end += self.unit;
        }
    }

    /// At least one if there is any byte, and at most one for each place of the walk.
    fn size_hint(&self) -> (usize, Option<usize>) {
        let some = usize::from(self.next.is_some());
        (some, self.walk.left.checked_add(some))
    }
}

/// All places that some axes reach, the last axis the fastest.
#[derive(Clone)]
pub(crate) struct Walk {
    axes: Axes,
    done: Counters,
    place: usize,
    left: usize,
}

/// How far each axis was walked.
#[derive(Clone)]
struct Counters {
    few: [usize; INLINE],
    more: Vec<usize>,
}

impl Walk {
    pub(crate) fn new(place: usize, axes: Axes) -> Self {
        let shape = axes.shape();
        let left = if shape.contains(&0) { 0 } else { shape.iter().product() };
        let more = if axes.ndim() > INLINE { alloc::vec![0; axes.ndim()] } else { Vec::new() };
        Self { axes, done: Counters { few: [0; INLINE], more }, place, left }
    }

    /// All elements of a layout, in the order of C.
    pub(crate) fn elements(layout: &Layout) -> Self {
        Self::new(layout.offset, layout.axes.merged())
    }

    #[inline]
    fn step(&mut self) {
        let done = match &mut self.done {
            Counters { few, more } if more.is_empty() => &mut few[..],
            Counters { more, .. } => &mut more[..],
        };
        for ((len, stride), done) in self.axes.iter().zip(done).rev() {
            *done += 1;
            if *done < len {
                self.place = self.place.wrapping_add_signed(stride);
                return;
            }
            // Back to the start of this axis; the next slower one goes on.
            let way = stride.wrapping_mul((len - 1).cast_signed());
            self.place = self.place.wrapping_add_signed(way.wrapping_neg());
            *done = 0;
        }
    }
}

impl Iterator for Walk {
    type Item = usize;

    #[inline]
    fn next(&mut self) -> Option<usize> {
        self.left = self.left.checked_sub(1)?;
        let place = self.place;
        if self.left > 0 {
            self.step();
        }
        Some(place)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl ExactSizeIterator for Walk {}
