//! A queue as a collection of segments.

use std::fmt;

use super::piece::Piece;
use super::segments::Segments;
use super::send_queue::SendQueue;

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
