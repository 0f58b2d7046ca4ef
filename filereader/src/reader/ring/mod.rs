//! Records that are one slice wherever they lie in a ring.

// Memory that is mapped twice; see there.
#[allow(unsafe_code, reason = "mapping memory, and slices of it")]
mod raw;

use std::fmt;
use std::io::{self, Read};

use self::raw::Mirror;
use super::piece::TooLong;
use super::records::{Delimiter, Records, Shape};

/// Reads records through a ring, without a copy, also those that are larger than what is
/// good for a block.
///
/// The ring's memory is mapped twice, one map behind the other, so a record that goes over
/// its end is one slice, as every record is, and no tail is ever moved. The price: its
/// memory is used again by the next call, so a record is *lent*, as `BufRead` lends what
/// it has read. It cannot be kept without a copy, no pool counts its memory, and there is
/// one ring for each reader. [`FileReader`](crate::FileReader) is the other way round.
///
/// ```
/// use filereader::{Records, RingReader};
///
/// let source = &b"one;two;three"[..];
/// let mut ring = RingReader::new(source, 4096)?;
/// let records = Records::delimited(";", 100);
/// let mut lens = Vec::new();
/// while let Some(record) = ring.next_record(&records)? {
///     lens.push(record.len());
/// }
/// assert_eq!(lens, [3, 3, 5]);
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// Linux only, by [`memfd_create(2)`](https://man7.org/linux/man-pages/man2/memfd_create.2.html).
pub struct RingReader<R> {
    source: R,
    mirror: Mirror,
    // Invariant: `at < size` and `len <= size`: where in the ring the bytes that were
    // read and not given out begin, and how many they are.
    at: usize,
    len: usize,
    position: u64,
    at_end: bool,
}

/// What the bytes that were read begin with.
enum Step {
    /// A record of `len` bytes after `skip`; it takes `total` with what is around it.
    Record {
        skip: usize,
        len: usize,
        total: usize,
    },
    /// More is needed: so many bytes in all, as far as that is known.
    More(Option<usize>),
    Long(Option<u64>),
}

impl<R: Read> RingReader<R> {
    /// A ring of at least `bytes`, rounded up to whole pages, which a record has to fit
    /// with its prefix or delimiter. All memory is taken here.
    ///
    /// # Errors
    ///
    /// What the system says, with the size: there is no such memory, or it may not be
    /// mapped ([`RLIMIT_AS`, a sandbox](https://man7.org/linux/man-pages/man2/mmap.2.html)).
    /// Read into large blocks of a pool then.
    pub fn new(source: R, bytes: usize) -> io::Result<Self> {
        let page = rustix::param::page_size();
        let size = bytes.max(1).checked_next_multiple_of(page);
        let size = size.ok_or_else(|| io::Error::from(io::ErrorKind::OutOfMemory));
        let mirror = size.and_then(Mirror::new).map_err(|error| {
            let text = format!("cannot map a ring of {bytes} bytes twice: {error}");
            io::Error::new(error.kind(), text)
        })?;
        Ok(Self { source, mirror, at: 0, len: 0, position: 0, at_end: false })
    }

    /// The next record, without its prefix or delimiter, or `None` at the end of the
    /// source. Nothing is copied or allocated; the slice is good until the next call.
    ///
    /// # Errors
    ///
    /// What the source said; [`WouldBlock`](io::ErrorKind::WouldBlock) if it has nothing
    /// now; and as those of [`FileReader::next_records`](crate::FileReader::next_records).
    /// No byte is lost by any of them: the next call goes on where this one stood.
    pub fn next_record(&mut self, records: &Records) -> io::Result<Option<&[u8]>> {
        let mut searched = 0;
        loop {
            let needed = match self.first(records, searched)? {
                Step::Record { skip, len, total } => {
                    let at = (self.at + skip) % self.mirror.size();
                    self.consume(total);
                    return Ok(Some(self.mirror.slice(at, len)));
                }
                Step::Long(len) => return Err(self.too_long(len, records).into()),
                Step::More(needed) => needed,
            };
            searched = self.len;
            if self.refill(records)? {
                continue;
            }
            return match (self.len, needed) {
                (0, _) => Ok(None),
                (len, None) if len > records.max() => Err(self.too_long(None, records).into()),
                // The last record needs no delimiter.
                (len, None) => {
                    let at = self.at;
                    self.consume(len);
                    Ok(Some(self.mirror.slice(at, len)))
                }
                (have, Some(needed)) => Err(ends_within(self.position, have, needed)),
            };
        }
    }

    fn first(&self, records: &Records, searched: usize) -> io::Result<Step> {
        let bytes = self.rest();
        let (size, max) = (self.mirror.size(), records.max());
        let sized = |skip: usize, len: usize| match skip.checked_add(len) {
            Some(total) if total <= size && len <= max => {
                if bytes.len() < total {
                    Step::More(Some(total))
                } else {
                    Step::Record { skip, len, total }
                }
            }
            _ => Step::Long(Some(len as u64)),
        };
        match &records.shape {
            Shape::Fixed(0) => {
                Err(io::Error::new(io::ErrorKind::InvalidInput, "records have at least one byte"))
            }
            Shape::Delimited(delimiter, _) if delimiter.len() == 0 => Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                "records cannot be told apart by an empty delimiter",
            )),
            &Shape::Fixed(len) => Ok(sized(0, len)),
            &Shape::Prefixed(prefix, _) => Ok(match prefix.read(bytes) {
                None => Step::More(Some(prefix.width())),
                Some(len) => match usize::try_from(len) {
                    Ok(len) => sized(prefix.width(), len),
                    Err(_) => Step::Long(Some(len)),
                },
            }),
            Shape::Delimited(delimiter, _) => Ok(delimited(bytes, delimiter, searched, max)),
        }
    }

    /// Reads once; `false` at the end of the source.
    fn refill(&mut self, records: &Records) -> io::Result<bool> {
        if self.at_end {
            return Ok(false);
        }
        let size = self.mirror.size();
        let room = size - self.len;
        if room == 0 {
            return Err(self.too_long(None, records).into());
        }
        let target = self.mirror.slice_mut((self.at + self.len) % size, room);
        let n = loop {
            match self.source.read(target) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                answer => break answer?,
            }
        };
        if n > room {
            // Believing it would show stale bytes.
            let text = format!("the source claims to have read {n} bytes into room for {room}");
            return Err(io::Error::new(io::ErrorKind::InvalidData, text));
        }
        self.len += n;
        self.at_end = n == 0;
        Ok(n > 0)
    }

    fn consume(&mut self, n: usize) {
        self.at = (self.at + n) % self.mirror.size();
        self.len -= n;
        self.position += n as u64;
    }

    #[cold]
    fn too_long(&self, len: Option<u64>, records: &Records) -> TooLong {
        let (size, max) = (self.mirror.size(), records.max());
        let block_size = (max > size).then_some(size);
        TooLong { what: "record", position: self.position, len, limit: max.min(size), block_size }
    }
}

impl<R> RingReader<R> {
    /// The bytes that the ring holds: the most that a record can have, its prefix or
    /// delimiter counted.
    pub fn size(&self) -> usize {
        self.mirror.size()
    }

    /// Where in the source the next record begins, counted from where the reader began.
    pub fn position(&self) -> u64 {
        self.position
    }

    /// What was read and not given out.
    pub fn rest(&self) -> &[u8] {
        self.mirror.slice(self.at, self.len)
    }
}

/// The first record of bytes of which those before `searched` hold no whole delimiter.
fn delimited(bytes: &[u8], delimiter: &Delimiter, searched: usize, max: usize) -> Step {
    let width = delimiter.len();
    let from = searched.saturating_sub(width - 1);
    match delimiter.find(&bytes[from..]).map(|at| from + at) {
        Some(len) if len <= max => Step::Record { skip: 0, len, total: len + width },
        Some(_) => Step::Long(None),
        // What may be the beginning of a delimiter does not count yet.
        None if bytes.len() >= max.saturating_add(width) => Step::Long(None),
        None => Step::More(None),
    }
}

#[cold]
fn ends_within(position: u64, have: usize, needed: usize) -> io::Error {
    let text = format!(
        "the source ends within the record at byte {position}: {have} of {needed} bytes are there"
    );
    io::Error::new(io::ErrorKind::UnexpectedEof, text)
}

impl<R> fmt::Debug for RingReader<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RingReader({} of {} bytes at {})", self.len, self.size(), self.position)
    }
}
