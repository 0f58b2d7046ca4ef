//! Bytes that depend on their position, in memory and in files.

use std::fs::File;
use std::io::Write;
use std::sync::Arc;

pub use netsend::testing::pattern;

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
