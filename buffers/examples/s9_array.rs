//! The same job. `s8_records` kept the sums in a vector. Here they are an `Array`, which
//! exports what it holds, in place: another thread looks at the sums while this one goes
//! on. As long as it looks, the array refuses to grow, and says which line exported it,
//! because growing would move the sums away from under it.
//!
//! What is left is to send a window without gathering it first: `s8_window` of
//! `uncopied-netsend` does that.
//!
//! ```text
//! 6 things, the brightest of the first 5 has 3824640
//! copied: 0 bytes
//! refused while 1 export is alive, made in s9_array.rs
//! grown afterwards: 6 sums
//! ```

mod camera;

use std::thread;

use buffers::{Array, Format, SharedView, View, copied};
use camera::{COLUMNS, ROWS, WINDOW};

/// What somebody else makes of the sums.
fn brightest(sums: &SharedView) -> u64 {
    let items = sums.view();
    let sums = items.items().map(|sum| u64::from_ne_bytes(sum.try_into().expect("8 bytes")));
    sums.max().unwrap_or(0)
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let bytes = camera::record();
    let (thing, point) = (Format::parse(">IHHf")?, Format::parse(">H")?);
    let (table, picture) = bytes.split_at(usize::from(camera::THINGS) * thing.itemsize());
    let picture = View::new(picture, point.clone())?.reshape([ROWS, COLUMNS])?;
    let things = thing.iter_unpack_as::<(u32, u16, u16, f32)>(table)?;
    let mut sums_of_windows = Vec::new();
    for (_, row, column, sure) in things {
        if sure >= 0.5 {
            let (row, column) = (usize::from(row), usize::from(column));
            let window = picture.slice((row..row + WINDOW, column..column + WINDOW));
            let mut sum = 0;
            for run in window.runs() {
                sum += point.iter_unpack_as::<(u16,)>(run)?.map(|(p,)| u64::from(p)).sum::<u64>();
            }
            sums_of_windows.push(sum);
        }
    }
    let last = sums_of_windows.pop().expect("it is sure of some");
    let mut sums: Array<u64> = sums_of_windows.into_iter().collect();

    let (export, copied) = copied::during(|| sums.export());
    let refusal = sums.push(last).expect_err("the export is alive");
    let most = thread::spawn(move || brightest(&export)).join().expect("it looks");
    println!("{} things, the brightest of the first {} has {most}", sums.len() + 1, sums.len());
    println!("copied: {copied} bytes");
    let file = refusal.exported_at().file().rsplit('/').next().unwrap_or_default();
    println!("refused while {} export is alive, made in {file}", refusal.exports());
    sums.push(last)?;
    println!("grown afterwards: {} sums", sums.len());
    Ok(())
}
