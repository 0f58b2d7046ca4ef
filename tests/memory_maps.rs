//! A map of a file stands behind shared buffers in place: slices outlive every name
//! that the file had, and what is written through a buffer is written to the file.

use std::fs::{self, File};
use std::io::Read;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bench_suite::meter::measure;
use buffers::{SharedBuf, UniqueBuf};
use memmap2::{Mmap, MmapMut};
use oracles::content::{file_of, pattern};
use oracles::raw::{map, map_mut};

bench_suite::install_meter!();

const LEN: usize = 100_000;

#[test]
fn a_map_is_shared_at_its_own_address() {
    let file = file_of(&pattern(LEN, 1));
    let mapped = map(&file);
    let at = mapped.as_ptr();
    let (shared, cost) = measure(|| SharedBuf::from_owner(mapped));
    assert_eq!((shared.as_ptr(), shared.len()), (at, LEN));
    assert_eq!((cost.allocs.value(), cost.ledger_bytes.value()), (Some(2), Some(0)));
    assert!(cost.copied_bytes.value().unwrap() < 1000, "{cost}");
    assert_eq!(shared, pattern(LEN, 1));
    let slice = shared.slice(5000..);
    assert_eq!(slice.promote(&slice[5000..6000]).unwrap().as_ptr(), at.wrapping_add(10_000));
}

#[test]
fn a_copy_of_a_map_lies_elsewhere_and_is_counted() {
    let shared = SharedBuf::from_owner(map(&file_of(&pattern(LEN, 2))));
    let (copy, cost) = measure(|| SharedBuf::copy_from_slice(&shared));
    assert_ne!(copy.as_ptr(), shared.as_ptr());
    assert_eq!(cost.ledger_bytes.value(), Some(LEN as u64));
    assert!(cost.copied_bytes.value().unwrap() >= LEN as u64, "{cost}");
}

#[test]
fn slices_outlive_the_map_and_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mapped");
    fs::write(&path, pattern(LEN, 3)).unwrap();
    let file = File::open(&path).unwrap();
    let whole = SharedBuf::from_owner(map(&file));
    let slice = whole.slice(70_000..80_000);
    drop((whole, file));
    fs::remove_file(&path).unwrap();
    drop(folder);
    assert!(!path.exists());
    let there = std::thread::spawn(move || slice.slice(1000..));
    assert_eq!(there.join().unwrap(), pattern(LEN, 3)[71_000..80_000]);
}

/// A map that tells when it is unmapped.
struct Told(Mmap, Arc<AtomicUsize>);

impl AsRef<[u8]> for Told {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl Drop for Told {
    fn drop(&mut self) {
        self.1.fetch_add(1, Ordering::SeqCst);
    }
}

#[test]
fn the_last_handle_unmaps_and_no_other() {
    let unmapped = Arc::new(AtomicUsize::new(0));
    let shared =
        SharedBuf::from_owner(Told(map(&file_of(&pattern(LEN, 4))), Arc::clone(&unmapped)));
    let (slice, empty) = (shared.slice(5..10), shared.slice(5..5));
    drop(shared);
    assert_eq!(unmapped.load(Ordering::SeqCst), 0);
    drop(slice);
    assert_eq!((unmapped.load(Ordering::SeqCst), empty.len()), (1, 0));
}

#[test]
fn a_read_only_map_is_never_written() {
    let shared = SharedBuf::from_owner(map(&file_of(&pattern(LEN, 5))));
    assert!(shared.is_unique());
    assert!(shared.try_into_mut().is_err());
}

#[test]
fn what_is_written_through_a_buffer_is_in_the_file() {
    let file = file_of(&pattern(LEN, 6));
    let mapped = map_mut(&file);
    let at = mapped.as_ptr();
    let (mut unique, cost) = measure(|| UniqueBuf::from_owner(mapped));
    assert_eq!((unique.as_ptr(), unique.len()), (at, LEN));
    assert_eq!((cost.allocs.value(), cost.ledger_bytes.value()), (Some(2), Some(0)));
    unique[10..15].copy_from_slice(b"hello");

    let shared = unique.freeze();
    let slice = shared.slice(10..15);
    let shared = shared.try_into_mut().unwrap_err();
    drop(slice);
    let (mut unique, cost) = measure(|| shared.try_into_mut().unwrap());
    assert_eq!((unique.as_ptr(), cost.allocs.value()), (at, Some(0)));
    unique[LEN - 1] = b'!';

    let mut expected = pattern(LEN, 6);
    expected[10..15].copy_from_slice(b"hello");
    expected[LEN - 1] = b'!';
    let (mut content, mut source) = (Vec::new(), &*file);
    std::io::Seek::rewind(&mut source).unwrap();
    source.read_to_end(&mut content).unwrap();
    assert!(content == expected, "the file has what was written through the buffer");
    drop(unique);
    assert!(map(&file)[..] == expected, "and keeps it when the map is gone");
}

#[test]
fn an_anonymous_map_is_written_then_shared_in_place() {
    let mapped = MmapMut::map_anon(LEN).unwrap();
    let at = mapped.as_ptr();
    let mut unique = UniqueBuf::from_owner(mapped);
    unique.copy_from_slice(&pattern(LEN, 7));
    let shared = unique.freeze();
    assert_eq!(shared.as_ptr(), at);
    assert_eq!(shared, pattern(LEN, 7));
}
