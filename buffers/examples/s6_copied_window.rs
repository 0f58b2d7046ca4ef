//! Another job: a camera leaves a table of the things that it saw, and a picture. For
//! each thing that it is sure of, the brightness of the window around it is summed.
//!
//! This is the program that one writes first: the window is copied out of the picture, row
//! by row, because then its points lie one after the other.
//!
//! **Its flaw: it copies every window, only to look at it.** `s7_window` mends that.
//!
//! ```text
//! 6 things, the brightest is 1010 with 3824640
//! copied: 12288 bytes
//! ```

mod camera;

use camera::{COLUMNS, WINDOW};

/// The bytes of one thing in the table.
const THING: usize = 12;

fn number(bytes: &[u8]) -> usize {
    bytes.iter().fold(0, |number, &byte| number << 8 | usize::from(byte))
}

fn main() {
    let bytes = camera::record();
    let (table, picture) = bytes.split_at(usize::from(camera::THINGS) * THING);
    let (mut seen, mut brightest) = (0, (0, 0));
    let mut copied_bytes = 0;
    for thing in table.chunks_exact(THING) {
        let sure = f32::from_be_bytes(thing[8..12].try_into().expect("4 bytes"));
        if sure < 0.5 {
            continue;
        }
        let (row, column) = (number(&thing[4..6]), number(&thing[6..8]));
        let mut window = Vec::new();
        for row in row..row + WINDOW {
            let start = (row * COLUMNS + column) * 2;
            window.extend_from_slice(&picture[start..start + WINDOW * 2]);
        }
        copied_bytes += window.len();
        let sum: usize = window.chunks_exact(2).map(number).sum();
        seen += 1;
        brightest = brightest.max((sum, number(&thing[..4])));
    }
    let (sum, id) = brightest;
    println!("{seen} things, the brightest is {id} with {sum}");
    println!("copied: {copied_bytes} bytes");
}
