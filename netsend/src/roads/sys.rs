//! SIGPIPE masked in one thread, for calls that have no flag against it, and what
//! a TCP socket tells about itself.
//!
//! Every block here calls one C function on values that live in the same
//! frame; neither POSIX nor the man pages give any of them another obligation.

use std::io;
use std::marker::PhantomData;
use std::mem::MaybeUninit;
use std::os::fd::{AsRawFd, BorrowedFd};
use std::ptr;

/// While this lives, SIGPIPE does not reach the calling thread. It is meant to
/// live for one call, so that masks of several sockets never overlap.
pub(super) struct SigpipeMask {
    was_blocked: bool,
    was_pending: bool,
    // The mask belongs to the thread that set it.
    _not_send: PhantomData<*const ()>,
}

impl SigpipeMask {
    pub(super) fn set() -> io::Result<Self> {
        let mut before = MaybeUninit::uninit();
        let only = only_sigpipe();
        // SAFETY: both pointers are to live sets, the second for writing.
        let error =
            unsafe { libc::pthread_sigmask(libc::SIG_BLOCK, &raw const only, before.as_mut_ptr()) };
        if error != 0 {
            return Err(io::Error::from_raw_os_error(error));
        }
        // SAFETY: pthread_sigmask returned 0, so it has written the old mask.
        let was_blocked = unsafe { libc::sigismember(before.as_ptr(), libc::SIGPIPE) } == 1;
        // A signal that is not blocked does not wait, so nothing is pending then.
        let was_pending = was_blocked && is_pending()?;
        Ok(Self { was_blocked, was_pending, _not_send: PhantomData })
    }

    /// Takes the SIGPIPE that the call has just caused off the list of pending
    /// signals, so that nobody hears of it when the mask is lifted.
    ///
    /// One that was pending before stays: two cannot be told from one.
    pub(super) fn take_pending(&self) {
        if self.was_pending {
            return;
        }
        let only = only_sigpipe();
        let at_once = libc::timespec { tv_sec: 0, tv_nsec: 0 };
        // SAFETY: the set and the time are live and initialised; a null pointer
        // says that the signal's details are not wanted.
        unsafe { libc::sigtimedwait(&raw const only, ptr::null_mut(), &raw const at_once) };
    }
}

impl Drop for SigpipeMask {
    fn drop(&mut self) {
        if !self.was_blocked {
            let only = only_sigpipe();
            // SAFETY: the set is live and initialised; a null pointer says that
            // the mask being replaced is not wanted.
            unsafe { libc::pthread_sigmask(libc::SIG_UNBLOCK, &raw const only, ptr::null_mut()) };
        }
    }
}

fn only_sigpipe() -> libc::sigset_t {
    let mut set = MaybeUninit::uninit();
    // SAFETY: the pointer is to memory for one set, which the call initialises.
    unsafe { libc::sigemptyset(set.as_mut_ptr()) };
    // SAFETY: sigemptyset has initialised the set; SIGPIPE is a signal.
    unsafe { libc::sigaddset(set.as_mut_ptr(), libc::SIGPIPE) };
    // SAFETY: sigemptyset has initialised the set.
    unsafe { set.assume_init() }
}

fn is_pending() -> io::Result<bool> {
    let mut set = MaybeUninit::uninit();
    // SAFETY: the pointer is to memory for one set, which the call initialises.
    if unsafe { libc::sigpending(set.as_mut_ptr()) } != 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: sigpending returned 0, so it has written the set.
    Ok(unsafe { libc::sigismember(set.as_ptr(), libc::SIGPIPE) } == 1)
}

/// How much of the kernel's `struct tcp_info` is asked for: more than any kernel
/// has. It gives as much as it knows.
const TCP_INFO_ROOM: usize = 512;

/// The bytes of the kernel's `struct tcp_info`, as many as it knows (tcp(7)).
pub(crate) fn tcp_info(socket: BorrowedFd<'_>) -> io::Result<([u8; TCP_INFO_ROOM], usize)> {
    let mut info = [0; TCP_INFO_ROOM];
    let mut len: libc::socklen_t = 512;
    let (level, name) = (libc::IPPROTO_TCP, libc::TCP_INFO);
    let fd = socket.as_raw_fd();
    // SAFETY: the descriptor is open, `info` is writable and `len` long.
    let answer =
        unsafe { libc::getsockopt(fd, level, name, info.as_mut_ptr().cast(), &raw mut len) };
    if answer != 0 {
        return Err(io::Error::last_os_error());
    }
    Ok((info, usize::try_from(len).map_or(TCP_INFO_ROOM, |len| len.min(TCP_INFO_ROOM))))
}

/// The bytes that were accepted and are not acknowledged: `SIOCOUTQ` of tcp(7).
pub(crate) fn unacknowledged(socket: BorrowedFd<'_>) -> io::Result<u64> {
    ask_for_number(socket, libc::TIOCOUTQ)
}

/// The bytes that were accepted and were never sent: `SIOCOUTQNSD` of the kernel's
/// `sockios.h`, which the C library does not name.
pub(crate) fn unsent(socket: BorrowedFd<'_>) -> io::Result<u64> {
    ask_for_number(socket, 0x894B)
}

/// What a socket's send side holds: see [`send_memory`].
pub(crate) struct SendMemory {
    /// The limit, as `SO_SNDBUF` reads.
    pub(crate) buffer: usize,
    /// What counts against it in a Unix socket.
    pub(crate) allocated: usize,
    /// What counts against it in a TCP socket: more than `allocated`, because bytes that
    /// are not acknowledged are kept.
    pub(crate) queued: usize,
}

/// `SO_MEMINFO` of the kernel's `sock_diag.h`, since Linux 4.12: the numbers that the
/// kernel itself holds against the limit, with what it keeps beside the bytes.
pub(crate) fn send_memory(socket: BorrowedFd<'_>) -> io::Result<SendMemory> {
    let mut info = [0_u32; 9];
    let mut len: libc::socklen_t = 36;
    let (level, name) = (libc::SOL_SOCKET, libc::SO_MEMINFO);
    let fd = socket.as_raw_fd();
    // SAFETY: the descriptor is open, `info` is writable and `len` is its length.
    let answer =
        unsafe { libc::getsockopt(fd, level, name, info.as_mut_ptr().cast(), &raw mut len) };
    if answer != 0 {
        return Err(io::Error::last_os_error());
    }
    let [_, _, allocated, buffer, _, queued, ..] =
        info.map(|number| usize::try_from(number).unwrap_or(usize::MAX));
    Ok(SendMemory { buffer, allocated, queued })
}

fn ask_for_number(socket: BorrowedFd<'_>, request: libc::Ioctl) -> io::Result<u64> {
    let mut number: libc::c_int = 0;
    let fd = socket.as_raw_fd();
    // SAFETY: both requests write one int to the pointer they are given.
    if unsafe { libc::ioctl(fd, request, &raw mut number) } != 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(u64::try_from(number).unwrap_or(0))
}

/// `TCP_NOTSENT_LOWAT` (tcp(7)), 0 if it was never set for this socket.
pub(crate) fn unsent_limit(socket: BorrowedFd<'_>) -> io::Result<u32> {
    let mut value: u32 = 0;
    let mut len: libc::socklen_t = 4;
    let (level, name) = (libc::IPPROTO_TCP, libc::TCP_NOTSENT_LOWAT);
    let fd = socket.as_raw_fd();
    // SAFETY: the descriptor is open, `value` is writable and `len` is its length.
    let answer =
        unsafe { libc::getsockopt(fd, level, name, (&raw mut value).cast(), &raw mut len) };
    if answer != 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(value)
}

/// Sets `TCP_NOTSENT_LOWAT` (tcp(7)): the socket is writable only while fewer
/// bytes than that wait unsent.
pub(crate) fn set_unsent_limit(socket: BorrowedFd<'_>, bytes: u32) -> io::Result<()> {
    let value = libc::c_int::try_from(bytes).unwrap_or(libc::c_int::MAX);
    let (level, name) = (libc::IPPROTO_TCP, libc::TCP_NOTSENT_LOWAT);
    let fd = socket.as_raw_fd();
    // SAFETY: the descriptor is open, and the value is a live int of 4 bytes.
    if unsafe { libc::setsockopt(fd, level, name, (&raw const value).cast(), 4) } != 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(())
}
