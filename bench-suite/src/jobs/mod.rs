//! Jobs, and how a contender is put to one.
//!
//! Each run of a contender is a process of its own, so that its peak memory,
//! its page faults and its system calls are its own. The parent process is the
//! receiver, and checks every byte. Runs are timed with the counters switched
//! off, interleaved A B A B; one more run of each, which is not timed, counts.

mod log_file;
mod race;
mod receiver;
mod sender;

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::contenders::{Contender, PIPELINE, SEND};

pub use log_file::LogFile;
pub use race::{Failure, race};
pub use sender::{Orders, send_as_child};

/// What is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Job {
    /// Send bytes from memory through a TCP socket with small buffers, without
    /// blocking.
    Send,
    /// Send header, file and trailer through a TCP socket.
    Pipeline,
}

impl Job {
    /// All jobs, in the order in which they are reported.
    pub const ALL: [Self; 2] = [Self::Send, Self::Pipeline];

    /// The job's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Send => "send",
            Self::Pipeline => "pipeline",
        }
    }

    /// The ways of doing it.
    pub fn contenders(self) -> &'static [Contender] {
        match self {
            Self::Send => SEND,
            Self::Pipeline => PIPELINE,
        }
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
}

impl Case {
    /// Those who take part, the baseline first.
    pub fn contenders(&self) -> impl Iterator<Item = &'static Contender> {
        let size = self.size;
        self.job.contenders().iter().filter(move |contender| size <= contender.up_to)
    }
}
