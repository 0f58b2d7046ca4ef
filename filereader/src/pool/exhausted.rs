//! The answer when no block is free: who has them.

use std::cmp::Reverse;
use std::fmt;
use std::panic::Location;
use std::time::Duration;

use super::borrower::{Borrower, Moment};

/// A line of the program that holds blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Holder {
    /// The line that acquired the blocks.
    pub location: &'static Location<'static>,
    /// How many blocks that line acquired that are still out.
    pub blocks: usize,
    /// How long the first of them has been out, if the pool
    /// [tracks time](crate::PoolBuilder::track_time).
    pub held: Option<Duration>,
    /// How many handles there are of them, as far as they are on record; `None` without
    /// the feature `sites`, and if none is. All are if
    /// `buffers::retention::sample_every(1)` was called before they were made.
    pub handles: Option<usize>,
    /// How many bytes of the blocks those handles show, each counted once.
    pub bytes_in_use: Option<usize>,
}

impl Holder {
    /// Counts the blocks of each line, most blocks first.
    pub(super) fn gather(borrowers: impl IntoIterator<Item = Borrower>) -> Vec<Self> {
        let mut holders: Vec<Self> = Vec::new();
        for borrower in borrowers {
            let location = borrower.location;
            let held = borrower.since.map(Moment::elapsed);
            let (handles, bytes_in_use) = on_record(&borrower).unzip();
            match holders.iter_mut().find(|holder| holder.location == location) {
                Some(holder) => {
                    holder.blocks += 1;
                    holder.held = holder.held.max(held);
                    holder.handles = sum(holder.handles, handles);
                    holder.bytes_in_use = sum(holder.bytes_in_use, bytes_in_use);
                }
                None => holders.push(Self { location, blocks: 1, held, handles, bytes_in_use }),
            }
        }
        holders.sort_by_key(|holder| (Reverse(holder.blocks), holder.location.line()));
        holders
    }
}

fn sum(one: Option<usize>, other: Option<usize>) -> Option<usize> {
    one.zip(other).map(|(one, other)| one + other).or(one).or(other)
}

/// The handles of a block, and the bytes that they show.
#[cfg(feature = "sites")]
fn on_record(borrower: &Borrower) -> Option<(usize, usize)> {
    let sampled = buffers::retention::sampled(borrower.memory?);
    (sampled.handles > 0).then_some((sampled.handles, sampled.bytes))
}

#[cfg(not(feature = "sites"))]
fn on_record(_: &Borrower) -> Option<(usize, usize)> {
    None
}

/// No block was free, and none came home in time.
///
/// Kept small, because every block that is acquired comes in the same `Result`.
#[derive(Clone, Debug)]
pub struct Exhausted {
    pub(super) report: Box<Report>,
}

/// What is known of it.
#[derive(Clone, Debug)]
pub(super) struct Report {
    pub(super) patience: Duration,
    pub(super) waited: Duration,
    pub(super) block_size: usize,
    pub(super) blocks: usize,
    pub(super) holders: Vec<Holder>,
    pub(super) waits_for_itself: bool,
}

impl Exhausted {
    /// How long this call waited.
    pub fn waited(&self) -> Duration {
        self.report.waited
    }

    /// Whether all blocks were acquired by the very thread that waited for one. If it
    /// has not given some of them to others, no waiting would ever have helped.
    pub fn waits_for_itself(&self) -> bool {
        self.report.waits_for_itself
    }

    /// The lines that hold the blocks, most blocks first.
    pub fn holders(&self) -> &[Holder] {
        &self.report.holders
    }
}

impl fmt::Display for Exhausted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Report { waited, block_size, blocks, holders, .. } = &*self.report;
        write!(
            f,
            "no block came free within {waited:.1?}: all {blocks} of {block_size} bytes are out"
        )?;
        for (i, holder) in holders.iter().enumerate() {
            let Holder { location, blocks, held, handles, bytes_in_use } = holder;
            let before = if i == 0 { ": " } else { ", " };
            write!(f, "{before}{blocks} acquired at {location}")?;
            if let Some(held) = held {
                write!(f, " (for {held:.1?})")?;
            }
            if let (Some(handles), Some(bytes)) = (handles, bytes_in_use) {
                write!(f, " ({handles} handles use {bytes} bytes)")?;
            }
        }
        if self.report.waits_for_itself {
            f.write_str("; all by the thread that waits, so perhaps for itself")?;
        }
        f.write_str("; drop views sooner, or build the pool with more blocks")
    }
}

impl std::error::Error for Exhausted {}

/// [`TimedOut`](std::io::ErrorKind::TimedOut), or
/// [`WouldBlock`](std::io::ErrorKind::WouldBlock) for a call that was not to wait.
impl From<Exhausted> for std::io::Error {
    fn from(error: Exhausted) -> Self {
        let kind = match error.report.patience {
            Duration::ZERO => std::io::ErrorKind::WouldBlock,
            _ => std::io::ErrorKind::TimedOut,
        };
        Self::new(kind, error)
    }
}
