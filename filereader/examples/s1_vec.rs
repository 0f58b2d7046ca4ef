//! Step 1: the whole file in a vector.
//!
//! `cargo run --release -p uncopied-filereader --example s1_vec -- FILE`
//!
//! Simple, and every line can be looked at as long as one likes. Its flaw: memory
//! grows with the file, and each page of it is taken anew from the system.

mod input;

use std::fs;

fn main() -> input::Answer {
    let path = input::path()?;
    let bytes = fs::read(path)?;
    let lines = bytes.split(|&byte| byte == b'\n').count() - 1;
    input::print(&format!("{} bytes, {lines} line ends", bytes.len()));
    Ok(())
}
