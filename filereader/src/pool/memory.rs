//! The memory of the blocks.

use std::io;

use buffers::UniqueBuf;
use memmap2::MmapOptions;

/// Anonymous maps start at multiples of this, or of a larger page.
pub(super) const PAGE: usize = 4096;

/// What a block of a pool is like.
#[derive(Clone, Debug)]
pub(super) struct Measures {
    pub(super) block_size: usize,
    pub(super) align: usize,
    pub(super) prefault: bool,
}

/// All the memory of a pool.
pub(super) struct Blocks {
    pub(super) memory: Vec<UniqueBuf>,
    /// Bytes taken from the system, slack of alignment and pages included.
    pub(super) reserved: usize,
}

/// Allocates the memory of all blocks.
///
/// A block of a page or more is an anonymous map of its own: it is aligned, it
/// is zero without being written, its pages are taken when first touched, and
/// it goes back to the system when it is freed. One large map for all blocks
/// would save map entries, but its parts could not be written independently
/// without unsafe code (the kernel joins neighbouring maps anyway).
pub(super) fn allocate(measures: &Measures, blocks: usize) -> io::Result<Blocks> {
    let mut memory = Vec::new();
    memory.try_reserve_exact(blocks)?;
    let mut reserved = 0;
    for _ in 0..blocks {
        let (block, bytes) =
            if measures.block_size < PAGE { on_heap(measures) } else { mapped(measures) }?;
        memory.push(block);
        reserved += bytes;
    }
    Ok(Blocks { memory, reserved })
}

fn mapped(measures: &Measures) -> io::Result<(UniqueBuf, usize)> {
    let mut options = MmapOptions::new();
    options.len(measures.block_size);
    if measures.prefault {
        options.populate();
    }
    let mut map = options.map_anon()?;
    if measures.prefault {
        // `populate` is only a wish, and only Linux knows it.
        map.fill(0);
    }
    Ok((UniqueBuf::from_owner(map), measures.block_size.next_multiple_of(PAGE)))
}

fn on_heap(measures: &Measures) -> io::Result<(UniqueBuf, usize)> {
    let memory = UniqueBuf::try_zeroed(measures.block_size, measures.align)
        .map_err(|error| io::Error::new(io::ErrorKind::OutOfMemory, error))?;
    let reserved = memory.backing().capacity();
    Ok((memory, reserved))
}
