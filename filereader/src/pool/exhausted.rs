//! The answer when no block is free: who has them.

use std::fmt;
use std::panic::Location;
use std::time::Duration;

/// A line of the program that holds blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Holder {
    /// The line that acquired the blocks.
    pub location: &'static Location<'static>,
    /// How many blocks that line acquired that are still out.
    pub blocks: usize,
}

impl Holder {
    /// Counts the blocks of each line, most blocks first.
    pub(super) fn gather(lines: impl Iterator<Item = &'static Location<'static>>) -> Vec<Self> {
        let mut holders: Vec<Self> = Vec::new();
        for location in lines {
            match holders.iter_mut().find(|holder| holder.location == location) {
                Some(holder) => holder.blocks += 1,
                None => holders.push(Self { location, blocks: 1 }),
            }
        }
        holders.sort_by_key(|holder| std::cmp::Reverse(holder.blocks));
        holders
    }
}

/// No block was free, and none came home in time.
#[derive(Clone, Debug)]
pub struct Exhausted {
    patience: Duration,
    waited: Duration,
    block_size: usize,
    blocks: usize,
    holders: Vec<Holder>,
}

impl Exhausted {
    pub(super) fn new(
        patience: Duration,
        waited: Duration,
        block_size: usize,
        blocks: usize,
        holders: Vec<Holder>,
    ) -> Self {
        Self { patience, waited, block_size, blocks, holders }
    }

    /// How long this call waited.
    pub fn waited(&self) -> Duration {
        self.waited
    }

    /// The lines that hold the blocks, most blocks first.
    pub fn holders(&self) -> &[Holder] {
        &self.holders
    }
}

impl fmt::Display for Exhausted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { waited, block_size, blocks, holders, .. } = self;
        write!(
            f,
            "no block came free within {waited:.1?}: all {blocks} of {block_size} bytes are out"
        )?;
        for (i, Holder { location, blocks }) in holders.iter().enumerate() {
            let before = if i == 0 { ": " } else { ", " };
            write!(f, "{before}{blocks} acquired at {location}")?;
        }
        f.write_str("; drop views sooner, or build the pool with more blocks")
    }
}

impl std::error::Error for Exhausted {}

/// [`TimedOut`](std::io::ErrorKind::TimedOut), or
/// [`WouldBlock`](std::io::ErrorKind::WouldBlock) for a call that was not to wait.
impl From<Exhausted> for std::io::Error {
    fn from(error: Exhausted) -> Self {
        let kind = match error.patience {
            Duration::ZERO => std::io::ErrorKind::WouldBlock,
            _ => std::io::ErrorKind::TimedOut,
        };
        Self::new(kind, error)
    }
}
