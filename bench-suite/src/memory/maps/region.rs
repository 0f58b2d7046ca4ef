//! One region, and what is counted of it.

use std::iter::Sum;
use std::ops::Add;

use procfs::process::{MMPermissions, MMapPath, MemoryMap};
use serde::Serialize;

use super::purpose::Purpose;

/// A stretch of addresses with one use.
#[derive(Clone, Debug, Serialize)]
pub struct Region {
    /// The first address.
    pub start: u64,
    /// The first address after it.
    pub end: u64,
    /// What may be done there, such as `rw-p`.
    pub access: String,
    /// What it is for.
    pub purpose: Purpose,
    /// The kernel's name for it: a file, `[heap]`, or nothing.
    pub name: String,
    /// What is counted of it.
    #[serde(flatten)]
    pub amounts: Amounts,
}

/// Bytes of a region or of several, as `smaps` counts them (`proc_pid_smaps(5)`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Amounts {
    /// Addresses, whether there is memory behind them or not.
    pub size: u64,
    /// Resident memory.
    pub rss: u64,
    /// Resident memory, that which is shared divided by how many share it.
    pub pss: u64,
    /// Resident, written to, and this process's alone.
    pub private_dirty: u64,
    /// Resident, written to, and shared with others.
    pub shared_dirty: u64,
    /// In swap.
    pub swap: u64,
    /// Resident in huge pages that the kernel made by itself.
    pub huge: u64,
}

impl Region {
    pub(super) fn new(map: &MemoryMap, purpose: Purpose) -> Self {
        Self {
            start: map.address.0,
            end: map.address.1,
            access: access(map.perms),
            purpose,
            name: name(&map.pathname),
            amounts: Amounts::of(map),
        }
    }
}

impl Amounts {
    pub(super) fn of(map: &MemoryMap) -> Self {
        let of = |key: &str| map.extension.map.get(key).copied().unwrap_or(0);
        Self {
            size: of("Size"),
            // Pages of hugetlbfs are not in the kernel's Rss, on its own or in sum.
            rss: of("Rss"),
            pss: of("Pss"),
            private_dirty: of("Private_Dirty"),
            shared_dirty: of("Shared_Dirty"),
            swap: of("Swap"),
            huge: of("AnonHugePages"),
        }
    }

    /// What is written to, shared or not.
    pub fn dirty(&self) -> u64 {
        self.private_dirty + self.shared_dirty
    }
}

impl Add for Amounts {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            size: self.size + other.size,
            rss: self.rss + other.rss,
            pss: self.pss + other.pss,
            private_dirty: self.private_dirty + other.private_dirty,
            shared_dirty: self.shared_dirty + other.shared_dirty,
            swap: self.swap + other.swap,
            huge: self.huge + other.huge,
        }
    }
}

impl Sum for Amounts {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::default(), Add::add)
    }
}

fn access(permissions: MMPermissions) -> String {
    let letters = [
        (MMPermissions::READ, 'r', '-'),
        (MMPermissions::WRITE, 'w', '-'),
        (MMPermissions::EXECUTE, 'x', '-'),
        (MMPermissions::SHARED, 's', 'p'),
    ];
    letters
        .map(|(flag, yes, no)| if permissions.contains(flag) { yes } else { no })
        .iter()
        .collect()
}

/// The name that the kernel shows.
pub(super) fn name(path: &MMapPath) -> String {
    match path {
        MMapPath::Path(path) => path.display().to_string(),
        MMapPath::Heap => "[heap]".into(),
        MMapPath::Stack => "[stack]".into(),
        MMapPath::TStack(tid) => format!("[stack:{tid}]"),
        MMapPath::Vdso => "[vdso]".into(),
        MMapPath::Vvar => "[vvar]".into(),
        MMapPath::Vsyscall => "[vsyscall]".into(),
        MMapPath::Rollup => "[rollup]".into(),
        MMapPath::Anonymous => String::new(),
        MMapPath::Vsys(key) => format!("/SYSV{key:08x}"),
        MMapPath::Other(name) => format!("[{name}]"),
    }
}
