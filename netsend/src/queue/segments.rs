//! What a queue can be given: one segment, or several at once.

use std::borrow::Cow;

use buffers::{Chain, Row, SharedBuf, SharedView, View};
use bytes::Bytes;

use super::file_range::FileRange;
use super::send_queue::SendQueue;

/// One segment or several, for [`SendQueue::push`]: bytes that are borrowed, bytes that
/// are handed over, a range of a file; a [`Chain`], whose pieces become segments of
/// their own; a [`View`] or a [`SharedView`], whose longest contiguous pieces do, so that
/// a window of a matrix is sent without being gathered. What is given by reference is
/// borrowed from; nothing is copied.
///
/// A type of your own pushes what it is made of, or comes in as
/// [`SharedBuf::from_owner`]. The queue is not generic over `AsRef<[u8]>`, because asking a
/// stranger's type twice for its bytes may give different ones.
///
/// ```
/// use netsend::{Segments, SendQueue};
///
/// struct Request<'a> {
///     head: &'a str,
///     body: Vec<u8>,
/// }
///
/// impl<'a> Segments<'a> for Request<'a> {
///     fn append_to(self, queue: &mut SendQueue<'a>) {
///         queue.push(self.head);
///         queue.push(self.body);
///         queue.end_message();
///     }
/// }
///
/// let mut queue = SendQueue::new();
/// queue.push(Request { head: "PUT\n", body: vec![1, 2, 3] });
/// assert_eq!(queue.pending(), 7);
/// ```
///
/// Rejected: a public enum of what a segment may be, made by `From` and taken apart by the
/// queue. It was built on the stack and read back at once, which took half of a push.
pub trait Segments<'a> {
    /// Appends them to the queue, in order.
    #[track_caller]
    fn append_to(self, queue: &mut SendQueue<'a>);
}

/// Bytes that the caller keeps.
macro_rules! borrowed {
    ($($type:ty => |$value:ident| $bytes:expr;)*) => {$(
        impl<'a> Segments<'a> for $type {
            #[inline]
            fn append_to(self, queue: &mut SendQueue<'a>) {
                let $value = self;
                queue.append_borrowed($bytes);
            }
        }
    )*};
}

borrowed! {
    &'a [u8] => |bytes| bytes;
    &'a Vec<u8> => |bytes| bytes;
    &'a str => |text| text.as_bytes();
    &'a String => |text| text.as_bytes();
    Row<'a> => |row| row.as_bytes();
}

impl<'a, const N: usize> Segments<'a> for &'a [u8; N] {
    #[inline]
    fn append_to(self, queue: &mut SendQueue<'a>) {
        queue.append_borrowed(self);
    }
}

/// Bytes that the queue keeps, until they are sent.
macro_rules! shared {
    ($($type:ty)*) => {$(
        impl<'a> Segments<'a> for $type {
            #[inline]
            fn append_to(self, queue: &mut SendQueue<'a>) {
                queue.append_shared(self.into());
            }
        }
    )*};
}

shared! { SharedBuf Vec<u8> Box<[u8]> String Bytes }

impl<'a> Segments<'a> for Cow<'a, [u8]> {
    fn append_to(self, queue: &mut SendQueue<'a>) {
        match self {
            Cow::Borrowed(bytes) => bytes.append_to(queue),
            Cow::Owned(bytes) => bytes.append_to(queue),
        }
    }
}

impl<'a> Segments<'a> for Cow<'a, str> {
    fn append_to(self, queue: &mut SendQueue<'a>) {
        match self {
            Cow::Borrowed(text) => text.append_to(queue),
            Cow::Owned(text) => text.append_to(queue),
        }
    }
}

impl<'a> Segments<'a> for FileRange {
    fn append_to(self, queue: &mut SendQueue<'a>) {
        queue.append_file(self);
    }
}

impl<'a> Segments<'a> for Chain {
    fn append_to(self, queue: &mut SendQueue<'a>) {
        for piece in self {
            queue.append_shared(piece);
        }
    }
}

impl<'a> Segments<'a> for &'a Chain {
    fn append_to(self, queue: &mut SendQueue<'a>) {
        for piece in self {
            queue.append_borrowed(piece.as_slice());
        }
    }
}

impl<'a> Segments<'a> for View<'a> {
    fn append_to(self, queue: &mut SendQueue<'a>) {
        for run in self.runs() {
            queue.append_borrowed(run);
        }
    }
}

impl<'a> Segments<'a> for SharedView {
    fn append_to(self, queue: &mut SendQueue<'a>) {
        for run in self.runs() {
            queue.append_shared(run);
        }
    }
}

impl<'a> Segments<'a> for &'a SharedView {
    fn append_to(self, queue: &mut SendQueue<'a>) {
        self.view().append_to(queue);
    }
}
