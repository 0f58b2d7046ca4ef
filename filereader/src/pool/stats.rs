//! What has happened in a pool.

use super::memory::Measures;
use super::shelves::Counts;

/// The numbers of one size of a pool's blocks; see [`Pool::stats`](crate::Pool::stats).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stats {
    /// The bytes of each block.
    pub block_size: usize,
    /// How many blocks there are.
    pub blocks: usize,
    /// How many of them are free now.
    pub idle: usize,
    /// How many threads and tasks wait for one now.
    pub waiting: usize,
    /// How often a block was lent.
    pub lent: u64,
    /// How often somebody had to stand in line for one.
    pub waited: u64,
}

impl Stats {
    pub(super) fn new(measures: &Measures, blocks: usize, counts: Counts) -> Self {
        let block_size = measures.block_size;
        let Counts { here, taken, waiting, waited } = counts;
        Self { block_size, blocks, idle: here, waiting, lent: taken, waited }
    }
}
