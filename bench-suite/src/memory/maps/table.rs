//! The regions for people, and as JSON.

use serde_json::{Value, json};

use super::{Amounts, Map, Purpose, Region};
use crate::memory::grid::Grid;
use crate::report::grouped;

const COLUMNS: [&str; 7] = ["regions", "size", "RSS", "PSS", "dirty", "swap", "THP"];

impl Map {
    /// A row for each purpose, and what the kernel says beside the sum. Figures are in
    /// KiB.
    pub fn by_purpose(&self) -> String {
        let mut grid = Grid::new(std::iter::once("kind").chain(COLUMNS));
        for purpose in Purpose::ALL {
            let count = self.regions.iter().filter(|region| region.purpose == purpose).count();
            if count > 0 {
                grid.row(cells(purpose.name(), count, &self.amounts(purpose)));
            }
        }
        grid.row(cells("all", self.regions.len(), &self.total()));
        format!("{}, in KiB\n{grid}{}", self.whose(), self.against_the_kernel())
    }

    /// A row for each region, by address.
    pub fn by_address(&self) -> String {
        let header = ["address", "access", "kind", "name", "size", "RSS", "PSS", "dirty", "swap"];
        let mut grid = Grid::new(header).words(4);
        for region in &self.regions {
            grid.row(region_cells(region));
        }
        format!("{}, in KiB\n{grid}{}", self.whose(), self.against_the_kernel())
    }

    /// All of it as one JSON object, in bytes.
    pub fn json(&self) -> Value {
        json!({
            "pid": self.pid,
            "name": self.name,
            "total": self.total(),
            "smaps_rollup": self.kernels_total,
            "regions": self.regions,
        })
    }

    fn whose(&self) -> String {
        format!("process {} ({})", self.pid, self.name)
    }

    fn against_the_kernel(&self) -> String {
        let (ours, kernels) = (self.total().rss, self.kernels_total.rss);
        let kib = |bytes: u64| grouped(bytes >> 10);
        if ours == kernels {
            return format!("smaps_rollup says the same: RSS {} KiB\n", kib(ours));
        }
        format!(
            "smaps_rollup, read right after, says RSS {} KiB and not {}: the process is at work\n",
            kib(kernels),
            kib(ours)
        )
    }
}

fn cells(name: &str, count: usize, amounts: &Amounts) -> Vec<String> {
    let Amounts { size, rss, pss, swap, huge, .. } = *amounts;
    let figures = [size, rss, pss, amounts.dirty(), swap, huge];
    let figures = figures.map(|bytes| grouped(bytes >> 10));
    [name.to_owned(), grouped(count as u64)].into_iter().chain(figures).collect()
}

fn region_cells(region: &Region) -> Vec<String> {
    let amounts = &region.amounts;
    let words = [
        format!("{:x}-{:x}", region.start, region.end),
        region.access.clone(),
        region.purpose.to_string(),
        region.name.clone(),
    ];
    let figures = [amounts.size, amounts.rss, amounts.pss, amounts.dirty(), amounts.swap];
    words.into_iter().chain(figures.map(|bytes| grouped(bytes >> 10))).collect()
}
