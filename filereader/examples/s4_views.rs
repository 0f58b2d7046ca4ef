//! Step 4: views that are kept.
//!
//! `cargo run --release -p uncopied-filereader --example s4_views -- FILE`
//!
//! Mends the flaw of step 3: what is worth keeping is kept as a view of its block, in
//! place, and the block comes home when its last view goes. Here these are the last
//! sixteen lines with "ERROR" in them. Its own flaw: a line that a block ends in the
//! middle of is torn in two, and neither half is looked for rightly.

mod input;

use std::collections::VecDeque;

use buffers::SharedBuf;
use filereader::{FileReader, Pool};

fn main() -> input::Answer {
    let pool = Pool::builder().block_size(64 << 10).blocks(20).build()?; // 1.25 MiB
    let mut file = FileReader::open(input::path()?)?.pool(&pool);
    let mut kept: VecDeque<SharedBuf> = VecDeque::new();
    let (mut found, mut torn) = (0, 0);
    while let Some(chunk) = file.next_chunk()? {
        for line in chunk.as_slice().split(|&byte| byte == b'\n') {
            if line.windows(5).any(|word| word == b"ERROR") {
                found += 1;
                kept.extend(chunk.promote(line)); // a count, no copy
                if kept.len() > 16 {
                    kept.pop_front();
                }
            }
        }
        torn += usize::from(!chunk.ends_with(b"\n"));
    }
    let last = kept.back().map_or("none".into(), |line| String::from_utf8_lossy(line));
    let blocks = pool.blocks() - pool.idle();
    let found = format!(
        "{} bytes, {found} lines with ERROR, {torn} torn; the last: {last}; views pin {blocks} blocks",
        file.position()
    );
    input::print(&found);
    Ok(())
}
