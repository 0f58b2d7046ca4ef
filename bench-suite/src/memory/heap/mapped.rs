//! Chunks that are mappings of their own: large ones, which malloc asks the kernel for.

use procfs::process::{MMPermissions, MMapPath, MemoryMap};

use super::chunk::{Chunk, ChunkKind, FLAGS, IS_MAPPED, WORD};
use super::head::HEAP_SIZE;
use super::search::Parameters;
use crate::memory::Remote;

const PAGE: u64 = 4096;

/// Finds mapped chunks: at a page's start, a word of zero and a size that is whole pages,
/// with the one flag that says so, within anonymous memory.
///
/// Neighbouring mappings are one region to the kernel, so a chunk may begin where another
/// ends. As long as glibc's count says that some are missing, other pages are tried too.
pub(super) fn find_mapped(
    memory: &Remote,
    maps: &[MemoryMap],
    arenas: &[u64],
    parameters: Option<Parameters>,
    arena: u32,
) -> Vec<Chunk> {
    let wanted = parameters.map(|parameters| parameters.mapped_chunks);
    if wanted == Some(0) {
        return Vec::new();
    }
    let ours = MMPermissions::READ | MMPermissions::WRITE | MMPermissions::PRIVATE;
    let regions = maps.iter().filter(|map| {
        map.pathname == MMapPath::Anonymous
            && map.perms.contains(ours)
            && !arenas.contains(&(map.address.0 / HEAP_SIZE))
    });
    let regions: Vec<(u64, u64)> = regions.map(|map| map.address).collect();
    let mut chunks: Vec<Chunk> = Vec::new();
    for search_on in [false, true] {
        if search_on && wanted.is_none_or(|wanted| chunks.len() as u64 >= wanted) {
            break;
        }
        chunks.clear();
        for &(start, end) in &regions {
            from(memory, (start, end), search_on, arena, &mut chunks);
        }
    }
    chunks
}

fn from(
    memory: &Remote,
    (start, end): (u64, u64),
    search_on: bool,
    arena: u32,
    chunks: &mut Vec<Chunk>,
) {
    let mut at = start;
    while at < end {
        match size_at(memory, at, end) {
            Some(size) => {
                let (address, kind) = (at + 2 * WORD, ChunkKind::Mmapped);
                chunks.push(Chunk { address, size, arena, kind });
                at += size;
            }
            None if search_on => at += PAGE,
            None => return,
        }
    }
}

fn size_at(memory: &Remote, at: u64, end: u64) -> Option<u64> {
    let [before, tag]: [u64; 2] = memory.words(at)?;
    let size = tag & !FLAGS;
    let fits = tag & FLAGS == IS_MAPPED
        && before == 0
        && size >= PAGE
        && size.is_multiple_of(PAGE)
        && size <= end - at;
    fits.then_some(size)
}
