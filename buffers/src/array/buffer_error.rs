//! Why an array cannot change.

use core::fmt;
use core::panic::Location;

/// An array that cannot change, because an export of it is alive: Python's `BufferError`.
///
/// Nothing was changed. Drop the export, or work on a copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BufferError {
    exports: usize,
    place: &'static Location<'static>,
}

impl BufferError {
    #[cold]
    pub(super) fn new(exports: usize, place: &'static Location<'static>) -> Self {
        Self { exports, place }
    }

    /// How many exports are alive. Clones and slices of one count as that one.
    pub fn exports(&self) -> usize {
        self.exports
    }

    /// Where the oldest of them was made.
    pub fn exported_at(&self) -> &'static Location<'static> {
        self.place
    }
}

impl fmt::Display for BufferError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { exports, place } = self;
        f.write_str("an array cannot change while it is exported: ")?;
        if *exports == 1 {
            write!(f, "one export is alive, made at {place}; drop it first")?;
        } else {
            write!(f, "{exports} exports are alive, the oldest was made at {place}; ")?;
            f.write_str("drop them first")?;
        }
        f.write_str(", or change a copy")
    }
}

impl core::error::Error for BufferError {}
