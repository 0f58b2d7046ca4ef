//! Arrow's buffers and shared buffers hand their bytes to each other in place, keep
//! them alive for as long as either side looks, and let lent memory go home after.

use std::sync::{Arc, Mutex};

use arrow_buffer::{Buffer, ScalarBuffer};
use bench_suite::meter::measure;
use buffers::{Home, SharedBuf, UniqueBuf};
use bytes::Bytes;
use filereader::Pool;
use oracles::content::pattern;
use oracles::panic_text;

bench_suite::install_meter!();

const BLOCK: usize = 16 << 10;

/// A home that keeps what comes.
#[derive(Default)]
struct Shelf(Mutex<Vec<UniqueBuf>>);

impl Home for Shelf {
    fn come_home(self: Arc<Self>, memory: UniqueBuf) {
        self.0.lock().unwrap().push(memory);
    }
}

/// The bytes of a vector without spare capacity.
fn exact(seed: u64) -> SharedBuf {
    SharedBuf::from(pattern(BLOCK, seed).into_boxed_slice())
}

#[test]
fn a_handle_becomes_a_buffer_at_the_same_address() {
    let whole = exact(1);
    let slice = whole.slice(1000..3000);
    let text = SharedBuf::from_static(b"static");
    for shared in [whole.clone(), slice, text, SharedBuf::from_owner(pattern(50, 2)), whole] {
        let expected = shared.clone();
        let (buffer, cost) = measure(|| Buffer::from(shared));
        assert_eq!(buffer.as_ptr(), expected.as_ptr());
        assert_eq!(buffer.as_slice(), expected.as_slice());
        assert_eq!(cost.ledger_bytes.value(), Some(0));
        assert!(cost.copied_bytes.value().unwrap() < 1000, "{cost}");
    }
}

#[test]
fn a_buffer_becomes_a_handle_at_the_same_address() {
    let words = Buffer::from_vec((0..4000_u32).collect());
    for buffer in [
        words.clone(),
        words.slice_with_length(8, 800),
        Buffer::from(Bytes::from(pattern(BLOCK, 3))),
        Buffer::from_vec(pattern(BLOCK, 4)),
        words,
    ] {
        let expected = buffer.as_slice().to_vec();
        let at = buffer.as_ptr();
        let (shared, cost) = measure(|| SharedBuf::from(buffer));
        assert_eq!(shared.as_ptr(), at);
        assert_eq!(shared, expected);
        assert_eq!(cost.ledger_bytes.value(), Some(0));
        assert!(cost.copied_bytes.value().unwrap() < 1000, "{cost}");
    }
}

#[test]
fn a_buffer_made_from_a_borrow_is_a_copy_and_lies_elsewhere() {
    let shared = exact(5);
    let (buffer, cost) = measure(|| Buffer::from(shared.as_slice()));
    assert_eq!(buffer.as_slice(), shared.as_slice());
    assert_ne!(buffer.as_ptr(), shared.as_ptr());
    assert!(cost.copied_bytes.value().unwrap() >= BLOCK as u64, "{cost}");
}

#[test]
fn what_a_conversion_allocates_is_what_its_documentation_says() {
    let held = exact(6);
    let into_buffer = [
        ("the last handle of a whole vector", 1, exact(7)),
        ("a vector with spare capacity", 1, {
            let mut spare = Vec::with_capacity(2 * BLOCK);
            spare.extend(pattern(BLOCK, 8));
            spare.into()
        }),
        ("static", 2, SharedBuf::from_static(b"static")),
        ("a whole `Bytes`", 2, Bytes::from(pattern(BLOCK, 9)).into()),
        ("one of two handles", 3, held.clone()),
        ("a part of a vector", 3, exact(10).slice(1..)),
        ("an owner", 3, SharedBuf::from_owner([7; 100])),
    ];
    for (what, allocs, shared) in into_buffer {
        let (buffer, cost) = measure(|| Buffer::from(shared));
        assert_eq!(cost.allocs.value(), Some(allocs), "{what}");
        drop(buffer);
    }
    let kept = Buffer::from_vec(pattern(BLOCK, 11));
    let into_shared = [
        ("nothing", 0, kept.slice_with_length(5, 0)),
        ("the last one, of a vector of bytes", 1, Buffer::from_vec(pattern(BLOCK, 12))),
        ("a vector of words", 2, Buffer::from_vec(vec![1_u64; 10])),
        ("one of two", 2, kept.clone()),
        ("the end of a vector", 2, Buffer::from_vec(pattern(BLOCK, 13)).slice(8)),
        ("a handle of ours", 2, Buffer::from(held.clone())),
    ];
    for (what, allocs, buffer) in into_shared {
        let (shared, cost) = measure(|| SharedBuf::from(buffer));
        assert_eq!(cost.allocs.value(), Some(allocs), "{what}");
        drop(shared);
    }
}

#[test]
fn a_whole_vector_stays_a_vector_all_the_way_round() {
    let vec = pattern(BLOCK, 14);
    let at = vec.as_ptr();
    let mut buffer = Buffer::from(SharedBuf::from(vec)).into_mutable().unwrap();
    buffer.as_slice_mut()[0] = 1;
    let shared = SharedBuf::from(Buffer::from(buffer));
    let mut unique = shared.try_into_mut().unwrap();
    unique[1] = 2;
    let vec = unique.freeze().try_into_vec().unwrap();
    assert_eq!((vec.as_ptr(), &vec[..2]), (at, &[1, 2][..]));
}

#[test]
fn a_buffer_cut_short_gives_the_bytes_that_it_shows() {
    let buffer = Buffer::from_vec(pattern(BLOCK, 15)).slice_with_length(0, 100);
    let shared = SharedBuf::from(buffer);
    assert_eq!(shared, pattern(BLOCK, 15)[..100]);
    assert_eq!(shared.try_into_vec().unwrap().len(), 100);
}

#[test]
fn nobody_writes_what_somebody_else_sees() {
    let shared = exact(16);
    let buffer = Buffer::from(shared.clone());
    assert!(shared.try_into_mut().is_err(), "the buffer looks");
    let buffer = buffer.into_mutable().unwrap_err();
    let back = SharedBuf::from(buffer.clone());
    let back = back.try_into_mut().unwrap_err();
    drop(buffer);
    assert!(back.try_into_mut().is_err(), "Arrow's memory stays read-only");
}

#[test]
fn slices_of_either_side_keep_the_memory_alive() {
    let content = pattern(BLOCK, 17);
    let mut kept = Buffer::from(SharedBuf::from(content.clone()).slice(100..));
    for _ in 0..3 {
        let shared = SharedBuf::from(kept.slice(100));
        kept = Buffer::from(shared.slice(100..));
    }
    assert_eq!(kept.as_slice(), &content[700..]);
}

#[test]
fn lent_memory_goes_home_when_the_last_of_either_side_is_dropped() {
    let shelf = Arc::new(Shelf::default());
    let home = || shelf.0.lock().unwrap().len();
    let lent = UniqueBuf::from(pattern(BLOCK, 18)).lend(shelf.clone());
    let at = lent.as_ptr();
    let shared = lent.freeze();
    let buffer = Buffer::from(shared.slice(10..20));
    drop(shared);
    assert_eq!(home(), 0, "the buffer looks");
    let again = SharedBuf::from(buffer.slice(5));
    drop(buffer);
    assert_eq!((home(), again.len()), (0, 5), "a handle of the buffer looks");
    drop(again);
    assert_eq!(home(), 1);
    let memory = shelf.0.lock().unwrap().pop().unwrap();
    assert_eq!((memory.as_ptr(), memory.len()), (at, BLOCK), "whole again");
}

#[test]
fn the_whole_of_lent_memory_is_not_given_away() {
    let shelf = Arc::new(Shelf::default());
    let lent = UniqueBuf::from(pattern(BLOCK, 19)).lend(shelf.clone());
    let buffer = Buffer::from(lent.freeze()).into_mutable().unwrap_err();
    drop(buffer);
    assert_eq!(shelf.0.lock().unwrap().len(), 1);
}

#[test]
fn a_block_of_a_pool_is_aligned_for_any_element() {
    let numbers: Vec<u64> = (0..BLOCK as u64 / 8).collect();
    let bytes: Vec<u8> = numbers.iter().flat_map(|number| number.to_ne_bytes()).collect();
    let pool = Pool::builder().block_size(BLOCK).blocks(1).build().unwrap();
    let mut block = pool.acquire().unwrap();
    assert_eq!(block.read_into(&mut &bytes[..]).unwrap().n, BLOCK);
    let shared = block.freeze();
    let at = shared[80..].as_ptr();
    let column = ScalarBuffer::<u64>::from(Buffer::from(shared.slice(80..)));
    drop(shared);
    assert_eq!(column.inner().as_ptr(), at);
    assert_eq!(column[..], numbers[10..]);
    assert_eq!(pool.idle(), 0);
    drop(column);
    assert_eq!(pool.idle(), 1);
}

#[test]
fn a_slice_that_is_not_aligned_stays_where_it_is_and_arrow_checks() {
    let pool = Pool::builder().block_size(BLOCK).blocks(1).build().unwrap();
    let mut block = pool.acquire().unwrap();
    assert_eq!(block.read_into(&mut &pattern(BLOCK, 20)[..]).unwrap().n, BLOCK);
    let odd = block.freeze().slice(1..9);
    let buffer = Buffer::from(odd.clone());
    assert_eq!(buffer.as_ptr(), odd.as_ptr());
    assert_eq!(odd.as_ptr().addr() % 8, 1, "a block begins at a page");
    let text = panic_text(|| ScalarBuffer::<u64>::from(buffer));
    assert!(text.contains("not aligned"), "{text}");
    drop(odd);
    assert_eq!(pool.idle(), 1, "a refusal keeps nothing");
}
