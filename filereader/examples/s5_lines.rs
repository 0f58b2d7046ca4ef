//! Step 5: whole lines.
//!
//! `cargo run --release -p uncopied-filereader --example s5_lines -- FILE`
//!
//! Mends the flaw of step 4: a batch owns whole lines. The beginning of the line that
//! a block ends in is copied to where the next read ends it, and counted: look at the
//! figure. Its own flaw: one processor does all the work.

mod input;

use std::collections::VecDeque;

use buffers::SharedBuf;
use filereader::{FileReader, LongLines, Pool};

fn main() -> input::Answer {
    let pool = Pool::builder().block_size(64 << 10).blocks(20).build()?;
    let file = FileReader::open(input::path()?)?.pool(&pool);
    let mut file = file.max_line(32 << 10, LongLines::Split);
    let mut kept: VecDeque<SharedBuf> = VecDeque::new();
    let (mut lines, mut found) = (0, 0);
    while let Some(batch) = file.next_lines()? {
        for line in batch.lines() {
            lines += 1;
            if line.windows(5).any(|word| word == b"ERROR") {
                found += 1;
                kept.extend(batch.promote(line));
                if kept.len() > 16 {
                    kept.pop_front();
                }
            }
        }
    }
    let last = kept.back().map_or("none".into(), |line| String::from_utf8_lossy(line));
    let bytes = file.position();
    input::print(&format!("{bytes} bytes, {lines} lines, {found} with ERROR; the last: {last}"));
    Ok(())
}
