//! Bytes that depend on their position, in memory and in files.

use std::fs::File;
use std::io::Write;
use std::sync::Arc;

/// `len` bytes of which each depends on its position, so that bytes that were
/// left out, doubled or exchanged show.
#[must_use]
pub fn pattern(len: usize, seed: u64) -> Vec<u8> {
    (0..len as u64)
        .map(|at| {
            let mixed = (at + seed * 0x1_0000_0001).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            (mixed >> 53).to_le_bytes()[0]
        })
        .collect()
}

/// An unnamed temporary file with these bytes.
///
/// # Panics
///
/// If there is no room for it.
#[must_use]
pub fn file_of(bytes: &[u8]) -> Arc<File> {
    let mut file = tempfile::tempfile().expect("a temporary file");
    file.write_all(bytes).expect("room for some temporary bytes");
    Arc::new(file)
}
