//! Reading past the page cache, as far as the system lets one.

use std::io::{self, IoSliceMut, Read};
use std::os::fd::{AsFd, BorrowedFd};

use rustix::fs::{Advice, fadvise};
#[cfg(target_os = "linux")]
use rustix::io::Errno;

/// A file that is read once and not kept in the page cache, so that reading it does
/// not push out what other programs have there.
///
/// Made by [`FileReader::dont_keep`](crate::FileReader::dont_keep). Reads go by
/// [`preadv2(2)`](https://man7.org/linux/man-pages/man2/preadv2.2.html) with
/// `RWF_DONTCACHE`, which leaves what was in the cache before, and drops what the read
/// brought there. Where the file's system refuses that, which is asked once for each
/// reader, [`posix_fadvise(2)`](https://man7.org/linux/man-pages/man2/posix_fadvise.2.html)
/// drops what was read, a MiB at a time. Both are wishes: a file under `tmpfs` has no
/// other place than the cache.
#[derive(Debug)]
pub struct DontKeep<F> {
    file: F,
    road: Road,
}

#[derive(Debug)]
enum Road {
    /// Each read says that it is not to be kept.
    #[cfg(target_os = "linux")]
    Flag,
    /// The bytes from `from` to `to` were read and not dropped yet; nothing is known
    /// before the first read.
    Behind(Option<Behind>),
    /// It has no places, and so nothing in the cache.
    Plain,
}

#[derive(Clone, Copy, Debug)]
struct Behind {
    from: u64,
    to: u64,
}

/// So much is read before it is dropped from the cache: a call for each block would
/// be one more for each, and a page that is read by two blocks would be read twice.
const AT_ONCE: u64 = 1 << 20;

/// The place that stands for the file's own position in `preadv2`.
#[cfg(target_os = "linux")]
const CURRENT: u64 = u64::MAX;

/// `RWF_DONTCACHE` of Linux 6.14, which `rustix` has no name for.
#[cfg(target_os = "linux")]
pub(super) const DONTCACHE: rustix::io::ReadWriteFlags =
    rustix::io::ReadWriteFlags::from_bits_retain(0x80);

impl<F: AsFd> DontKeep<F> {
    /// Reads from `file`, from where it stands.
    pub const fn new(file: F) -> Self {
        #[cfg(target_os = "linux")]
        let road = Road::Flag;
        #[cfg(not(target_os = "linux"))]
        let road = Road::Behind(None);
        Self { file, road }
    }

    /// Gives the file back.
    pub fn into_inner(self) -> F {
        self.file
    }

    /// Where the first read, of `n` bytes, began; nowhere if the file has no places.
    fn start(&self, n: usize) -> Option<Behind> {
        let at = rustix::fs::tell(&self.file).ok()?.checked_sub(n as u64)?;
        Some(Behind { from: at, to: at })
    }

    fn read_behind(&mut self, targets: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
        let n = rustix::io::readv(&self.file, targets)?;
        let behind = match self.road {
            Road::Behind(behind) => behind.or_else(|| self.start(n)),
            _ => None,
        };
        let Some(Behind { mut from, to }) = behind else {
            self.road = Road::Plain;
            return Ok(n);
        };
        let to = to + n as u64;
        if let Some(len) = std::num::NonZeroU64::new(to - from)
            && (n == 0 || len.get() >= AT_ONCE)
        {
            // A wish; what cannot be dropped stays.
            let _ = fadvise(&self.file, from, Some(len), Advice::DontNeed);
            from = to;
        }
        self.road = Road::Behind(Some(Behind { from, to }));
        Ok(n)
    }
}

impl<F: AsFd> Read for DontKeep<F> {
    fn read(&mut self, target: &mut [u8]) -> io::Result<usize> {
        self.read_vectored(&mut [IoSliceMut::new(target)])
    }

    fn read_vectored(&mut self, targets: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
        #[cfg(target_os = "linux")]
        if matches!(self.road, Road::Flag) {
            match rustix::io::preadv2(&self.file, targets, CURRENT, DONTCACHE) {
                // What older systems say to a flag that they do not know, and newer
                // ones for a file whose system does not.
                Err(Errno::OPNOTSUPP | Errno::INVAL | Errno::NOSYS) => {
                    self.road = Road::Behind(None);
                }
                answer => return Ok(answer?),
            }
        }
        self.read_behind(targets)
    }
}

impl<F: AsFd> AsFd for DontKeep<F> {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.file.as_fd()
    }
}
