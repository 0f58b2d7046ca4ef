//! Step 2: one buffer, filled again and again.
//!
//! `cargo run --release -p uncopied-filereader --example s2_one_buffer -- FILE`
//!
//! Mends the flaw of step 1: memory is that of the buffer, whatever the file's size,
//! and it is always the same, so the processor's cache has it. Its own flaw: what
//! was read is gone with the next read, so nobody else can work on it meanwhile.

mod input;

use std::fs::File;
use std::io::Read;

fn main() -> input::Answer {
    let mut file = File::open(input::path()?)?;
    let mut buffer = vec![0; 256 << 10];
    let (mut bytes, mut lines) = (0, 0);
    loop {
        let n = file.read(&mut buffer)?;
        if n == 0 {
            break;
        }
        bytes += n;
        lines += buffer[..n].split(|&byte| byte == b'\n').count() - 1;
    }
    input::print(&format!("{bytes} bytes, {lines} line ends"));
    Ok(())
}
