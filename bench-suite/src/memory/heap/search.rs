//! Where glibc keeps its main arena, without debug symbols.

use std::collections::BTreeSet;
use std::fs;

use memchr::memmem;
use procfs::process::{MMPermissions, MMapPath, MemoryMap};

use super::chunk::WORD;
use super::head::{BINS, Head};
use crate::memory::error::Kind;
use crate::memory::{MemoryError, Remote, Target};

/// The main arena and what tells that it is one.
pub(super) struct Found {
    pub(super) main: Head,
    /// All arenas, the main one first, in the order of their ring.
    pub(super) ring: Vec<Head>,
    pub(super) parameters: Option<Parameters>,
    /// The file whose data it lies in.
    pub(super) owner: String,
    pub(super) evidence: String,
}

/// What glibc counts of mappings (`struct malloc_par`).
#[derive(Clone, Copy, Debug)]
pub(super) struct Parameters {
    pub(super) mapped_chunks: u64,
    pub(super) mapped_bytes: u64,
}

/// Looks through the writable data of libc, and if there is none, of the program.
pub(super) fn search(
    target: &Target,
    memory: &Remote,
    maps: &[MemoryMap],
) -> Result<Found, MemoryError> {
    let libc = maps.iter().filter_map(file_name).find(|name| is_libc(name));
    let owner = libc.clone().or_else(|| target.program().map(|path| last_part(&path)));
    let owner = owner.unwrap_or_default();
    for (start, end) in data_of(maps, &owner) {
        let words = words(memory, start, end);
        if let Some((main, ring)) = candidates(memory, start, &words) {
            let heap = maps.iter().find(|map| map.pathname == MMapPath::Heap);
            let parameters = heap.and_then(|heap| parameters(&words, heap.address.0));
            let evidence = format!(
                "main arena in the data of {owner} at {:#x}: {} of {BINS} bins point to themselves \
                 and the others to chunks; the ring of arenas closes after {}",
                main.address,
                main.empty_bins(),
                ring.len(),
            );
            return Ok(Found { main, ring, parameters, owner, evidence });
        }
    }
    Err(nothing_found(target, maps, libc.as_deref()))
}

fn is_libc(name: &str) -> bool {
    // Until glibc 2.33 the file's name had the version in it.
    name == "libc.so.6" || name.starts_with("libc-2.")
}

fn last_part(path: &std::path::Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn file_name(map: &MemoryMap) -> Option<String> {
    match &map.pathname {
        MMapPath::Path(path) => Some(last_part(path).trim_end_matches(" (deleted)").to_owned()),
        _ => None,
    }
}

/// The writable regions of a file, each with the anonymous one that continues it.
fn data_of(maps: &[MemoryMap], file: &str) -> Vec<(u64, u64)> {
    let writable = |map: &&MemoryMap| map.perms.contains(MMPermissions::WRITE);
    let mut regions: Vec<(u64, u64)> = Vec::new();
    for map in maps.iter().filter(writable) {
        let continues = map.pathname == MMapPath::Anonymous;
        match regions.last_mut() {
            Some((_, end)) if continues && *end == map.address.0 => *end = map.address.1,
            _ if file_name(map).is_some_and(|name| name == file) => regions.push(map.address),
            _ => {}
        }
    }
    regions
}

/// More than any libc has of data, and little enough to read.
const MOST: u64 = 64 << 20;

fn words(memory: &Remote, start: u64, end: u64) -> Vec<u64> {
    let len = usize::try_from((end - start).min(MOST)).unwrap_or(0);
    let mut bytes = vec![0; len];
    let len = memory.read_some(start, &mut bytes);
    let words = bytes[..len].chunks_exact(8);
    words.map(|word| u64::from_ne_bytes(word.try_into().expect("chunks of eight"))).collect()
}

/// The arena whose ring closes, and the ring.
fn candidates(memory: &Remote, start: u64, words: &[u64]) -> Option<(Head, Vec<Head>)> {
    for (index, pair) in words.windows(2).enumerate() {
        let at = start + index as u64 * WORD;
        // An empty list: both links lead to two words before them.
        if pair[0] != pair[1] || Some(pair[0]) != at.checked_sub(2 * WORD) {
            continue;
        }
        // Lists before this one may be in use, so this may be any of them.
        for before in 0..BINS as u64 {
            let Some(bins_at) = at.checked_sub(before * 2 * WORD) else { continue };
            for head in Head::with_bins_at(memory, bins_at) {
                if let Some(ring) = ring(memory, &head) {
                    return Some((head, ring));
                }
            }
        }
    }
    None
}

/// Follows the links from arena to arena until they come back.
fn ring(memory: &Remote, main: &Head) -> Option<Vec<Head>> {
    let mut ring = vec![main.clone()];
    let mut seen = BTreeSet::from([main.address]);
    let mut next = main.next;
    while next != main.address {
        if !seen.insert(next) {
            return None;
        }
        let head = Head::at(memory, next)?;
        next = head.next;
        ring.push(head);
    }
    Some(ring)
}

/// The parameters, found by the heap's start, which they keep a copy of.
///
/// Before it stand the bytes of mappings now and at most, and before these four numbers of
/// 32 bits: how many mappings there are, may be and were at most, and a switch. Since
/// glibc 2.35 they begin in the middle of a word.
fn parameters(words: &[u64], heap: u64) -> Option<Parameters> {
    let low = |word: u64| word & u64::from(u32::MAX);
    let at = |index: usize| {
        let before: [u64; 5] = words[index.checked_sub(5)?..index].try_into().ok()?;
        let [a, b, c, bytes, most] = before;
        let since_2_35 = (a >> 32, low(b), b >> 32, c);
        let until_2_34 = (low(b), b >> 32, low(c), c >> 32);
        [since_2_35, until_2_34].into_iter().find_map(|(now, limit, at_most, switch)| {
            let numbers = now <= limit && now <= at_most && switch <= 1;
            let sizes = bytes.is_multiple_of(4096) && most >= bytes && (now == 0) == (bytes == 0);
            let parameters = Parameters { mapped_chunks: now, mapped_bytes: bytes };
            (numbers && sizes).then_some(parameters)
        })
    };
    let mut same = words.iter().enumerate().filter(|&(_, &word)| word == heap);
    same.find_map(|(index, _)| at(index))
}

/// What the libc says of itself.
pub(super) fn version(target: &Target, maps: &[MemoryMap], file: &str) -> Option<String> {
    let path = maps.iter().find_map(|map| match &map.pathname {
        MMapPath::Path(path) if file_name(map)? == file => Some(path.clone()),
        _ => None,
    })?;
    let inside = path.strip_prefix("/").ok()?;
    // As that process sees it, which may live in a container.
    let path = std::path::Path::new("/proc").join(target.pid().to_string()).join("root");
    let bytes = fs::read(path.join(inside)).ok()?;
    let at = memmem::find(&bytes, b"GNU C Library (")?;
    let line = bytes[at..].split(|&byte| byte == b'\n').next()?;
    let words = String::from_utf8_lossy(line.get(..line.len().min(120))?);
    Some(format!("{file} says: {}", words.trim_end_matches(['.', '\0'])))
}

/// Says what kind of program it is, as far as its regions tell.
fn nothing_found(target: &Target, maps: &[MemoryMap], libc: Option<&str>) -> MemoryError {
    let names: BTreeSet<String> = maps.iter().filter_map(file_name).collect();
    let has = |part: &str| names.iter().find(|name| name.contains(part));
    let who = format!("process {} ({})", target.pid(), target.name());
    let what = if let Some(musl) = has("ld-musl") {
        format!("{who} runs on musl ({musl}), whose heap has no boundary tags; nothing was walked")
    } else if let Some(libc) = libc {
        format!(
            "{who} has {libc}, but no arena of glibc in its data: it has not called malloc yet, \
             or this glibc is of a kind that is not known; nothing was walked"
        )
    } else {
        format!(
            "{who} is linked statically, and its data holds no arena of glibc: it has another \
             allocator (musl's, Go's, jemalloc), or has not called malloc yet; nothing was walked"
        )
    };
    let others = ["jemalloc", "tcmalloc", "mimalloc"];
    let other = others.iter().find_map(|name| has(name));
    let other = other.map(|name| format!("; it loads {name}, which keeps a heap of its own"));
    MemoryError::new(Kind::NotSupported, what + &other.unwrap_or_default())
}
