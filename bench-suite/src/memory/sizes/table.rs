//! The tables of sizes.

use super::everyday::{Everyday, PythonSizes};
use super::nodes::Nodes;
use crate::memory::grid::Grid;
use crate::report::grouped;

/// A row for each counterpart, beside what each interpreter says.
pub fn size_table(rows: &[Everyday], pythons: &[PythonSizes]) -> String {
    let names = pythons.iter().map(|python| python.name.as_str());
    let rust = ["Rust", "in place", "asked", "usable", "blocks"];
    let mut grid = Grid::new(std::iter::once("Python").chain(names).chain(rust));
    let mut last = "";
    for row in rows {
        let first = last != row.python;
        last = row.python;
        let said = pythons.iter().map(|python| match python.of(row.python) {
            Some(size) if first => grouped(size),
            None if first => "-".into(),
            _ => String::new(),
        });
        let held = &row.held;
        let figures = [row.in_place as u64, held.asked, held.usable, held.blocks];
        let name = if first { row.python } else { "" };
        let cells = [name.to_owned()].into_iter().chain(said).chain([row.rust.to_owned()]);
        grid.row(cells.chain(figures.map(grouped)));
    }
    grid.to_string()
}

/// A row for each tree.
pub fn node_table(trees: &[Nodes], n: u32) -> String {
    let mut grid = Grid::new(["links", "node", "asked", "usable", "blocks", "bytes a node"]);
    for Nodes { name, node, held } in trees {
        let figures = [*node as u64, held.asked, held.usable, held.blocks];
        // glibc keeps a word in front of each block.
        let each = f64_of(held.usable + 8 * held.blocks) / f64::from(n.max(1));
        let each = format!("{each:.1}");
        grid.row([(*name).to_owned()].into_iter().chain(figures.map(grouped)).chain([each]));
    }
    grid.to_string()
}

#[expect(clippy::cast_precision_loss, reason = "it is rounded for people")]
fn f64_of(n: u64) -> f64 {
    n as f64
}
