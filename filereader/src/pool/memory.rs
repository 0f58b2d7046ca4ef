//! The memory of the blocks.

use std::borrow::Cow;
use std::io;

use buffers::UniqueBuf;
use memmap2::{MmapMut, MmapOptions};

/// Anonymous maps start at multiples of this, or of a larger page.
pub(super) const PAGE: usize = 4096;

/// The largest alignment: that of the pages that processors call huge.
pub(super) const HUGE: usize = 1 << 30;

/// From this alignment on the system is asked for huge pages.
const LARGE: usize = 2 << 20;

/// What a block of a pool is like.
#[derive(Clone, Debug)]
pub(super) struct Measures {
    pub(super) block_size: usize,
    pub(super) align: usize,
    pub(super) padding: usize,
    pub(super) prefault: bool,
    pub(super) label: Option<Cow<'static, str>>,
}

impl Measures {
    /// The bytes of a block with its padding. The builder has checked the sum.
    fn len(&self) -> usize {
        self.block_size + self.padding
    }
}

/// All the memory of a pool's blocks of one size.
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
        let on_heap_fits = measures.len() < PAGE && measures.align <= PAGE;
        let (block, bytes) = if on_heap_fits { on_heap(measures) } else { mapped(measures) }?;
        memory.push(match &measures.label {
            Some(label) => block.with_label(label.clone()),
            None => block,
        });
        reserved += bytes;
    }
    Ok(Blocks { memory, reserved })
}

fn mapped(measures: &Measures) -> io::Result<(UniqueBuf, usize)> {
    if measures.align > PAGE {
        return mapped_within(measures);
    }
    let mut options = MmapOptions::new();
    options.len(measures.len());
    if measures.prefault {
        options.populate();
    }
    let mut map = options.map_anon()?;
    if measures.prefault {
        // `populate` is only a wish, and only Linux knows it.
        map.fill(0);
    }
    Ok((UniqueBuf::from_owner(map), measures.len().next_multiple_of(PAGE)))
}

/// A part of a larger map, which starts at a multiple of more than a page. What is
/// around it takes addresses and, never being touched, no memory.
fn mapped_within(measures: &Measures) -> io::Result<(UniqueBuf, usize)> {
    let too_large = || io::Error::from(io::ErrorKind::OutOfMemory);
    let len = measures.len().checked_next_multiple_of(PAGE).ok_or_else(too_large)?;
    let around = len.checked_add(measures.align - PAGE).ok_or_else(too_large)?;
    let map = MmapOptions::new().len(around).map_anon()?;
    let from = map.as_ptr().addr().next_multiple_of(measures.align) - map.as_ptr().addr();
    #[cfg(target_os = "linux")]
    if measures.align >= LARGE {
        // A wish: where there are no huge pages, ordinary ones will do.
        let _ = map.advise_range(memmap2::Advice::HugePage, from, len);
    }
    let mut part = MapPart { map, from, len: measures.len() };
    if measures.prefault {
        part.as_mut().fill(0);
    }
    Ok((UniqueBuf::from_owner(part), around))
}

/// A part of an anonymous map.
struct MapPart {
    map: MmapMut,
    from: usize,
    len: usize,
}

impl AsRef<[u8]> for MapPart {
    fn as_ref(&self) -> &[u8] {
        &self.map[self.from..][..self.len]
    }
}

impl AsMut<[u8]> for MapPart {
    fn as_mut(&mut self) -> &mut [u8] {
        &mut self.map[self.from..][..self.len]
    }
}

fn on_heap(measures: &Measures) -> io::Result<(UniqueBuf, usize)> {
    let memory = UniqueBuf::try_zeroed(measures.len(), measures.align)
        .map_err(|error| io::Error::new(io::ErrorKind::OutOfMemory, error))?;
    let reserved = memory.backing().capacity();
    Ok((memory, reserved))
}
