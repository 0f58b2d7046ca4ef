//! The same job. `s7_window` still read the table by positions. Here the table has a
//! `Format`, in the words of Python's `struct`, and its records are unpacked in place, as
//! tuples: the format is held against the tuple once, and a mistake in either is an error
//! that names the part.
//!
//! **Its flaw: the sums are kept in a vector, which nobody else can look at without a
//! copy.** `s9_array` mends that.
//!
//! ```text
//! 6 things, the brightest is 1010 with 3824640
//! copied: 0 bytes
//! refused: part 1 of the tuple is u32, and the format has 'H' there
//! ```

mod camera;

use buffers::{Format, View, copied};
use camera::{COLUMNS, ROWS, WINDOW};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let bytes = camera::record();
    let thing = Format::parse(">IHHf")?;
    let (table, picture) = bytes.split_at(usize::from(camera::THINGS) * thing.itemsize());
    let picture = View::new(picture, Format::parse(">H")?)?.reshape([ROWS, COLUMNS])?;
    let point = Format::parse(">H")?;
    let (result, copied) = copied::during(|| {
        let mut sums = Vec::new();
        for (id, row, column, sure) in thing.iter_unpack_as::<(u32, u16, u16, f32)>(table)? {
            if sure < 0.5 {
                continue;
            }
            let (row, column) = (usize::from(row), usize::from(column));
            let window = picture.slice((row..row + WINDOW, column..column + WINDOW));
            let mut sum = 0;
            for run in window.runs() {
                let points = point.iter_unpack_as::<(u16,)>(run)?;
                sum += points.map(|(point,)| u64::from(point)).sum::<u64>();
            }
            sums.push((sum, id));
        }
        Ok::<_, buffers::RecordError>(sums)
    });
    let sums = result?;
    let (sum, id) = sums.iter().max().expect("it is sure of some");
    println!("{} things, the brightest is {id} with {sum}", sums.len());
    println!("copied: {copied} bytes");
    if let Err(error) = thing.iter_unpack_as::<(u32, u32, f32)>(table) {
        println!("refused: {error}");
    }
    Ok(())
}
