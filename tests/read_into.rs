//! Each member of the `read_into` family fills what it says, where it says, and
//! loses no count: exactly so many bytes, a part, a place in a file, several blocks.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use filereader::{Block, Descriptor, Filled, FilledEnd, Pool, Section};
use oracles::content::{file_of, pattern};
use oracles::raw::in_a_storm;
use oracles::source::{Answer, Source};
use proptest::prelude::*;

fn pool_of(block_size: usize, blocks: usize) -> Pool {
    Pool::builder().block_size(block_size).blocks(blocks).build().unwrap()
}

fn block() -> Block {
    pool_of(100, 1).acquire().unwrap()
}

fn ends(n: usize, end: FilledEnd) -> Filled {
    Filled { n, end }
}

#[test]
fn exactly_so_many_bytes_or_an_error_that_knows_how_many() {
    use Answer::{Fail, Give, Interrupted, WouldBlock};
    let cases: [(&[Answer], usize, io::ErrorKind, &str); 4] = [
        (&[Give(5), Interrupted, Give(2)], 7, io::ErrorKind::UnexpectedEof, "the source ended"),
        (&[Give(8), WouldBlock], 8, io::ErrorKind::WouldBlock, "the source has no more now"),
        (&[Give(3), Fail], 3, io::ErrorKind::Other, "the disk burns"),
        (&[Give(3), Answer::Overclaim], 3, io::ErrorKind::InvalidData, "the source claims"),
    ];
    for (script, filled, kind, text) in cases {
        let mut block = block();
        block.copy_from(b"front");
        let mut source = Source::new(script);
        let error = block.read_exact(&mut source, 10).unwrap_err();
        assert_eq!((error.filled(), error.kind()), (filled, kind));
        let start = format!("the read failed after {filled} bytes: {text}");
        assert!(error.to_string().starts_with(&start), "{error}");
        assert_eq!(block[5..], source.bytes[..filled]);
    }
    let mut source = Source::new(&[Give(4), Interrupted, Give(100)]);
    let mut block = block();
    assert_eq!(block.read_exact(&mut source, 10).unwrap(), 10);
    assert_eq!((source.given, &block[..]), (10, &source.bytes[..10]), "and not one byte more");
    assert_eq!(block.read_exact(&mut source, 0).unwrap(), 0);
}

#[test]
fn without_room_for_so_many_nothing_is_read() {
    let mut block = block();
    block.copy_from(&[1; 30]);
    let mut source = Source::new(&[Answer::Give(100)]);
    for n in [71, usize::MAX] {
        let error = block.read_exact(&mut source, n).unwrap_err();
        assert_eq!((error.filled(), error.kind()), (0, io::ErrorKind::InvalidInput));
    }
    assert_eq!((source.reads, block.len()), (0, 30));
    let error = block.read_exact(&mut source, 71).unwrap_err();
    let text = "the part 30..101 reaches past the end of a block of 100 bytes";
    assert_eq!(error.to_string(), format!("the read failed after 0 bytes: {text}"));
}

#[test]
fn a_part_is_filled_and_nothing_around_it() {
    let mut block = block();
    block.copy_from(&[b'.'; 20]);
    let mut source = Source::new(&[Answer::Give(3), Answer::Interrupted, Answer::Give(50)]);
    let mut part = block.part(5..15).unwrap();
    assert_eq!(part.read_into(&mut source).unwrap(), ends(3, FilledEnd::Partial));
    assert_eq!(part.room(), 7);
    assert_eq!(part.read_into(&mut source).unwrap(), ends(7, FilledEnd::Full));
    assert_eq!(part.read_into(&mut source).unwrap(), ends(0, FilledEnd::Full));
    assert_eq!(source.reads, 3, "a full part asks nobody");
    let expected = [&b"....."[..], &source.bytes[..10], b"....."].concat();
    assert_eq!(*block, *expected);
}

#[test]
fn a_part_that_reaches_further_fills_the_block_further() {
    let mut block = block();
    block.copy_from(&[b'.'; 20]);
    let mut source = Source::new(&[Answer::Give(8), Answer::Fail]);
    let error = block.part(15..40).unwrap().read_full(&mut source).unwrap_err();
    assert_eq!((error.filled(), block.len()), (8, 23));
    assert_eq!(block[15..], source.bytes[..8]);
    let mut source = &pattern(100, 3)[..];
    assert_eq!(block.part(..=1).unwrap().read_exact(&mut source).unwrap(), 2);
    assert_eq!(block.len(), 23, "a part within what is filled fills no more");
    assert_eq!(block.part(23..).unwrap().room(), 77);
}

#[test]
fn parts_that_a_block_does_not_have_are_refused_in_words() {
    let mut block = block();
    block.copy_from(&[0; 20]);
    let cases = [
        ((30, 40), "the part 30..40 begins after the 20 bytes that are filled"),
        ((10, 101), "the part 10..101 reaches past the end of a block of 100 bytes"),
        ((10, 9), "the part 10..9 ends before it starts"),
    ];
    for ((from, to), text) in cases {
        let error = block.part(from..to).unwrap_err().to_string();
        assert!(error.starts_with(text), "{error}");
    }
    assert!(block.part(..=usize::MAX).is_err());
    assert_eq!(block.part(20..20).unwrap().room(), 0);
}

#[test]
fn a_place_in_a_file_is_read_and_its_position_stays() {
    let bytes = pattern(300, 70);
    let file = file_of(&bytes);
    (&*file).seek(SeekFrom::Start(7)).unwrap();
    let mut block = block();
    assert_eq!(block.read_at(&file, 250).unwrap(), ends(50, FilledEnd::Partial));
    assert_eq!(block.read_exact_at(&file, 10, 20).unwrap(), 20);
    assert_eq!(block.part(0..5).unwrap().read_exact_at(&file, 100).unwrap(), 5);
    assert_eq!(block.part(5..9).unwrap().read_full_at(&file, 0).unwrap().n, 4);
    let expected = [&bytes[100..105], &bytes[..4], &bytes[259..], &bytes[10..30]].concat();
    assert_eq!(*block, *expected);
    assert_eq!(block.read_full_at(&file, 290).unwrap(), ends(10, FilledEnd::Eof));
    assert_eq!(block.read_at(&file, 300).unwrap(), ends(0, FilledEnd::Eof));
    let error = block.read_exact_at(&file, 295, 6).unwrap_err();
    assert_eq!((error.filled(), error.kind()), (5, io::ErrorKind::UnexpectedEof));
    assert_eq!((&*file).stream_position().unwrap(), 7);
}

#[test]
fn what_has_no_places_says_so() {
    let (from, mut to) = io::pipe().unwrap();
    to.write_all(b"bytes").unwrap();
    let mut block = block();
    let error = block.read_at(&from, 0).unwrap_err();
    assert_eq!((error.filled(), error.kind()), (0, io::ErrorKind::NotSeekable));
    let error = Block::read_vectored_at(&mut [block], &from, 0).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::NotSeekable);
}

#[test]
fn a_section_ends_where_it_ends_and_with_its_file() {
    let bytes = pattern(50, 71);
    let file = file_of(&bytes);
    let read = |section: &mut Section<_>| {
        let mut all = Vec::new();
        section.read_to_end(&mut all).unwrap();
        all
    };
    let mut section = Section::new(&file, 10..20);
    assert_eq!((read(&mut section), section.position()), (bytes[10..20].to_vec(), 20));
    assert_eq!(read(&mut Section::new(&file, 45..)), bytes[45..]);
    assert_eq!(read(&mut Section::new(&file, 45..=60)), bytes[45..]);
    assert_eq!(read(&mut Section::new(&file, ..)), bytes);
    let (start, end) = (20, 10);
    assert!(read(&mut Section::new(&file, start..end)).is_empty());
    assert!(read(&mut Section::new(&file, u64::MAX..)).is_empty());
    let mut blocks = [block(), block()];
    let mut section = Section::new(&file, 5..11);
    assert_eq!(Block::read_full_vectored(&mut blocks, &mut section).unwrap().n, 6);
    assert_eq!(*blocks[0], bytes[5..11], "a vectored read does not reach past it either");
}

#[test]
fn a_descriptor_of_any_kind_is_read() {
    let (from, mut to) = io::pipe().unwrap();
    let mut source = Descriptor::new(OwnedFd::from(from));
    let mut blocks = [block(), block()];
    to.write_all(&[7; 150]).unwrap();
    assert_eq!(Block::read_vectored(&mut blocks, &mut source).unwrap().n, 150);
    assert_eq!((blocks[0].len(), blocks[1].len()), (100, 50));
    let (mut to, from) = UnixStream::pair().unwrap();
    from.set_nonblocking(true).unwrap();
    let mut source = Descriptor::new(Arc::new(from));
    let mut block = block();
    assert_eq!(block.read_full(&mut source).unwrap(), ends(0, FilledEnd::WouldBlock));
    to.write_all(b"socket").unwrap();
    assert_eq!(block.read_full(&mut source).unwrap(), ends(6, FilledEnd::WouldBlock));
    let file = Descriptor::new(File::open("/dev/zero").unwrap());
    assert_eq!(block.read_exact(&mut { file }, 94).unwrap(), 94);
    assert!(block.ends_with(&[0; 94]) && block.starts_with(b"socket"));
}

#[test]
fn signals_interrupt_no_fill() {
    let (from, mut to) = io::pipe().unwrap();
    let bytes = pattern(100, 72);
    let expected = bytes.clone();
    let writes = thread::spawn(move || {
        for part in bytes.chunks(25) {
            thread::sleep(Duration::from_millis(20));
            to.write_all(part).unwrap();
        }
    });
    let mut block = block();
    let mut source = Descriptor::new(from);
    let (filled, signals) = in_a_storm(|| block.read_full(&mut source));
    assert_eq!(filled.unwrap(), ends(100, FilledEnd::Full));
    assert!(signals > 10, "there were signals: {signals}");
    assert_eq!(*block, *expected);
    writes.join().unwrap();
}

#[test]
fn more_blocks_than_one_call_takes_are_filled_all_the_same() {
    let bytes = pattern(40 * 10 + 3, 73);
    let file = file_of(&bytes);
    let pool = pool_of(10, 40);
    let mut blocks: Vec<Block> = (0..40).map(|_| pool.acquire().unwrap()).collect();
    let first = Block::read_vectored_at(&mut blocks, &file, 3).unwrap();
    assert_eq!(first, ends(160, FilledEnd::Partial));
    blocks.iter_mut().for_each(Block::clear);
    let all = Block::read_full_vectored_at(&mut blocks, &file, 3).unwrap();
    assert_eq!(all, ends(400, FilledEnd::Full));
    let read: Vec<u8> = blocks.iter().flat_map(Block::to_vec).collect();
    assert_eq!(read, bytes[3..]);
    let none = Block::read_vectored_at(&mut blocks, &file, 0).unwrap();
    assert_eq!(none, ends(0, FilledEnd::Full));
    assert_eq!(Block::read_vectored(&mut [], &mut &b"bytes"[..]).unwrap().n, 0);
}

/// A scripted source that scatters what one read gives, as `readv` does.
struct Scattered(Source);

impl Read for Scattered {
    fn read(&mut self, target: &mut [u8]) -> io::Result<usize> {
        self.0.read(target)
    }

    fn read_vectored(&mut self, targets: &mut [io::IoSliceMut<'_>]) -> io::Result<usize> {
        let mut flat = vec![0; targets.iter().map(|target| target.len()).sum()];
        let n = self.0.read(&mut flat)?;
        let mut rest = flat.as_slice();
        for target in targets {
            let (here, after) = rest.split_at(target.len());
            target.copy_from_slice(here);
            rest = after;
        }
        Ok(n)
    }
}

proptest! {
    #![proptest_config(oracles::cases(200))]

    #[test]
    fn several_blocks_are_filled_in_order_and_lose_no_byte(
        script in prop::collection::vec(prop_oneof![
            6 => (1..60_usize).prop_map(Answer::Give),
            1 => Just(Answer::Interrupted),
            1 => Just(Answer::WouldBlock),
            1 => Just(Answer::Fail),
            1 => Just(Answer::Overclaim),
        ], 0..20),
        heads in prop::collection::vec(0..=30_usize, 1..25),
        full in any::<bool>(),
    ) {
        let pool = pool_of(30, heads.len());
        let mut blocks: Vec<Block> = heads.iter().map(|&head| {
            let mut block = pool.try_acquire().unwrap();
            block.copy_from(&vec![b'.'; head]);
            block
        }).collect();
        let mut source = Scattered(Source::new(&script));
        let answer = if full {
            Block::read_full_vectored(&mut blocks, &mut source)
        } else {
            Block::read_vectored(&mut blocks, &mut source)
        };
        let n = answer.as_ref().map_or_else(filereader::ReadError::filled, |filled| filled.n);
        prop_assert_eq!(n, source.0.given);
        let tails = blocks.iter().zip(&heads).flat_map(|(block, &head)| block[head..].to_vec());
        prop_assert_eq!(tails.collect::<Vec<u8>>(), &source.0.bytes[..n]);
        let all_full = blocks.iter().all(Block::is_full);
        let says_full = matches!(answer, Ok(Filled { end: FilledEnd::Full, .. }));
        prop_assert_eq!(says_full, all_full && answer.is_ok());
    }
}
