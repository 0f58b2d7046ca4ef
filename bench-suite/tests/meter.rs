//! The meter sees what happens, in a binary that has it installed.

use std::hint::black_box;
use std::thread;

use bench_suite::meter::{
    self, Figure, assert_steady, measure, process, steady_reading, switch_cost,
};

bench_suite::install_meter!();

const MIB: usize = 1 << 20;

/// Bytes of which the compiler knows neither the number nor the contents.
fn bytes(count: usize) -> Vec<u8> {
    black_box(vec![7_u8; black_box(count)])
}

fn number(figure: &Figure) -> u64 {
    figure.value().unwrap_or_else(|| panic!("there is no figure: {figure:?}"))
}

#[test]
fn allocations_are_counted_exactly() {
    let (kept, reading) = measure(|| {
        let mut blocks: [Option<Box<u64>>; 5] = [const { None }; 5];
        for block in &mut blocks {
            *block = Some(black_box(Box::new(black_box(1))));
        }
        blocks
    });
    assert_eq!(reading.allocs, Figure::Counted(5));
    assert_eq!(reading.alloc_bytes, Figure::Counted(5 * 8));
    drop(kept);
}

#[test]
fn each_kind_of_allocation_counts_as_one() {
    let (grown, reading) = measure(|| {
        let mut grown: Vec<u8> = Vec::with_capacity(black_box(100));
        grown.push(black_box(1));
        grown.reserve_exact(black_box(1000));
        black_box(grown)
    });
    assert_eq!(reading.allocs, Figure::Counted(2), "an alloc and a realloc");
    assert_eq!(reading.alloc_bytes, Figure::Counted(100 + 1001));
    drop(grown);
    let (zeroed, reading) = measure(|| black_box(vec![0_u8; black_box(MIB)]));
    assert_eq!(reading.allocs, Figure::Counted(1));
    assert_eq!(reading.alloc_bytes, Figure::Counted(MIB as u64));
    assert_eq!(reading.copied_bytes, Figure::Counted(0));
    drop(zeroed);
}

#[test]
fn a_copy_is_counted() {
    let source = bytes(MIB);
    let (copy, reading) = measure(|| black_box(source.clone()));
    let copied = number(&reading.copied_bytes);
    assert!(copied >= MIB as u64, "{reading}");
    assert!(copied <= (MIB + MIB / 100) as u64, "{reading}");
    assert_eq!(copy, source);
}

#[test]
fn an_overlapping_move_is_counted_and_right() {
    let mut moved = bytes(MIB);
    moved[MIB / 2] = 9;
    let ((), reading) = measure(|| moved.copy_within(black_box(1).., 0));
    assert!(number(&reading.copied_bytes) >= (MIB - 1) as u64, "{reading}");
    assert_eq!(moved[MIB / 2 - 1], 9);
    assert_eq!(moved[MIB / 2], 7);
}

#[test]
fn a_slice_costs_nothing() {
    let source = bytes(MIB);
    let (slice, reading) = measure(|| black_box(&source[black_box(1)..]));
    assert_eq!(slice.len(), MIB - 1);
    assert_eq!(reading.allocs, Figure::Counted(0));
    assert_eq!(reading.copied_bytes, Figure::Counted(0));
    assert_eq!(reading.ledger_bytes, Figure::Counted(0));
}

#[test]
fn other_threads_are_not_seen() {
    let source = bytes(MIB);
    let start = std::sync::Barrier::new(2);
    let done = std::sync::Barrier::new(2);
    thread::scope(|scope| {
        scope.spawn(|| {
            start.wait();
            drop(black_box(source.clone()));
            done.wait();
        });
        let ((), reading) = measure(|| {
            start.wait();
            done.wait();
        });
        assert_eq!(reading.allocs, Figure::Counted(0));
        assert!(number(&reading.copied_bytes) < 4096, "{reading}");
    });
}

#[test]
fn threads_measure_at_once() {
    thread::scope(|scope| {
        for size in [1, 2, 3, 4].map(|factor| factor * 10_000) {
            scope.spawn(move || {
                let source = bytes(size);
                for _ in 0..200 {
                    let (copy, reading) = measure(|| black_box(source.clone()));
                    assert_eq!(reading.allocs, Figure::Counted(1));
                    assert_eq!(reading.alloc_bytes, Figure::Counted(size as u64));
                    let copied = number(&reading.copied_bytes);
                    assert!((size as u64..size as u64 + 1000).contains(&copied), "{reading}");
                    drop(copy);
                }
            });
        }
    });
}

#[test]
fn a_nested_measurement_is_part_of_the_outer_one() {
    let ((inner, _kept), outer) = measure(|| {
        let (first, inner) = measure(|| black_box(Box::new(black_box(1_u8))));
        let second = black_box(Box::new(black_box(2_u8)));
        (inner, (first, second))
    });
    assert_eq!(inner.allocs, Figure::Counted(1));
    assert_eq!(outer.allocs, Figure::Counted(2));
}

#[test]
fn counters_survive_the_end_of_a_thread() {
    struct AllocatesLate;
    impl Drop for AllocatesLate {
        fn drop(&mut self) {
            let (_, reading) = measure(|| black_box(Box::new(black_box(1_u8))));
            assert_eq!(reading.allocs, Figure::Counted(1));
        }
    }
    thread_local!(static LATE: AllocatesLate = const { AllocatesLate });
    thread::spawn(|| LATE.with(|_| ())).join().unwrap();
}

#[test]
fn a_panic_leaves_the_meter_usable() {
    let panicked = thread::spawn(|| measure(|| std::panic::resume_unwind(Box::new(())))).join();
    assert!(panicked.is_err());
    let (_, reading) = measure(|| black_box(Box::new(black_box(1_u8))));
    assert_eq!(reading.allocs, Figure::Counted(1));
}

#[test]
fn a_loop_that_does_nothing_is_steady() {
    let mut first = true;
    assert_steady(1, 1000, || {
        if std::mem::take(&mut first) {
            drop(black_box(bytes(10)));
        }
    });
}

#[test]
#[should_panic(expected = "not steady, in 10 rounds: 10 allocations")]
fn a_loop_that_copies_is_not_steady() {
    let source = bytes(MIB);
    assert_steady(1, 10, || drop(black_box(source.clone())));
}

#[test]
#[should_panic(expected = "no iterations prove nothing")]
fn a_proof_needs_iterations() {
    assert_steady(1, 0, || ());
}

#[test]
fn the_steady_reading_covers_the_iterations_only() {
    let source = bytes(MIB);
    let reading = steady_reading(3, 7, || drop(black_box(source.clone())));
    assert_eq!(reading.allocs, Figure::Counted(7));
}

#[test]
fn a_reading_survives_json() {
    let ((), reading) = measure(|| ());
    let json = serde_json::to_string(&reading).unwrap();
    assert_eq!(serde_json::from_str::<meter::Reading>(&json).unwrap(), reading);
}

#[test]
fn the_switch_has_a_price() {
    // Other tests of this binary may be measuring at this moment.
    for _ in 0..1000 {
        if let Ok(cost) = switch_cost() {
            eprintln!("{cost:?}");
            assert!(cost.direct_ns > 0.0 && cost.off_ns > 0.0 && cost.on_ns > 0.0);
            return;
        }
        thread::sleep(std::time::Duration::from_millis(5));
    }
    panic!("the switch was never off");
}

#[test]
#[cfg(target_os = "linux")]
fn first_touch_faults_and_takes_time() {
    let (touched, reading) = measure(|| bytes(64 * MIB));
    // Huge pages make it 32 faults instead of 16384.
    assert!(number(&reading.page_faults) >= 16, "{reading:?}");
    assert!(reading.cpu_s > 0.0 && reading.wall_s > 0.0, "{reading:?}");
    drop(touched);
}

#[test]
#[cfg(target_os = "linux")]
fn the_peak_of_memory_is_reset_and_read() {
    let big = 64 * MIB;
    drop(bytes(2 * big));
    let (touched, peak) = process::peak_rss_during(|| bytes(big));
    match peak {
        Figure::Unavailable(why) => eprintln!("skipped: {why}"),
        peak => assert!(number(&peak) >= big as u64, "{peak:?}"),
    }
    drop(touched);
}
