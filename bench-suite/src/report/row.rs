//! One contender on one input.

use crate::contenders::Kind;
use crate::jobs::Job;
use crate::meter::Figure;

/// What was measured of one contender on one input.
#[derive(Clone, Debug)]
pub struct Row {
    /// The job.
    pub job: Job,
    /// The contender's name.
    pub contender: String,
    /// What it does.
    pub about: String,
    /// Whose way it is.
    pub kind: Kind,
    /// Whether the others are held against this one.
    pub baseline: bool,
    /// The input's size in bytes.
    pub bytes: u64,
    /// Payload bytes copied in user space: what was counted, less `own_bytes`.
    pub copied_bytes: Figure,
    /// Bytes that the same contender copies for an input of one byte.
    pub own_bytes: Figure,
    /// Bytes copied by the kernel on the sending side.
    pub kernel_copied_bytes: Figure,
    /// Allocations.
    pub allocs: Figure,
    /// System calls.
    pub syscalls: Figure,
    /// Page faults, the median of the timed runs.
    pub page_faults: Figure,
    /// The largest resident set of all timed runs.
    pub peak_rss_bytes: Figure,
    /// Seconds from the first call until the receiver had everything, by run.
    pub wall_samples: Vec<f64>,
    /// CPU seconds of the sending process, by run.
    pub cpu_samples: Vec<f64>,
    /// Whether every byte was right in every run.
    pub verified: bool,
}

impl Row {
    /// The wall time.
    pub fn wall(&self) -> Spread {
        Spread::of(&self.wall_samples)
    }

    /// The CPU time.
    pub fn cpu(&self) -> Spread {
        Spread::of(&self.cpu_samples)
    }

    /// The wall time over that of another row, taken run by run.
    pub fn wall_ratio(&self, other: &Self) -> Spread {
        ratio(&self.wall_samples, &other.wall_samples)
    }

    /// The CPU time over that of another row, taken run by run.
    pub fn cpu_ratio(&self, other: &Self) -> Spread {
        ratio(&self.cpu_samples, &other.cpu_samples)
    }

    /// CPU seconds of the sending side for each GiB of input.
    #[expect(clippy::cast_precision_loss, reason = "a size is far below 2^52 bytes")]
    pub fn cpu_per_gib(&self) -> f64 {
        self.cpu().median / (self.bytes as f64 / f64::from(1 << 30))
    }
}

fn ratio(samples: &[f64], others: &[f64]) -> Spread {
    let ratios: Vec<f64> = samples.iter().zip(others).map(|(a, b)| a / b).collect();
    Spread::of(&ratios)
}

/// The least, the middle and the largest of some samples; NaN if there is none.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spread {
    /// The least.
    pub min: f64,
    /// The middle one; of an even number, the mean of the two.
    pub median: f64,
    /// The largest.
    pub max: f64,
}

impl Spread {
    /// The spread of `samples`.
    pub fn of(samples: &[f64]) -> Self {
        let mut sorted = samples.to_vec();
        sorted.sort_unstable_by(f64::total_cmp);
        let (Some(&min), Some(&max)) = (sorted.first(), sorted.last()) else {
            return Self { min: f64::NAN, median: f64::NAN, max: f64::NAN };
        };
        let middle = sorted.len() / 2;
        let low = if sorted.len().is_multiple_of(2) { middle - 1 } else { middle };
        Self { min, median: f64::midpoint(sorted[low], sorted[middle]), max }
    }
}
