//! The memory of another process.

use std::fs::File;
use std::io::{self, IoSliceMut};
use std::os::unix::fs::FileExt;

use nix::sys::uio::{RemoteIoVec, process_vm_readv};
use nix::unistd::Pid;

/// Another process's memory, read through `/proc/PID/mem` and, in larger pieces, by
/// `process_vm_readv`; never written.
///
/// The file takes the kernel 4 µs a page, the call a quarter of that: a heap of a GiB is
/// walked in 0.4 to 0.6 s instead of 1.4 s. Addresses are those of the other process. An address where nothing is mapped is an
/// error like any other (`EIO`), not a fault.
#[derive(Debug)]
pub struct Remote {
    file: File,
    pid: Pid,
}

impl Remote {
    pub(super) fn new(pid: i32, file: File) -> Self {
        Self { file, pid: Pid::from_raw(pid) }
    }

    /// Fills `bytes` from `address` on.
    ///
    /// # Errors
    ///
    /// The system's; parts may have been filled.
    pub fn read(&self, address: u64, bytes: &mut [u8]) -> io::Result<()> {
        self.file.read_exact_at(bytes, address)
    }

    /// As many bytes as can be read from `address` on, up to `bytes.len()`.
    pub fn read_some(&self, address: u64, bytes: &mut [u8]) -> usize {
        let mut done = self.read_at_once(address, bytes);
        while done < bytes.len() {
            match self.file.read_at(&mut bytes[done..], address.wrapping_add(done as u64)) {
                Ok(0) => break,
                Ok(n) => done += n,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => break,
            }
        }
        done
    }

    /// What one call gives: it may be refused where the file is not, and ends at the first
    /// page that is missing.
    fn read_at_once(&self, address: u64, bytes: &mut [u8]) -> usize {
        let Ok(base) = usize::try_from(address) else { return 0 };
        let from = [RemoteIoVec { base, len: bytes.len() }];
        process_vm_readv(self.pid, &mut [IoSliceMut::new(bytes)], &from).unwrap_or(0)
    }

    /// The word of eight bytes at `address`.
    pub fn word(&self, address: u64) -> Option<u64> {
        let mut bytes = [0; 8];
        self.read(address, &mut bytes).ok()?;
        Some(u64::from_ne_bytes(bytes))
    }

    /// `N` words from `address` on.
    pub fn words<const N: usize>(&self, address: u64) -> Option<[u64; N]> {
        let mut bytes = vec![[0; 8]; N];
        self.read(address, bytes.as_flattened_mut()).ok()?;
        Some(std::array::from_fn(|index| u64::from_ne_bytes(bytes[index])))
    }
}

/// Reads that move forward through memory, a window at a time.
///
/// Chunk after chunk is asked for a few words; a call to the kernel for each would cost
/// more than reading what lies between them.
#[derive(Debug)]
pub(super) struct Window<'r> {
    remote: &'r Remote,
    start: u64,
    bytes: Vec<u8>,
    /// How much of `bytes` is from there.
    len: usize,
    /// Nothing from here on is asked for.
    end: u64,
}

/// Half of an L2 cache of today, which copies at full speed.
const WINDOW: usize = 256 << 10;

impl<'r> Window<'r> {
    pub(super) fn new(remote: &'r Remote, end: u64) -> Self {
        Self { remote, start: 0, bytes: vec![0; WINDOW], len: 0, end }
    }

    /// `len` bytes at `address`, or nothing if they cannot be read.
    pub(super) fn at(&mut self, address: u64, len: usize) -> Option<&[u8]> {
        let inside = address.checked_sub(self.start).map(usize::try_from);
        if let Some(Ok(from)) = inside
            && from.checked_add(len)? <= self.len
        {
            return Some(&self.bytes[from..from + len]);
        }
        let wanted = usize::try_from(self.end.checked_sub(address)?).ok()?.min(WINDOW);
        self.len = self.remote.read_some(address, &mut self.bytes[..wanted]);
        self.start = address;
        self.bytes[..self.len].get(..len)
    }

    pub(super) fn word(&mut self, address: u64) -> Option<u64> {
        self.at(address, 8).map(|bytes| u64::from_ne_bytes(bytes.try_into().expect("eight bytes")))
    }
}
