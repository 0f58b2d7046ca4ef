//! The regions of a process, by what they are for.
//!
//! `smaps` names files, the heap and the stack. All else is "anonymous", which may be
//! an arena of glibc, the stack of a thread, or a large block from an allocator. What
//! can be told apart is told apart by evidence; the rest keeps the name
//! [`Purpose::Anonymous`].
//!
//! ```
//! use bench_suite::memory::{Target, maps::Map};
//!
//! let map = Map::of(&Target::open(std::process::id().try_into()?)?)?;
//! let all = map.total();
//! assert!(all.rss >= all.private_dirty);
//! println!("{}", map.by_purpose());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod purpose;
mod region;
mod table;

pub use purpose::Purpose;
pub use region::{Amounts, Region};

use super::{MemoryError, Target};
use purpose::Evidence;

/// The regions of one process, at one moment.
#[derive(Clone, Debug)]
pub struct Map {
    pid: i32,
    name: String,
    regions: Vec<Region>,
    kernels_total: Amounts,
}

impl Map {
    /// Reads the regions, and says what each is for.
    ///
    /// The process runs on meanwhile. Takes time by the number of regions: the kernel
    /// walks over the pages of each, twice.
    ///
    /// # Errors
    ///
    /// If the process has ended, or may not be looked at.
    pub fn of(target: &Target) -> Result<Self, MemoryError> {
        let maps = target.smaps()?;
        let rollup = target.smaps_rollup()?;
        let mut evidence = Evidence::of(target, &maps.0);
        let regions = maps.0.iter().map(|map| Region::new(map, evidence.purpose(map))).collect();
        let kernels_total = rollup.0.first().map(Amounts::of).unwrap_or_default();
        Ok(Self { pid: target.pid(), name: target.name().to_owned(), regions, kernels_total })
    }

    /// All regions, by address.
    pub fn regions(&self) -> &[Region] {
        &self.regions
    }

    /// The sum over all regions.
    pub fn total(&self) -> Amounts {
        self.regions.iter().map(|region| region.amounts).sum()
    }

    /// The kernel's own sum, from `smaps_rollup`, read right after. It knows no `size`.
    pub fn kernels_total(&self) -> Amounts {
        self.kernels_total
    }

    /// The sum over the regions of one purpose.
    pub fn amounts(&self, purpose: Purpose) -> Amounts {
        let of_it = self.regions.iter().filter(|region| region.purpose == purpose);
        of_it.map(|region| region.amounts).sum()
    }
}
