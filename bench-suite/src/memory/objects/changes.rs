//! What came and went between two snapshots, by kind.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::summary::Summary;
use crate::memory::grid::Grid;
use crate::report::grouped;

/// How the objects of one kind changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KindChange {
    /// The kind.
    pub kind: String,
    /// How many came, or went if negative.
    pub count: i128,
    /// The bytes that came, or went if negative.
    pub bytes: i128,
}

/// Compares two snapshots; kinds of which nothing changed are left out. Largest change in
/// bytes first.
pub fn changes(before: &Summary, after: &Summary) -> Vec<KindChange> {
    let mut changes: BTreeMap<&str, KindChange> = BTreeMap::new();
    for (summary, sign) in [(before, -1), (after, 1)] {
        for row in summary.rows() {
            let change = changes.entry(&row.kind).or_default();
            change.count += sign * i128::from(row.count);
            change.bytes += sign * i128::from(row.bytes);
        }
    }
    let changes = changes.into_iter().map(|(kind, c)| KindChange { kind: kind.into(), ..c });
    let mut changes: Vec<KindChange> = changes.filter(|c| (c.count, c.bytes) != (0, 0)).collect();
    changes.sort_by_key(|change| Reverse(change.bytes.abs()));
    changes
}

/// A table of the `top` largest changes.
pub fn change_table(changes: &[KindChange], top: usize) -> String {
    let mut grid = Grid::new(["count", "bytes", "kind"]).words(0);
    for change in changes.iter().take(top) {
        grid.row([signed(change.count), signed(change.bytes), change.kind.clone()]);
    }
    let count = changes.iter().map(|change| change.count).sum();
    let bytes = changes.iter().map(|change| change.bytes).sum();
    format!("{grid}in all {} objects, {} bytes\n", signed(count), signed(bytes))
}

fn signed(number: i128) -> String {
    let size = grouped(u64::try_from(number.unsigned_abs()).unwrap_or(u64::MAX));
    if number < 0 { format!("-{size}") } else { format!("+{size}") }
}
