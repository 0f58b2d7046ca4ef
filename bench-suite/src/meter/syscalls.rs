//! Exact counts of the system calls of a child process.
//!
//! The child brackets the code in question with [`mark_begin`] and
//! [`mark_end`]; [`run_traced`] runs it under `ptrace` and counts in between.
//! That needs neither privileges nor tools, but each system call of the child
//! then costs two switches to the tracer: count and time in different runs.

use std::io;
use std::process::{Command, ExitStatus};

use super::Figure;

#[cfg(all(target_os = "linux", target_env = "gnu"))]
mod names;
#[cfg(all(target_os = "linux", target_env = "gnu"))]
mod trace;

/// Numbers of system calls that do not exist and are far from those that do.
/// The kernel answers with an error, and a tracer sees them go by.
#[cfg(target_os = "linux")]
pub(super) const BEGIN: libc::c_long = 98_001;
#[cfg(target_os = "linux")]
pub(super) const END: libc::c_long = 98_002;

/// What a traced child did.
#[derive(Clone, Debug)]
pub struct Traced {
    /// How the child ended.
    pub status: ExitStatus,
    /// All that the child wrote to its standard output.
    pub stdout: Vec<u8>,
    /// System calls entered between the markers, by the threads that set them.
    ///
    /// Unavailable if the child could not be traced, and if it never set the
    /// markers or ended between them.
    pub calls: Figure,
    /// The same calls by name, the most frequent first. It is empty where
    /// `calls` is unavailable.
    pub by_name: Vec<(String, u64)>,
}

/// Begins the part of this thread's work that a tracer counts.
///
/// Without a tracer it is one failing system call. A seccomp filter that kills
/// the process for an unknown system call would do so here.
pub fn mark_begin() {
    #[cfg(target_os = "linux")]
    super::raw_trace::mark(BEGIN);
}

/// Ends the part of this thread's work that a tracer counts.
///
/// Several such parts add up, those of several threads as well.
pub fn mark_end() {
    #[cfg(target_os = "linux")]
    super::raw_trace::mark(END);
}

/// Runs `command` to its end, collects its standard output, and counts its
/// system calls between the markers.
///
/// Only threads that call [`mark_begin`] are counted, be they in the command's
/// process or in one that it started; the markers themselves are not counted.
/// If tracing is refused, the command still runs, untraced, and the count is
/// unavailable for the reason given.
///
/// What it does not see: calls answered by the vDSO, such as reading the clock,
/// for they never enter the kernel. What it sees twice: a call that a signal
/// interrupts and the kernel restarts.
///
/// The child's standard output is a pipe, all else is as `command` says.
/// Stopping the traced processes with a job control signal has no effect, and
/// processes still running when the command's own has ended are killed.
///
/// # Errors
///
/// If the command cannot be started, or waiting for it or reading from it
/// fails. The child is killed then.
///
/// # Panics
///
/// If a thread cannot be started.
///
/// ```no_run
/// use bench_suite::meter::syscalls;
///
/// // The program calls `mark_begin` and `mark_end` around one of its jobs.
/// let command = std::process::Command::new("target/release/job");
/// let traced = syscalls::run_traced(command)?;
/// println!("{} system calls: {:?}", traced.calls, traced.by_name);
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn run_traced(command: Command) -> io::Result<Traced> {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    return trace::run(command);
    #[cfg(not(all(target_os = "linux", target_env = "gnu")))]
    return run_untraced(command);
}

#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
fn run_untraced(mut command: Command) -> io::Result<Traced> {
    use std::process::Stdio;

    let child = command.stdin(Stdio::inherit()).stderr(Stdio::inherit()).stdout(Stdio::piped());
    let output = child.spawn()?.wait_with_output()?;
    Ok(Traced {
        status: output.status,
        stdout: output.stdout,
        calls: Figure::unavailable("system calls are counted on Linux with glibc only"),
        by_name: Vec::new(),
    })
}
