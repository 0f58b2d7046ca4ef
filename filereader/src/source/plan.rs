//! What a file is like, found out by asking it, and how it is read because of that.

use std::fmt;
use std::fs::File;
use std::io;

/// How a file is read, and why; see [`FileReader::plan`](crate::FileReader::plan).
///
/// Everything in it was asked of this very file. Its file system's name was not: two
/// files under one name may differ, and a name says nothing about the kernel.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Plan {
    /// How it is read.
    pub road: Road,
    /// The bytes of each block that it is read into.
    pub block_size: usize,
    /// What kind of file it is.
    pub kind: Kind,
    /// The size that it says it has; some that say 0 are not empty.
    pub size: u64,
    /// Whether it has places that can be read from, as `pread` does.
    pub has_places: bool,
    /// To what its memory and its places have to be aligned to be read past the
    /// cache (`O_DIRECT`).
    pub direct: Probe<Direct>,
    /// Whether a read can be told not to wait for the disk (`RWF_NOWAIT`).
    pub no_wait: Probe<()>,
    /// Whether a read can be told not to keep what it reads (`RWF_DONTCACHE`).
    pub dont_cache: Probe<()>,
}

/// How a file is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Road {
    /// In whole blocks, from one end to the other: a regular file that knows its size.
    Blocks,
    /// As it comes, a read at a time: what has no size, or is no regular file.
    Stream,
}

/// The kinds of files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A file on a disk, in memory, or made up by the system, as those under `/proc`.
    Regular,
    /// A FIFO or a pipe.
    Fifo,
    /// A socket.
    Socket,
    /// A device, a terminal among them.
    Device,
    /// A directory, or something that has no name here.
    Other,
}

/// An answer of the system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Probe<T> {
    /// It has it.
    Yes(T),
    /// It said that it has not.
    No,
    /// It was not asked, or did not say.
    Unknown,
}

/// Alignments for reading past the cache, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Direct {
    /// Of the memory that is read into.
    pub memory: u32,
    /// Of the places in the file, and of lengths.
    pub offset: u32,
}

impl Plan {
    pub(crate) fn of(file: &File, block_size: usize) -> io::Result<Self> {
        let metadata = file.metadata()?;
        let kind = kind(&metadata);
        let size = metadata.len();
        let has_places = rustix::fs::tell(file).is_ok();
        let road = if kind == Kind::Regular && size > 0 { Road::Blocks } else { Road::Stream };
        let regular = kind == Kind::Regular;
        Ok(Self {
            road,
            block_size,
            kind,
            size,
            has_places,
            direct: if regular { direct(file) } else { Probe::Unknown },
            no_wait: if regular { flag(file, NOWAIT) } else { Probe::Unknown },
            dont_cache: if regular { flag(file, DONTCACHE) } else { Probe::Unknown },
        })
    }

    /// Why it is read in this way, in words.
    pub fn why(&self) -> &'static str {
        match (self.road, self.kind) {
            (Road::Blocks, _) => {
                "it is a regular file that knows its size, and blocks that are read again and \
                 again stay in the processor's cache"
            }
            (_, Kind::Regular) => {
                "it says that it is empty, and such files may have bytes all the same: only \
                 reading tells"
            }
            _ => "it has no size, so that only reading tells where it ends",
        }
    }
}

fn kind(metadata: &std::fs::Metadata) -> Kind {
    use std::os::unix::fs::FileTypeExt;
    let kind = metadata.file_type();
    if kind.is_file() {
        Kind::Regular
    } else if kind.is_fifo() {
        Kind::Fifo
    } else if kind.is_socket() {
        Kind::Socket
    } else if kind.is_block_device() || kind.is_char_device() {
        Kind::Device
    } else {
        Kind::Other
    }
}

#[cfg(target_os = "linux")]
use super::dont_keep::DONTCACHE;
#[cfg(target_os = "linux")]
const NOWAIT: rustix::io::ReadWriteFlags = rustix::io::ReadWriteFlags::NOWAIT;
#[cfg(not(target_os = "linux"))]
const DONTCACHE: () = ();
#[cfg(not(target_os = "linux"))]
const NOWAIT: () = ();

/// Asks by [`statx(2)`](https://man7.org/linux/man-pages/man2/statx.2.html).
#[cfg(target_os = "linux")]
fn direct(file: &File) -> Probe<Direct> {
    use rustix::fs::{AtFlags, StatxFlags, statx};
    match statx(file, "", AtFlags::EMPTY_PATH, StatxFlags::DIOALIGN) {
        Ok(answer) if answer.stx_mask & StatxFlags::DIOALIGN.bits() == 0 => Probe::Unknown,
        Ok(answer) if answer.stx_dio_offset_align == 0 => Probe::No,
        Ok(answer) => Probe::Yes(Direct {
            memory: answer.stx_dio_mem_align,
            offset: answer.stx_dio_offset_align,
        }),
        Err(_) => Probe::Unknown,
    }
}

#[cfg(not(target_os = "linux"))]
fn direct(_: &File) -> Probe<Direct> {
    Probe::Unknown
}

/// Asks by reading one byte with the flag; the file's position stays.
#[cfg(target_os = "linux")]
fn flag(file: &File, flag: rustix::io::ReadWriteFlags) -> Probe<()> {
    use rustix::io::Errno;
    let mut byte = [0];
    match rustix::io::preadv2(file, &mut [io::IoSliceMut::new(&mut byte)], 0, flag) {
        // It knows the flag, and had nothing in the cache.
        Ok(_) | Err(Errno::AGAIN) => Probe::Yes(()),
        Err(Errno::OPNOTSUPP | Errno::INVAL | Errno::NOSYS) => Probe::No,
        Err(_) => Probe::Unknown,
    }
}

#[cfg(not(target_os = "linux"))]
fn flag(_: &File, (): ()) -> Probe<()> {
    Probe::Unknown
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { block_size, kind, size, .. } = self;
        match self.road {
            Road::Blocks => writeln!(f, "read in blocks of {block_size} bytes:")?,
            Road::Stream => writeln!(f, "read as it comes, into blocks of {block_size} bytes:")?,
        }
        writeln!(f, "  {}", self.why())?;
        writeln!(f, "  kind: {kind:?}; size: {size} bytes; places: {}", yes(self.has_places))?;
        match self.direct {
            Probe::Yes(Direct { memory, offset }) => writeln!(
                f,
                "  past the cache (O_DIRECT): memory at multiples of {memory}, places of {offset}"
            )?,
            Probe::No => writeln!(f, "  past the cache (O_DIRECT): no")?,
            Probe::Unknown => writeln!(f, "  past the cache (O_DIRECT): not told")?,
        }
        writeln!(f, "  RWF_NOWAIT: {}", told(self.no_wait))?;
        write!(f, "  RWF_DONTCACHE: {}", told(self.dont_cache))?;
        if self.dont_cache == Probe::No {
            f.write_str(", so `dont_keep` drops what was read by posix_fadvise")?;
        }
        Ok(())
    }
}

fn yes(yes: bool) -> &'static str {
    if yes { "yes" } else { "no" }
}

fn told(probe: Probe<()>) -> &'static str {
    match probe {
        Probe::Yes(()) => "yes",
        Probe::No => "no",
        Probe::Unknown => "not told",
    }
}
