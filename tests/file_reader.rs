//! Whatever can be read comes in chunks, whole and in order, under the pool's
//! ceiling.

use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::FileExt;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use buffers::SharedBuf;
use filereader::{Exhausted, FileReader, Pool};
use oracles::content::{file_of, pattern};
use oracles::sockets::{Kind, pair};
use socket2::SockRef;

const BLOCK: usize = 4096;

fn pool() -> Pool {
    let builder = Pool::builder().block_size(BLOCK).blocks(2);
    builder.patience(Duration::from_millis(50)).build().unwrap()
}

/// The chunks of a source up to its end, which must stay its end.
fn chunks<R: Read>(source: R) -> Vec<Vec<u8>> {
    let pool = pool();
    let mut reader = FileReader::new(source).pool(&pool);
    let mut chunks = Vec::new();
    let mut total = 0;
    while let Some(chunk) = reader.next_chunk().unwrap() {
        assert!(!chunk.is_empty(), "the end is `None`, not an empty chunk");
        total += chunk.len() as u64;
        assert_eq!(reader.position(), total);
        chunks.push(chunk.as_slice().to_vec());
    }
    assert!(reader.next_chunk().unwrap().is_none());
    assert_eq!(pool.idle(), 2);
    chunks
}

fn rewound(bytes: &[u8]) -> Arc<File> {
    let file = file_of(bytes);
    (&*file).seek(SeekFrom::Start(0)).unwrap();
    file
}

#[test]
fn a_regular_file_comes_in_whole_blocks() {
    for len in [0, 1, BLOCK - 1, BLOCK, BLOCK + 1, 3 * BLOCK, 3 * BLOCK + 7] {
        let bytes = pattern(len, 50);
        let chunks = chunks(&*rewound(&bytes));
        assert!(chunks.concat() == bytes);
        let sizes: Vec<usize> = chunks.iter().map(Vec::len).collect();
        let expected: Vec<usize> = bytes.chunks(BLOCK).map(<[u8]>::len).collect();
        assert_eq!(sizes, expected);
    }
}

#[test]
fn a_fifo_comes_as_its_writer_wrote() {
    let (from, mut to) = io::pipe().unwrap();
    let bytes = pattern(10 * BLOCK + 3, 51);
    let expected = bytes.clone();
    let writes = thread::spawn(move || {
        for part in bytes.chunks(1000) {
            to.write_all(part).unwrap();
        }
    });
    assert!(chunks(from).concat() == expected);
    writes.join().unwrap();
}

#[test]
fn a_named_fifo_is_opened_by_its_path() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("fifo");
    match std::process::Command::new("mkfifo").arg(&path).status() {
        Ok(status) if status.success() => {}
        other => return eprintln!("skipped: no mkfifo here: {other:?}"),
    }
    let writes = thread::spawn({
        let path = path.clone();
        move || fs::write(path, b"through the fifo").unwrap()
    });
    let mut reader = FileReader::open(&path).unwrap().pool(&pool());
    let mut all = Vec::new();
    while let Some(chunk) = reader.next_chunk().unwrap() {
        all.extend_from_slice(&chunk);
    }
    writes.join().unwrap();
    assert_eq!(all, b"through the fifo");
}

#[test]
fn devices_and_files_without_a_size_are_read() {
    let status = fs::metadata("/proc/self/status").unwrap();
    assert_eq!(status.len(), 0, "it says that it is empty");
    let text = chunks(File::open("/proc/self/status").unwrap()).concat();
    assert!(text.starts_with(b"Name:"));

    let mut random = FileReader::open("/dev/urandom").unwrap().pool(&pool());
    let first = random.next_chunk().unwrap().unwrap();
    let second = random.next_chunk().unwrap().unwrap();
    assert!(first.len() == BLOCK && second.len() == BLOCK && first != second);
    assert_eq!(random.position(), 2 * BLOCK as u64);

    assert!(chunks(File::open("/dev/null").unwrap()).is_empty());
}

#[test]
fn sockets_are_read() {
    for kind in [Kind::Unix, Kind::Tcp] {
        let (sender, receiver) = pair(kind);
        let bytes = pattern(5 * BLOCK + 11, 52);
        let expected = bytes.clone();
        let sends = thread::spawn(move || netsend::blocking::send_all(&sender, &bytes).unwrap());
        assert!(chunks(receiver).concat() == expected);
        sends.join().unwrap();
    }
}

#[test]
fn what_cannot_be_opened_is_named() {
    let error = FileReader::open("/nowhere/at all").unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::NotFound);
    let text = error.to_string();
    assert!(text.starts_with("cannot open /nowhere/at all: No such file"), "{text}");
}

#[test]
fn a_directory_is_an_error_and_named() {
    let error = FileReader::open("/").unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::IsADirectory);
    assert_eq!(error.to_string(), "cannot open /: is a directory");
}

#[test]
fn a_file_may_grow_and_shrink_while_it_is_read() {
    let bytes = pattern(4 * BLOCK, 53);
    let file = rewound(&bytes[..BLOCK + 10]);
    let mut reader = FileReader::new(&*file).pool(&pool());
    assert_eq!(reader.next_chunk().unwrap().unwrap(), bytes[..BLOCK]);
    file.write_all_at(&bytes, 0).unwrap();
    assert_eq!(reader.next_chunk().unwrap().unwrap(), bytes[BLOCK..2 * BLOCK]);
    file.set_len(2 * BLOCK as u64 + 5).unwrap();
    assert_eq!(reader.next_chunk().unwrap().unwrap(), bytes[2 * BLOCK..2 * BLOCK + 5]);
    assert!(reader.next_chunk().unwrap().is_none());
    file.write_all_at(&bytes, 0).unwrap();
    assert!(reader.next_chunk().unwrap().is_none(), "the end stays the end");
    assert_eq!(reader.position(), 2 * BLOCK as u64 + 5);
}

#[test]
fn a_non_blocking_source_goes_on_later() {
    let (mut sender, receiver) = std::os::unix::net::UnixStream::pair().unwrap();
    SockRef::from(&receiver).set_nonblocking(true).unwrap();
    let pool = pool();
    let mut reader = FileReader::new(receiver).pool(&pool);
    for part in [&b"first"[..], b"second"] {
        let error = reader.next_chunk().unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::WouldBlock);
        assert_eq!(pool.idle(), 2, "the unused block is back");
        sender.write_all(part).unwrap();
        assert_eq!(reader.next_chunk().unwrap().unwrap(), part);
    }
    drop(sender);
    assert!(reader.next_chunk().unwrap().is_none());
    assert_eq!(reader.position(), 11);
}

/// A source that fails once, between two chunks.
struct Failing(u32);

impl Read for Failing {
    fn read(&mut self, target: &mut [u8]) -> io::Result<usize> {
        self.0 += 1;
        match self.0 {
            1 | 3 => {
                target[0] = b'0' + u8::try_from(self.0).unwrap();
                Ok(1)
            }
            2 => Err(io::Error::other("once")),
            _ => Ok(0),
        }
    }
}

#[test]
fn a_source_that_failed_may_be_read_on() {
    let mut reader = FileReader::new(Failing(0)).pool(&pool());
    assert_eq!(reader.next_chunk().unwrap().unwrap(), b"1");
    let error = reader.next_chunk().unwrap_err();
    assert_eq!(error.to_string(), "the read failed after 0 bytes: once");
    assert_eq!(reader.next_chunk().unwrap().unwrap(), b"3");
    assert!(reader.next_chunk().unwrap().is_none());
    assert_eq!(reader.into_inner().0, 4);
}

#[test]
fn who_keeps_all_chunks_is_told_so_and_loses_nothing() {
    let bytes = pattern(3 * BLOCK, 54);
    let file = rewound(&bytes);
    let mut reader = FileReader::new(&*file).pool(&pool());
    let mut kept: Vec<SharedBuf> = Vec::new();
    let line = line!() + 2;
    let error = loop {
        match reader.next_chunk() {
            Ok(chunk) => kept.push(chunk.unwrap()),
            Err(error) => break error,
        }
    };
    assert_eq!((kept.len(), error.kind()), (2, io::ErrorKind::TimedOut));
    let inner = error.into_inner().unwrap().downcast::<Exhausted>().unwrap();
    let [holder] = inner.holders() else {
        panic!("one line holds all blocks: {inner}");
    };
    assert_eq!((holder.location.file(), holder.location.line()), (file!(), line));
    assert_eq!(holder.blocks, 2);
    let start = kept.remove(0);
    assert_eq!(start, bytes[..BLOCK]);
    drop(start);
    assert_eq!(reader.next_chunk().unwrap().unwrap(), bytes[2 * BLOCK..]);
    assert_eq!(kept[0], bytes[BLOCK..2 * BLOCK], "what is kept stays as it is");
    assert!(reader.next_chunk().unwrap().is_none());
}

#[test]
fn without_a_pool_there_is_a_default_one() {
    let file = rewound(&pattern(300 << 10, 55));
    let mut reader = FileReader::new(&*file);
    assert_eq!(reader.next_chunk().unwrap().unwrap().len(), 256 << 10);
    assert_eq!(reader.next_chunk().unwrap().unwrap().len(), 44 << 10);
    assert!(format!("{reader:?}").starts_with("FileReader { position: 307200, at_end: false, "));
    assert!(reader.get_ref().metadata().is_ok());
}
