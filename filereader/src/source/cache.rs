//! What the system is told about how a file will be read.

use std::io;
use std::num::NonZeroU64;
use std::os::fd::AsFd;

use rustix::fs::{Advice, fadvise};

/// How a file will be read, so that the system can read ahead of it as fits; told by
/// [`FileReader::advise`](crate::FileReader::advise).
///
/// Each is an advice of
/// [`posix_fadvise(2)`](https://man7.org/linux/man-pages/man2/posix_fadvise.2.html), which
/// says what Linux makes of it. To keep a file out of the page cache altogether, use
/// [`FileReader::dont_keep`](crate::FileReader::dont_keep), which reads in another way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Cache {
    /// As the system thinks best, which is what is so at first.
    Normal,
    /// From one end to the other: Linux doubles how far it reads ahead. For this
    /// descriptor, the same as for all that share its position.
    Sequential,
    /// Here and there: nothing is read ahead.
    Random,
    /// Once: what is read does not count as used when memory gets scarce, in Linux from
    /// 6.3 on. Before that it had no effect.
    Once,
    /// The next so many bytes from where the file stands, soon: reading begins now, into
    /// the page cache, and nobody waits for it.
    Soon(NonZeroU64),
}

impl Cache {
    pub(crate) fn tell(self, file: impl AsFd) -> io::Result<()> {
        let (from, len, advice) = match self {
            Self::Normal => (0, None, Advice::Normal),
            Self::Sequential => (0, None, Advice::Sequential),
            Self::Random => (0, None, Advice::Random),
            Self::Once => (0, None, Advice::NoReuse),
            Self::Soon(bytes) => (rustix::fs::tell(&file)?, Some(bytes), Advice::WillNeed),
        };
        Ok(fadvise(file, from, len, advice)?)
    }
}
