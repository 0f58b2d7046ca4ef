//! What a camera leaves: a table of the things it saw, and one picture.

/// Rows and columns of the picture, whose points are of 16 bits, most significant byte
/// first.
pub(crate) const ROWS: usize = 480;
/// Columns of the picture.
pub(crate) const COLUMNS: usize = 640;

/// Things that it saw. Each is a number of 32 bits, a row and a column of 16 bits, and
/// how sure the camera is, as a `f32`; all with the most significant byte first.
pub(crate) const THINGS: u16 = 12;

/// The table, and the picture behind it.
pub(crate) fn record() -> Vec<u8> {
    let mut bytes = Vec::new();
    for thing in 0..THINGS {
        bytes.extend((1000 + u32::from(thing)).to_be_bytes());
        bytes.extend((thing * 31).to_be_bytes());
        bytes.extend((thing * 47).to_be_bytes());
        bytes.extend((f32::from(thing % 4) / 4.0).to_be_bytes());
    }
    for row in 0..ROWS {
        for column in 0..COLUMNS {
            let point = u16::try_from((row * 7 + column * 3) % 4096).expect("it is small");
            bytes.extend(point.to_be_bytes());
        }
    }
    bytes
}

/// How large the window around each thing is, in rows and columns.
pub(crate) const WINDOW: usize = 32;
