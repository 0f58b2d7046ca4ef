//! The measures of a pool, and what can be wrong with them.

use std::fmt;
use std::io;
use std::time::Duration;

use super::lending::Pool;
use super::memory::{self, Measures};

/// The measures of a [`Pool`], to be built.
///
/// The defaults are 16 blocks of 256 KiB (4 MiB), aligned to 4096 bytes, and
/// 30 seconds of patience.
#[derive(Clone, Debug)]
pub struct PoolBuilder {
    measures: Measures,
    blocks: usize,
    patience: Duration,
}

impl PoolBuilder {
    pub(super) fn new() -> Self {
        Self {
            measures: Measures { block_size: 256 << 10, align: 4096, prefault: false },
            blocks: 16,
            patience: Duration::from_secs(30),
        }
    }

    /// The bytes of each block; 256 KiB if not said.
    #[must_use]
    pub fn block_size(mut self, bytes: usize) -> Self {
        self.measures.block_size = bytes;
        self
    }

    /// How many blocks there are; 16 if not said.
    #[must_use]
    pub fn blocks(mut self, count: usize) -> Self {
        self.blocks = count;
        self
    }

    /// The alignment of each block's first byte: a power of two up to 4096;
    /// 4096 if not said.
    ///
    /// Blocks under 4096 bytes stand on the heap with up to `align - 1` bytes
    /// of slack each; larger ones in anonymous maps, rounded up to whole pages.
    /// [`Pool::reserved`] tells the sum.
    #[must_use]
    pub fn align(mut self, align: usize) -> Self {
        self.measures.align = align;
        self
    }

    /// Whether `build` touches all pages, so that no page fault is left for the
    /// first use; `false` if not said.
    #[must_use]
    pub fn prefault(mut self, prefault: bool) -> Self {
        self.measures.prefault = prefault;
        self
    }

    /// How long [`Pool::acquire`] waits for a block; 30 seconds if not said.
    #[must_use]
    pub fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// Allocates all blocks. Nothing that the pool does afterwards allocates
    /// payload memory.
    ///
    /// # Errors
    ///
    /// [`BuildError`] if a measure makes no sense or the system refuses the
    /// memory; what was allocated until then is freed.
    pub fn build(self) -> Result<Pool, BuildError> {
        let Self { measures: Measures { block_size, align, .. }, blocks, patience } = self;
        let refuse = |kind| Err(BuildError { block_size, blocks, align, kind });
        if block_size == 0 || blocks == 0 {
            return refuse(BuildErrorKind::Empty);
        }
        if !align.is_power_of_two() || align > memory::PAGE {
            return refuse(BuildErrorKind::Alignment);
        }
        // A slice may not be longer than isize::MAX, and neither may the sum
        // that the ceiling promises.
        if block_size.checked_mul(blocks).is_none_or(|total| total > isize::MAX as usize) {
            return refuse(BuildErrorKind::TooLarge);
        }
        match memory::allocate(&self.measures, blocks) {
            Ok(memory) => Ok(Pool::over(memory, block_size, patience)),
            Err(source) => refuse(BuildErrorKind::Memory(source)),
        }
    }
}

/// Why a [`Pool`] could not be built.
#[derive(Debug)]
pub struct BuildError {
    block_size: usize,
    blocks: usize,
    align: usize,
    kind: BuildErrorKind,
}

#[derive(Debug)]
enum BuildErrorKind {
    Empty,
    Alignment,
    TooLarge,
    Memory(io::Error),
}

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { block_size, blocks, align, kind } = self;
        match kind {
            BuildErrorKind::Empty => write!(
                f,
                "a pool of {blocks} blocks of {block_size} bytes holds nothing: give it at least \
                 one block of one byte"
            ),
            BuildErrorKind::Alignment => write!(
                f,
                "blocks cannot be aligned to {align} bytes: the alignment must be a power of two \
                 up to {}",
                memory::PAGE
            ),
            BuildErrorKind::TooLarge => {
                write!(f, "{blocks} blocks of {block_size} bytes are more than can be addressed")
            }
            BuildErrorKind::Memory(source) => write!(
                f,
                "the system refused the memory of {blocks} blocks of {block_size} bytes: {source}"
            ),
        }
    }
}

impl std::error::Error for BuildError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.kind {
            BuildErrorKind::Memory(source) => Some(source),
            _ => None,
        }
    }
}

impl From<BuildError> for io::Error {
    fn from(error: BuildError) -> Self {
        let kind = match error.kind {
            BuildErrorKind::Memory(_) | BuildErrorKind::TooLarge => io::ErrorKind::OutOfMemory,
            BuildErrorKind::Empty | BuildErrorKind::Alignment => io::ErrorKind::InvalidInput,
        };
        Self::new(kind, error)
    }
}
