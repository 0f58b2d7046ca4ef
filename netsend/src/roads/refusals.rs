//! Which roads were refused for which files.

use std::fs::File;
use std::sync::{Arc, Weak};

use crate::account::Road;

/// How many files are remembered; the oldest is forgotten, and then asked for
/// again, which costs a call.
const FILES: usize = 8;

/// The road that each file takes over one connection, as far as it is not the
/// first one. A refusal does not say whether the file or the socket is to blame,
/// so it is remembered for the pair.
#[derive(Debug, Default)]
pub(crate) struct Refusals {
    // A weak handle keeps the address from being used for another file, and
    // the file itself may be closed.
    files: [Option<(Weak<File>, Road)>; FILES],
    oldest: usize,
}

impl Refusals {
    pub(crate) fn road_for(&self, file: &Arc<File>) -> Road {
        let mut known = self.files.iter().flatten();
        let found = known.find(|(known, _)| known.as_ptr() == Arc::as_ptr(file));
        found.map_or(Road::Sendfile, |(_, road)| *road)
    }

    /// Notes that `road` was refused, and gives the one to take instead.
    pub(crate) fn refuse(&mut self, file: &Arc<File>, road: Road) -> Road {
        let next = if road == Road::Sendfile { Road::Splice } else { Road::Scratch };
        let mut known = self.files.iter_mut().flatten();
        if let Some((_, road)) = known.find(|(known, _)| known.as_ptr() == Arc::as_ptr(file)) {
            *road = next;
        } else {
            self.files[self.oldest] = Some((Arc::downgrade(file), next));
            self.oldest = (self.oldest + 1) % FILES;
        }
        next
    }
}
