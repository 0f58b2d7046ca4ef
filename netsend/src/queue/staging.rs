//! Where small segments are copied together, so that one slice shows them all.

use std::ops::Range;

use buffers::copied;

/// How many bytes of small segments can wait here: as many as the scratch of files
/// holds. Segments of 64 bytes cost the same with 128 KiB and a tenth less with 256
/// (bench `sender_cpu`, group `segments-64`), and each connection would hold four times
/// as much.
pub(super) const ROOM: usize = 64 << 10;

/// Memory that is filled from its start and begun anew when all that it holds
/// was sent. Allocated when a queue first copies, and kept.
#[derive(Default)]
pub(super) struct Staging {
    memory: Vec<u8>,
    /// Where each segment that was copied in ends, in order.
    ends: Vec<u32>,
    /// How many pieces of the queue lie here.
    pub(super) pieces: usize,
}

/// Some neighbours in the staging memory: one piece of a queue. What fits the room fits
/// 32 bits, and a piece stays as small as its siblings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Staged {
    bytes: Range<u32>,
    segments: Range<u32>,
}

impl Staged {
    fn new(bytes: Range<usize>, segments: Range<usize>) -> Self {
        Self {
            bytes: narrow(bytes.start)..narrow(bytes.end),
            segments: narrow(segments.start)..narrow(segments.end),
        }
    }

    /// How many bytes there are.
    pub(super) fn len(&self) -> usize {
        self.bytes().len()
    }

    /// Where the bytes lie.
    pub(super) fn bytes(&self) -> Range<usize> {
        self.bytes.start as usize..self.bytes.end as usize
    }

    /// The segments that they were.
    pub(super) fn segments(&self) -> Range<usize> {
        self.segments.start as usize..self.segments.end as usize
    }

    /// Takes in the neighbours that were copied behind these.
    pub(super) fn join(&mut self, next: &Self) {
        (self.bytes.end, self.segments.end) = (next.bytes.end, next.segments.end);
    }
}

/// A place in the room.
fn narrow(place: usize) -> u32 {
    u32::try_from(place).expect("the room is smaller than what 32 bits count")
}

impl Staging {
    /// Begins anew if nothing is left here.
    pub(super) fn recycle(&mut self) {
        if self.pieces == 0 {
            self.memory.clear();
            self.ends.clear();
        }
    }

    /// Gives the memory back, unless something is left here.
    pub(super) fn shrink(&mut self) {
        if self.pieces == 0 {
            *self = Self::default();
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
        let (start, first) = (self.memory.len(), self.ends.len());
        let mut full = false;
        for bytes in segments {
            if self.memory.len() + bytes.len() > ROOM {
                full = true;
                break;
            }
            self.memory.extend_from_slice(bytes);
            self.ends.push(narrow(self.memory.len()));
        }
        copied::record(self.memory.len() - start);
        (Staged::new(start..self.memory.len(), first..self.ends.len()), full)
    }

    pub(super) fn show(&self, staged: &Staged) -> &[u8] {
        &self.memory[staged.bytes()]
    }

    /// Leaves the first `sent` bytes out of a piece, and the segments that they
    /// were.
    pub(super) fn trim(&mut self, staged: &mut Staged, sent: u64) {
        let passed = self.passed(staged, sent);
        // Less than a piece is sent of it, and the queue's front is never sent whole.
        staged.segments.start += narrow(usize::try_from(passed).unwrap_or(usize::MAX));
        staged.bytes.start += narrow(usize::try_from(sent).unwrap_or(usize::MAX));
    }

    /// How many of the segments in `staged` end within its first `sent` bytes.
    pub(super) fn passed(&self, staged: &Staged, sent: u64) -> u64 {
        let cursor = u64::from(staged.bytes.start) + sent;
        self.ends[staged.segments()].partition_point(|&end| u64::from(end) <= cursor) as u64
    }
}
