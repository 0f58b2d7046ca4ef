//! A binary may install the allocator alone.

use std::hint::black_box;

use bench_suite::meter::{self, Figure};

bench_suite::install_meter!(allocations);

#[test]
fn allocations_are_counted_and_copies_are_not() {
    let (_block, reading) = meter::measure(|| black_box(Box::new(black_box(1_u8))));
    assert_eq!(reading.allocs, Figure::Counted(1));
    assert_eq!(reading.copied_bytes.value(), None, "{reading:?}");
}
