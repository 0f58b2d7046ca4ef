//! What records are like, and reading whole ones.

use std::io::{self, Read};
use std::sync::Arc;

use memchr::{memmem, memrchr};

use super::chunks::FileReader;
use super::ends::within_reach;
use super::piece::TooLong;
use super::record_batch::RecordBatch;
use super::rest::Align;

/// How the records of a source are told apart.
///
/// ```
/// use filereader::{FileReader, Prefix, Records};
///
/// let records = Records::prefixed(Prefix::U16Be, 1 << 10);
/// let mut file = FileReader::new(&b"\0\x05hello\0\x05world"[..]);
/// let batch = file.next_records(&records)?.unwrap();
/// assert_eq!(batch.records().collect::<Vec<_>>(), [b"hello", b"world"]);
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Records {
    pub(super) shape: Shape,
}

#[derive(Clone, Debug)]
pub(super) enum Shape {
    Fixed(usize),
    Prefixed(Prefix, usize),
    Delimited(Delimiter, usize),
}

/// The bytes that end a record.
#[derive(Clone, Debug)]
pub(super) enum Delimiter {
    Byte(u8),
    /// Shared, so that a batch that is kept allocates nothing.
    Bytes(Arc<memmem::Finder<'static>>),
}

/// The number before a record that says how many bytes it has, not counting the
/// number itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prefix {
    /// One byte.
    U8,
    /// Two bytes, the lowest first.
    U16Le,
    /// Two bytes, the highest first, as networks send them.
    U16Be,
    /// Four bytes, the lowest first.
    U32Le,
    /// Four bytes, the highest first, as networks send them.
    U32Be,
    /// Eight bytes, the lowest first.
    U64Le,
    /// Eight bytes, the highest first, as networks send them.
    U64Be,
}

impl Prefix {
    /// The bytes of the number.
    pub const fn width(self) -> usize {
        match self {
            Self::U8 => 1,
            Self::U16Le | Self::U16Be => 2,
            Self::U32Le | Self::U32Be => 4,
            Self::U64Le | Self::U64Be => 8,
        }
    }

    /// The number at the front of `bytes`, if they are enough for one.
    #[inline]
    pub(super) fn read(self, bytes: &[u8]) -> Option<u64> {
        Some(match self {
            Self::U8 => u64::from(*bytes.first()?),
            Self::U16Le => u64::from(u16::from_le_bytes(*bytes.first_chunk()?)),
            Self::U16Be => u64::from(u16::from_be_bytes(*bytes.first_chunk()?)),
            Self::U32Le => u64::from(u32::from_le_bytes(*bytes.first_chunk()?)),
            Self::U32Be => u64::from(u32::from_be_bytes(*bytes.first_chunk()?)),
            Self::U64Le => u64::from_le_bytes(*bytes.first_chunk()?),
            Self::U64Be => u64::from_be_bytes(*bytes.first_chunk()?),
        })
    }
}

impl Records {
    /// Records of `size` bytes each.
    pub fn fixed(size: usize) -> Self {
        Self { shape: Shape::Fixed(size) }
    }

    /// Records of at most `max` bytes, each after a number that says its length.
    ///
    /// A number above `max` is an error where it stands; nothing is ever allocated
    /// by it.
    pub fn prefixed(prefix: Prefix, max: usize) -> Self {
        Self { shape: Shape::Prefixed(prefix, max) }
    }

    /// Records of at most `max` bytes, each ended by `delimiter`, which is not
    /// counted. The last one need not be ended.
    ///
    /// Delimiters are found from the front: `aa` ends the first record of `baaa`
    /// after `b`, and leaves `a`. Allocates a small searcher if `delimiter` is longer
    /// than a byte.
    pub fn delimited(delimiter: impl AsRef<[u8]>, max: usize) -> Self {
        let delimiter = match delimiter.as_ref() {
            [byte] => Delimiter::Byte(*byte),
            bytes => Delimiter::Bytes(Arc::new(memmem::Finder::new(bytes).into_owned())),
        };
        Self { shape: Shape::Delimited(delimiter, max) }
    }
}

impl Records {
    /// The greatest length of a record, as far as the caller set one.
    pub(super) fn max(&self) -> usize {
        match &self.shape {
            Shape::Fixed(_) => usize::MAX,
            Shape::Prefixed(_, max) | Shape::Delimited(_, max) => *max,
        }
    }
}

impl Delimiter {
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Byte(_) => 1,
            Self::Bytes(finder) => finder.needle().len(),
        }
    }

    /// Where the first record of `bytes` ends, its delimiter not counted.
    pub(super) fn find(&self, bytes: &[u8]) -> Option<usize> {
        match self {
            Self::Byte(byte) => memchr::memchr(*byte, bytes),
            Self::Bytes(finder) => finder.find(bytes),
        }
    }
}

/// What the rest begins with.
enum Cut {
    /// So many bytes of whole records.
    Records(usize),
    /// A record that was not read whole yet. So many bytes of it are needed, if that
    /// is known.
    More(Option<usize>),
    /// A record that is too long, with its length if it is known.
    Long(Option<u64>),
}

/// Reading records.
impl<R: Read> FileReader<R> {
    /// The next batch of whole records, or `None` at the end of the source.
    ///
    /// As with [`next_lines`](Self::next_lines), a batch owns the block that its
    /// records stand in, and a record that a block ends in the middle of costs a copy
    /// of its beginning, counted. A record has to fit a block, with its prefix or
    /// delimiter.
    ///
    /// Records of different kinds may be asked for in turn: a header of fixed size,
    /// and then what follows.
    ///
    /// # Errors
    ///
    /// As [`next_chunk`](Self::next_chunk); and
    ///
    /// - [`TooLong`], of kind [`InvalidData`](io::ErrorKind::InvalidData), for a
    ///   record above its maximum or above what a block can hold;
    /// - [`UnexpectedEof`](io::ErrorKind::UnexpectedEof) if the source ends within a
    ///   record of fixed size or with a prefix;
    /// - [`InvalidInput`](io::ErrorKind::InvalidInput) for records of no size, or an
    ///   empty delimiter.
    ///
    /// Whole records before it are given out first. The reader then stands at the
    /// record that is wrong: asking again gives the same error, and
    /// [`rest`](Self::rest) and [`next_chunk`](Self::next_chunk) give its bytes.
    #[track_caller]
    pub fn next_records(&mut self, records: &Records) -> io::Result<Option<RecordBatch>> {
        let mut searched = 0;
        loop {
            let needed = match self.cut_records(records, searched)? {
                Cut::Records(n) => return Ok(Some(self.record_batch(n, records))),
                Cut::Long(len) => return Err(self.too_long(len, records).into()),
                Cut::More(needed) => needed,
            };
            searched = self.rest.len();
            if self.block_size().is_some_and(|size| searched >= size) {
                // Nothing can be read behind it. The block is too small even for a
                // prefix or a delimiter.
                return Err(self.too_long(None, records).into());
            }
            if !self.refill(Align::Start)? {
                return match (self.rest.len(), needed) {
                    (0, _) => Ok(None),
                    (n, None) if n > self.record_limit(records) => {
                        Err(self.too_long(None, records).into())
                    }
                    // The last record needs no delimiter.
                    (n, None) => Ok(Some(self.record_batch(n, records))),
                    (n, Some(needed)) => Err(self.ends_within(n, needed)),
                };
            }
        }
    }

    fn cut_records(&self, records: &Records, searched: usize) -> io::Result<Cut> {
        let bytes = self.rest.bytes();
        let limit = self.record_limit(records);
        match &records.shape {
            Shape::Fixed(0) => Err(invalid("records of fixed size have at least one byte")),
            Shape::Delimited(delimiter, _) if delimiter.len() == 0 => {
                Err(invalid("records cannot be told apart by an empty delimiter"))
            }
            &Shape::Fixed(size) if size > limit => Ok(Cut::Long(Some(size as u64))),
            &Shape::Fixed(size) => Ok(match bytes.len() / size * size {
                0 => Cut::More(Some(size)),
                n => Cut::Records(n),
            }),
            &Shape::Prefixed(prefix, _) => Ok(cut_prefixed(bytes, prefix, limit)),
            Shape::Delimited(delimiter, _) => Ok(cut_delimited(bytes, delimiter, searched, limit)),
        }
    }

    /// The greatest length of a record: its maximum, as far as a block can hold it.
    fn record_limit(&self, records: &Records) -> usize {
        let max = records.max();
        let around = match &records.shape {
            Shape::Fixed(_) => 0,
            Shape::Prefixed(prefix, _) => prefix.width(),
            Shape::Delimited(delimiter, _) => delimiter.len(),
        };
        self.block_size().map_or(max, |size| max.min(size.saturating_sub(around)))
    }

    fn record_batch(&mut self, n: usize, records: &Records) -> RecordBatch {
        let position = self.position;
        RecordBatch { bytes: self.give_out(n), position, records: records.clone() }
    }

    #[cold]
    fn too_long(&self, len: Option<u64>, records: &Records) -> TooLong {
        let limit = self.record_limit(records);
        let max = records.max();
        let block_size = self.block_size().filter(|_| limit < max);
        TooLong { what: "record", position: self.position, len, limit, block_size }
    }

    #[cold]
    fn ends_within(&self, have: usize, needed: usize) -> io::Error {
        let text = format!(
            "the source ends within the record at byte {}: {have} of {needed} bytes are there",
            self.position
        );
        io::Error::new(io::ErrorKind::UnexpectedEof, text)
    }
}

fn invalid(text: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, text)
}

fn cut_prefixed(bytes: &[u8], prefix: Prefix, limit: usize) -> Cut {
    let mut at = 0;
    loop {
        let rest = &bytes[at..];
        let needed = match prefix.read(rest) {
            None => prefix.width(),
            Some(len) => match usize::try_from(len) {
                Ok(len) if len <= limit => prefix.width() + len,
                _ if at == 0 => return Cut::Long(Some(len)),
                _ => return Cut::Records(at),
            },
        };
        if rest.len() < needed {
            return if at == 0 { Cut::More(Some(needed)) } else { Cut::Records(at) };
        }
        at += needed;
    }
}

/// Bytes before `searched` are known to have no end of the first record in them.
fn cut_delimited(bytes: &[u8], delimiter: &Delimiter, searched: usize, limit: usize) -> Cut {
    // What may be the beginning of a delimiter does not count yet.
    let is_long = bytes.len() >= limit.saturating_add(delimiter.len());
    let more = if is_long { Cut::Long(None) } else { Cut::More(None) };
    match delimiter {
        Delimiter::Byte(byte) => match memrchr(*byte, &bytes[searched..]) {
            None => more,
            Some(at) => within_reach(&bytes[..=searched + at], *byte, limit)
                .map_or(Cut::Long(None), Cut::Records),
        },
        Delimiter::Bytes(_) => cut_from_the_front(bytes, delimiter, searched, limit, more),
    }
}

/// From the front, for a delimiter that overlaps itself is not found at the same
/// places from the back. `more` is the answer if no record ends.
fn cut_from_the_front(
    bytes: &[u8],
    delimiter: &Delimiter,
    searched: usize,
    limit: usize,
    more: Cut,
) -> Cut {
    let mut ended = 0;
    let mut from = searched.saturating_sub(delimiter.len() - 1);
    while let Some(at) = delimiter.find(&bytes[from..]).map(|at| from + at) {
        if at - ended > limit {
            return if ended == 0 { Cut::Long(None) } else { Cut::Records(ended) };
        }
        ended = at + delimiter.len();
        from = ended;
    }
    if ended == 0 { more } else { Cut::Records(ended) }
}
