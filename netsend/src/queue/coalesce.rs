//! Small segments are copied together before they are shown.

use super::piece::Piece;
use super::send_queue::SendQueue;
use super::staging::ROOM;

/// A queue of no more segments than this is shown as it is: what copying them
/// together would save is nothing beside the call. So the rule, a header and a
/// body, copies no byte.
const FEW: usize = 16;

/// How many pieces one plan looks ahead: as many as one `sendmsg(2)` shows.
const AHEAD: usize = 1024;

/// What [`SendQueue::coalesce`] did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Coalesced {
    /// Segments that were copied together.
    pub segments: u64,
    /// Their bytes.
    pub bytes: u64,
}

impl SendQueue<'_> {
    /// Copies neighbouring segments of memory that are shorter than `below`
    /// together into the queue's staging memory of 64 KiB, which is allocated when
    /// it is first needed and kept. Each byte is copied once, and counted in
    /// [`buffers::copied`]; the segments it came from are dropped, so pooled
    /// memory goes home.
    ///
    /// For the kernel a slice costs about as much as copying some hundred bytes,
    /// which is why many tiny segments go faster this way; see
    /// [`Policy::coalesce_below`](crate::Policy::coalesce_below). A queue of 16
    /// segments or fewer is left as it is, and so is a segment whose neighbours
    /// are large. What does not fit waits until what is staged was sent.
    ///
    /// The drivers call this before each operation. After it,
    /// [`next_op`](Self::next_op) shows the staged bytes as one slice.
    ///
    /// ```
    /// use netsend::SendQueue;
    ///
    /// let mut queue = SendQueue::new();
    /// for _ in 0..100 {
    ///     queue.push("tiny");
    /// }
    /// let coalesced = queue.coalesce(64);
    /// assert_eq!((coalesced.segments, coalesced.bytes), (100, 400));
    /// assert_eq!(queue.pending(), 400);
    /// ```
    pub fn coalesce(&mut self, below: usize) -> Coalesced {
        let mut done = Coalesced::default();
        let fresh = self.pieces.len() - self.planned;
        if below == 0 || fresh <= FEW {
            self.planned = self.pieces.len();
            return done;
        }
        self.staging.recycle();
        let (mut read, mut write) = (self.planned, self.planned);
        while read < self.pieces.len() && write < AHEAD {
            let run = self.copy_run(read, write, below.min(ROOM));
            if run.segments > 0 {
                done.segments += run.segments as u64;
                done.bytes += run.bytes as u64;
                read += run.segments;
                write += usize::from(!run.joined);
            } else if run.full {
                break;
            } else {
                self.pieces.swap(read, write);
                (read, write) = (read + 1, write + 1);
            }
        }
        self.pieces.drain(write..read);
        self.planned = write;
        self.check();
        done
    }

    /// Copies the small segments from `read` on together, if there are several or
    /// they follow on staged ones, and lets the piece at `write` (or the one before
    /// it) show them.
    fn copy_run(&mut self, read: usize, write: usize, below: usize) -> Run {
        let before = write.checked_sub(1).map(|before| &self.pieces[before]);
        let end = self.staging.end();
        let joined = matches!(before, Some(Piece::Staged(staged)) if staged.bytes().end == end);
        let mut run = Run { joined, ..Run::default() };
        // The front may be sent in part; it is shown as it is.
        let started = read == 0 && self.front_sent > 0;
        let next = self.pieces.get(read + 1).and_then(|next| next.small(below));
        if started || (!joined && next.is_none()) {
            return run;
        }
        let smalls = self.pieces.range(read..).map_while(|piece| piece.small(below));
        let (staged, full) = self.staging.copy_in(smalls);
        (run.segments, run.bytes, run.full) = (staged.segments().len(), staged.len(), full);
        if run.segments > 0 {
            match write.checked_sub(1).map(|before| &mut self.pieces[before]) {
                Some(Piece::Staged(before)) if joined => before.join(&staged),
                _ => {
                    self.staging.pieces += 1;
                    self.pieces[write] = Piece::Staged(staged);
                }
            }
        }
        run
    }
}

/// Neighbours that were copied together.
#[derive(Default)]
struct Run {
    segments: usize,
    bytes: usize,
    /// Whether the piece before shows them as well.
    joined: bool,
    /// Whether there was one more that found no room.
    full: bool,
}
