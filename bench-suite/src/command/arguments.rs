//! What can be said on the command line.

use std::error::Error;
use std::fmt;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

#[cfg(target_os = "linux")]
use super::memory::{HeapRequest, MapsRequest, MemoryRequest};
use super::ratios::Request;
use crate::jobs::{Job, Orders};

/// What copying costs, shown on a real file and a real socket: naive ways, other
/// people's and uncopied's, side by side, every byte verified.
#[derive(Parser)]
#[command(name = "uncopied", version, about, args_conflicts_with_subcommands = true)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    #[command(subcommand)]
    pub(super) action: Option<Action>,
    #[command(flatten)]
    pub(super) options: Options,
}

const EXAMPLES: &str = "\
Examples:
  uncopied                             all jobs on a log file of 1 GiB
  uncopied --size 64MiB --runs 3       the same in a few seconds
  uncopied --only read --file app.log  one job, on a file of yours
  uncopied --html page.html            a page to show, with charts
  uncopied list                        who takes part
  uncopied ratios slice/bytes          the group slice of `cargo bench`, over bytes
  uncopied maps 1234                   what the memory of process 1234 is for
  uncopied heap 1234                   its heap, chunk by chunk";

#[derive(Subcommand)]
pub(super) enum Action {
    /// Compare, and print tables; what is done when nothing is said
    Report(Options),
    /// List the jobs and who does them
    List,
    /// Print what `cargo bench` measured last as tables of ratios
    Ratios(Request),
    /// Walk the glibc heap of a live process, chunk by chunk
    #[cfg(target_os = "linux")]
    Heap(HeapRequest),
    /// What the memory regions of a live process are for
    #[cfg(target_os = "linux")]
    Maps(MapsRequest),
    /// Where memory goes: sizes, growth, slots
    #[cfg(target_os = "linux")]
    Memory(MemoryRequest),
    /// One run of one contender; the command starts itself like this.
    #[command(hide = true)]
    RunAsChild(Orders),
}

#[derive(Args)]
pub(super) struct Options {
    /// The size of the log file that is made, such as 64MiB
    #[arg(long, default_value = "1GiB", value_parser = parse_size, conflicts_with = "file")]
    pub(super) size: u64,
    /// A file of yours, instead of one that is made; nobody should write to it
    /// meanwhile
    #[arg(long)]
    pub(super) file: Option<PathBuf>,
    /// How often each contender is timed
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub(super) runs: u16,
    /// Run one job only
    #[arg(long)]
    pub(super) only: Option<Job>,
    /// Write all figures to a file, as JSON
    #[arg(long)]
    pub(super) json: Option<PathBuf>,
    /// Write a page with tables and charts, in one file that needs no network
    #[arg(long)]
    pub(super) html: Option<PathBuf>,
    /// A file to put the tables into, between <!-- results: begin --> and
    /// <!-- results: end -->
    #[arg(long)]
    pub(super) into: Option<PathBuf>,
}

fn parse_size(text: &str) -> Result<u64, SizeError> {
    let fail = || SizeError(text.to_owned());
    let unit_at = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(unit_at);
    let factor = match unit.trim().to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "k" | "kib" => 1 << 10,
        "m" | "mib" => 1 << 20,
        "g" | "gib" => 1 << 30,
        "t" | "tib" => 1 << 40,
        "kb" => 1_000,
        "mb" => 1_000_000,
        "gb" => 1_000_000_000,
        _ => return Err(fail()),
    };
    let number: u64 = number.parse().map_err(|_| fail())?;
    // File offsets are signed, so no file can be larger.
    let size = number.checked_mul(factor).filter(|&size| i64::try_from(size).is_ok());
    size.filter(|&size| size > 0).ok_or_else(fail)
}

#[derive(Debug)]
struct SizeError(String);

impl fmt::Display for SizeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} is no size; write 64MiB, 1GiB or a number of bytes above 0", self.0)
    }
}

impl Error for SizeError {}
