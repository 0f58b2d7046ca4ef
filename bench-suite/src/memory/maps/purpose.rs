//! What a region is for, and by what evidence.

use std::fmt;

use procfs::process::{MMPermissions, MMapPath, MemoryMap};
use serde::Serialize;

use crate::memory::heap::{HEAP_SIZE, leads_to_arena};
use crate::memory::{Remote, Target};

/// What a region is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Purpose {
    /// What `brk` moves the end of: the kernel calls it `[heap]`.
    Heap,
    /// A further arena of glibc, with what it keeps reserved: its first word leads to an
    /// arena's head.
    Arena,
    /// The stack of the first thread, by the kernel's name, or of another thread, whose
    /// stack pointer is there.
    Stack,
    /// Pages of hugetlbfs.
    HugePages,
    /// Anonymous memory with a name that the program gave (`PR_SET_VMA_ANON_NAME`).
    Named,
    /// Shared memory: System V's, a memfd, `/dev/shm`, an anonymous shared mapping.
    Shared,
    /// A file.
    File,
    /// What the kernel itself puts there, such as `[vdso]`.
    Kernel,
    /// Anonymous, and nothing tells what for.
    Anonymous,
}

impl Purpose {
    /// All of them, in the order of tables.
    pub const ALL: [Self; 9] = [
        Self::Heap,
        Self::Arena,
        Self::Stack,
        Self::HugePages,
        Self::Named,
        Self::Shared,
        Self::File,
        Self::Kernel,
        Self::Anonymous,
    ];

    /// Its name in tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Heap => "heap",
            Self::Arena => "arena",
            Self::Stack => "stack",
            Self::HugePages => "huge pages",
            Self::Named => "named",
            Self::Shared => "shared",
            Self::File => "file",
            Self::Kernel => "kernel",
            Self::Anonymous => "unlabelled",
        }
    }
}

impl fmt::Display for Purpose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// What is known of a process besides its list of regions.
pub(super) struct Evidence {
    stacks: Vec<u64>,
    /// The addresses that arenas keep: 64 MiB each, most of it reserved only.
    heaps: Vec<u64>,
}

impl Evidence {
    pub(super) fn of(target: &Target, maps: &[MemoryMap]) -> Self {
        let heaps = match target.memory() {
            Ok(memory) => maps.iter().flat_map(|map| heaps(&memory, map)).collect(),
            // Without permission to read, arenas stay what the kernel says they are.
            Err(_) => Vec::new(),
        };
        Self { stacks: target.stack_pointers(), heaps }
    }

    pub(super) fn purpose(&mut self, map: &MemoryMap) -> Purpose {
        let (start, end) = map.address;
        let page = map.extension.map.get("KernelPageSize").copied().unwrap_or(0);
        if page > 64 << 10 {
            return Purpose::HugePages;
        }
        match &map.pathname {
            MMapPath::Heap => Purpose::Heap,
            MMapPath::Stack | MMapPath::TStack(_) => Purpose::Stack,
            MMapPath::Path(path) => {
                let path = path.to_string_lossy();
                let shared = ["/dev/shm/", "/memfd:", "/dev/zero"];
                let is_shared = shared.iter().any(|prefix| path.starts_with(prefix));
                if is_shared { Purpose::Shared } else { Purpose::File }
            }
            MMapPath::Vsys(_) => Purpose::Shared,
            MMapPath::Other(name) if name.starts_with("anon_shmem:") => Purpose::Shared,
            MMapPath::Other(name) if name.starts_with("anon:") => Purpose::Named,
            MMapPath::Anonymous if self.stacks.iter().any(|at| (start..end).contains(at)) => {
                Purpose::Stack
            }
            MMapPath::Anonymous if self.heaps.binary_search(&(start / HEAP_SIZE)).is_ok() => {
                Purpose::Arena
            }
            MMapPath::Anonymous => Purpose::Anonymous,
            _ => Purpose::Kernel,
        }
    }
}

/// The 64 MiB in which a region holds part of an arena, as multiples of 64 MiB.
fn heaps(memory: &Remote, map: &MemoryMap) -> Vec<u64> {
    let ours = MMPermissions::READ | MMPermissions::WRITE | MMPermissions::PRIVATE;
    if map.pathname != MMapPath::Anonymous || !map.perms.contains(ours) {
        return Vec::new();
    }
    let (start, end) = map.address;
    let all = start.div_ceil(HEAP_SIZE)..end.div_ceil(HEAP_SIZE);
    all.filter(|at| leads_to_arena(memory, at * HEAP_SIZE)).collect()
}
