//! The queue's oracle: the same pushes, kept as one flat vector.

use std::fs::File;
use std::ops::Range;
use std::sync::Arc;

use buffers::SharedBuf;
use netsend::{FileRange, SendQueue};
use proptest::prelude::*;

use crate::content::{file_of, pattern};

/// One push, as a recipe: where the bytes come from, and which.
#[derive(Clone, Debug)]
pub enum Piece {
    /// A slice that the caller keeps.
    Borrowed(Range<usize>),
    /// A slice of a bigger shared buffer.
    Shared(Range<usize>),
    /// A slice of bytes that live as long as the program.
    Static(Range<usize>),
    /// A vector that the queue takes over.
    Vec(Range<usize>),
    /// A range of a file.
    File(Range<usize>),
}

impl Piece {
    fn range(&self) -> Range<usize> {
        let (Self::Borrowed(range)
        | Self::Shared(range)
        | Self::Static(range)
        | Self::Vec(range)
        | Self::File(range)) = self;
        range.clone()
    }
}

/// Any piece of up to `most` bytes; about one in four is of file.
pub fn piece(most: usize) -> impl Strategy<Value = Piece> {
    let range = prop_oneof![
        1 => Just(0..0),
        8 => (0..100_usize, 0..=most).prop_map(|(start, len)| start..start + len),
    ];
    (0..5, range).prop_map(|(kind, range)| match kind {
        0 => Piece::Borrowed(range),
        1 => Piece::Shared(range),
        2 => Piece::Static(range.start % 32..(range.start % 32 + range.len()).min(STATIC.len())),
        3 => Piece::Vec(range),
        _ => Piece::File(range),
    })
}

static STATIC: &[u8] = b"bytes that live as long as the program, told apart by where they lie";

/// The memory and the file that pieces are cut from.
pub struct Source {
    memory: Vec<u8>,
    shared: SharedBuf,
    in_file: Vec<u8>,
    file: Arc<File>,
}

impl Source {
    /// Memory and a file of `len` bytes each, all different.
    #[must_use]
    pub fn new(len: usize) -> Self {
        let in_file = pattern(len, 3);
        Self {
            memory: pattern(len, 1),
            shared: SharedBuf::from(pattern(len, 2)),
            file: file_of(&in_file),
            in_file,
        }
    }

    /// The file that ranges are cut from.
    #[must_use]
    pub fn file(&self) -> &File {
        &self.file
    }
}

/// What a queue should be: all bytes ever pushed, and a position in them.
#[derive(Default)]
pub struct Flat {
    /// All bytes in order.
    pub bytes: Vec<u8>,
    /// How many of them are sent.
    pub sent: usize,
    /// The segments that are not empty, with whether they stand in a file.
    segments: Vec<(Range<usize>, bool)>,
    ends: Vec<usize>,
}

impl Flat {
    /// Pushes the piece here and there.
    pub fn push<'a>(&mut self, piece: &Piece, source: &'a Source, queue: &mut SendQueue<'a>) {
        let range = piece.range();
        let start = self.bytes.len();
        match piece {
            Piece::Borrowed(_) => {
                self.bytes.extend(&source.memory[range.clone()]);
                queue.push(&source.memory[range]);
            }
            Piece::Shared(_) => {
                self.bytes.extend(&source.shared[range.clone()]);
                queue.push(source.shared.slice(range));
            }
            Piece::Static(_) => {
                self.bytes.extend(&STATIC[range.clone()]);
                queue.push(SharedBuf::from_static(STATIC).slice(range));
            }
            Piece::Vec(_) => {
                self.bytes.extend(&source.memory[range.clone()]);
                queue.push(source.memory[range].to_vec());
            }
            Piece::File(_) => {
                self.bytes.extend(&source.in_file[range.clone()]);
                let range = range.start as u64..range.end as u64;
                queue.push(FileRange::new(Arc::clone(&source.file), range));
            }
        }
        if start < self.bytes.len() {
            let in_file = matches!(piece, Piece::File(_));
            self.segments.push((start..self.bytes.len(), in_file));
        }
    }

    /// Ends a message here and there.
    pub fn end_message(&mut self, queue: &mut SendQueue<'_>) {
        self.ends.push(self.bytes.len());
        queue.end_message();
    }

    /// The bytes that are not sent.
    #[must_use]
    pub fn pending(&self) -> usize {
        self.bytes.len() - self.sent
    }

    /// Whether the sent bytes end with a whole message.
    #[must_use]
    pub fn at_boundary(&self) -> bool {
        self.sent == 0 || self.ends.contains(&self.sent)
    }

    /// Where the segment number `n` (counted round and round) ends.
    #[must_use]
    pub fn boundary(&self, n: usize) -> usize {
        match self.segments.len() {
            0 => 0,
            count => self.segments[n % count].0.end,
        }
    }

    /// How many bytes a queue with room for `slots` slices has to show next:
    /// the rest of one file segment, or the memory segments in a row.
    #[must_use]
    pub fn shown(&self, slots: usize) -> usize {
        let mut left = self.segments.iter().filter(|(range, _)| range.end > self.sent);
        let rest = |range: &Range<usize>| range.end - range.start.max(self.sent);
        match left.next() {
            None => 0,
            Some((range, true)) => rest(range),
            Some((range, false)) => {
                let more = left.take_while(|(_, in_file)| !in_file).take(slots - 1);
                rest(range) + more.map(|(range, _)| rest(range)).sum::<usize>()
            }
        }
    }

    /// How many of the bytes in `range` stand in files.
    #[must_use]
    pub fn in_files(&self, range: Range<usize>) -> usize {
        let overlap = |segment: &Range<usize>| {
            let end = segment.end.min(range.end);
            end.saturating_sub(segment.start.max(range.start))
        };
        let files = self.segments.iter().filter(|(_, in_file)| *in_file);
        files.map(|(segment, _)| overlap(segment)).sum()
    }
}
