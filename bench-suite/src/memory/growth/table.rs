//! The table of a container's steps.

use super::containers::{Growth, Step};
use crate::memory::grid::Grid;
use crate::report::grouped;

/// A row for each size; the last one is that with room for all from the start.
#[expect(clippy::cast_precision_loss, reason = "it is rounded for people")]
pub fn growth_table(growth: &Growth) -> String {
    let header = ["entries", "capacity", "load", "bytes", "bytes an entry", "peak"];
    let mut grid = Grid::new(header).words(0);
    let cells = |step: &Step, from: String| {
        let number = |n: Option<u64>| n.map_or_else(|| "-".into(), grouped);
        let load = step.capacity.map(|capacity| step.entries as f64 / capacity.max(1) as f64);
        [
            from,
            number(step.capacity.map(|capacity| capacity as u64)),
            load.map_or_else(|| "-".into(), |load| format!("{:.0} %", load * 100.0)),
            grouped(step.bytes),
            format!("{:.1}", step.bytes_per_entry()),
            number(step.peak),
        ]
    };
    for step in &growth.steps {
        grid.row(cells(step, grouped(step.entries as u64)));
    }
    if let Some(step) = &growth.reserved {
        grid.row(cells(step, format!("{} reserved", grouped(step.entries as u64))));
    }
    format!("{}\n{grid}", growth.name)
}
