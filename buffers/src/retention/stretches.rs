//! Ranges that may overlap, as the stretches that they cover.

use alloc::vec::Vec;
use core::ops::Range;

/// Sorts the ranges, drops empty ones and melts those that touch.
pub(super) fn merged(mut ranges: Vec<Range<usize>>) -> Vec<Range<usize>> {
    ranges.retain(|range| !range.is_empty());
    ranges.sort_unstable_by_key(|range| range.start);
    ranges.dedup_by(|next, kept| {
        let touches = next.start <= kept.end;
        if touches {
            kept.end = kept.end.max(next.end);
        }
        touches
    });
    ranges
}

/// What merged ranges cover together.
pub(super) fn covered(stretches: &[Range<usize>]) -> usize {
    stretches.iter().map(ExactSizeIterator::len).sum()
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::{covered, merged};

    #[test]
    fn stretches_cover_what_their_ranges_cover() {
        let cases: [&[(usize, usize)]; 6] = [
            &[],
            &[(3, 3)],
            &[(0, 4), (4, 6)],
            &[(5, 9), (0, 2), (1, 3)],
            &[(0, 10), (2, 3), (4, 5), (9, 12)],
            &[(1, 2), (1, 2), (0, 0), (7, 8)],
        ];
        for case in cases {
            let ranges: Vec<_> = case.iter().map(|&(start, end)| start..end).collect();
            let bytes = (0..20).filter(|at| ranges.iter().any(|range| range.contains(at))).count();
            let stretches = merged(ranges);
            assert_eq!(covered(&stretches), bytes, "{case:?}");
            assert!(stretches.windows(2).all(|pair| pair[0].end < pair[1].start), "{stretches:?}");
        }
    }
}
