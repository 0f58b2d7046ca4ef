//! What the tests hold the crates against: flat vectors, scripted transports,
//! small sockets, and the few C functions that signals need.

pub mod content;
pub mod flat;
pub mod player;
pub mod raw;
pub mod recorder;
pub mod rust_words;
pub mod sockets;
pub mod source;
pub mod transport;
pub mod vectors;

use proptest::test_runner::Config;

/// A proptest configuration of `cases` cases that writes no files: a failing
/// case is printed, and belongs into the test as an explicit replay.
#[must_use]
pub fn cases(cases: u32) -> Config {
    Config { cases, failure_persistence: None, ..Config::default() }
}

/// The text that a panic carried.
///
/// # Panics
///
/// If `work` does not panic, or panics with something else than text.
pub fn panic_text<T>(work: impl FnOnce() -> T) -> String {
    let panic = std::panic::catch_unwind(std::panic::AssertUnwindSafe(work))
        .err()
        .expect("this was to panic");
    panic
        .downcast_ref::<String>()
        .cloned()
        .or_else(|| panic.downcast_ref::<&str>().map(ToString::to_string))
        .expect("panics carry text")
}
