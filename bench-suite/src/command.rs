//! The `uncopied` command.

use std::error::Error;
use std::fmt;
use std::fs::{self, File};
use std::io::{self, IsTerminal, Write};
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
        None => Comparison::new(arguments.options).and_then(Comparison::run),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if is_closed_pipe(&*error) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("uncopied: {error}");
            ExitCode::FAILURE
        }
    }
}

type Outcome<T> = Result<T, Box<dyn Error>>;

/// Whether whoever reads our output has had enough, as `head` has: then there is
/// nobody to tell, and nothing wrong. Failures of the jobs come wrapped.
fn is_closed_pipe(error: &(dyn Error + 'static)) -> bool {
    error.downcast_ref::<io::Error>().is_some_and(|e| e.kind() == io::ErrorKind::BrokenPipe)
}

/// One call of the command.
struct Comparison {
    options: Options,
    machine: Machine,
    counter_cost: Option<SwitchCost>,
    /// Opened first, so that a long run does not end in a path that cannot be
    /// written.
    json: Option<File>,
    progress: Progress,
    out: io::Stdout,
    rows: Vec<Row>,
}

impl Comparison {
    fn new(options: Options) -> Outcome<Self> {
        let create = |path: &PathBuf| {
            File::create(path).map_err(|error| format!("cannot write {}: {error}", path.display()))
        };
        if let Some(path) = &options.file {
            size_of_input(path)?;
        }
        Ok(Self {
            json: options.json.as_ref().map(create).transpose()?,
            options,
            machine: Machine::this(),
            counter_cost: switch_cost().ok(),
            progress: Progress::new(),
            out: io::stdout(),
            rows: Vec::new(),
        })
    }

    fn run(mut self) -> Outcome<()> {
        let Machine { cpu, cores, os, .. } = &self.machine;
        writeln!(self.out, "uncopied {} on {cpu}, {cores} cores, {os}", env!("CARGO_PKG_VERSION"))?;
        let wanted = |job: &Job| self.options.only.is_none_or(|only| only == *job);
        for job in Job::ALL.into_iter().filter(wanted).collect::<Vec<_>>() {
            match job {
                Job::Send => self.send()?,
                Job::Pipeline => self.pipeline()?,
            }
        }
        self.write_notes()?;
        if let Some(json) = self.json {
            write_json(json, &self.machine, self.counter_cost.as_ref(), &self.rows)?;
        }
        if self.rows.iter().all(|row| row.verified) {
            Ok(())
        } else {
            Err("some bytes arrived wrong; see the column \"verified\"".into())
        }
    }

    fn send(&mut self) -> Outcome<()> {
        let case = |size| Case { job: Job::Send, size, file: None };
        for size in SEND_SIZES {
            let size_text = grouped(size);
            let title = format!("{size_text} bytes from memory, TCP socket with 64 KiB buffers");
            self.race(&case(size), &case(1), &title)?;
        }
        Ok(())
    }

    fn pipeline(&mut self) -> Outcome<()> {
        if let Some(path) = self.options.file.clone() {
            return self.pipeline_over(&path);
        }
        // Two sizes, so that one sees what grows with the size and what does not.
        let size = self.options.size;
        for size in [(size / 16).max(1), size] {
            let file = self.log_file(size)?;
            self.pipeline_over(&file.path())?;
        }
        Ok(())
    }

    fn pipeline_over(&mut self, path: &Path) -> Outcome<()> {
        let size = size_of_input(path)?;
        let unit = self.log_file(1)?;
        let case = |size, path: &Path| Case { job: Job::Pipeline, size, file: Some(path.into()) };
        let title = format!("header, a file of {} bytes, trailer, TCP socket", grouped(size));
        self.race(&case(size, path), &case(1, &unit.path()), &title)
    }

    fn race(&mut self, case: &Case, unit: &Case, title: &str) -> Outcome<()> {
        writeln!(self.out, "\n{}: {title}", case.job.name())?;
        for left_out in case.job.contenders().iter().filter(|c| c.up_to < case.size) {
            writeln!(self.out, "({} is quadratic and runs on less only)", left_out.name)?;
        }
        let rows = race(case, unit, self.options.runs.into(), |what| self.progress.says(what))?;
        self.progress.clear();
        write!(self.out, "\n{}", Table(&rows))?;
        self.rows.extend(rows);
        Ok(())
    }

    fn log_file(&self, size: u64) -> Outcome<LogFile> {
        LogFile::create(size, |done| self.progress.percent(done, size)).map_err(|error| {
            format!("cannot make a log file of {} bytes: {error}", grouped(size)).into()
        })
    }

    fn write_notes(&mut self) -> io::Result<()> {
        self.out.write_all(NOTES.as_bytes())?;
        if let Some(SwitchCost { direct_ns, off_ns, on_ns }) = self.counter_cost {
            writeln!(
                self.out,
                "The copy counter is switched off in timed runs: a memcpy of 64 bytes takes \
                 {direct_ns:.1} ns without it,\n{off_ns:.1} ns with it switched off, {on_ns:.1} \
                 ns switched on."
            )?;
        }
        Ok(())
    }
}

const NOTES: &str = "
* uncopied. \"copied by user\" is payload that memcpy and memmove moved in the sending process,
counted: what the same contender moves for an input of one byte, its own structs, is taken off.
Copies of up to 128 bytes that the compiler inlines are not seen. \"by kernel\" is the sending
side's, derived from the calls made. Counts come from a run of their own; times are medians of
interleaved runs, until the receiver has checked every byte. \"x naive\" is the wall time over
the first row's, run by run.
";

/// The size of a file that the user named, if it can be sent.
fn size_of_input(path: &Path) -> Outcome<u64> {
    let shown = path.display();
    let metadata = fs::metadata(path).map_err(|error| format!("cannot read {shown}: {error}"))?;
    if !metadata.is_file() {
        return Err(format!("{shown} is no regular file; give one with --file").into());
    }
    if metadata.len() == 0 {
        return Err(format!("{shown} is empty, so there is nothing to compare").into());
    }
    File::open(path).map_err(|error| format!("cannot read {shown}: {error}"))?;
    Ok(metadata.len())
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

    fn percent(&self, done: u64, of: u64) {
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

impl Error for SizeError {}
