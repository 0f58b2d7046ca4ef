//! Step 6: parts of a file for several threads.
//!
//! `cargo run --release -p uncopied-filereader --example s6_ranges -- FILE`
//!
//! Mends the flaw of step 5: each processor has a part that begins and ends with whole
//! lines, and all of them share one pool under one ceiling.

mod input;

use std::io;
use std::thread;

use filereader::{At, FileReader, LongLines, Pool, RangeReader};

/// The lines of a part, and those with "ERROR" in them.
fn count(mut part: RangeReader) -> io::Result<(usize, usize)> {
    let (mut lines, mut found) = (0, 0);
    while let Some(batch) = part.next_lines()? {
        lines += batch.lines().count();
        let has_error = |line: &&[u8]| line.windows(5).any(|word| word == b"ERROR");
        found += batch.lines().filter(has_error).count();
    }
    Ok((lines, found))
}

fn main() -> input::Answer {
    let path = input::path()?;
    let processors = thread::available_parallelism()?.get();
    let pool = Pool::builder().block_size(64 << 10).blocks(2 * processors).build()?;
    let file = FileReader::open(path)?.pool(&pool).max_line(32 << 10, LongLines::Split);
    let parts = file.ranges(processors, At::Newline)?;
    let n = parts.len();
    let threads: Vec<_> =
        parts.into_iter().map(|part| thread::spawn(move || count(part))).collect();
    let (mut lines, mut found) = (0, 0);
    for thread in threads {
        let (more, errors) = thread.join().expect("counting does not panic")?;
        lines += more;
        found += errors;
    }
    input::print(&format!("{n} parts, {lines} lines, {found} with ERROR"));
    Ok(())
}
