//! The ledger counts what this toolkit copies, byte for byte, and nothing that
//! it does not copy.

use std::io::{BufRead, Read, Write};

use buffers::copied::{self, Tally};
use buffers::{Code, Row, SharedBuf, UniqueBuf};
use bytes::{Buf, BufMut, Bytes};
use filereader::Pool;
use netsend::{Policy, SendQueue, WriteTransport, drive};

/// A buffer of `n` bytes.
fn buf(n: usize) -> SharedBuf {
    SharedBuf::from(vec![7; n])
}

/// What `work` adds to the ledger.
fn copies<T>(work: impl FnOnce() -> T) -> Tally {
    copied::during(work).1
}

#[test]
fn explicit_copies_are_counted() {
    assert_eq!(copies(|| buf(100).to_vec()), 100);
    assert_eq!(copies(|| buf(100).slice(10..40).to_vec()), 30);
    assert_eq!(copies(|| SharedBuf::copy_from_slice(&[1; 50])), 50);
    assert_eq!(copies(|| Row::of_bytes(&[1; 20]).to_vec()), 20);
    assert_eq!(copies(|| copied::record(3)), 3);
}

#[test]
fn reading_into_a_slice_counts_what_was_read() {
    let mut source = buf(10).reader();
    let mut target = [0; 8];
    assert_eq!(copies(|| source.read(&mut target).unwrap()), 8);
    assert_eq!(source.rest().len(), 2, "and advances");
    assert_eq!(copies(|| source.read(&mut target).unwrap()), 2);
    assert_eq!(copies(|| source.read(&mut target).unwrap()), 0);
    let mut all = Vec::new();
    assert_eq!(copies(|| buf(300).reader().read_to_end(&mut all).unwrap()), 300);
    assert_eq!(all, [7; 300]);
}

#[test]
fn reading_in_place_counts_nothing() {
    let text = SharedBuf::from("one\ntwo".to_string());
    let mut source = text.clone().reader();
    let (at, counted) = copied::during(|| {
        let first = source.fill_buf().unwrap().as_ptr();
        source.consume(4);
        let rest = source.take_shared(10);
        (first, rest.as_ptr(), rest.len())
    });
    assert_eq!(at, (text.as_ptr(), text[4..].as_ptr(), 3));
    assert_eq!(counted, 0);
    assert_eq!(text.reader().lines().map(Result::unwrap).collect::<Vec<_>>(), ["one", "two"]);
}

#[test]
fn a_buf_counts_what_leaves_it_as_a_copy() {
    let mut source = buf(10);
    let mut target = [0; 4];
    assert_eq!(copies(|| source.copy_to_slice(&mut target)), 4);
    assert_eq!((source.remaining(), target), (6, [7; 4]));
    let at = source.as_ptr();
    let (taken, counted) = copied::during(|| source.copy_to_bytes(5));
    assert_eq!((taken.as_ptr(), taken.len(), counted), (at, 5, Tally::Counted(0)));
    Buf::advance(&mut source, 1);
    assert!(!source.has_remaining());
}

#[test]
fn a_buf_that_may_refuse_counts_too() {
    let mut source = buf(10);
    let mut target = [0; 4];
    assert_eq!(copies(|| source.try_copy_to_slice(&mut target).unwrap()), 4);
    assert_eq!(source.remaining(), 6);
    let mut too_much = [0; 7];
    assert_eq!(copies(|| source.try_copy_to_slice(&mut too_much).unwrap_err()), 0);
    assert_eq!(source.remaining(), 6);
}

#[test]
fn looking_sharing_and_converting_count_nothing() {
    let counted = copies(|| {
        let mut shared = buf(100);
        let slice = shared.slice(5..50);
        let promoted = shared.promote(&slice[3..9]).unwrap();
        shared.advance(1);
        shared.truncate(50);
        let bytes = Bytes::from(slice);
        let back = SharedBuf::from(bytes);
        drop((back, promoted));
        let unique = shared.try_into_mut().unwrap();
        let vec = UniqueBuf::freeze(unique).try_into_vec();
        let row = Row::new(&[0; 8], Code::default()).unwrap().slice(1..3);
        (vec.is_ok(), row.len())
    });
    assert_eq!(counted, 0);
}

#[test]
fn sending_counts_nothing() {
    let mut out = Vec::with_capacity(100);
    let counted = copies(|| {
        let mut queue = SendQueue::new();
        queue.push(buf(60));
        queue.push("text");
        drive(&mut WriteTransport(&mut out), &mut queue, &Policy::default()).unwrap()
    });
    assert_eq!((out.len(), counted), (64, Tally::Counted(0)), "the copy is the writer's, not ours");
}

#[test]
fn a_block_counts_what_comes_from_a_slice() {
    let pool = Pool::builder().block_size(16).blocks(1).build().unwrap();
    let mut block = pool.acquire().unwrap();
    assert_eq!(copies(|| block.copy_from(&[1; 5])), 5);
    assert_eq!(copies(|| block.write(&[2; 20]).unwrap()), 11);
    assert_eq!(copies(|| block.write(&[2; 20]).unwrap()), 0, "it is full");
    block.clear();
    assert_eq!(copies(|| block.put_slice(&[3; 6])), 6);
    assert_eq!(copies(|| block.put_u32(4)), 4);
    block.clear();
    assert_eq!(copies(|| block.put_bytes(7, 3)), 0, "there is no byte to copy");
    assert_eq!(*block, [7; 3]);
}

#[test]
fn a_block_counts_what_comes_from_a_buf() {
    let pool = Pool::builder().block_size(16).blocks(1).build().unwrap();
    let mut block = pool.acquire().unwrap();
    let source = Bytes::from_static(b"from a buf");
    assert_eq!(copies(|| block.put(source)), 10);
    assert_eq!(*block, *b"from a buf");
}

#[test]
fn a_block_counts_nothing_of_what_is_read_into_it() {
    let pool = Pool::builder().block_size(16).blocks(1).build().unwrap();
    let counted = copies(|| {
        let mut block = pool.acquire().unwrap();
        assert_eq!(block.read_full(&mut &b"a plain slice"[..]).unwrap().n, 13);
        block.unfilled_mut()[0] = b'!';
        block.advance(1);
        block.freeze().len()
    });
    assert_eq!(counted, 0);
}

#[test]
fn each_thread_has_a_ledger_of_its_own() {
    let here = copies(|| {
        let there = std::thread::spawn(|| copies(|| buf(10).to_vec()));
        assert_eq!(there.join().unwrap(), 10);
    });
    assert_eq!(here, 0);
}
