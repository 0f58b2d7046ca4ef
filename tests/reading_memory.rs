//! What a reader takes does not grow with the file: the ceiling of its pool, and a
//! little, for a file of any size.

use std::env;
use std::fs;
use std::process::Command;

use bench_suite::meter::process::peak_rss;
use filereader::{FileReader, Pool};

const NAME: &str = "peak_memory_is_the_ceiling_and_a_little";
const CEILING: u64 = 4 << 20;

/// Reads a file in this process, keeping nothing or all; prints what that took.
fn read(path: &str, keep: bool) {
    let before = peak_rss().value().unwrap();
    let pool = Pool::builder().build().unwrap();
    assert_eq!(pool.ceiling() as u64, CEILING);
    let mut reader = FileReader::open(path).unwrap().pool(&pool);
    let (mut zeros, mut kept) = (0, Vec::new());
    while let Some(chunk) = reader.next_chunk().unwrap() {
        zeros += chunk.iter().step_by(4096).filter(|&&byte| byte == 0).count() as u64;
        if keep {
            kept.push(chunk.to_vec());
        }
    }
    assert_eq!(zeros * 4096, reader.position());
    println!("took {} bytes", peak_rss().value().unwrap() - before);
}

/// What another process takes for a file of `len` bytes.
fn taken(len: u64, keep: bool) -> u64 {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("sparse");
    fs::File::create(&path).unwrap().set_len(len).unwrap();
    let output = Command::new(env::current_exe().unwrap())
        .args(["--exact", NAME, "--nocapture", "--test-threads=1"])
        .env("READ_THIS", &path)
        .env("KEEP", if keep { "all" } else { "" })
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let number = text.split_once("took ").and_then(|(_, rest)| rest.split_once(" bytes"));
    number.unwrap_or_else(|| panic!("{text}")).0.parse().unwrap()
}

#[test]
fn peak_memory_is_the_ceiling_and_a_little() {
    if let Ok(path) = env::var("READ_THIS") {
        return read(&path, env::var("KEEP").is_ok_and(|keep| keep == "all"));
    }
    let largest = if cfg!(debug_assertions) { 1 << 30 } else { 8 << 30 };
    for len in [16 << 20, 1 << 30, largest] {
        let taken = taken(len, false);
        assert!(taken <= CEILING + (4 << 20), "{taken} bytes for a file of {len}");
    }
    // The control: who copies it all takes as much as the file.
    assert!(taken(64 << 20, true) >= 64 << 20);
}
