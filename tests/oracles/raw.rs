//! The few C functions that the tests of signals, sockets and memory need, and maps of
//! files.

use std::fs::File;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, AsRawFd};
use std::ptr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use memmap2::{Mmap, MmapMut};

/// A map of a file that the calling test made and nobody else changes: who cuts
/// it short while it is mapped breaks this function's promise.
///
/// # Panics
///
/// If the system refuses one.
#[must_use]
pub fn map(file: &File) -> Mmap {
    // SAFETY: the test's file is changed by nobody while it is mapped.
    unsafe { Mmap::map(file) }.expect("a regular file can be mapped")
}

/// The one map of such a file, which writes to it.
///
/// # Panics
///
/// If the system refuses one.
#[must_use]
pub fn map_mut(file: &File) -> MmapMut {
    // SAFETY: as above, and no other map of the file lives beside this one.
    unsafe { MmapMut::map_mut(file) }.expect("a regular file can be mapped for writing")
}

/// How many pages of the file are in the page cache, by `cachestat(2)` of Linux 6.5;
/// `None` if the system does not tell. (Asking by reads with `RWF_NOWAIT` would make
/// the system read ahead.)
#[must_use]
pub fn cached_pages(file: &File) -> Option<u64> {
    const CACHESTAT: libc::c_long = 451;
    // From the start, as far as it goes.
    let range = [0_u64, 0];
    let mut answer = [0_u64; 5];
    let (range, to) = (range.as_ptr(), answer.as_mut_ptr());
    // SAFETY: the range is two numbers and the answer has room for five, as the call asks.
    let failed = unsafe { libc::syscall(CACHESTAT, file.as_raw_fd(), range, to, 0) };
    (failed == 0).then_some(answer[0])
}

/// Drops the file from the page cache, as far as it is written to the disk.
pub fn forget(file: &File) {
    // SAFETY: the descriptor is open; the call has no pointer.
    unsafe { libc::posix_fadvise(file.as_raw_fd(), 0, 0, libc::POSIX_FADV_DONTNEED) };
}

/// Whether the descriptor's `O_NONBLOCK` is set.
///
/// # Panics
///
/// If the system does not tell.
pub fn is_nonblocking(fd: &impl AsFd) -> bool {
    // SAFETY: the descriptor is open, and `F_GETFL` takes no third argument.
    let flags = unsafe { libc::fcntl(fd.as_fd().as_raw_fd(), libc::F_GETFL) };
    assert!(flags >= 0, "F_GETFL of an open descriptor");
    flags & libc::O_NONBLOCK != 0
}

/// `send(2)` without any flag; its answer.
pub fn plain_send(fd: &impl AsFd, bytes: &[u8]) -> isize {
    let (start, len) = (bytes.as_ptr().cast(), bytes.len());
    // SAFETY: the descriptor is open, and the pointer and length are a slice's.
    unsafe { libc::send(fd.as_fd().as_raw_fd(), start, len, 0) }
}

/// `sendfile(2)` from the file's start, without anything around it; its answer.
pub fn plain_sendfile(fd: &impl AsFd, file: &impl AsFd, len: usize) -> isize {
    let (to, from) = (fd.as_fd().as_raw_fd(), file.as_fd().as_raw_fd());
    let mut offset = 0;
    // SAFETY: both descriptors are open, and the offset is a live local.
    unsafe { libc::sendfile(to, from, &raw mut offset, len) }
}

/// Makes SIGPIPE deadly again, as it is before Rust's runtime starts.
pub fn make_sigpipe_deadly() {
    // SAFETY: the default disposition installs no code of ours.
    unsafe { libc::signal(libc::SIGPIPE, libc::SIG_DFL) };
}

/// Sends SIGPIPE to the calling thread.
pub fn raise_sigpipe() {
    // SAFETY: the call has no argument of its own.
    let this = unsafe { libc::pthread_self() };
    // SAFETY: the calling thread is alive.
    unsafe { libc::pthread_kill(this, libc::SIGPIPE) };
}

/// The signals of a set, as bits: signal `n` is bit `n - 1`.
fn bits(set: &libc::sigset_t) -> u64 {
    (1..=64)
        // SAFETY: the set is initialised, and 64 is the last signal.
        .filter(|&signal| unsafe { libc::sigismember(set, signal) } == 1)
        .fold(0, |bits, signal| bits | 1 << (signal - 1))
}

fn set_of(signal: libc::c_int) -> libc::sigset_t {
    let mut set = MaybeUninit::uninit();
    // SAFETY: the pointer is to memory for one set, which the call initialises.
    unsafe { libc::sigemptyset(set.as_mut_ptr()) };
    // SAFETY: sigemptyset has initialised the set.
    unsafe { libc::sigaddset(set.as_mut_ptr(), signal) };
    // SAFETY: sigemptyset has initialised the set.
    unsafe { set.assume_init() }
}

/// The signals that the calling thread blocks, as bits.
#[must_use]
pub fn blocked_signals() -> u64 {
    let mut set = MaybeUninit::uninit();
    // SAFETY: without a new set the call only writes the old one.
    unsafe { libc::pthread_sigmask(libc::SIG_BLOCK, ptr::null(), set.as_mut_ptr()) };
    // SAFETY: the call can only fail for a wrong first argument.
    bits(&unsafe { set.assume_init() })
}

/// Blocks SIGPIPE in the calling thread.
pub fn block_sigpipe() {
    let set = set_of(libc::SIGPIPE);
    // SAFETY: the set is initialised, and the old one is not wanted.
    unsafe { libc::pthread_sigmask(libc::SIG_BLOCK, &raw const set, ptr::null_mut()) };
}

/// Whether SIGPIPE waits to be delivered to the calling thread.
#[must_use]
pub fn sigpipe_is_pending() -> bool {
    let mut set = MaybeUninit::uninit();
    // SAFETY: the pointer is to memory for one set.
    unsafe { libc::sigpending(set.as_mut_ptr()) };
    // SAFETY: the call can only fail for a bad address.
    bits(&unsafe { set.assume_init() }) & 1 << (libc::SIGPIPE - 1) != 0
}

/// The address space of this process, in bytes.
///
/// # Panics
///
/// If the system does not tell.
#[must_use]
pub fn address_space() -> u64 {
    let text = std::fs::read_to_string("/proc/self/statm").expect("Linux tells");
    let pages = text.split(' ').next().and_then(|pages| pages.parse::<u64>().ok());
    // SAFETY: the call only reads a number.
    let page = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
    pages.expect("a number of pages") * u64::try_from(page).expect("pages have a size")
}

/// Has the system refuse what would grow this process beyond `bytes`.
///
/// # Panics
///
/// If the system does not take the limit.
pub fn limit_address_space(bytes: u64) {
    let limit = libc::rlimit { rlim_cur: bytes, rlim_max: bytes };
    // SAFETY: the limit is a live local.
    let answer = unsafe { libc::setrlimit(libc::RLIMIT_AS, &raw const limit) };
    assert_eq!(answer, 0, "a lower limit may always be set");
}

static STORM: AtomicU64 = AtomicU64::new(0);

extern "C" fn count_signal(_: libc::c_int) {
    STORM.fetch_add(1, Ordering::Relaxed);
}

/// Lets SIGUSR1 interrupt system calls, which are then not restarted.
fn let_signals_interrupt() {
    let handler: extern "C" fn(libc::c_int) = count_signal;
    // SAFETY: zeros are a valid action: no flag, an empty mask.
    let mut action: libc::sigaction = unsafe { MaybeUninit::zeroed().assume_init() };
    action.sa_sigaction = handler as libc::sighandler_t;
    // SAFETY: the action is initialised, and its handler only touches an
    // atomic number, which handlers may.
    unsafe { libc::sigaction(libc::SIGUSR1, &raw const action, ptr::null_mut()) };
}

/// Runs `work` in this thread while another one sends it a SIGUSR1 each
/// millisecond, and tells how many signals came.
pub fn in_a_storm<T>(work: impl FnOnce() -> T) -> (T, u64) {
    let_signals_interrupt();
    // SAFETY: the call has no argument.
    let disturbed = unsafe { libc::pthread_self() };
    let done = AtomicBool::new(false);
    let before = STORM.load(Ordering::Relaxed);
    let result = thread::scope(|scope| {
        let calm = SetOnDrop(&done);
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                // SAFETY: the disturbed thread is the one that this scope
                // belongs to, and a scope waits for its threads.
                unsafe { libc::pthread_kill(disturbed, libc::SIGUSR1) };
                thread::sleep(Duration::from_millis(1));
            }
        });
        let result = work();
        drop(calm);
        result
    });
    (result, STORM.load(Ordering::Relaxed) - before)
}

/// Ends the storm also when the work panics, or the scope would wait for ever.
struct SetOnDrop<'a>(&'a AtomicBool);

impl Drop for SetOnDrop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// `splice(2)` from a pipe, without anything around it; its answer.
pub fn plain_splice(to: &impl AsFd, from: &impl AsFd, len: usize) -> isize {
    let (to, from) = (to.as_fd().as_raw_fd(), from.as_fd().as_raw_fd());
    // SAFETY: both descriptors are open, and null says that neither has an offset.
    unsafe { libc::splice(from, ptr::null_mut(), to, ptr::null_mut(), len, 0) }
}

/// From now on the kernel answers these system calls with `errno` in the calling
/// thread, and in those that it starts: seccomp(2). There is no way back, so this is
/// for a thread of its own.
///
/// # Panics
///
/// If the kernel does not take the filter.
pub fn refuse_calls(calls: &[libc::c_long], errno: libc::c_int) {
    let step = |code: u32, jt, k| libc::sock_filter {
        code: u16::try_from(code).expect("codes are small"),
        jt,
        jf: 0,
        k,
    };
    let refuse = libc::SECCOMP_RET_ERRNO | u32::try_from(errno).expect("errors are positive");
    // The call's number stands first in what a filter sees.
    let mut steps = vec![step(libc::BPF_LD | libc::BPF_W | libc::BPF_ABS, 0, 0)];
    for (i, &call) in calls.iter().enumerate() {
        let to_refusal = u8::try_from(calls.len() - i).expect("few calls");
        let number = u32::try_from(call).expect("numbers of calls are small");
        steps.push(step(libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K, to_refusal, number));
    }
    steps.push(step(libc::BPF_RET | libc::BPF_K, 0, libc::SECCOMP_RET_ALLOW));
    steps.push(step(libc::BPF_RET | libc::BPF_K, 0, refuse));
    let program = libc::sock_fprog {
        len: u16::try_from(steps.len()).expect("a short program"),
        filter: steps.as_mut_ptr(),
    };
    // SAFETY: the call takes numbers only.
    let sworn = unsafe { libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) };
    let mode = libc::SECCOMP_MODE_FILTER;
    // SAFETY: the program's pointer and length are those of a live vector.
    let set = unsafe { libc::prctl(libc::PR_SET_SECCOMP, mode, &raw const program, 0, 0) };
    assert_eq!((sworn, set), (0, 0), "a filter for system calls");
}

/// Moves the calling thread into another network namespace: setns(2).
///
/// # Panics
///
/// If the kernel does not let it.
pub fn enter_network(namespace: &impl AsFd) {
    let fd = namespace.as_fd().as_raw_fd();
    // SAFETY: the call takes a descriptor, which is open, and a number.
    let entered = unsafe { libc::setns(fd, libc::CLONE_NEWNET) };
    assert_eq!(entered, 0, "a namespace that may be entered");
}

/// What glibc says of its own heap, all arenas together (`mallinfo(3)`).
#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[must_use]
pub fn heap_by_glibc() -> libc::mallinfo2 {
    // SAFETY: it takes nothing and gives numbers.
    unsafe { libc::mallinfo2() }
}
