//! What a connection that ends early leaves behind.

use super::piece::Piece;
use super::send_queue::SendQueue;

/// Where the peer stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// What was sent ends with a whole message (or nothing was sent). The
    /// connection can carry other messages.
    AtBoundary,
    /// The peer has got a part of a message. On this connection nothing else than
    /// the rest of that message can follow.
    InMessage {
        /// How many bytes of the message are sent.
        sent: u64,
        /// How many are not; `None` if its end was never said.
        missing: Option<u64>,
    },
}

/// What [`SendQueue::cut`] took out.
#[derive(Debug)]
pub struct Cut<'a> {
    /// Where the peer stands.
    pub standing: Standing,
    /// All that was not sent, with its message ends. If the peer stands inside
    /// a message, the rest of that message comes first: it goes on right behind
    /// the last byte sent.
    pub rest: SendQueue<'a>,
}

impl<'a> SendQueue<'a> {
    /// Where the peer stands, by what was sent so far.
    pub fn standing(&self) -> Standing {
        if self.at_boundary() {
            return Standing::AtBoundary;
        }
        Standing::InMessage {
            sent: self.offset - self.message_start,
            missing: self.ends.front().map(|end| end - self.offset),
        }
    }

    /// Takes everything that is pending out of this queue, and says where the
    /// peer stands: what to do with a connection that is given up, or a message
    /// that is called off. Copies nothing.
    ///
    /// What was sent stays sent: the queue keeps its offset, and stays inside the
    /// message if that is where it is.
    ///
    /// ```
    /// use netsend::{SendQueue, Standing};
    ///
    /// let mut queue = SendQueue::new();
    /// queue.push("first ");
    /// queue.end_message();
    /// queue.push("second");
    /// queue.end_message();
    /// queue.advance(8); // "first se"
    ///
    /// let cut = queue.cut();
    /// assert_eq!(cut.standing, Standing::InMessage { sent: 2, missing: Some(4) });
    /// assert_eq!((cut.rest.pending(), queue.pending(), queue.offset()), (4, 0, 8));
    /// ```
    #[must_use = "the bytes that were not sent are in it"]
    pub fn cut(&mut self) -> Cut<'a> {
        let standing = self.standing();
        // What is wholly sent can still be ended here; the rest of anything else is not.
        let open = if self.pending == 0 { self.open } else { 0 };
        let (offset, message_start) = (self.offset, self.message_start);
        let left = Self { offset, message_start, open, ..Self::new() };
        let mut rest = std::mem::replace(self, left);
        self.passed = rest.passed + rest.pieces.iter().map(Piece::segments).sum::<u64>();
        for end in &mut rest.ends {
            *end -= rest.offset;
        }
        (rest.offset, rest.message_start, rest.passed) = (0, 0, 0);
        if rest.pending == 0 {
            rest.open = 0;
        }
        if let Some(Piece::Staged(front)) = rest.pieces.front_mut() {
            rest.staging.trim(front, std::mem::take(&mut rest.front_sent));
        }
        rest.check();
        self.check();
        Cut { standing, rest }
    }
}
