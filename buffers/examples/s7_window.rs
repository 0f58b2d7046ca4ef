//! The same job. `s6_copied_window` copied every window. Here the picture is a `View` of
//! its bytes with two axes, and a window is a slice of it along both: it lies where it
//! lay, and its points are given with their values.
//!
//! **Its flaw: the table is still read by positions that are written down as numbers.**
//! `s8_records` mends that.
//!
//! ```text
//! 6 things, the brightest is 1010 with 3824640
//! copied: 0 bytes
//! a window of 32 rows: strides [1280, 2], 32 contiguous runs
//! ```

mod camera;

use buffers::{Format, View, copied};
use camera::{COLUMNS, ROWS, WINDOW};

/// The bytes of one thing in the table.
const THING: usize = 12;

fn number(bytes: &[u8]) -> usize {
    bytes.iter().fold(0, |number, &byte| number << 8 | usize::from(byte))
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let bytes = camera::record();
    let (table, picture) = bytes.split_at(usize::from(camera::THINGS) * THING);
    let picture = View::new(picture, Format::parse(">H")?)?.reshape([ROWS, COLUMNS])?;
    let ((seen, brightest), copied) = copied::during(|| {
        let (mut seen, mut brightest) = (0, (0, 0));
        for thing in table.chunks_exact(THING) {
            let sure = f32::from_be_bytes(thing[8..12].try_into().expect("4 bytes"));
            if sure < 0.5 {
                continue;
            }
            let (row, column) = (number(&thing[4..6]), number(&thing[6..8]));
            let window = picture.slice((row..row + WINDOW, column..column + WINDOW));
            let sum: usize = window.items().map(number).sum();
            seen += 1;
            brightest = brightest.max((sum, number(&thing[..4])));
        }
        (seen, brightest)
    });
    let (sum, id) = brightest;
    println!("{seen} things, the brightest is {id} with {sum}");
    println!("copied: {copied} bytes");
    let window = picture.slice((..WINDOW, ..WINDOW));
    let (strides, runs) = (window.strides(), window.runs().count());
    println!("a window of {WINDOW} rows: strides {strides:?}, {runs} contiguous runs");
    Ok(())
}
