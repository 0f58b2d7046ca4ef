//! Who keeps what alive: by kind, and for one object.

use std::cmp::Reverse;
use std::collections::HashMap;

use super::dominators::Dominators;
use super::snapshot::Snapshot;
use crate::memory::grid::Grid;
use crate::report::grouped;

/// Objects of one kind that alone keep others.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PinnerKind {
    /// Their kind, and their name where they have one.
    pub kind: String,
    /// How many of them alone keep something.
    pub pinners: u64,
    /// The objects that they keep, directly or through others of other kinds.
    pub objects: u64,
    /// The bytes of these.
    pub bytes: u64,
    /// The bytes that one of them keeps at most.
    pub largest: u64,
}

/// Who keeps most, by kind: what hangs below objects of a kind in the tree of dominators,
/// each object once for each kind, however many of that kind are above it.
pub fn pinner_kinds(snapshot: &Snapshot, dominators: &Dominators) -> Vec<PinnerKind> {
    let mut kinds: HashMap<(&str, &str), PinnerKind> = HashMap::new();
    for object in 0..snapshot.len() {
        let below = dominators.retained_bytes(object) - snapshot.size(object);
        let count = u64::from(dominators.retained_objects(object)) - 1;
        if count == 0 {
            continue;
        }
        let key = (snapshot.kind(object), snapshot.name(object));
        let entry = kinds.entry(key).or_default();
        entry.pinners += 1;
        entry.largest = entry.largest.max(below);
        if !is_below_its_like(snapshot, dominators, object) {
            entry.objects += count;
            entry.bytes = entry.bytes.saturating_add(below);
        }
    }
    let named = |((kind, name), entry): ((&str, &str), PinnerKind)| PinnerKind {
        kind: if name.is_empty() { kind.into() } else { format!("{kind} {name}") },
        ..entry
    };
    let mut kinds: Vec<PinnerKind> = kinds.into_iter().map(named).collect();
    kinds.sort_by(|a, b| (Reverse(a.bytes), &a.kind).cmp(&(Reverse(b.bytes), &b.kind)));
    kinds
}

/// As far up as is looked; chains of a million objects of other kinds are rare, and only
/// cost exactness here.
const HIGHEST: usize = 1000;

fn is_below_its_like(snapshot: &Snapshot, dominators: &Dominators, object: usize) -> bool {
    let like = |other: usize| {
        (snapshot.kind(other), snapshot.name(other))
            == (snapshot.kind(object), snapshot.name(object))
    };
    let above = std::iter::successors(dominators.parent(object), |&above| dominators.parent(above));
    above.take(HIGHEST).any(like)
}

/// A table of the `top` kinds that keep most.
pub fn pinner_table(kinds: &[PinnerKind], top: usize) -> String {
    let mut grid = Grid::new(["kept by", "how many", "objects", "bytes", "largest"]);
    for kind in kinds.iter().take(top) {
        let figures = [kind.pinners, kind.objects, kind.bytes, kind.largest];
        grid.row([kind.kind.clone()].into_iter().chain(figures.map(grouped)));
    }
    grid.to_string()
}

/// Who keeps one object: those that refer to it, and the way down to it from the outermost
/// object that alone keeps it.
pub fn who_pins(snapshot: &Snapshot, dominators: &Dominators, object: usize, top: usize) -> String {
    let referrers: Vec<usize> = (0..snapshot.len())
        .filter(|&other| snapshot.refs(other).iter().any(|&to| to as usize == object))
        .collect();
    let mut way: Vec<usize> =
        std::iter::successors(Some(object), |&above| dominators.parent(above)).collect();
    way.reverse();
    let rows = |objects: &[usize]| {
        let mut grid = Grid::new(["address", "kind", "name", "retained bytes"]).words(3);
        for &object in objects {
            grid.row([
                format!("{:#x}", snapshot.address(object)),
                snapshot.kind(object).to_owned(),
                snapshot.name(object).to_owned(),
                grouped(dominators.retained_bytes(object)),
            ]);
        }
        grid.to_string()
    };
    let count = referrers.len();
    let shown = &referrers[..count.min(top)];
    let ways = if way.len() == 1 {
        "nobody alone keeps it"
    } else {
        "who alone keeps it, outermost first"
    };
    let last = way.len().saturating_sub(top.max(1));
    format!("{count} objects refer to it\n{}\n{ways}\n{}", rows(shown), rows(&way[last..]))
}
