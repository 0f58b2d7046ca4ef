//! The log that all five examples read. It comes in pages of 64 KiB, each in memory of
//! its own and filled with whole lines:
//!
//! ```text
//! GET /img/logo-00017.png 200 17ms
//! ```

use std::io::Write;

/// The memory of one page.
const PAGE: usize = 64 << 10;

/// Four pages.
pub(crate) fn pages() -> impl Iterator<Item = Vec<u8>> {
    (0..4).map(page)
}

/// The number in `17ms`.
pub(crate) fn millis(field: &[u8]) -> u32 {
    let number = str::from_utf8(field).ok().and_then(|text| text.strip_suffix("ms"));
    number.and_then(|number| number.parse().ok()).unwrap_or(0)
}

/// Lines until the page is full. Some files were not there, and the third page has a
/// line that took very long.
fn page(number: u32) -> Vec<u8> {
    let mut page = Vec::with_capacity(PAGE);
    let mut n = number * 10_000;
    while page.len() + 40 <= PAGE {
        let status = if n % 300 == 7 { 404 } else { 200 };
        let millis = if n == 20_900 { 4711 } else { n % 50 };
        writeln!(page, "GET /img/logo-{n:05}.png {status} {millis}ms").expect("a Vec takes all");
        n += 1;
    }
    page
}
