//! The tracer.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::io::{self, Read};
use std::os::unix::process::ExitStatusExt;
use std::process::{ChildStdout, Command, ExitStatus, Stdio};
use std::thread::{self, JoinHandle};

use libc::{c_int, c_long, pid_t};
use nix::errno::Errno;
use nix::sys::ptrace::{self, Options};
use nix::sys::signal::Signal;
use nix::unistd::Pid;

use super::{BEGIN, END, Traced, names};
use crate::meter::{Figure, raw_trace};

/// Runs `command` under a tracer of its own.
///
/// The tracer is a thread without other children, for it has to wait for any
/// child of its own and must not take those of others. When it ends, what it
/// still traces is killed; only then is the output sure to have an end.
pub(super) fn run(command: Command) -> io::Result<Traced> {
    let tracer = thread::Builder::new().name("tracer".into()).spawn(move || trace(command))?;
    let (status, tracer, output) = rejoin(tracer)?;
    let stdout = rejoin(output)?;
    let calls = tracer.verdict();
    let by_name = if calls.value().is_some() { tracer.by_name() } else { Vec::new() };
    Ok(Traced { status, stdout, calls, by_name })
}

/// Follows the traced threads and keeps their counts.
#[derive(Default)]
struct Tracer {
    /// The command's process.
    main: pid_t,
    threads: BTreeMap<pid_t, Tracee>,
    /// Calls between the markers, by number.
    calls: BTreeMap<c_long, u64>,
    /// Whether the command's process ever stopped, as only a traced one does.
    attached: bool,
    /// How many times counting began.
    begun: u64,
    /// Whether a thread ended before its closing marker.
    unfinished: bool,
    /// Why tracing was given up.
    failure: Option<String>,
}

#[derive(Default)]
struct Tracee {
    /// Whether it has made the stop that attaching it causes.
    started: bool,
    /// Whether it is between its markers.
    counting: bool,
}

impl Tracer {
    /// Lets the tracees run until the command's process has ended.
    fn follow(&mut self) -> io::Result<ExitStatus> {
        loop {
            let (pid, status) = raw_trace::wait_any()?;
            if libc::WIFEXITED(status) || libc::WIFSIGNALED(status) {
                self.end_of(pid);
                if pid == self.main {
                    return Ok(ExitStatus::from_raw(status));
                }
            } else if libc::WIFSTOPPED(status) {
                let signal = self.stopped(pid, status);
                self.resume(pid, signal)?;
            }
        }
    }

    fn end_of(&mut self, pid: pid_t) {
        let counting = |tracee: &Tracee| tracee.counting;
        self.unfinished |= self.threads.remove(&pid).as_ref().is_some_and(counting);
        if pid == self.main {
            self.unfinished |= self.threads.values().any(counting);
        }
    }

    /// Takes note of a stop and returns the signal to hand on, or zero.
    fn stopped(&mut self, pid: pid_t, status: c_int) -> c_int {
        let signal = libc::WSTOPSIG(status);
        // `PTRACE_O_TRACESYSGOOD` marks stops at system calls by this bit.
        if signal == libc::SIGTRAP | 0x80 {
            self.system_call(pid);
            return 0;
        }
        // The bits above are those of an event such as a clone, not a signal.
        if status >> 16 != 0 {
            return 0;
        }
        let tracee = self.threads.entry(pid).or_default();
        // The command stops after its exec, all others as soon as they exist.
        let first = if pid == self.main { libc::SIGTRAP } else { libc::SIGSTOP };
        if !tracee.started && signal == first {
            tracee.started = true;
            if pid == self.main {
                self.attach();
            }
            return 0;
        }
        if is_group_stop(pid, signal) { 0 } else { signal }
    }

    fn attach(&mut self) {
        self.attached = true;
        let options = Options::PTRACE_O_TRACESYSGOOD
            | Options::PTRACE_O_TRACECLONE
            | Options::PTRACE_O_TRACEFORK
            | Options::PTRACE_O_TRACEVFORK
            | Options::PTRACE_O_TRACEEXEC
            | Options::PTRACE_O_EXITKILL;
        if let Err(error) = ptrace::setoptions(Pid::from_raw(self.main), options) {
            self.failure = Some(format!("PTRACE_SETOPTIONS is refused: {error}"));
        }
    }

    /// A tracee stopped before or after a system call.
    fn system_call(&mut self, pid: pid_t) {
        let number = match raw_trace::entered(pid) {
            Ok(Some(number)) => number,
            // It is the stop after the call, or the thread was killed.
            Ok(None) | Err(Errno::ESRCH) => return,
            Err(error) => {
                self.failure = Some(format!("PTRACE_GET_SYSCALL_INFO is refused: {error}"));
                return;
            }
        };
        let tracee = self.threads.entry(pid).or_default();
        match number {
            BEGIN => {
                tracee.counting = true;
                self.begun += 1;
            }
            END => tracee.counting = false,
            _ if tracee.counting => *self.calls.entry(number).or_default() += 1,
            _ => {}
        }
    }

    /// Lets a tracee run to its next stop, or for good once tracing has failed.
    fn resume(&self, pid: pid_t, signal: c_int) -> io::Result<()> {
        let resumed = if self.failure.is_none() {
            raw_trace::resume(pid, signal)
        } else {
            ptrace::detach(Pid::from_raw(pid), Signal::try_from(signal).ok())
        };
        match resumed {
            // It was killed while it was stopped; its end is reported next.
            Ok(()) | Err(Errno::ESRCH) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// The count, unless there is a reason not to trust it.
    fn verdict(&self) -> Figure {
        if let Some(failure) = &self.failure {
            Figure::unavailable(failure.clone())
        } else if !self.attached {
            Figure::unavailable(
                "ptrace is refused here, by a seccomp filter, by kernel.yama.ptrace_scope or by \
                 another tracer",
            )
        } else if self.begun == 0 {
            Figure::unavailable("the child never called mark_begin")
        } else if self.unfinished {
            Figure::unavailable("the child ended between mark_begin and mark_end")
        } else {
            Figure::Counted(self.calls.values().sum())
        }
    }

    fn by_name(&self) -> Vec<(String, u64)> {
        let mut calls: Vec<_> =
            self.calls.iter().map(|(number, count)| (names::name(*number), *count)).collect();
        calls.sort_by_key(|(_, count)| Reverse(*count));
        calls
    }
}

/// A child's output, collected in a thread lest the child waits for a reader.
type Output = JoinHandle<io::Result<Vec<u8>>>;

/// Starts `command` and follows it to its end.
fn trace(mut command: Command) -> io::Result<(ExitStatus, Tracer, Output)> {
    command.stdout(Stdio::piped());
    raw_trace::trace_me(&mut command);
    let mut child = command.spawn()?;
    let pid = pid_t::try_from(child.id()).expect("the kernel's process ids fit pid_t");
    let stdout = child.stdout.take().expect("the output is piped");
    let traced = collect(stdout).and_then(|output| {
        let mut tracer = Tracer { main: pid, ..Tracer::default() };
        let status = tracer.follow()?;
        Ok((status, tracer, output))
    });
    if traced.is_err() {
        // Neither may fail the caller once more: the child may be gone.
        let _ = child.kill();
        let _ = child.wait();
    }
    traced
}

fn collect(mut stdout: ChildStdout) -> io::Result<Output> {
    thread::Builder::new().name("output".into()).spawn(move || {
        let mut bytes = Vec::new();
        stdout.read_to_end(&mut bytes)?;
        Ok(bytes)
    })
}

/// What the thread returned; its panic goes on here.
fn rejoin<T>(thread: JoinHandle<io::Result<T>>) -> io::Result<T> {
    thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

/// Whether this is the stop that follows a job control signal rather than its
/// delivery. The signal has been handed on already, and must not be again.
fn is_group_stop(pid: pid_t, signal: c_int) -> bool {
    [libc::SIGSTOP, libc::SIGTSTP, libc::SIGTTIN, libc::SIGTTOU].contains(&signal)
        && ptrace::getsiginfo(Pid::from_raw(pid)) == Err(Errno::EINVAL)
}
