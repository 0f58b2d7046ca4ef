//! What can go wrong with files, memory and descriptors really goes wrong here, and
//! readers say so in words and lose nothing.

use std::env;
use std::fs::{self, File};
use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::process::Command;

use filereader::{FileReader, Pool};
use oracles::content::pattern;

const BLOCK: usize = 4096;

fn pool() -> Pool {
    Pool::builder().block_size(BLOCK).blocks(2).build().unwrap()
}

/// Runs a command of the shell to its end: another process than the reader's.
fn shell(text: &str, path: &Path) {
    let status = Command::new("sh").args(["-c", text, "sh"]).arg(path).status().unwrap();
    assert!(status.success(), "{text}");
}

#[test]
fn another_process_may_cut_the_file_and_append_to_it() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("file");
    let bytes = pattern(4 * BLOCK, 103);
    fs::write(&path, &bytes).unwrap();
    let mut reader = FileReader::open(&path).unwrap().pool(&pool());
    assert_eq!(reader.next_chunk().unwrap().unwrap(), bytes[..BLOCK]);
    shell("truncate -s 6000 \"$1\"", &path);
    assert_eq!(reader.next_chunk().unwrap().unwrap(), bytes[BLOCK..6000]);
    shell("printf appended >> \"$1\"", &path);
    assert_eq!(reader.next_chunk().unwrap().unwrap(), b"appended");
    shell("truncate -s 10 \"$1\"", &path);
    assert!(reader.next_chunk().unwrap().is_none(), "the file ends before where we are");
    assert_eq!(reader.position(), 6008);
}

#[test]
fn holes_are_zeros() {
    let mut file = tempfile::tempfile().unwrap();
    file.set_len(1 << 20).unwrap();
    file.write_all(b"\n").unwrap();
    let mut reader = FileReader::new(filereader::Section::new(&file, ..)).pool(&pool());
    let (mut zeros, mut total) = (0, 0);
    while let Some(chunk) = reader.next_chunk().unwrap() {
        total += chunk.len();
        zeros += chunk.as_slice().split(|&byte| byte != 0).map(<[u8]>::len).sum::<usize>();
    }
    assert_eq!((total, zeros), (1 << 20, (1 << 20) - 1));
}

#[test]
fn a_panic_while_a_batch_is_held_sends_its_block_home() {
    let pool = pool();
    let text = pattern(3 * BLOCK, 104);
    let result = catch_unwind(AssertUnwindSafe(|| {
        let mut reader = FileReader::new(&text[..]).pool(&pool);
        let _batch = reader.next_chunk().unwrap().unwrap();
        let _block = pool.acquire().unwrap();
        panic!("in the middle");
    }));
    assert!(result.is_err());
    assert_eq!(pool.idle(), 2);
}

/// Runs one of this file's tests again, in a process with a limit of the shell's.
fn limited(limit: &str, test: &str) {
    let this = env::current_exe().unwrap();
    let command = format!("{limit} && exec \"$0\" --exact {test} --nocapture --test-threads=1");
    let output = Command::new("sh")
        .arg("-c")
        .arg(command)
        .arg(this)
        .env("LIMITED", test)
        .env("RUST_BACKTRACE", "0")
        .output()
        .unwrap();
    let printed = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && printed.contains("1 passed"), "{printed}{errors}");
    assert!(printed.contains("under the limit"), "it was really limited: {printed}{errors}");
}

fn is_limited(test: &str) -> bool {
    env::var_os("LIMITED").is_some_and(|limited| limited == test)
}

#[test]
fn too_many_open_files_are_said_to_be_that() {
    const NAME: &str = "too_many_open_files_are_said_to_be_that";
    if !is_limited(NAME) {
        return limited("ulimit -n 16", NAME);
    }
    let mut open = Vec::new();
    let error = loop {
        match FileReader::open("/dev/null") {
            Ok(reader) => open.push(reader),
            Err(error) => break error.to_string(),
        }
        assert!(open.len() < 1000);
    };
    assert!(error.starts_with("cannot open /dev/null: Too many open files"), "{error}");
    open.pop();
    assert!(FileReader::open("/dev/null").is_ok(), "and one that is closed makes room");
    println!("under the limit");
}

#[test]
fn a_pool_that_the_system_has_no_memory_for_is_refused_whole() {
    const NAME: &str = "a_pool_that_the_system_has_no_memory_for_is_refused_whole";
    if !is_limited(NAME) {
        // 1 GiB of addresses, for a pool of 4.
        return limited("ulimit -v 1048576", NAME);
    }
    let large = Pool::builder().block_size(64 << 20).blocks(64);
    for _ in 0..3 {
        let error = large.clone().build().unwrap_err().to_string();
        let start = "the system refused the memory of 64 blocks of 67108864 bytes: ";
        assert!(error.starts_with(start), "{error}");
    }
    // What it had got until then was given back each time.
    let fits = large.blocks(6).build().unwrap();
    assert_eq!(fits.idle(), 6);
    println!("under the limit");
}

#[test]
fn what_was_deleted_is_read_to_its_end() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("file");
    fs::write(&path, pattern(2 * BLOCK, 105)).unwrap();
    let mut reader = FileReader::new(File::open(&path).unwrap()).pool(&pool());
    shell("rm \"$1\"", &path);
    assert_eq!(reader.next_chunk().unwrap().unwrap().len(), BLOCK);
    assert_eq!(reader.next_chunk().unwrap().unwrap().len(), BLOCK);
    assert!(reader.next_chunk().unwrap().is_none());
}
