//! A source that answers as its script says.

use std::collections::VecDeque;
use std::io::{self, Read};

use crate::content::pattern;

/// What a source answers to one read.
#[derive(Clone, Copy, Debug)]
pub enum Answer {
    /// So many of its bytes, or as many as there is room for.
    Give(usize),
    /// A signal came.
    Interrupted,
    /// Nothing now.
    WouldBlock,
    /// The disk burns.
    Fail,
    /// It writes nothing and claims one byte more than there is room for.
    Overclaim,
    /// It writes over all of the room, and panics.
    Panic,
}

/// A source that follows its script, and then ends.
pub struct Source {
    /// What it gives, in this order.
    pub bytes: Vec<u8>,
    /// How many bytes it has given.
    pub given: usize,
    script: VecDeque<Answer>,
    /// How often it was read.
    pub reads: usize,
}

impl Source {
    /// A source of 4096 bytes that answers like this.
    #[must_use]
    pub fn new(script: &[Answer]) -> Self {
        Self {
            bytes: pattern(4096, 40),
            given: 0,
            script: script.iter().copied().collect(),
            reads: 0,
        }
    }
}

impl Read for Source {
    fn read(&mut self, target: &mut [u8]) -> io::Result<usize> {
        self.reads += 1;
        match self.script.pop_front() {
            None => Ok(0),
            Some(Answer::Give(n)) => {
                let n = n.min(target.len()).min(self.bytes.len() - self.given);
                target[..n].copy_from_slice(&self.bytes[self.given..self.given + n]);
                self.given += n;
                Ok(n)
            }
            Some(Answer::Interrupted) => Err(io::ErrorKind::Interrupted.into()),
            Some(Answer::WouldBlock) => Err(io::ErrorKind::WouldBlock.into()),
            Some(Answer::Fail) => Err(io::Error::other("the disk burns")),
            Some(Answer::Overclaim) => Ok(target.len() + 1),
            Some(Answer::Panic) => {
                target.fill(0xee);
                panic!("the source panics")
            }
        }
    }
}
