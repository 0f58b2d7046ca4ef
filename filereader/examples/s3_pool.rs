//! Step 3: blocks of a pool.
//!
//! `cargo run --release -p uncopied-filereader --example s3_pool -- FILE`
//!
//! Mends the flaw of step 2: each block belongs to whoever has it, so another thread
//! counts while this one reads on, and the sum of all blocks is the ceiling. When the
//! other thread is slow this one waits for a block, and takes no more memory. Its own
//! flaw: a block is let go of as a whole, and nothing of it is kept.

mod input;

use std::sync::mpsc;
use std::thread;

use buffers::SharedBuf;
use filereader::{FileReader, Pool};

fn main() -> input::Answer {
    let pool = Pool::builder().block_size(256 << 10).blocks(4).build()?; // 1 MiB
    let mut file = FileReader::open(input::path()?)?.pool(&pool);
    let (send, chunks) = mpsc::channel::<SharedBuf>();
    let counts = thread::spawn(move || {
        let count = |chunk: SharedBuf| chunk.as_slice().split(|&byte| byte == b'\n').count() - 1;
        chunks.into_iter().map(count).sum::<usize>()
    });
    while let Some(chunk) = file.next_chunk()? {
        send.send(chunk)?; // moves 24 bytes
    }
    drop(send);
    let lines = counts.join().expect("counting does not panic");
    input::print(&format!("{} bytes, {lines} line ends", file.position()));
    Ok(())
}
