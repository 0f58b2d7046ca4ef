//! Jobs, and how a contender is put to one.
//!
//! Each run of a contender is a process of its own, so that its peak memory,
//! its page faults and its system calls are its own. The parent process is the
//! receiver and checks every byte, or compares what the contender found with
//! what an oracle finds. Runs are timed with the counters switched
//! off, interleaved A B A B; one more run of each, which is not timed, counts.

mod log_file;
mod race;
mod receiver;
mod runner;

use std::path::PathBuf;
use std::{fs, io};

use serde::{Deserialize, Serialize};

use crate::contenders::Contender;
use crate::report::grouped;

pub use log_file::LogFile;
pub use race::{Failure, race};
pub use runner::{Orders, run_as_child};

/// What is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Job {
    /// Cut the lines of a log in memory into fields, and keep some of them.
    Slice,
    /// Read a file: the sum of its bytes, and the number of its lines.
    Read,
    /// Send bytes from memory through a TCP socket with small buffers, without
    /// blocking.
    Send,
    /// Send header, file and trailer through a TCP socket.
    Pipeline,
}

impl Job {
    /// All jobs, in the order in which they are reported.
    pub const ALL: [Self; 4] = [Self::Slice, Self::Read, Self::Send, Self::Pipeline];

    /// The job's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Slice => "slice",
            Self::Read => "read",
            Self::Send => "send",
            Self::Pipeline => "pipeline",
        }
    }

    /// What it is about, in a sentence.
    pub fn about(self) -> &'static str {
        match self {
            Self::Slice => "cut the lines of a log in memory into fields, keep one of some lines",
            Self::Read => "read a file: the sum of its bytes and the number of its lines",
            Self::Send => "send bytes from memory through a TCP socket with 64 KiB buffers",
            Self::Pipeline => "send a header, a file and a trailer through a TCP socket",
        }
    }

    /// Whether it sends through a socket, to a receiver that checks every byte.
    pub fn sends(self) -> bool {
        matches!(self, Self::Send | Self::Pipeline)
    }

    /// The contender of that name.
    pub fn contender(self, name: &str) -> Option<&'static Contender> {
        self.contenders().iter().find(|contender| contender.name == name)
    }
}

/// A job on one input.
#[derive(Clone, Debug)]
pub struct Case {
    /// The job.
    pub job: Job,
    /// The input's size in bytes, header and trailer not counted.
    pub size: u64,
    /// The file, if the job reads one.
    pub file: Option<PathBuf>,
    /// Whether the file is lines of UTF-8 that end in a newline and nothing else.
    pub text: bool,
}

impl Case {
    /// Those who take part, the baseline first.
    pub fn contenders(&self) -> impl Iterator<Item = &'static Contender> {
        self.job.contenders().iter().filter(|contender| self.left_out(contender).is_none())
    }

    /// Fails if the file is no longer of the size that it had.
    fn check_unchanged(&self) -> io::Result<()> {
        let Some(path) = &self.file else { return Ok(()) };
        let now = fs::metadata(path)?.len();
        if now == self.size {
            return Ok(());
        }
        Err(io::Error::other(format!(
            "{} changed from {} to {} bytes meanwhile; give a file that nobody writes to",
            path.display(),
            grouped(self.size),
            grouped(now)
        )))
    }

    /// Why a contender does not take part, if it does not.
    pub fn left_out(&self, contender: &Contender) -> Option<&'static str> {
        if self.size > contender.up_to {
            Some("its cost is quadratic: it runs on less only")
        } else if contender.text_only && !self.text {
            Some("it reads UTF-8 with \\n at each line's end, and this file is something else")
        } else {
            None
        }
    }
}
