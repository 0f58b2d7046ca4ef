//! What the system is told of how a file will be read, it acts on: looked at in the page
//! cache.

use std::io::{Read, Write};
use std::num::NonZeroU64;
use std::os::fd::OwnedFd;
use std::thread;
use std::time::{Duration, Instant};
use std::{fs::File, io};

use filereader::{Cache, FileReader};
use oracles::raw::{cached_pages, forget};

const LEN: usize = 8 << 20;
const PAGES: u64 = LEN as u64 / 4096;

/// A file on a disk that nothing of is in the page cache; `None`, said, where that
/// cannot be had.
fn cold_file() -> Option<File> {
    let mut file = tempfile::tempfile_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    file.write_all(&vec![7; LEN]).unwrap();
    file.sync_all().unwrap();
    forget(&file);
    let cached = cached_pages(&file);
    if cached != Some(0) {
        println!("skipped: the file cannot be dropped from the page cache ({cached:?} pages)");
        return None;
    }
    Some(file)
}

/// The pages in the cache after the file's first byte was read, which looks like the
/// beginning of all.
fn pages_after_one_byte(cache: Cache) -> Option<u64> {
    let file = cold_file()?;
    let reader = FileReader::new(file).advise(cache).unwrap();
    let mut byte = [0];
    first_byte(reader.get_ref(), &mut byte);
    cached_pages(reader.get_ref())
}

fn first_byte(file: &File, byte: &mut [u8; 1]) {
    use std::os::unix::fs::FileExt;
    file.read_exact_at(byte, 0).unwrap();
}

#[test]
fn random_reads_nothing_ahead() {
    let Some(normal) = pages_after_one_byte(Cache::Normal) else { return };
    let random = pages_after_one_byte(Cache::Random).unwrap();
    assert!(normal > 1, "the control: {normal} pages for one byte");
    // A page, or what the disk's system takes for one.
    assert!(random < normal, "{random} of {normal} pages");
}

#[test]
fn soon_begins_to_read_before_anybody_does() {
    let Some(file) = cold_file() else { return };
    let bytes = NonZeroU64::new(1 << 20).unwrap();
    let reader = FileReader::new(file);
    let mut source = reader.into_inner();
    std::io::Seek::rewind(&mut source).unwrap();
    let reader = FileReader::new(source).advise(Cache::Soon(bytes)).unwrap();
    let start = Instant::now();
    loop {
        let pages = cached_pages(reader.get_ref()).unwrap();
        if pages >= 16 {
            assert!(pages < PAGES, "not the whole file");
            break;
        }
        assert!(start.elapsed() < Duration::from_secs(20), "{pages} pages");
        thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn every_advice_leaves_the_bytes_as_they_are() {
    for cache in [Cache::Normal, Cache::Sequential, Cache::Random, Cache::Once] {
        let mut reader = FileReader::open("Cargo.toml").unwrap().advise(cache).unwrap();
        let mut found = Vec::new();
        reader.read_to_end(&mut found).unwrap();
        assert_eq!(found, std::fs::read("Cargo.toml").unwrap(), "{cache:?}");
    }
}

#[test]
fn pipes_take_no_advice_and_say_so() {
    let (from, _to) = io::pipe().unwrap();
    let reader = FileReader::new(File::from(OwnedFd::from(from)));
    let error = reader.advise(Cache::Sequential).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::NotSeekable, "{error}");
}
