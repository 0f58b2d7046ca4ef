//! A plan says what a file answered when it was asked, and why it is read as it is;
//! what is not to be kept in the page cache is not there afterwards.

use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom};
use std::os::fd::OwnedFd;
use std::path::Path;

use filereader::{Direct, FileReader, Kind, Plan, Pool, Probe, Road};
use oracles::content::{file_of, pattern};
use oracles::raw::{cached_pages, forget};

fn plan(file: File) -> Plan {
    FileReader::new(file).plan().unwrap()
}

#[test]
fn a_regular_file_is_read_in_blocks() {
    let file = file_of(&pattern(10_000, 95)).try_clone().unwrap();
    (&file).seek(SeekFrom::Start(77)).unwrap();
    let pool = Pool::builder().block_size(4096).blocks(1).build().unwrap();
    let mut reader = FileReader::new(file).pool(&pool);
    let plan = reader.plan().unwrap();
    assert_eq!((plan.road, plan.kind), (Road::Blocks, Kind::Regular));
    assert_eq!((plan.size, plan.block_size, plan.has_places), (10_000, 4096, true));
    let text = plan.to_string();
    let start = "read in blocks of 4096 bytes:\n  it is a regular file that knows its size";
    assert!(text.starts_with(start), "{text}");
    assert!(text.contains("  kind: Regular; size: 10000 bytes; places: yes\n"), "{text}");
    let first = reader.next_chunk().unwrap().unwrap();
    assert_eq!(first, pattern(10_000, 95)[77..77 + 4096], "asking moved nothing");
}

#[test]
fn what_has_no_size_is_read_as_it_comes() {
    let (from, to) = io::pipe().unwrap();
    let (socket, _peer) = std::os::unix::net::UnixStream::pair().unwrap();
    let cases = [
        (File::open("/proc/self/status").unwrap(), Kind::Regular, "says that it is empty"),
        (File::from(OwnedFd::from(from)), Kind::Fifo, "it has no size"),
        (File::from(OwnedFd::from(socket)), Kind::Socket, "it has no size"),
        (File::open("/dev/urandom").unwrap(), Kind::Device, "it has no size"),
    ];
    for (file, kind, why) in cases {
        let plan = plan(file);
        assert_eq!((plan.road, plan.kind, plan.size), (Road::Stream, kind, 0));
        assert!(plan.why().contains(why), "{plan}");
        assert!(plan.to_string().starts_with("read as it comes, into blocks of 262144 bytes:\n"));
        if kind != Kind::Regular {
            assert_eq!((plan.direct, plan.no_wait), (Probe::Unknown, Probe::Unknown));
        }
    }
    drop(to);
}

#[test]
fn what_the_plan_says_is_what_it_does() {
    for directory in [Path::new("/dev/shm"), &std::env::temp_dir()] {
        let Ok(file) = tempfile::tempfile_in(directory) else {
            eprintln!("skipped: no file can be made in {}", directory.display());
            continue;
        };
        file.set_len(1 << 16).unwrap();
        let plan = plan(file);
        if let Probe::Yes(Direct { memory, offset }) = plan.direct {
            assert!(memory.is_power_of_two() && offset.is_power_of_two(), "{plan}");
        }
        let by_advice = plan.to_string().ends_with("by posix_fadvise");
        assert_eq!(by_advice, plan.dont_cache == Probe::No, "{plan}");
    }
}

#[test]
fn what_is_not_to_be_kept_is_not_in_the_cache_afterwards() {
    const LEN: usize = 8 << 20;
    let bytes = pattern(LEN, 96);
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("file");
    fs::write(&path, &bytes).unwrap();
    let file = File::open(&path).unwrap();
    file.sync_all().unwrap();
    forget(&file);
    let pages = LEN as u64 / 4096;
    match cached_pages(&file) {
        Some(cached) if cached < pages / 8 => {}
        other => return eprintln!("skipped: this file cannot leave the cache: {other:?}"),
    }
    let mut all = Vec::new();
    let mut reader = FileReader::open(&path).unwrap().dont_keep();
    while let Some(chunk) = reader.next_chunk().unwrap() {
        all.extend_from_slice(&chunk);
    }
    assert!(all == bytes);
    let kept = cached_pages(&file).unwrap();
    assert!(kept <= pages / 4, "{kept} of {pages} pages are still there");
    // The control: who reads it plainly has all of it there.
    let plain = File::open(&path).unwrap().read_to_end(&mut all).unwrap();
    assert_eq!(plain, LEN);
    assert!(cached_pages(&file).unwrap() > pages * 9 / 10);
}

#[test]
fn what_cannot_leave_the_cache_is_read_all_the_same() {
    let bytes = pattern(3 << 20, 97);
    let read = |file: File| {
        let mut reader = FileReader::new(file).dont_keep();
        let mut all = Vec::new();
        while let Some(chunk) = reader.next_chunk().unwrap() {
            all.extend_from_slice(&chunk);
        }
        all
    };
    if let Ok(mut file) = tempfile::tempfile_in("/dev/shm") {
        io::Write::write_all(&mut file, &bytes).unwrap();
        file.seek(SeekFrom::Start(5)).unwrap();
        assert!(read(file) == bytes[5..]);
    } else {
        eprintln!("skipped: no file can be made in /dev/shm");
    }
    let (from, mut to) = io::pipe().unwrap();
    io::Write::write_all(&mut to, &bytes[..1000]).unwrap();
    drop(to);
    assert!(read(File::from(OwnedFd::from(from))) == bytes[..1000]);
    assert!(read(File::open("/proc/self/status").unwrap()).starts_with(b"Name:"));
}

#[test]
fn what_was_read_before_is_given_out_first() {
    let mut reader = FileReader::new(file_of(b"one\ntwo").try_clone().unwrap());
    (reader.get_ref()).rewind().unwrap();
    assert_eq!(reader.next_lines().unwrap().unwrap().bytes(), b"one\n");
    let mut reader = reader.dont_keep();
    assert_eq!(reader.position(), 4);
    assert_eq!(reader.next_lines().unwrap().unwrap().bytes(), b"two");
}
