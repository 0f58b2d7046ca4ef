//! `uncopied memory plot -- COMMAND`.

use std::ffi::OsString;
use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use clap::Args;

use crate::command::Outcome;
use crate::memory::plot::record;
use crate::report::grouped;

pub(super) const PLOT: &str = "\
Examples:
  uncopied memory plot -- python3 -c 'x = [b\"x\" * 10**6 for i in range(100)]'
  uncopied memory plot --out build.svg --every 50 -- cargo build";

#[derive(Args)]
pub(super) struct Plot {
    /// The picture
    #[arg(long, default_value = "memory.svg", value_name = "FILE")]
    out: PathBuf,
    /// Milliseconds between two looks
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=60_000))]
    every: u32,
    /// The command, with its arguments
    #[arg(required = true, last = true)]
    command: Vec<OsString>,
}

pub(super) fn run(request: &Plot) -> Outcome<()> {
    let cannot = |error: std::io::Error| format!("cannot write {}: {error}", request.out.display());
    // Written to first, so that a long run does not end in a path that cannot be.
    fs::write(&request.out, "").map_err(cannot)?;
    let (program, arguments) = request.command.split_first().expect("clap asks for one");
    let mut command = Command::new(program);
    command.args(arguments);
    let (recording, status) = record(command, Duration::from_millis(request.every.into()))?;
    fs::write(&request.out, recording.svg(&program.to_string_lossy())).map_err(cannot)?;
    let looks = recording.samples().len();
    let (at, peak) = recording.peak().unwrap_or_default();
    // The command may have printed to standard output.
    eprintln!(
        "{}: {looks} looks, most memory {} KiB after {:.2} s",
        request.out.display(),
        grouped(peak >> 10),
        at.as_secs_f64()
    );
    if status.success() { Ok(()) } else { Err(format!("{}: {status}", program.display()).into()) }
}
