//! A process that stands still while it is looked at.

use std::collections::BTreeSet;
use std::marker::PhantomData;
use std::rc::Rc;
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::sys::ptrace::{self, Options};
use nix::sys::signal::Signal;
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;

use super::error::{Kind, MemoryError};
use super::target::Target;

/// A process all of whose threads are stopped; they go on when this is dropped.
///
/// It is stopped by `PTRACE_SEIZE` and `PTRACE_INTERRUPT`, which send no signal: its
/// parent is not told, no handler runs, and if the looking process dies, even by
/// SIGKILL, the kernel lets the other one go on. What it may notice is that a call which
/// waits, such as `epoll_wait`, returns with EINTR (`signal(7)` lists them), as after any
/// stop.
///
/// It belongs to the thread that made it, because the kernel takes orders from that
/// thread only.
#[derive(Debug)]
pub struct Stopped {
    threads: Vec<Thread>,
    since: Instant,
    _of_this_thread: PhantomData<Rc<()>>,
}

#[derive(Debug)]
struct Thread {
    tid: Pid,
    /// A signal that was about to be delivered when the stop came, and is passed on.
    signal: Option<Signal>,
}

impl Stopped {
    pub(super) fn new(target: &Target) -> Result<Self, MemoryError> {
        let mut stopped =
            Self { threads: Vec::new(), since: Instant::now(), _of_this_thread: PhantomData };
        let mut known = BTreeSet::new();
        // Threads that still run may start others, so this goes on until a list has
        // nobody new on it.
        loop {
            let new: Vec<i32> =
                target.tasks()?.into_iter().filter(|tid| known.insert(*tid)).collect();
            if new.is_empty() {
                break;
            }
            for tid in new {
                stopped.add(target, Pid::from_raw(tid))?;
            }
        }
        if stopped.threads.is_empty() {
            let what = format!("process {} ended as it was to be stopped", target.pid());
            return Err(MemoryError::new(Kind::Gone, what));
        }
        Ok(stopped)
    }

    /// How long it has been standing still.
    pub fn elapsed(&self) -> Duration {
        self.since.elapsed()
    }

    /// How many threads are stopped.
    pub fn threads(&self) -> usize {
        self.threads.len()
    }

    fn add(&mut self, target: &Target, tid: Pid) -> Result<(), MemoryError> {
        match ptrace::seize(tid, Options::empty()) {
            Ok(()) => {}
            Err(Errno::ESRCH) => return Ok(()),
            // A first thread that has ended before the others stays as a name.
            Err(Errno::EPERM) if target.has_ended(tid.as_raw()) => return Ok(()),
            Err(Errno::EPERM) => return Err(refused(target)),
            Err(error) => {
                let what = format!("thread {tid} of process {}: {error}", target.pid());
                return Err(MemoryError::new(Kind::System, what));
            }
        }
        // From here on a drop lets the thread go, whatever happens below.
        self.threads.push(Thread { tid, signal: None });
        match ptrace::interrupt(tid).and_then(|()| self.wait(tid)) {
            Ok(WaitStatus::Stopped(_, signal)) => {
                self.threads.last_mut().expect("just pushed").signal = Some(signal);
            }
            Ok(WaitStatus::Exited(..) | WaitStatus::Signaled(..)) | Err(Errno::ESRCH) => {
                self.threads.pop();
            }
            Ok(WaitStatus::StillAlive) => {
                let what = format!(
                    "thread {tid} of process {} does not stop: it waits inside the kernel \
                     (for a disk, or for a child that it made by vfork); try again",
                    target.pid()
                );
                return Err(MemoryError::new(Kind::System, what));
            }
            // The stop that was asked for, or one that the process was in already.
            _ => {}
        }
        Ok(())
    }

    /// Waits for a thread to stop, but not for ever: one that cannot be interrupted would
    /// hold the others.
    fn wait(&self, tid: Pid) -> nix::Result<WaitStatus> {
        let flags = WaitPidFlag::__WALL | WaitPidFlag::WNOHANG;
        let patience = self.elapsed() + PATIENCE;
        loop {
            let status = waitpid(tid, Some(flags))?;
            if status != WaitStatus::StillAlive || self.elapsed() > patience {
                return Ok(status);
            }
            std::thread::sleep(Duration::from_micros(50));
        }
    }
}

const PATIENCE: Duration = Duration::from_secs(2);

impl Drop for Stopped {
    fn drop(&mut self) {
        for thread in &self.threads {
            // Fails only if the thread is gone, which needs no letting go.
            let _ = ptrace::detach(thread.tid, thread.signal);
        }
    }
}

/// Why a process may be read but not stopped.
fn refused(target: &Target) -> MemoryError {
    let status = std::fs::read_to_string(format!("/proc/{}/status", target.pid()));
    let tracer = status.ok().and_then(|status| {
        let line = status.lines().find_map(|line| line.strip_prefix("TracerPid:"))?;
        line.trim().parse::<i32>().ok().filter(|&tracer| tracer != 0)
    });
    match tracer {
        Some(tracer) => {
            let pid = target.pid();
            let what = format!("process {pid} is being traced by process {tracer}, a debugger?");
            MemoryError::new(Kind::NotAllowed, what)
        }
        None => target.not_allowed("mem"),
    }
}
