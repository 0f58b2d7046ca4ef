//! The measures of a pool, and what can be wrong with them.

use std::borrow::Cow;
use std::fmt;
use std::io;
use std::time::Duration;

use super::lending::{Office, Pool, Terms};
use super::memory::{self, Blocks, Measures};

/// Blocks that are read and looked at in turn should stay within the processor's
/// second cache, and system calls should be few: the bench group `read-sum` is
/// fastest between 64 and 256 KiB.
pub(crate) const DEFAULT_BLOCK_SIZE: usize = 256 << 10;

/// The measures of a [`Pool`], to be built.
///
/// The defaults are 16 blocks of 256 KiB (4 MiB), aligned to 4096 bytes, and
/// 30 seconds of patience.
#[derive(Clone, Debug)]
pub struct PoolBuilder {
    measures: Measures,
    blocks: usize,
    /// More sizes, and how many blocks of each.
    classes: Vec<(usize, usize)>,
    terms: Terms,
}

impl PoolBuilder {
    pub(super) fn new() -> Self {
        Self {
            measures: Measures {
                block_size: DEFAULT_BLOCK_SIZE,
                align: 4096,
                padding: 0,
                prefault: false,
                label: None,
            },
            blocks: 16,
            classes: Vec::new(),
            terms: Terms {
                patience: Duration::from_secs(30),
                track_time: false,
                zero_on_return: false,
            },
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

    /// Blocks of another size in the same pool; may be called for several. The
    /// ceiling is the sum of all. [`Pool::fitting`] gives the handle that lends them;
    /// the pool itself lends those of [`block_size`](Self::block_size).
    ///
    /// Sizes do not stand in for each other: who waits for a small block is not given
    /// a large one, which somebody else could then wait for.
    #[must_use]
    pub fn class(mut self, block_size: usize, blocks: usize) -> Self {
        self.classes.push((block_size, blocks));
        self
    }

    /// The alignment of each block's first byte: a power of two up to 1 GiB; 4096 if
    /// not said. From 2 MiB on the system is asked for huge pages.
    ///
    /// Blocks under 4096 bytes stand on the heap with up to `align - 1` bytes
    /// of slack each; larger ones in anonymous maps, rounded up to whole pages. An
    /// alignment above 4096 takes as many more addresses for each block, and no more
    /// memory. [`Pool::reserved`] tells the sum.
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

    /// Bytes behind each block that [`Block::freeze_padded`](crate::Block::freeze_padded)
    /// shows as zeros, for parsers that look past the end; none if not said. They do
    /// not count to the ceiling.
    #[must_use]
    pub fn tail_padding(mut self, bytes: usize) -> Self {
        self.measures.padding = bytes;
        self
    }

    /// The name by which [`buffers::retention`] calls the blocks.
    #[must_use]
    pub fn label(mut self, label: impl Into<Cow<'static, str>>) -> Self {
        self.measures.label = Some(label.into());
        self
    }

    /// Whether each block is overwritten with zeros when it comes home, so that
    /// nobody sees what it held; `false` if not said. That is a pass over the whole
    /// block, by the thread that drops its last view.
    #[must_use]
    pub fn zero_on_return(mut self, zero: bool) -> Self {
        self.terms.zero_on_return = zero;
        self
    }

    /// Whether the pool notes when each block was lent, so that reports say for how
    /// long; `false` if not said. Asking the clock costs more than all else that
    /// acquiring does.
    #[must_use]
    pub fn track_time(mut self, track: bool) -> Self {
        self.terms.track_time = track;
        self
    }

    /// How long [`Pool::acquire`] waits for a block; 30 seconds if not said.
    #[must_use]
    pub fn patience(mut self, patience: Duration) -> Self {
        self.terms.patience = patience;
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
        let Self { measures, blocks, classes, terms } = self;
        let base = (measures.block_size, blocks);
        let (mut offices, mut total) = (Vec::new(), 0_usize);
        for (block_size, blocks) in std::iter::once(base).chain(classes) {
            let measures = Measures { block_size, ..measures.clone() };
            let align = measures.align;
            let refuse = |kind| BuildError { block_size, blocks, align, kind };
            total = check(&measures, blocks, total).map_err(refuse)?;
            let Blocks { memory, reserved } = memory::allocate(&measures, blocks)
                .map_err(|source| refuse(BuildErrorKind::Memory(source)))?;
            offices.push(Office::new(memory, measures, reserved, terms));
        }
        Ok(Pool::over(offices))
    }
}

/// Whether blocks of these measures make sense; the sum of all so far.
fn check(measures: &Measures, blocks: usize, so_far: usize) -> Result<usize, BuildErrorKind> {
    let &Measures { block_size, align, padding, .. } = measures;
    if block_size == 0 || blocks == 0 {
        return Err(BuildErrorKind::Empty);
    }
    if !align.is_power_of_two() || align > memory::HUGE {
        return Err(BuildErrorKind::Alignment);
    }
    // A slice may not be longer than isize::MAX, and neither may the sum that the
    // ceiling promises.
    let bytes = block_size.checked_add(padding).and_then(|bytes| bytes.checked_mul(blocks));
    let total = bytes.and_then(|bytes| bytes.checked_add(so_far));
    total.filter(|&total| isize::try_from(total).is_ok()).ok_or(BuildErrorKind::TooLarge)
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
                memory::HUGE
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
