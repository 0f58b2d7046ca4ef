//! The ways of doing a job, one small file each.
//!
//! A contender gets its input, does the job, and says what the kernel copied on
//! its side, derived from the calls it made. Whether it did the job right is
//! decided elsewhere: what it sends is checked byte by byte by a receiver that
//! it does not know, what it finds is compared with what a plain and slow
//! oracle finds. Everything else is measured around it.

mod pipeline;
mod read;
mod send;
mod slice;

use std::io;
use std::net::TcpStream;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::jobs::Job;

/// What is sent before the file by the pipeline job.
pub const HEADER: &[u8] = b"uncopied/1 log follows\r\n\r\n";
/// What is sent after the file by the pipeline job.
pub const TRAILER: &[u8] = b"\r\n-- end of log --\r\n";

/// One way of doing a job.
pub struct Contender {
    /// Its name on the command line and in the tables.
    pub name: &'static str,
    /// Whose way it is.
    pub kind: Kind,
    /// What it does, in a few words.
    pub about: &'static str,
    /// The largest input in bytes that it is put to: a way whose cost grows with
    /// the square of the size would keep everyone waiting.
    pub up_to: u64,
    /// Whether it wants its socket in blocking mode; of no matter to jobs that
    /// use none.
    pub blocking: bool,
    /// Whether it can only read lines of UTF-8 that end in a newline and nothing
    /// else, as the log file's do.
    pub text_only: bool,
    /// The code.
    pub run: Run,
}

/// Whose way of doing a job it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Code as people write it before they think about copies.
    Naive,
    /// Code of the standard library, of other crates, or of a careful hand.
    Peer,
    /// This toolkit.
    Uncopied,
}

/// The code of a contender, by what it is given.
#[derive(Clone, Copy)]
pub enum Run {
    /// Sends bytes from memory.
    SendMemory(fn(Vec<u8>, &TcpStream) -> io::Result<Done>),
    /// Sends [`HEADER`], a file, and [`TRAILER`].
    SendFile(fn(&Path, &TcpStream) -> io::Result<Done>),
    /// Cuts a log in memory into fields.
    Cut(fn(Vec<u8>) -> io::Result<Done>),
    /// Reads a file.
    Read(fn(&Path) -> io::Result<Done>),
    /// Reads a file into memory that is there already, and large enough.
    ReadInto(fn(&Path, Vec<u8>) -> io::Result<Done>),
}

/// What a contender did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Done {
    /// The bytes that the kernel copied on this side.
    pub kernel_copied: u64,
    /// What was found, as one number; 0 for jobs that send.
    pub answer: u64,
}

impl Done {
    /// Of a job that sends.
    pub(crate) fn sent(kernel_copied: u64) -> Self {
        Self { kernel_copied, answer: 0 }
    }

    /// Of a job that finds something.
    pub(crate) fn found(answer: u64, kernel_copied: u64) -> Self {
        Self { kernel_copied, answer }
    }
}

impl Job {
    /// The ways of doing this job; the first one is the baseline.
    pub fn contenders(self) -> &'static [Contender] {
        match self {
            Self::Slice => slice::ALL,
            Self::Read => read::ALL,
            Self::Send => send::ALL,
            Self::Pipeline => pipeline::ALL,
        }
    }

    /// What contenders of this job should find in a file, found in the plainest
    /// way; `None` for jobs that send, whose bytes the receiver checks.
    ///
    /// # Errors
    ///
    /// If the file cannot be read.
    pub fn answer(self, file: &Path) -> io::Result<Option<u64>> {
        match self {
            Self::Slice => slice::oracle(file).map(Some),
            Self::Read => read::oracle(file).map(Some),
            Self::Send | Self::Pipeline => Ok(None),
        }
    }
}
