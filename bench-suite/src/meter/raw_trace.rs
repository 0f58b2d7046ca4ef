//! The calls that tracing needs and that have no safe wrapper.
//!
//! Only this file and `raw.rs` contain unsafe code.

use libc::c_long;

#[cfg(target_env = "gnu")]
pub(super) use tracer::{entered, resume, trace_me, wait_any};

/// Makes the system call `number`, which does not exist.
pub(super) fn mark(number: c_long) {
    // SAFETY: a system call must get the arguments that it expects. The kernel
    // knows none of this number, and so reads no arguments and returns ENOSYS.
    unsafe { libc::syscall(number) };
}

#[cfg(target_env = "gnu")]
mod tracer {
    use std::io;
    use std::os::unix::process::CommandExt;
    use std::process::Command;
    use std::ptr;

    use libc::{c_int, c_long, c_void, pid_t};
    use nix::errno::Errno;
    use nix::sys::ptrace;
    use nix::unistd::Pid;

    /// Has the command ask to be traced by the thread that spawns it.
    ///
    /// A refusal is passed over: the command then runs untraced, and the tracer
    /// notices that it never stops.
    pub(in crate::meter) fn trace_me(command: &mut Command) {
        let ask = || {
            let _ = ptrace::traceme();
            Ok(())
        };
        // SAFETY: between fork and exec only async-signal-safe work is allowed.
        // The closure makes one system call and does not allocate.
        unsafe { command.pre_exec(ask) };
    }

    /// Waits for any child or tracee of the calling thread, and of no other
    /// thread, to stop or to end. Returns its id and its status.
    pub(in crate::meter) fn wait_any() -> io::Result<(pid_t, c_int)> {
        loop {
            let mut status = 0;
            // SAFETY: `status` must be writable, and is a local variable.
            let pid =
                unsafe { libc::waitpid(-1, &raw mut status, libc::__WALL | libc::__WNOTHREAD) };
            match Errno::result(pid) {
                Ok(pid) => return Ok((pid, status)),
                Err(Errno::EINTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Lets a stopped tracee run to its next stop, with `signal` unless zero.
    ///
    /// The wrapper in `nix` knows no real-time signals, which the C library
    /// sends between threads.
    pub(in crate::meter) fn resume(pid: pid_t, signal: c_int) -> nix::Result<()> {
        let signal = ptr::without_provenance_mut::<c_void>(signal.unsigned_abs() as usize);
        let nothing = ptr::null_mut::<c_void>();
        // SAFETY: this request takes the signal by value and reads or writes
        // no memory of ours.
        let resumed = unsafe { libc::ptrace(libc::PTRACE_SYSCALL, pid, nothing, signal) };
        Errno::result(resumed).map(drop)
    }

    /// The number of the system call that a stopped tracee is entering, or
    /// `None` if it is leaving one.
    pub(in crate::meter) fn entered(pid: pid_t) -> nix::Result<Option<c_long>> {
        let info = ptrace::syscall_info(Pid::from_raw(pid))?;
        if info.op != libc::PTRACE_SYSCALL_INFO_ENTRY {
            return Ok(None);
        }
        // SAFETY: the union must hold the field that is read; `op` says that
        // the kernel wrote the one for an entry.
        let entry = unsafe { info.u.entry };
        Ok(c_long::try_from(entry.nr).ok())
    }
}
