//! The walk: stop, find, follow, let go.

use std::fs::File;
use std::io::Read;
use std::time::Duration;

use procfs::process::{MMapPath, MemoryMap};

use super::arena::{Arena, bytes_of, walk_arena};
use super::chunk::{Chunk, ChunkKind};
use super::head::HEAP_SIZE;
use super::lists::{mark_caches, mark_fastbins};
use super::mapped::find_mapped;
use super::search::{Found, Parameters, search, version};
use crate::memory::error::Kind;
use crate::memory::{MemoryError, Remote, Target};

/// All chunks of a process's glibc heap, as they were while it was stopped.
#[derive(Clone, Debug)]
pub struct Walk {
    pub(super) pid: i32,
    pub(super) name: String,
    pub(super) arenas: Vec<Arena>,
    pub(super) chunks: Vec<Chunk>,
    pub(super) caches: usize,
    pub(super) mapped: Option<Parameters>,
    pub(super) stopped_for: Duration,
    pub(super) threads: usize,
    pub(super) evidence: Vec<String>,
    pub(super) problems: Vec<String>,
}

impl Walk {
    /// Stops the process, walks its heap, and lets it go on.
    ///
    /// Takes 24 bytes for each chunk, and 24 more for each free one.
    ///
    /// # Errors
    ///
    /// If the process has ended, may not be looked at, is not one of 64 bits, or holds no
    /// arena of glibc. A heap that is corrupt is no error: what could be read is there,
    /// and [`problems`](Self::problems) say what could not.
    pub fn of(target: &Target) -> Result<Self, MemoryError> {
        only_64_bits(target)?;
        // Opened first: who may not read is told so without stopping anybody.
        let memory = target.memory()?;
        let stopped = target.stop()?;
        let maps = target.maps()?.0;
        let found = search(target, &memory, &maps)?;
        let walk = Self::while_stopped(target, &memory, &maps, &found);
        let (stopped_for, threads) = (stopped.elapsed(), stopped.threads());
        drop(stopped);
        let version = version(target, &maps, &found.owner);
        let evidence = [found.evidence].into_iter().chain(version).collect();
        Ok(Self { stopped_for, threads, evidence, ..walk })
    }

    fn while_stopped(target: &Target, memory: &Remote, maps: &[MemoryMap], found: &Found) -> Self {
        let region = maps.iter().find(|map| map.pathname == MMapPath::Heap);
        let region = region.map(|map| map.address);
        let (mut arenas, mut chunks, mut problems) = (Vec::new(), Vec::new(), Vec::new());
        for (index, head) in found.ring.iter().enumerate() {
            let is_main = head.address == found.main.address;
            let index = u32::try_from(index).expect("a ring of arenas is short");
            let (arena, its, trouble) = walk_arena(memory, head, is_main, index, region);
            arenas.push(arena);
            chunks.extend(its);
            problems.extend(trouble);
        }
        let heaps: Vec<u64> = chunks.iter().map(|chunk| chunk.address / HEAP_SIZE).collect();
        let heaps = deduplicated(heaps);
        let arena = u32::try_from(arenas.len()).expect("a ring of arenas is short");
        chunks.extend(find_mapped(memory, maps, &heaps, found.parameters, arena));
        chunks.sort_unstable_by_key(|chunk| chunk.address);
        let caches = mark_caches(memory, &mut chunks);
        for head in &found.ring {
            mark_fastbins(memory, head, &mut chunks, &mut problems);
        }
        Self {
            pid: target.pid(),
            name: target.name().to_owned(),
            arenas,
            chunks,
            caches,
            mapped: found.parameters,
            stopped_for: Duration::ZERO,
            threads: 0,
            evidence: Vec::new(),
            problems,
        }
    }

    /// The arenas, the main one first.
    pub fn arenas(&self) -> &[Arena] {
        &self.arenas
    }

    /// All chunks, by address.
    pub fn chunks(&self) -> &[Chunk] {
        &self.chunks
    }

    /// The bytes of all chunks of one kind.
    pub fn bytes(&self, kind: ChunkKind) -> u64 {
        bytes_of(&self.chunks, kind)
    }

    /// How many chunks there are of one kind.
    pub fn count(&self, kind: ChunkKind) -> usize {
        self.chunks.iter().filter(|chunk| chunk.kind == kind).count()
    }

    /// How many threads' caches hold chunks.
    pub fn caches(&self) -> usize {
        self.caches
    }

    /// How long the process stood still.
    pub fn stopped_for(&self) -> Duration {
        self.stopped_for
    }

    /// What tells that this is the heap.
    pub fn evidence(&self) -> &[String] {
        &self.evidence
    }

    /// Where tags, lists and glibc's own counts do not agree, and what could not be read.
    pub fn problems(&self) -> &[String] {
        &self.problems
    }

    /// The share of free bytes that are not in the largest free stretch, from 0 to 1;
    /// `None` if nothing is free.
    #[expect(clippy::cast_precision_loss, reason = "a share for people")]
    pub fn fragmentation(&self) -> Option<f64> {
        let is_free = |chunk: &&Chunk| matches!(chunk.kind, ChunkKind::Free | ChunkKind::Top);
        let sizes = || self.chunks.iter().filter(is_free).map(|chunk| chunk.size);
        let largest = sizes().max()?;
        Some(1.0 - largest as f64 / sizes().sum::<u64>() as f64)
    }
}

fn deduplicated(mut numbers: Vec<u64>) -> Vec<u64> {
    numbers.sort_unstable();
    numbers.dedup();
    numbers
}

/// Refuses what has other words than eight bytes: pointers would be misread.
fn only_64_bits(target: &Target) -> Result<(), MemoryError> {
    const CLASS_64: u8 = 2;
    let mut head = [0; 5];
    let program = File::open(format!("/proc/{}/exe", target.pid()));
    let Ok(()) = program.and_then(|mut program| program.read_exact(&mut head)) else {
        // A deleted program, or one that may not be read; its memory decides.
        return Ok(());
    };
    if head.starts_with(b"\x7fELF") && head[4] != CLASS_64 {
        let (pid, name) = (target.pid(), target.name());
        let what =
            format!("process {pid} ({name}) is a 32-bit program; only 64-bit heaps are understood");
        return Err(MemoryError::new(Kind::NotSupported, what));
    }
    Ok(())
}
