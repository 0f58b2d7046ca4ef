//! A process that is looked at.

use std::fs;
use std::io;
use std::path::PathBuf;

use nix::unistd::{Uid, geteuid};
use procfs::process::{MemoryMaps, Process};
use procfs::{ProcError, ProcResult};

use super::error::{Kind, MemoryError};
use super::{Remote, Stopped};

/// A live process, by its number.
///
/// ```
/// use bench_suite::memory::Target;
///
/// let this = Target::open(std::process::id().try_into()?)?;
/// assert!(this.smaps()?.len() > 3);
/// assert!(Target::open(i32::MAX).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Target {
    pid: i32,
    name: String,
    process: Process,
}

impl Target {
    /// Finds the process.
    ///
    /// # Errors
    ///
    /// [`Kind::Gone`] if there is none of that number, or if only its exit status is left.
    pub fn open(pid: i32) -> Result<Self, MemoryError> {
        let process = Process::new(pid).map_err(|error| explain(pid, "", error))?;
        let stat = process.stat().map_err(|error| explain(pid, "stat", error))?;
        if matches!(stat.state, 'Z' | 'X') {
            let what = format!("process {pid} ({}) has ended; only its status is left", stat.comm);
            return Err(MemoryError::new(Kind::Gone, what));
        }
        Ok(Self { pid, name: stat.comm, process })
    }

    /// Its number.
    pub fn pid(&self) -> i32 {
        self.pid
    }

    /// Its name, as the kernel keeps it: up to 15 letters.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The program, if the kernel tells.
    pub fn program(&self) -> Option<PathBuf> {
        self.process.exe().ok()
    }

    /// Its regions with what is resident of each, one list for all.
    ///
    /// # Errors
    ///
    /// If the process has ended, or may not be looked at.
    pub fn smaps(&self) -> Result<MemoryMaps, MemoryError> {
        self.read("smaps", Process::smaps)
    }

    /// The sums that the kernel makes of all regions.
    ///
    /// # Errors
    ///
    /// As for [`smaps`](Self::smaps), and on a kernel before 4.14.
    pub fn smaps_rollup(&self) -> Result<MemoryMaps, MemoryError> {
        Ok(self.read("smaps_rollup", Process::smaps_rollup)?.memory_map_rollup)
    }

    /// Its regions, addresses and names only.
    ///
    /// # Errors
    ///
    /// As for [`smaps`](Self::smaps).
    pub fn maps(&self) -> Result<MemoryMaps, MemoryError> {
        self.read("maps", Process::maps)
    }

    /// Its memory, for reading.
    ///
    /// # Errors
    ///
    /// As for [`smaps`](Self::smaps).
    pub fn memory(&self) -> Result<Remote, MemoryError> {
        self.read("mem", |_| {
            let path = format!("/proc/{}/mem", self.pid);
            let file = fs::File::open(&path);
            // The file is opened for reading alone, where procfs would ask for writing.
            file.map(|file| Remote::new(self.pid, file)).map_err(|error| match error.kind() {
                io::ErrorKind::PermissionDenied => ProcError::PermissionDenied(Some(path.into())),
                io::ErrorKind::NotFound => ProcError::NotFound(Some(path.into())),
                _ => ProcError::Io(error, Some(path.into())),
            })
        })
    }

    /// Stops all its threads until the result is dropped.
    ///
    /// # Errors
    ///
    /// If the process has ended, may not be looked at, or is looked at by a debugger.
    pub fn stop(&self) -> Result<Stopped, MemoryError> {
        Stopped::new(self)
    }

    pub(super) fn tasks(&self) -> Result<Vec<i32>, MemoryError> {
        self.read("task", |process| {
            process.tasks()?.map(|task| task.map(|task| task.tid)).collect()
        })
    }

    /// Whether one of its threads has ended.
    pub(super) fn has_ended(&self, tid: i32) -> bool {
        let stat = self.process.task_from_tid(tid).and_then(|task| task.stat());
        stat.map_or(true, |stat| matches!(stat.state, 'Z' | 'X'))
    }

    /// Where the stacks of its threads are at the moment, as far as the kernel tells:
    /// not of those that run.
    pub(super) fn stack_pointers(&self) -> Vec<u64> {
        let tasks = self.tasks().unwrap_or_default();
        let pointer = |tid| {
            let path = format!("/proc/{}/task/{tid}/syscall", self.pid);
            let text = fs::read_to_string(path).ok()?;
            let pointer = text.trim().rsplit(' ').nth(1)?.strip_prefix("0x")?;
            u64::from_str_radix(pointer, 16).ok()
        };
        tasks.into_iter().filter_map(pointer).collect()
    }

    pub(super) fn not_allowed(&self, file: &str) -> MemoryError {
        explain(self.pid, file, ProcError::PermissionDenied(None))
    }

    fn read<T>(
        &self,
        file: &str,
        read: impl FnOnce(&Process) -> ProcResult<T>,
    ) -> Result<T, MemoryError> {
        read(&self.process).map_err(|error| explain(self.pid, file, error))
    }
}

/// What to tell about a file of `/proc/PID` that could not be read.
fn explain(pid: i32, file: &str, error: ProcError) -> MemoryError {
    let gone = || MemoryError::new(Kind::Gone, format!("there is no process {pid}, or no longer"));
    match error {
        ProcError::NotFound(_) => gone(),
        // The kernel's answer when the process goes between open and read.
        ProcError::Io(error, _) if error.raw_os_error() == Some(nix::libc::ESRCH) => gone(),
        ProcError::PermissionDenied(_) => MemoryError::new(Kind::NotAllowed, refusal(pid, file)),
        error => MemoryError::new(Kind::System, format!("/proc/{pid}/{file}: {error}")),
    }
}

/// Why the kernel refuses, as far as it can be found out (`ptrace(2)`, "Ptrace access
/// mode checking").
fn refusal(pid: i32, file: &str) -> String {
    let owner = Process::new(pid).and_then(|process| process.uid()).ok();
    let me = geteuid();
    let whose = match owner {
        Some(owner) if Uid::from_raw(owner) != me => {
            format!("process {pid} is user {owner}'s, and you are user {me}")
        }
        _ => format!("process {pid} does not let itself be looked at"),
    };
    let scope = fs::read_to_string("/proc/sys/kernel/yama/ptrace_scope").unwrap_or_default();
    let yama = match scope.trim() {
        "" | "0" => String::new(),
        scope => format!("; kernel.yama.ptrace_scope is {scope}, which forbids more"),
    };
    format!(
        "no permission to read /proc/{pid}/{file}: {whose}; \
         this takes the capability CAP_SYS_PTRACE (try sudo){yama}"
    )
}
