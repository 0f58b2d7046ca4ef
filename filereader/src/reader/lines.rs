//! Batches of whole lines.

use std::fmt;
use std::io::{self, Read};
use std::iter::FusedIterator;
use std::str::Utf8Error;

use buffers::SharedBuf;
use memchr::memrchr;

use super::chunks::FileReader;
use super::ends::{Ends, within_reach};
use super::piece::{LongLines, TooLong};
use super::rest::Align;

/// How long lines may be, and what is done with longer ones.
#[derive(Clone, Debug, Default)]
pub(super) struct LineLimit {
    /// What the caller allows, the line's end not counted.
    max: Option<usize>,
    long: LongLines,
    state: State,
}

impl LineLimit {
    /// Whatever comes next begins a line.
    pub(super) fn forget(&mut self) {
        self.state = State::Between;
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
enum State {
    /// The next batch begins where a line begins.
    #[default]
    Between,
    /// The line that begins here was refused, and goes out in pieces now.
    Refused,
    /// Pieces of the current line went out.
    Within,
}

/// What the rest begins with.
enum Cut {
    /// So many bytes of whole lines.
    Lines(usize),
    /// A line whose end was not read yet.
    More,
    /// A line that is too long.
    Long,
}

/// What one look at what was read gives.
pub(super) enum LineStep {
    Batch(io::Result<LineBatch>),
    /// So many bytes were looked at, and more are needed.
    More(usize),
}

/// Reading lines.
impl<R: Read> FileReader<R> {
    /// The greatest length of a line, its `\n` not counted, and what is done with
    /// longer ones. If not said, a line may be as long as a block less one byte,
    /// which is the most there can be, and longer ones are refused.
    #[must_use]
    pub fn max_line(mut self, bytes: usize, long: LongLines) -> Self {
        self.line_limit.max = Some(bytes);
        self.line_limit.long = long;
        self
    }

    /// The next batch of whole lines, or `None` at the end of the source.
    ///
    /// A batch is what one block holds of whole lines, as far as they were read.
    /// It owns them, as a [`SharedBuf`] of that block; its lines borrow from it, or
    /// are [promoted](LineBatch::promote). The last line of the source need not end
    /// in `\n`.
    ///
    /// The line that a block ends in the middle of is the one thing that is copied: its
    /// beginning is moved to where the next read ends it, and counted in
    /// [`buffers::copied`]. That is half a line for each block: 0.02 % of the bytes
    /// of a log with lines of 85 bytes in blocks of 256 KiB. If no batch of
    /// that block is kept it moves within the block; else a second block is needed.
    ///
    /// ```
    /// use filereader::FileReader;
    ///
    /// let mut file = FileReader::open("Cargo.toml")?;
    /// let mut lines = 0;
    /// while let Some(batch) = file.next_lines()? {
    ///     lines += batch.lines().filter(|line| line.starts_with(b"[")).count();
    /// }
    /// assert!(lines > 3);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`next_chunk`](Self::next_chunk); and [`TooLong`] (of kind
    /// [`InvalidData`](io::ErrorKind::InvalidData)) for a line that is longer than
    /// allowed. No byte is lost by any of them: the next call goes on where this one
    /// stood, with the pieces of that line if it was too long.
    #[track_caller]
    pub fn next_lines(&mut self) -> io::Result<Option<LineBatch>> {
        // The beginning of a line is searched once, however small the reads are.
        let mut searched = 0;
        loop {
            match self.step_lines(searched) {
                LineStep::Batch(batch) => return batch.map(Some),
                LineStep::More(looked_at) => searched = looked_at,
            }
            if !self.refill(Align::Read)? {
                return Ok(self.last_lines());
            }
        }
    }

    /// A batch of what was read, if there is one in it.
    pub(super) fn step_lines(&mut self, searched: usize) -> LineStep {
        match self.cut_lines(searched) {
            Cut::Lines(n) => LineStep::Batch(Ok(self.line_batch(n, true))),
            Cut::Long => LineStep::Batch(self.piece()),
            Cut::More => LineStep::More(self.rest.len()),
        }
    }

    /// What is left at the end of the source, which need not end in `\n`.
    pub(super) fn last_lines(&mut self) -> Option<LineBatch> {
        let n = self.rest.len();
        (n > 0).then(|| self.line_batch(n, true))
    }

    /// What can be given out of the rest.
    fn cut_lines(&self, searched: usize) -> Cut {
        let limit = self.line_limit();
        let bytes = self.rest.bytes();
        let last = memrchr(b'\n', &bytes[searched..]).map(|at| searched + at);
        if self.line_limit.state != State::Between {
            // The line that is under way ends with the first end, not the last.
            return match last {
                Some(_) => Cut::Long,
                None if self.is_too_long() => Cut::Long,
                None => Cut::More,
            };
        }
        match last {
            Some(last) => within_reach(&bytes[..=last], b'\n', limit).map_or(Cut::Long, Cut::Lines),
            None if self.is_too_long() => Cut::Long,
            None => Cut::More,
        }
    }

    /// Whether the rest, without an end in it, is longer than a line may be. A block
    /// of one byte that is full counts as well, for nothing can be read behind it.
    fn is_too_long(&self) -> bool {
        let len = self.rest.len();
        len > self.line_limit() || self.block_size().is_some_and(|size| len >= size)
    }

    /// A piece of a line that is too long, or the error that there is one.
    fn piece(&mut self) -> io::Result<LineBatch> {
        let limit = self.line_limit();
        let LineLimit { long, state, .. } = &self.line_limit;
        if *state == State::Between && *long == LongLines::Refuse {
            self.line_limit.state = State::Refused;
            let block_size = self.block_size().filter(|_| self.line_limit.max != Some(limit));
            let position = self.position;
            let error = TooLong { what: "line", position, len: None, limit, block_size };
            return Err(error.into());
        }
        let bytes = self.rest.bytes();
        let most = bytes.len().min(limit.saturating_add(1));
        let end = memchr::memchr(b'\n', &bytes[..most]);
        Ok(match end {
            Some(end) => self.line_batch(end + 1, true),
            None => self.line_batch(bytes.len().min(limit), false),
        })
    }

    fn line_batch(&mut self, n: usize, is_ended: bool) -> LineBatch {
        let position = self.position;
        let begun = self.line_limit.state == State::Within;
        self.line_limit.state = if is_ended { State::Between } else { State::Within };
        LineBatch { bytes: self.give_out(n), position, begun, is_ended }
    }

    /// The greatest length of a line: what was asked for, as far as a block can
    /// hold it with its end; at least one, so that pieces come to an end.
    fn line_limit(&self) -> usize {
        let most = self.block_size().map_or(usize::MAX, |size| size - 1);
        self.line_limit.max.unwrap_or(usize::MAX).min(most).max(1)
    }
}

/// Whole lines, in place, and the block that they stand in; or one piece of a line
/// that is too long for its reader.
#[derive(Clone)]
pub struct LineBatch {
    bytes: SharedBuf,
    position: u64,
    begun: bool,
    is_ended: bool,
}

impl LineBatch {
    /// The lines without their ends, `\n` or `\r\n`. Borrowed: nothing is copied or
    /// allocated.
    ///
    /// For the most speed let the iterator run by itself, by
    /// [`for_each`](Iterator::for_each) or [`fold`](Iterator::fold). Its
    /// [`count`](Iterator::count) only counts ends, at the speed of memory.
    #[inline]
    pub fn lines(&self) -> Lines<'_> {
        Lines { bytes: &self.bytes, start: 0, ends: Ends::new(&self.bytes, b'\n') }
    }

    /// The lines as text, without their ends. The whole batch is checked to be UTF-8
    /// once, before the first line.
    ///
    /// # Errors
    ///
    /// What is wrong and where in the batch. The lines before it can still be had by
    /// [`lines`](Self::lines), each checked for itself.
    ///
    /// ```
    /// use filereader::FileReader;
    ///
    /// let mut file = FileReader::new(&b"f\xc3\xbcr\r\nalle\n"[..]);
    /// let batch = file.next_lines()?.unwrap();
    /// let lines: Vec<&str> = batch.str_lines()?.collect();
    /// assert_eq!(lines, ["für", "alle"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn str_lines(&self) -> Result<StrLines<'_>, Utf8Error> {
        let text = str::from_utf8(&self.bytes)?;
        Ok(StrLines { text, start: 0, ends: Ends::new(text.as_bytes(), b'\n') })
    }

    /// Keeps a line, or any part of the batch, beyond the batch: a handle of the same
    /// block. `None` if `part` does not lie within the batch.
    ///
    /// A handle pins its whole block; copy lines out that are few and kept long.
    #[inline]
    #[track_caller]
    pub fn promote(&self, part: &[u8]) -> Option<SharedBuf> {
        self.bytes.promote(part)
    }

    /// All bytes of the batch, ends included.
    pub fn bytes(&self) -> &SharedBuf {
        &self.bytes
    }

    /// All bytes of the batch, ends included, as the handle that it is.
    pub fn into_bytes(self) -> SharedBuf {
        self.bytes
    }

    /// Where the batch begins, counted in bytes from where its reader began.
    pub fn position(&self) -> u64 {
        self.position
    }

    /// Whether this is a piece of a line, and not its first one.
    pub fn continues(&self) -> bool {
        self.begun
    }

    /// Whether this is a piece of a line that goes on in the next batch.
    pub fn is_continued(&self) -> bool {
        !self.is_ended
    }
}

impl fmt::Debug for LineBatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines = self.lines().count();
        write!(f, "LineBatch({} bytes at {}, {lines} lines)", self.bytes.len(), self.position)
    }
}

/// The lines of a [`LineBatch`].
#[derive(Clone, Debug)]
pub struct Lines<'b> {
    bytes: &'b [u8],
    start: usize,
    ends: Ends<'b>,
}

/// The line without its end. `\r` belongs to the end only before a `\n`, so what
/// follows the last `\n` keeps it.
#[inline]
fn without_return(line: &[u8]) -> &[u8] {
    line.strip_suffix(b"\r").unwrap_or(line)
}

impl<'b> Iterator for Lines<'b> {
    type Item = &'b [u8];

    #[inline]
    fn next(&mut self) -> Option<&'b [u8]> {
        let Some(end) = self.ends.next() else {
            // What stands after the last end, once.
            let line = &self.bytes[self.start..];
            self.start = self.bytes.len();
            return if line.is_empty() { None } else { Some(line) };
        };
        let line = &self.bytes[self.start..end];
        self.start = end + 1;
        Some(without_return(line))
    }

    #[inline]
    fn fold<A, F: FnMut(A, Self::Item) -> A>(self, start: A, mut f: F) -> A {
        let Self { bytes, start: mut from, ends } = self;
        let so_far = ends.fold(start, |so_far, end| {
            let line = &bytes[from..end];
            from = end + 1;
            f(so_far, without_return(line))
        });
        let unended = &bytes[from..];
        if unended.is_empty() { so_far } else { f(so_far, unended) }
    }

    fn count(self) -> usize {
        let unended = self.start < self.bytes.len() && !self.bytes.ends_with(b"\n");
        self.ends.count() + usize::from(unended)
    }
}

impl FusedIterator for Lines<'_> {}

/// The lines of a [`LineBatch`] as text.
#[derive(Clone, Debug)]
pub struct StrLines<'b> {
    text: &'b str,
    start: usize,
    ends: Ends<'b>,
}

impl<'b> Iterator for StrLines<'b> {
    type Item = &'b str;

    #[inline]
    fn next(&mut self) -> Option<&'b str> {
        let Some(end) = self.ends.next() else {
            let line = &self.text[self.start..];
            self.start = self.text.len();
            return if line.is_empty() { None } else { Some(line) };
        };
        let line = &self.text[self.start..end];
        self.start = end + 1;
        Some(line.strip_suffix('\r').unwrap_or(line))
    }
}

impl FusedIterator for StrLines<'_> {}
