//! What a queue can be given: one segment, or several at once.

use buffers::Chain;

use super::segment::Segment;
use super::send_queue::SendQueue;

/// One segment or several, for [`SendQueue::push`]: whatever converts into a
/// [`Segment`], and a [`Chain`], whose pieces become segments of their own. A chain
/// that is given by reference is borrowed from.
pub trait Segments<'a> {
    /// Appends them to the queue, in order.
    fn append_to(self, queue: &mut SendQueue<'a>);
}

impl<'a, S: Into<Segment<'a>>> Segments<'a> for S {
    #[inline]
    fn append_to(self, queue: &mut SendQueue<'a>) {
        queue.append(self.into());
    }
}

impl<'a> Segments<'a> for Chain {
    fn append_to(self, queue: &mut SendQueue<'a>) {
        for piece in self {
            queue.append(piece.into());
        }
    }
}

impl<'a> Segments<'a> for &'a Chain {
    fn append_to(self, queue: &mut SendQueue<'a>) {
        for piece in self {
            queue.append(piece.as_slice().into());
        }
    }
}
