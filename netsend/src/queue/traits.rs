//! A queue as a collection of segments.

use std::fmt;

use super::piece::Piece;
use super::segments::Segments;
use super::send_queue::SendQueue;

impl SendQueue<'_> {
    /// Gives back what memory the queue does not need for what is in it: room for
    /// segments, and, if they are empty, the staging memory and the scratch of 64 KiB each.
    /// They are kept otherwise, also by [`clear`](Self::clear), so that the next send
    /// allocates nothing; of a thousand queues that wait, that is a hundred megabytes.
    pub fn shrink_to_fit(&mut self) {
        self.pieces.shrink_to_fit();
        self.files.shrink_to_fit();
        self.ends.shrink_to_fit();
        self.staging.shrink();
        self.scratch.shrink();
    }
}

impl<'a, S: Segments<'a>> Extend<S> for SendQueue<'a> {
    /// Pushes each, such as the runs of a view.
    fn extend<I: IntoIterator<Item = S>>(&mut self, segments: I) {
        for segment in segments {
            self.push(segment);
        }
    }
}

/// Two segments, or as many as there are:
///
/// ```
/// let queue: netsend::SendQueue<'_> = ["head", "body"].into_iter().collect();
/// assert_eq!(queue.pending(), 8);
/// ```
impl<'a, S: Segments<'a>> FromIterator<S> for SendQueue<'a> {
    fn from_iter<I: IntoIterator<Item = S>>(segments: I) -> Self {
        let mut queue = Self::new();
        queue.extend(segments);
        queue
    }
}

impl fmt::Debug for SendQueue<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SendQueue")
            .field("offset", &self.offset)
            .field("pending", &self.pending)
            .field("segments", &self.pieces.iter().map(Piece::segments).sum::<u64>())
            .field("at_boundary", &self.at_boundary())
            .finish()
    }
}
