//! Where small segments are copied together, so that one slice shows them all.

use std::ops::Range;

use buffers::copied;

/// How many bytes of small segments can wait here: as many as the scratch of files
/// holds, small beside a processor's second cache and large beside the cost of a
/// call. Not measured against other sizes.
pub(super) const ROOM: usize = 64 << 10;

/// Memory that is filled from its start and begun anew when all that it holds
/// was sent. Allocated when a queue first copies, and kept.
#[derive(Default)]
pub(super) struct Staging {
    memory: Vec<u8>,
    /// The length of each segment that was copied in, in order.
    lens: Vec<u32>,
    /// How many pieces of the queue lie here.
    pub(super) pieces: usize,
}

/// Some neighbours in the staging memory: one piece of a queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Staged {
    /// Where the bytes lie.
    pub(super) bytes: Range<usize>,
    /// The segments that they were.
    pub(super) segments: Range<usize>,
}

impl Staging {
    /// Begins anew if nothing is left here.
    pub(super) fn recycle(&mut self) {
        if self.pieces == 0 {
            self.memory.clear();
            self.lens.clear();
        }
    }

    pub(super) fn end(&self) -> usize {
        self.memory.len()
    }

    /// Copies segments in as long as there is room, counted in [`copied`]; tells where
    /// they lie, and whether one found no room.
    pub(super) fn copy_in<'s>(
        &mut self,
        segments: impl Iterator<Item = &'s [u8]>,
    ) -> (Staged, bool) {
        if self.memory.capacity() == 0 {
            self.memory.reserve_exact(ROOM);
        }
        let (start, first) = (self.memory.len(), self.lens.len());
        let mut full = false;
        for bytes in segments {
            if self.memory.len() + bytes.len() > ROOM {
                full = true;
                break;
            }
            self.memory.extend_from_slice(bytes);
            // What fits the room fits 32 bits.
            self.lens.push(u32::try_from(bytes.len()).unwrap_or(u32::MAX));
        }
        copied::record(self.memory.len() - start);
        (Staged { bytes: start..self.memory.len(), segments: first..self.lens.len() }, full)
    }

    pub(super) fn show(&self, staged: &Staged) -> &[u8] {
        &self.memory[staged.bytes.clone()]
    }

    /// Leaves the first `sent` bytes out of a piece, and the segments that they
    /// were.
    pub(super) fn trim(&mut self, staged: &mut Staged, sent: u64) {
        let passed = self.passed(staged, sent);
        let gone = staged.segments.clone().take(usize::try_from(passed).unwrap_or(usize::MAX));
        let gone_bytes: u64 = gone.map(|segment| u64::from(self.lens[segment])).sum();
        staged.segments.start += usize::try_from(passed).unwrap_or(usize::MAX);
        // Less than a piece is sent of it, and a piece fits 32 bits.
        let part = u32::try_from(sent - gone_bytes).unwrap_or(u32::MAX);
        self.lens[staged.segments.start] -= part;
        staged.bytes.start += usize::try_from(sent).unwrap_or(usize::MAX);
    }

    /// How many of the segments in `staged` end within its first `sent` bytes.
    pub(super) fn passed(&self, staged: &Staged, sent: u64) -> u64 {
        let mut end = 0;
        let ends = self.lens[staged.segments.clone()].iter().map(|&len| {
            end += u64::from(len);
            end
        });
        ends.take_while(|&end| end <= sent).count() as u64
    }
}
