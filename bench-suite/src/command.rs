//! The `uncopied` command.

use std::fmt;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, Subcommand};
use indicatif::{ProgressBar, ProgressDrawTarget};

use crate::jobs::{self, Case, Job, LogFile, race, send_as_child};
use crate::meter::{SwitchCost, switch_cost};
use crate::report::{Machine, Row, Table, write_json};

/// What copying costs, shown on a real file and a real socket: naive ways, other
/// people's and uncopied's, side by side, every byte verified.
#[derive(Parser)]
#[command(name = "uncopied", version, about)]
struct Arguments {
    #[command(subcommand)]
    internal: Option<Internal>,
    #[command(flatten)]
    options: Options,
}

#[derive(clap::Args)]
struct Options {
    /// The size of the log file that is made, such as 64MiB
    #[arg(long, default_value = "1GiB", value_parser = parse_size, conflicts_with = "file")]
    size: u64,
    /// A file of yours, to be sent instead
    #[arg(long)]
    file: Option<PathBuf>,
    /// How often each contender is timed
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u16).range(1..=1000))]
    runs: u16,
    /// Run one job only
    #[arg(long)]
    only: Option<Job>,
    /// Write all figures to a file
    #[arg(long)]
    json: Option<PathBuf>,
}

#[derive(Subcommand)]
enum Internal {
    /// One run of one contender; the command starts itself like this.
    #[command(hide = true)]
    SendAsChild(jobs::Orders),
}

/// The sizes of the send job, in bytes: the whole, and a tenth of it, which shows
/// what is quadratic.
const SEND_SIZES: [u64; 2] = [10_240_000, 102_400_000];

/// Runs the command with the program's arguments. The exit status is 2 for a
/// wrong call, 1 for a run that failed.
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let result = match &arguments.internal {
        Some(Internal::SendAsChild(orders)) => send_as_child(orders).map_err(Into::into),
        None => compare(&arguments.options),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("uncopied: {error}");
            ExitCode::FAILURE
        }
    }
}

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

fn compare(options: &Options) -> Outcome<()> {
    let machine = Machine::this();
    let cost = switch_cost().ok();
    let progress = Progress::new();
    println!(
        "uncopied {} on {}, {} cores, {}",
        env!("CARGO_PKG_VERSION"),
        machine.cpu,
        machine.cores,
        machine.os
    );
    let mut rows = Vec::new();
    for job in Job::ALL {
        if options.only.is_none_or(|only| only == job) {
            match job {
                Job::Send => send(options, &progress, &mut rows)?,
                Job::Pipeline => pipeline(options, &progress, &mut rows)?,
            }
        }
    }
    print_notes(cost.as_ref());
    if let Some(path) = &options.json {
        write_json(path, &machine, cost.as_ref(), &rows)
            .map_err(|error| format!("cannot write {}: {error}", path.display()))?;
    }
    if rows.iter().all(|row| row.verified) {
        Ok(())
    } else {
        Err("some bytes arrived wrong; see the column \"verified\"".into())
    }
}

fn send(options: &Options, progress: &Progress, rows: &mut Vec<Row>) -> Outcome<()> {
    let case = |size| Case { job: Job::Send, size, file: None };
    for size in SEND_SIZES {
        let size_text = grouped(size);
        println!("\nsend: {size_text} bytes from memory through a TCP socket with 64 KiB buffers");
        run(&case(size), &case(1), options, progress, rows)?;
    }
    Ok(())
}

fn pipeline(options: &Options, progress: &Progress, rows: &mut Vec<Row>) -> Outcome<()> {
    if let Some(path) = &options.file {
        return pipeline_over(path, options, progress, rows);
    }
    // Two sizes, so that one sees what grows with the size and what does not.
    for size in [(options.size / 16).max(1), options.size] {
        let file = log_file(size, progress)?;
        pipeline_over(&file.path(), options, progress, rows)?;
    }
    Ok(())
}

fn pipeline_over(
    path: &Path,
    options: &Options,
    progress: &Progress,
    rows: &mut Vec<Row>,
) -> Outcome<()> {
    let metadata = std::fs::metadata(path)
        .map_err(|error| format!("cannot read {}: {error}", path.display()))?;
    if !metadata.is_file() {
        return Err(format!("{} is no regular file; give one with --file", path.display()).into());
    }
    let case = |size, path: &Path| Case { job: Job::Pipeline, size, file: Some(path.into()) };
    let unit = log_file(1, progress)?;
    let size = metadata.len();
    let size_text = grouped(size);
    println!("\npipeline: header, a file of {size_text} bytes, trailer, through a TCP socket");
    run(&case(size, path), &case(1, &unit.path()), options, progress, rows)
}

fn log_file(size: u64, progress: &Progress) -> Outcome<LogFile> {
    LogFile::create(size, |done| progress.bytes(done, size)).map_err(|error| {
        format!("cannot make a log file of {} bytes: {error}", grouped(size)).into()
    })
}

fn run(
    case: &Case,
    unit: &Case,
    options: &Options,
    progress: &Progress,
    rows: &mut Vec<Row>,
) -> Outcome<()> {
    for contender in case.job.contenders().iter().filter(|c| c.up_to < case.size) {
        println!("({} is quadratic and runs on the smaller size only)", contender.name);
    }
    let new = race(case, unit, options.runs.into(), |what| progress.says(what))?;
    progress.clear();
    print!("\n{}", Table(&new));
    rows.extend(new);
    Ok(())
}

fn print_notes(cost: Option<&SwitchCost>) {
    println!(
        "\n* uncopied. \"copied by user\" is payload that memcpy and memmove moved in the sending \
         process, counted: what\nthe same contender moves for an input of one byte, its own \
         structs, is taken off. Copies of up to 128\nbytes that the compiler inlines are not \
         seen. \"by kernel\" is the sending side's, derived from the calls\nmade. Counts come \
         from a run of their own; times are medians of interleaved runs, until the receiver\nhas \
         checked every byte. \"x naive\" is the wall time over the first row's, run by run."
    );
    if let Some(SwitchCost { direct_ns, off_ns, on_ns }) = cost {
        println!(
            "The copy counter is switched off in timed runs: a memcpy of 64 bytes takes \
             {direct_ns:.1} ns without it,\n{off_ns:.1} ns with it switched off, {on_ns:.1} ns \
             switched on."
        );
    }
}

/// What is going on, shown on a terminal and nowhere else.
struct Progress(ProgressBar);

impl Progress {
    fn new() -> Self {
        let bar = ProgressBar::new_spinner();
        if std::io::stderr().is_terminal() {
            bar.enable_steady_tick(Duration::from_millis(100));
        } else {
            bar.set_draw_target(ProgressDrawTarget::hidden());
        }
        Self(bar)
    }

    fn says(&self, what: &str) {
        self.0.set_message(what.to_owned());
    }

    fn bytes(&self, done: u64, of: u64) {
        self.says(&format!("making the log file: {}%", done * 100 / of.max(1)));
    }

    fn clear(&self) {
        // The table that follows goes to another stream; the line is wiped so
        // that they do not mix on a terminal.
        self.says("");
        self.0.suspend(|| {});
    }
}

/// A number with its digits in groups of three.
fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let groups: Vec<&str> = digits
        .as_bytes()
        .rchunks(3)
        .rev()
        .map(|group| std::str::from_utf8(group).unwrap_or_default())
        .collect();
    groups.join(",")
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
        "kb" => 1_000,
        "mb" => 1_000_000,
        "gb" => 1_000_000_000,
        _ => return Err(fail()),
    };
    let number: u64 = number.parse().map_err(|_| fail())?;
    number.checked_mul(factor).filter(|&size| size > 0).ok_or_else(fail)
}

#[derive(Debug)]
struct SizeError(String);

impl fmt::Display for SizeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} is no size; write 64MiB, 1GiB or a number of bytes above 0", self.0)
    }
}

impl std::error::Error for SizeError {}
