//! Any open descriptor as a source.

use std::io::{self, IoSliceMut, Read};
use std::os::fd::{AsFd, BorrowedFd};

/// An open descriptor of any kind as a [`Read`]: an `OwnedFd`, a `BorrowedFd`, a
/// socket behind an `Arc`.
///
/// Each read is one [`read(2)`](https://man7.org/linux/man-pages/man2/read.2.html)
/// or `readv(2)`; `EINTR` is reported, and retried by [`Block`](crate::Block).
///
/// ```
/// use std::os::fd::OwnedFd;
/// use filereader::{Descriptor, Pool};
///
/// let file: OwnedFd = std::fs::File::open("Cargo.toml")?.into();
/// let mut block = Pool::builder().build()?.acquire()?;
/// block.read_full(&mut Descriptor::new(file))?;
/// assert!(block.starts_with(b"[package]"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Descriptor<F> {
    fd: F,
}

impl<F: AsFd> Descriptor<F> {
    /// Reads from `fd`, from where it stands.
    pub const fn new(fd: F) -> Self {
        Self { fd }
    }

    /// Gives the descriptor back. Nothing that was read is held in here.
    pub fn into_inner(self) -> F {
        self.fd
    }
}

impl<F: AsFd> Read for Descriptor<F> {
    fn read(&mut self, target: &mut [u8]) -> io::Result<usize> {
        Ok(rustix::io::read(&self.fd, target)?)
    }

    fn read_vectored(&mut self, targets: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
        Ok(rustix::io::readv(&self.fd, targets)?)
    }
}

impl<F: AsFd> AsFd for Descriptor<F> {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }
}
