//! The regions of another process add up to what the kernel says of it, and each is
//! called what it is, as far as anything tells.
#![cfg(all(target_os = "linux", target_env = "gnu"))]

use std::hint::black_box;
use std::sync::{Arc, Barrier};
use std::thread;

use bench_suite::memory::Target;
use bench_suite::memory::maps::{Map, Purpose};
use bench_suite::meter::process::thread_cpu;
use memmap2::MmapMut;
use oracles::player::{Player, hold, part};

const LARGE: usize = 8 << 20;

/// The part of a process with memory of several sorts, each of a known size.
fn sorts() {
    let small: Vec<Vec<u8>> = (0..4000).map(|_| vec![black_box(1); 1000]).collect();
    let large = vec![black_box(1_u8); LARGE];
    let mut file = tempfile::tempfile().unwrap();
    std::io::Write::write_all(&mut file, &vec![1; LARGE]).unwrap();
    let map = oracles::raw::map(&file);
    let seen: u64 = map.iter().map(|&byte| u64::from(byte)).sum();
    let (full, told) = (Arc::new(Barrier::new(2)), Arc::new(Barrier::new(2)));
    let thread = thread::spawn({
        let (full, told) = (full.clone(), told.clone());
        move || {
            let kept: Vec<Vec<u8>> = (0..1000).map(|_| vec![black_box(1); 3000]).collect();
            full.wait();
            told.wait();
            drop(kept);
        }
    });
    full.wait();
    // The harness has begun a line.
    println!("\nsaw {seen}");
    hold();
    black_box((&small, &large, thread));
}

fn map(player: &Player) -> Map {
    Map::of(&Target::open(player.pid()).unwrap()).unwrap()
}

#[test]
fn sums_are_those_of_the_kernel_and_purposes_are_told() {
    const NAME: &str = "sums_are_those_of_the_kernel_and_purposes_are_told";
    if part().is_some() {
        return sorts();
    }
    let player = Player::test(NAME, "sorts");
    let map = map(&player);
    let (ours, kernels) = (map.total(), map.kernels_total());
    assert_eq!((ours.rss, ours.swap, ours.huge), (kernels.rss, kernels.swap, kernels.huge));
    assert_eq!(ours.dirty(), kernels.dirty());
    // Pages that several processes have are rounded down, region by region.
    assert!(ours.pss.abs_diff(kernels.pss) <= 1024 * map.regions().len() as u64);

    let rss = |purpose| map.amounts(purpose).rss;
    let near = |bytes: u64, expected: usize| {
        let expected = expected as u64;
        (expected..expected + (2 << 20)).contains(&bytes)
    };
    assert!(near(rss(Purpose::Heap) + rss(Purpose::Arena), 4_000_000 + 3_000_000), "{map:?}");
    assert!(rss(Purpose::Arena) >= 3_000_000, "{map:?}");
    assert!(near(rss(Purpose::Anonymous), LARGE), "{map:?}");
    assert!(rss(Purpose::File) >= LARGE as u64, "{map:?}");
    let stacks = map.regions().iter().filter(|region| region.purpose == Purpose::Stack).count();
    assert!(stacks >= 2, "{map:?}");
    assert!(map.by_purpose().contains("smaps_rollup says the same"), "{}", map.by_purpose());
    assert_eq!(map.json()["regions"].as_array().unwrap().len(), map.regions().len());
}

/// The part of a process with ten thousand regions.
fn many_regions() {
    // Every second page is of another file, so that the kernel joins none.
    let file = tempfile::tempfile().unwrap();
    file.set_len(4096).unwrap();
    let regions: Vec<(MmapMut, _)> =
        (0..5000).map(|_| (MmapMut::map_anon(4096).unwrap(), oracles::raw::map(&file))).collect();
    println!();
    hold();
    black_box(&regions);
}

#[test]
fn ten_thousand_regions_take_a_moment() {
    const NAME: &str = "ten_thousand_regions_take_a_moment";
    if part().is_some() {
        return many_regions();
    }
    let player = Player::test(NAME, "many regions");
    // Processor time, the kernel's included: the clock would measure who else computes.
    let times = (0..5).map(|_| {
        let start = thread_cpu().unwrap();
        let map = map(&player);
        assert!(map.regions().len() >= 10_000, "{}", map.regions().len());
        thread_cpu().unwrap().saturating_sub(start)
    });
    let best = times.min().unwrap();
    println!("{} ms", best.as_millis());
    let most = if cfg!(debug_assertions) { 4000 } else { 250 };
    assert!(best.as_millis() <= most, "{best:?}");
}
