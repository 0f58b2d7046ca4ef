//! One comparison: the jobs, their inputs, and what is written about them.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::Outcome;
use super::arguments::Options;
use super::progress::Progress;
use crate::jobs::{Case, Job, LogFile, race};
use crate::meter::{SwitchCost, switch_cost};
use crate::report::{Machine, Marked, NOTES, Page, Row, Table, day, grouped, write_json};

/// The sizes of the send job, in bytes: the whole, and a tenth of it, which shows
/// what is quadratic.
const SEND_SIZES: [u64; 2] = [10_240_000, 102_400_000];

pub(super) struct Comparison {
    options: Options,
    machine: Machine,
    counter_cost: Option<SwitchCost>,
    // Opened first, so that a long run does not end in a path that cannot be
    // written.
    json: Option<File>,
    html: Option<File>,
    into: Option<Marked>,
    /// What is put there.
    tables: String,
    /// The file that the jobs are about, and one of one byte.
    input: Option<Input>,
    unit: LogFile,
    progress: Progress,
    out: io::Stdout,
    sections: Vec<(String, Vec<Row>)>,
}

impl Comparison {
    pub(super) fn new(options: Options) -> Outcome<Self> {
        let input = options.file.as_deref().map(Input::of_user).transpose()?;
        let progress = Progress::new();
        Ok(Self {
            json: options.json.as_deref().map(create).transpose()?,
            html: options.html.as_deref().map(create).transpose()?,
            into: options.into.as_deref().map(|f| Marked::find(f, "results")).transpose()?,
            tables: String::new(),
            unit: log_file(1, &progress)?,
            input,
            options,
            machine: Machine::this(),
            counter_cost: switch_cost().ok(),
            progress,
            out: io::stdout(),
            sections: Vec::new(),
        })
    }

    pub(super) fn run(mut self) -> Outcome<()> {
        let Machine { cpu, cores, os, .. } = &self.machine;
        writeln!(self.out, "uncopied {} on {cpu}, {cores} cores, {os}", env!("CARGO_PKG_VERSION"))?;
        for job in Job::ALL {
            if self.options.only.is_none_or(|only| only == job) {
                self.job(job)?;
            }
        }
        self.out.write_all(b"\n")?;
        self.out.write_all(NOTES.as_bytes())?;
        if let Some(cost) = &self.counter_cost {
            writeln!(self.out, "{cost}")?;
        }
        self.write_files()?;
        if self.sections.iter().flat_map(|(_, rows)| rows).all(|row| row.verified) {
            Ok(())
        } else {
            Err("some bytes were wrong; see the column \"verified\"".into())
        }
    }

    fn job(&mut self, job: Job) -> Outcome<()> {
        if job == Job::Send {
            for size in SEND_SIZES {
                let case = |size| Case { job, size, file: None, text: true };
                let title =
                    format!("{} bytes from memory, TCP socket with 64 KiB buffers", grouped(size));
                self.race(&case(size), &case(1), &title)?;
            }
            return Ok(());
        }
        if job == Job::Pipeline && self.options.file.is_none() {
            // Two sizes, so that one sees what grows with the size and what does
            // not.
            let small = Input::made(log_file((self.options.size / 16).max(1), &self.progress)?)?;
            self.over(job, &small)?;
        }
        let input = match self.input.take() {
            Some(input) => input,
            None => Input::made(log_file(self.options.size, &self.progress)?)?,
        };
        let done = self.over(job, &input);
        self.input = Some(input);
        done
    }

    fn over(&mut self, job: Job, input: &Input) -> Outcome<()> {
        let case = Case { job, size: input.size, file: Some(input.path.clone()), text: input.text };
        let unit = Case { size: 1, file: Some(self.unit.path()), ..case.clone() };
        let size = grouped(input.size);
        let title = match job {
            Job::Slice => format!("the fields of a log of {size} bytes in memory"),
            Job::Read => format!("a file of {size} bytes, its bytes summed, its lines counted"),
            Job::Send | Job::Pipeline => {
                format!("header, a file of {size} bytes, trailer, TCP socket")
            }
        };
        self.race(&case, &unit, &title)
    }

    fn race(&mut self, case: &Case, unit: &Case, title: &str) -> Outcome<()> {
        let title = format!("{}: {title}", case.job.name());
        writeln!(self.out, "\n{title}")?;
        self.tables.extend(["\n**", &title, "**\n"]);
        for contender in case.job.contenders() {
            if let Some(why) = case.left_out(contender) {
                let note = format!("({} is left out: {why})\n", contender.name);
                self.out.write_all(note.as_bytes())?;
                self.tables.extend(["\n", &note]);
            }
        }
        let rows = race(case, unit, self.options.runs.into(), |what| self.progress.says(what))?;
        let (out, table) = (&mut self.out, format!("\n{}", Table(&rows)));
        self.progress.pause(|| {
            out.write_all(table.as_bytes())?;
            out.flush()
        })?;
        self.tables.push('\n');
        for line in table.lines() {
            // What each name does stands behind a table on the terminal, and would be more
            // rows of it on a page.
            if line.starts_with('|') {
                self.tables.extend([line, "\n"]);
            } else if line.contains("too noisy") {
                self.tables.extend(["\n(", line.trim(), ")\n"]);
            }
        }
        self.sections.push((title, rows));
        Ok(())
    }

    /// The tables with where they come from, and the notes.
    fn markdown(&self) -> String {
        let Machine { cpu, cores, os, .. } = &self.machine;
        let today = day(SystemTime::now());
        let cost = self.counter_cost.as_ref().map(|cost| format!("{cost}\n")).unwrap_or_default();
        // A star at the beginning of a line would be a list.
        let notes = NOTES.replacen('*', "\\*", 1);
        let tables = &self.tables;
        format!(
            "Printed by `cargo run --release` on {today}: {cpu}, {cores} cores, {os}. Times are worth\n\
             what their ratios in one run are worth. (`uncopied list` says what each name does.)\n\
             {tables}\n{notes}{cost}"
        )
    }

    fn write_files(&mut self) -> Outcome<()> {
        let rows = || self.sections.iter().flat_map(|(_, rows)| rows);
        let cost = self.counter_cost.as_ref();
        if let Some((file, path)) = self.json.take().zip(self.options.json.as_deref()) {
            write_json(file, &self.machine, cost, rows()).map_err(|e| cannot_write(path, &e))?;
        }
        if let Some((mut file, path)) = self.html.take().zip(self.options.html.as_deref()) {
            let page = Page { machine: &self.machine, sections: &self.sections, cost };
            write!(file, "{page}").map_err(|e| cannot_write(path, &e))?;
        }
        if let Some(marked) = &self.into {
            marked.replace(&self.markdown())?;
        }
        Ok(())
    }
}

/// A file that jobs are about.
struct Input {
    path: PathBuf,
    size: u64,
    text: bool,
    /// Keeps a file that was made; a user's is only named.
    _made: Option<LogFile>,
}

impl Input {
    fn made(log: LogFile) -> Outcome<Self> {
        let path = log.path();
        let size = fs::metadata(&path)?.len();
        Ok(Self { path, size, text: true, _made: Some(log) })
    }

    fn of_user(path: &Path) -> Outcome<Self> {
        let shown = path.display();
        let cannot = |error: io::Error| format!("cannot read {shown}: {error}");
        let metadata = fs::metadata(path).map_err(cannot)?;
        if !metadata.is_file() {
            return Err(format!("{shown} is no regular file; give one with --file").into());
        }
        if metadata.len() == 0 {
            return Err(format!("{shown} is empty, so there is nothing to compare").into());
        }
        let text = is_text(path).map_err(cannot)?;
        Ok(Self { path: path.into(), size: metadata.len(), text, _made: None })
    }
}

/// Whether a file is lines of UTF-8 that end in a newline and nothing else.
fn is_text(path: &Path) -> io::Result<bool> {
    let mut file = BufReader::with_capacity(1 << 20, File::open(path)?);
    let mut line = Vec::new();
    while file.read_until(b'\n', &mut line)? > 0 {
        let is_text = line.ends_with(b"\n") && !line.ends_with(b"\r\n");
        if !is_text || std::str::from_utf8(&line).is_err() {
            return Ok(false);
        }
        line.clear();
    }
    Ok(true)
}

fn log_file(size: u64, progress: &Progress) -> Outcome<LogFile> {
    LogFile::create(size, |done| progress.percent(done, size)).map_err(|error| {
        let dir = std::env::temp_dir();
        let (size, dir) = (grouped(size), dir.display());
        format!("cannot make a log file of {size} bytes in {dir}: {error}; try a smaller --size or another TMPDIR").into()
    })
}

fn create(path: &Path) -> Outcome<File> {
    File::create(path).map_err(|error| cannot_write(path, &error).into())
}

fn cannot_write(path: &Path, error: &io::Error) -> String {
    format!("cannot write {}: {error}", path.display())
}
