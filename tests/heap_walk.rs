//! The walk over another process's heap finds each chunk, says rightly what it is, and
//! agrees with what glibc counts. Of a heap that is broken it tells what can be read.
#![cfg(all(target_os = "linux", target_env = "gnu"))]

use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::hint::black_box;
use std::os::unix::fs::FileExt;
use std::process::Command;
use std::sync::{Arc, Barrier};
use std::thread;

use bench_suite::memory::heap::{Chunk, ChunkKind, Saved, Walk, by_size, diff};
use bench_suite::memory::{Kind, Target};
use oracles::player::{Player, hold, part, python};
use oracles::raw::heap_by_glibc;

/// Sizes that end up in all sorts of places once they are freed: a thread's cache, a
/// fastbin, bins of small and of large chunks, mappings.
const SIZES: [usize; 7] = [24, 40, 120, 200, 1000, 5000, 1 << 20];
const EACH: usize = 200;

fn blocks() -> Vec<Vec<u8>> {
    let sizes = SIZES.iter().flat_map(|&size| std::iter::repeat_n(size, EACH));
    sizes.map(|size| vec![black_box(1); size]).collect()
}

/// Prints the addresses of blocks, on lines of their own: the harness has begun one.
fn tell(kept: &[usize], freed: &[usize]) {
    println!();
    for (word, list) in [("kept", kept), ("freed", freed)] {
        print!("{word}");
        for address in list {
            print!(" {address}");
        }
        println!();
    }
}

/// Prints what glibc counts, and allocates nothing for it.
fn tell_counts() {
    let info = heap_by_glibc();
    println!(
        "glibc {} {} {} {} {} {} {} {} {}",
        info.arena,
        info.ordblks,
        info.smblks,
        info.hblks,
        info.hblkhd,
        info.fsmblks,
        info.uordblks,
        info.fordblks,
        info.keepcost
    );
}

/// The part of a process that frees every second of its blocks.
fn every_second() {
    let mut blocks = blocks();
    let addresses: Vec<usize> = blocks.iter().map(|block| block.as_ptr().addr()).collect();
    let kept: Vec<usize> = addresses.iter().step_by(2).copied().collect();
    let freed: Vec<usize> = addresses.iter().skip(1).step_by(2).copied().collect();
    tell(&kept, &freed);
    blocks.iter_mut().skip(1).step_by(2).for_each(|block| *block = Vec::new());
    tell_counts();
    hold();
    black_box(&blocks);
}

/// The part of a process with four threads that keep what they allocated.
fn four_threads() {
    let (full, told) = (Arc::new(Barrier::new(5)), Arc::new(Barrier::new(5)));
    for _ in 0..4 {
        let (full, told) = (full.clone(), told.clone());
        thread::spawn(move || {
            let mut blocks: Vec<Vec<u8>> = (0..1000).map(|_| vec![black_box(1); 3000]).collect();
            blocks.iter_mut().skip(1).step_by(2).for_each(|block| *block = Vec::new());
            full.wait();
            told.wait();
            drop(blocks);
        });
    }
    full.wait();
    // The harness has begun a line.
    println!();
    tell_counts();
    hold();
}

/// The part of a process that leaks 4 KiB, again and again.
fn leaking() {
    println!();
    hold();
    for _ in 0..10_000 {
        std::mem::forget(black_box(vec![black_box(1_u8); 4096]));
    }
    hold();
}

fn walk(player: &Player) -> Walk {
    Walk::of(&Target::open(player.pid()).unwrap()).unwrap()
}

/// What the walk would have `mallinfo2` say.
fn counts(walk: &Walk) -> Vec<u64> {
    let bytes = |kind| walk.bytes(kind);
    let count = |kind| walk.count(kind) as u64;
    let system: u64 = walk.arenas().iter().map(|arena| arena.system_bytes).sum();
    let overhead: u64 = walk.arenas().iter().map(|arena| arena.overhead_bytes).sum();
    let top = |c: &&Chunk| c.kind == ChunkKind::Top && c.arena == 0;
    let main_top = walk.chunks().iter().find(top).map_or(0, |chunk| chunk.size);
    vec![
        system,
        count(ChunkKind::Free) + count(ChunkKind::Top),
        count(ChunkKind::Fastbin),
        count(ChunkKind::Mmapped),
        bytes(ChunkKind::Mmapped),
        bytes(ChunkKind::Fastbin),
        // Chunks in the caches of threads are used ones to glibc.
        bytes(ChunkKind::Used) + bytes(ChunkKind::Tcache) + overhead,
        bytes(ChunkKind::Free) + bytes(ChunkKind::Top) + bytes(ChunkKind::Fastbin),
        main_top,
    ]
}

fn numbers(text: &str) -> Vec<u64> {
    text.split_whitespace().map(|word| word.parse().unwrap()).collect()
}

#[test]
fn every_chunk_is_found_and_called_what_it_is() {
    const NAME: &str = "every_chunk_is_found_and_called_what_it_is";
    if part().is_some() {
        return every_second();
    }
    let player = Player::test(NAME, "every second");
    let walk = walk(&player);
    assert_eq!(walk.problems(), [""; 0]);
    assert_eq!(counts(&walk), numbers(player.line("glibc")));

    let by_address: BTreeMap<u64, &Chunk> = walk.chunks().iter().map(|c| (c.address, c)).collect();
    for address in numbers(player.line("kept")) {
        let kind = by_address[&address].kind;
        assert!(matches!(kind, ChunkKind::Used | ChunkKind::Mmapped), "{address:#x}: {kind:?}");
    }
    let mut freed: BTreeMap<ChunkKind, usize> = BTreeMap::new();
    for address in numbers(player.line("freed")) {
        // Neighbours that are free are one chunk, and mappings are gone.
        let around = by_address.range(..=address).next_back();
        let around = around.filter(|(start, chunk)| address < **start + chunk.size);
        if let Some((_, chunk)) = around {
            *freed.entry(chunk.kind).or_default() += 1;
        }
    }
    assert!(!freed.contains_key(&ChunkKind::Used), "{freed:?}");
    // Seven of each of six sizes; what was freed by others before may be there instead.
    assert!((20..=42).contains(&freed[&ChunkKind::Tcache]), "{freed:?}");
    // Three sizes are small enough, and less than seven of each went elsewhere.
    assert!((200..=300).contains(&freed[&ChunkKind::Fastbin]), "{freed:?}");
    assert!(freed[&ChunkKind::Free] >= 200, "{freed:?}");
    // Glibc learns from the first mapping that is freed to keep such blocks on the heap.
    assert!(walk.count(ChunkKind::Mmapped) >= 100);
}

#[test]
fn chunks_of_four_threads_are_in_arenas_of_their_own() {
    const NAME: &str = "chunks_of_four_threads_are_in_arenas_of_their_own";
    if part().is_some() {
        return four_threads();
    }
    let player = Player::test(NAME, "four threads");
    let walk = walk(&player);
    assert_eq!(walk.problems(), [""; 0]);
    assert_eq!(counts(&walk), numbers(player.line("glibc")));
    let full = walk.arenas().iter().enumerate().filter(|(index, arena)| {
        let its = walk.chunks().iter().filter(|c| c.arena as usize == *index);
        let kept = its.filter(|c| c.kind == ChunkKind::Used && c.size == 3008).count();
        !arena.is_main && kept == 500
    });
    assert_eq!(full.count(), 4);
    assert!(walk.caches() >= 4, "{}", walk.caches());
}

#[test]
fn a_leak_is_named_by_its_size() {
    const NAME: &str = "a_leak_is_named_by_its_size";
    if part().is_some() {
        return leaking();
    }
    let mut player = Player::test(NAME, "leaking");
    let mut file = Vec::new();
    walk(&player).save(&mut file).unwrap();
    let before = Saved::read(&file[..]).unwrap();
    player.go_on();
    let changes = diff(before.chunks(), walk(&player).chunks());
    // 4096 bytes and the word before them, in whole sixteens.
    assert_eq!((changes[0].size, changes[0].after - changes[0].before), (4112, 10_000));
    let again = walk(&player);
    let twice = walk(&player);
    assert_eq!(diff(again.chunks(), twice.chunks()), []);
}

/// Leaks through a library of C, and says what `tracemalloc` saw of it.
const LEAKING_PYTHON: &str = "
import ctypes, os, tracemalloc
libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p
tracemalloc.start()
print('ready', flush=True)
os.read(0, 1)
before = tracemalloc.get_traced_memory()[0]
for i in range(10000):
    libc.malloc(4096)
print('traced', tracemalloc.get_traced_memory()[0] - before)
print('ready', flush=True)
os.read(0, 1)
";

#[test]
fn a_leak_of_a_library_that_python_does_not_see_is_named_too() {
    let Some((python, _)) = python() else {
        eprintln!("skipped: there is no python3");
        return;
    };
    let mut command = Command::new(python);
    command.args(["-E", "-s", "-c", LEAKING_PYTHON]);
    let mut player = Player::command(command);
    let before = walk(&player);
    player.go_on();
    let traced: i64 = player.line("traced").parse().unwrap();
    assert!(traced < 1 << 20, "{traced} bytes are no trace of 40 MB");
    let after = walk(&player);
    assert_eq!(after.problems(), [""; 0]);
    let changes = diff(before.chunks(), after.chunks());
    let came = changes[0].after - changes[0].before;
    assert_eq!(changes[0].size, 4112);
    assert!((9_990..=10_010).contains(&came), "{came}");
}

#[test]
fn of_a_broken_heap_the_rest_is_told() {
    const NAME: &str = "of_a_broken_heap_the_rest_is_told";
    if part().is_some() {
        return every_second();
    }
    let player = Player::test(NAME, "every second");
    let whole = walk(&player);
    let used = whole.chunks().iter().filter(|c| c.kind == ChunkKind::Used && c.size == 1008);
    let middle = used.skip(50).map(|chunk| chunk.address).next().unwrap();
    let free = whole.chunks().iter().find(|c| c.kind == ChunkKind::Free).unwrap();
    let memory = OpenOptions::new().write(true).open(format!("/proc/{}/mem", player.pid()));
    let memory = memory.unwrap();
    // A link that leads nowhere, and a tag that is nonsense.
    memory.write_all_at(&0x1234_5670_u64.to_ne_bytes(), free.address).unwrap();
    let broken = walk(&player);
    let told = |walk: &Walk, what: &str| walk.problems().iter().any(|p| p.contains(what));
    assert!(told(&broken, "leads to 0x12345670, which the tags do not call free"));
    assert_eq!(broken.chunks().len(), whole.chunks().len());
    for nonsense in [0_u64, 7, u64::MAX, 1 << 62 | 1, 0x31 | 2] {
        memory.write_all_at(&nonsense.to_ne_bytes(), middle - 8).unwrap();
        let broken = walk(&player);
        let place = format!("{:#x}", middle - 16);
        assert!(told(&broken, &place), "{nonsense:#x}: {:?}", broken.problems());
        let unread: u64 = broken.arenas().iter().map(|arena| arena.unread_bytes).sum();
        assert!(unread > 0);
        let before = |chunks: &[Chunk]| chunks.iter().filter(|c| c.address < middle).count();
        assert_eq!(before(broken.chunks()), before(whole.chunks()));
        assert!(broken.summary().contains("are not read"));
    }
}

#[test]
fn a_process_goes_on_after_the_walk() {
    const NAME: &str = "a_process_goes_on_after_the_walk";
    if part().is_some() {
        let started = std::time::Instant::now();
        println!();
        let mut turns = 0_u64;
        hold();
        while started.elapsed().as_secs() < 60 {
            turns += 1;
            println!("turns {turns}");
            hold();
        }
        return;
    }
    let mut player = Player::test(NAME, "going on");
    for turn in 1..=20 {
        walk(&player);
        player.go_on();
        assert_eq!(player.line("turns"), turn.to_string());
    }
    let status = std::fs::read_to_string(format!("/proc/{}/status", player.pid())).unwrap();
    assert!(status.contains("TracerPid:\t0\n"), "{status}");
}

/// The part of a process two threads of which never stop allocating.
fn busy() {
    for turn in 0..2_usize {
        thread::spawn(move || {
            let mut blocks = vec![Vec::new(); 500];
            for index in (turn..).map(|index| index * 7919) {
                blocks[index % 500] = vec![black_box(1_u8); index % 5003];
            }
        });
    }
    println!();
    hold();
}

#[test]
fn a_heap_that_changes_is_walked_between_two_changes_or_said_to_be_in_one() {
    const NAME: &str = "a_heap_that_changes_is_walked_between_two_changes_or_said_to_be_in_one";
    if part().is_some() {
        return busy();
    }
    let player = Player::test(NAME, "busy");
    let walks: Vec<Walk> = (0..30).map(|_| walk(&player)).collect();
    for walk in &walks {
        let agrees = walk.problems().is_empty();
        let is_locked = walk.arenas().iter().any(|arena| arena.is_locked);
        assert!(agrees || is_locked, "{}", walk.summary());
        assert_eq!(agrees, walk.summary().contains("own counts agree"));
    }
    assert!(walks.iter().any(|walk| walk.problems().is_empty()), "not one of 30");
}

#[test]
fn all_sizes_together_are_all_chunks() {
    const NAME: &str = "all_sizes_together_are_all_chunks";
    if part().is_some() {
        return every_second();
    }
    let walk = walk(&Player::test(NAME, "every second"));
    let rows = by_size(walk.chunks());
    let count: u64 = rows.iter().map(|row| row.used + row.cached + row.free).sum();
    assert_eq!(count, walk.chunks().len() as u64);
    assert!(rows.is_sorted_by_key(|row| std::cmp::Reverse(row.bytes())));
    let json = walk.json(Some(&"size >= 1MiB and kind == mmapped".parse().unwrap()));
    assert_eq!(json["chunks"].as_array().unwrap().len(), walk.count(ChunkKind::Mmapped));
}

#[test]
fn who_is_not_there_is_said_to_be_gone() {
    let error = Target::open(i32::MAX).unwrap_err();
    assert_eq!(error.kind(), Kind::Gone);
    assert_eq!(error.to_string(), format!("there is no process {}, or no longer", i32::MAX));
}
