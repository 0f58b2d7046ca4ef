//! A fill says exactly how many bytes came and why it stopped, whatever its
//! source does.

use std::error::Error;
use std::io::{self, Write};

use bytes::BufMut;
use filereader::{Block, Filled, FilledEnd, Pool, ReadError};
use oracles::content::pattern;
use oracles::panic_text;
use oracles::source::{Answer, Source};
use proptest::prelude::*;

fn pool() -> Pool {
    Pool::builder().block_size(100).blocks(1).build().unwrap()
}

fn ends(n: usize, end: FilledEnd) -> Filled {
    Filled { n, end }
}

#[test]
fn one_read_says_why_it_stopped() {
    use Answer::{Give, Interrupted, WouldBlock};
    let pool = pool();
    let mut block = pool.acquire().unwrap();
    let script = [Give(30), Interrupted, Interrupted, Give(5), WouldBlock, Give(500)];
    let mut source = Source::new(&script);
    for expected in [
        ends(30, FilledEnd::Partial),
        ends(5, FilledEnd::Partial),
        ends(0, FilledEnd::WouldBlock),
        ends(65, FilledEnd::Full),
    ] {
        assert_eq!(block.read_into(&mut source).unwrap(), expected);
        assert_eq!(*block, source.bytes[..source.given]);
    }
    let reads = source.reads;
    assert_eq!(block.read_into(&mut source).unwrap(), ends(0, FilledEnd::Full));
    assert_eq!(source.reads, reads, "a full block asks nobody");
    block.clear();
    assert_eq!(block.read_into(&mut source).unwrap(), ends(0, FilledEnd::Eof));
    assert!(block.is_empty() && !block.is_full());
}

#[test]
fn the_last_byte_of_room_is_the_end_of_room() {
    let pool = pool();
    let mut block = pool.acquire().unwrap();
    let exact = &pattern(100, 41)[..];
    assert_eq!(block.read_full(&mut { exact }).unwrap(), ends(100, FilledEnd::Full));
    block.clear();
    assert_eq!(block.read_full(&mut &exact[1..]).unwrap(), ends(99, FilledEnd::Eof));
    assert_eq!((block.room(), &block[..]), (1, &exact[1..]));
}

#[test]
fn a_failed_read_says_what_the_source_said() {
    let pool = pool();
    let mut block = pool.acquire().unwrap();
    let error = block.read_into(&mut Source::new(&[Answer::Fail])).unwrap_err();
    assert_eq!((error.filled(), error.kind()), (0, io::ErrorKind::Other));
    let mut source = Source::new(&[Answer::Give(40), Answer::Give(2), Answer::Fail]);
    let error = block.read_full(&mut source).unwrap_err();
    assert_eq!((error.filled(), block.len()), (42, 42));
    assert_eq!(error.to_string(), "the read failed after 42 bytes: the disk burns");
    assert_eq!(error.source().unwrap().to_string(), "the disk burns");
    let error = io::Error::from(error);
    assert_eq!(error.kind(), io::ErrorKind::Other);
    let inner = error.into_inner().unwrap().downcast::<ReadError>().unwrap();
    assert_eq!(inner.filled(), 42, "the count is still there");
    assert_eq!(*block, source.bytes[..42]);
}

#[test]
fn a_source_that_claims_too_much_is_not_believed() {
    let pool = pool();
    let mut block = pool.acquire().unwrap();
    block.copy_from(b"front");
    let mut source = Source::new(&[Answer::Give(5), Answer::Overclaim]);
    let error = block.read_full(&mut source).unwrap_err();
    assert_eq!((error.filled(), error.kind()), (5, io::ErrorKind::InvalidData));
    let text = error.to_string();
    assert!(text.ends_with("the source claims to have read 91 bytes into room for 90"), "{text}");
    assert_eq!(block.len(), 10);
}

#[test]
fn a_source_that_panics_leaves_the_block_as_it_was() {
    let pool = pool();
    let mut block = pool.acquire().unwrap();
    block.copy_from(b"front");
    let mut source = Source::new(&[Answer::Panic, Answer::Give(3)]);
    let text = panic_text(|| block.read_into(&mut source));
    assert_eq!(text, "the source panics");
    assert_eq!(*block, *b"front");
    assert_eq!(block.read_into(&mut source).unwrap().n, 3);
    assert_eq!(block[5..], source.bytes[..3]);
    panic_text(|| {
        let mut block = block;
        let _ = block.read_into(&mut Source::new(&[Answer::Panic]));
    });
    assert_eq!(pool.idle(), 1, "and a block that unwinds comes home");
}

fn answer() -> impl Strategy<Value = Answer> {
    prop_oneof![
        6 => (1..60_usize).prop_map(Answer::Give),
        1 => Just(Answer::Interrupted),
        1 => Just(Answer::WouldBlock),
        1 => Just(Answer::Fail),
        1 => Just(Answer::Overclaim),
    ]
}

fn added(answer: &Result<Filled, ReadError>) -> usize {
    match answer {
        Ok(filled) => filled.n,
        Err(error) => error.filled(),
    }
}

proptest! {
    #![proptest_config(oracles::cases(300))]

    #[test]
    fn no_script_loses_a_byte(
        script in prop::collection::vec(answer(), 0..30),
        fulls in prop::collection::vec(any::<bool>(), 30),
    ) {
        let pool = pool();
        let mut source = Source::new(&script);
        let (mut got, mut block) = (Vec::new(), pool.acquire().unwrap());
        for full in fulls {
            let before = block.len();
            let answer = if full {
                block.read_full(&mut source)
            } else {
                block.read_into(&mut source)
            };
            prop_assert_eq!(block.len(), before + added(&answer));
            prop_assert_eq!(block.is_full(), block.len() == 100);
            if block.is_full() {
                got.extend_from_slice(&block.freeze());
                block = pool.try_acquire().unwrap();
            }
        }
        got.extend_from_slice(&block);
        prop_assert_eq!(&got[..], &source.bytes[..source.given]);
    }
}

/// Fills a block by hand.
fn by_hand(block: &mut Block, bytes: &[u8]) {
    block.unfilled_mut()[..bytes.len()].copy_from_slice(bytes);
    block.advance(bytes.len());
}

#[test]
fn a_block_is_filled_in_each_way() {
    let pool = pool();
    let mut block = pool.acquire().unwrap();
    by_hand(&mut block, b"by hand, ");
    assert_eq!(block.copy_from(b"by copy, "), 9);
    block.write_all(b"by write, ").unwrap();
    block.put_slice(b"by put");
    assert_eq!((block.remaining_mut(), block.room()), (66, 66));
    assert_eq!(*block, *b"by hand, by copy, by write, by put");
    assert_eq!(block.as_ref(), block.filled());
    let error = block.write_all(&[0; 67]).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::WriteZero);
    assert_eq!(block.room(), 0);
    assert_eq!(panic_text(|| block.put_slice(b"1")), "cannot put 1 bytes: room for 0");
}
