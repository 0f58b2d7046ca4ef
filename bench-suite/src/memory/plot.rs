//! The memory of a command and its children, over time.
//!
//! ```
//! use std::process::Command;
//! use std::time::Duration;
//! use bench_suite::memory::plot::record;
//!
//! let (recording, status) = record(Command::new("true"), Duration::from_millis(1))?;
//! assert!(status.success());
//! assert!(recording.svg("true").ends_with("</svg>\n"));
//! # Ok::<(), bench_suite::memory::MemoryError>(())
//! ```

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs;
use std::process::{Command, ExitStatus};
use std::thread;
use std::time::{Duration, Instant};

use super::MemoryError;
use super::error::Kind;

/// What a command's processes had resident, again and again.
#[derive(Clone, Debug, Default)]
pub struct Recording {
    samples: Vec<Sample>,
    names: BTreeMap<i32, String>,
}

/// One look.
#[derive(Clone, Debug)]
pub struct Sample {
    /// Since the command was started.
    pub at: Duration,
    /// The resident bytes of each process. Pages that several have are in each.
    pub rss: BTreeMap<i32, u64>,
}

impl Sample {
    /// The bytes of all processes.
    pub fn total(&self) -> u64 {
        self.rss.values().sum()
    }
}

/// Starts a command and looks at it and its children `every` so often, until it ends.
///
/// A look takes some 20 µs for each process, and the command is not disturbed. What comes
/// and goes between two looks is not seen. Children whose parent has ended are still seen
/// where the kernel gives them to this process (`PR_SET_CHILD_SUBREAPER`); other children
/// of this process are not looked at.
///
/// # Errors
///
/// If the command cannot be started.
pub fn record(
    mut command: Command,
    every: Duration,
) -> Result<(Recording, ExitStatus), MemoryError> {
    let program = command.get_program().display().to_string();
    let failed = |what: &str, error: std::io::Error| {
        MemoryError::new(Kind::System, format!("cannot {what} {program}: {error}"))
    };
    // Refused by very old kernels only; then such children are not seen.
    let _ = nix::sys::prctl::set_child_subreaper(true);
    let others: BTreeSet<i32> = children(own_pid()).into_iter().collect();
    let started = Instant::now();
    let mut child = command.spawn().map_err(|error| failed("start", error))?;
    let mut recording = Recording::default();
    loop {
        if let Some(status) = child.try_wait().map_err(|error| failed("wait for", error))? {
            return Ok((recording, status));
        }
        recording.look(started.elapsed(), &others);
        thread::sleep(every);
    }
}

impl Recording {
    /// All looks, in order.
    pub fn samples(&self) -> &[Sample] {
        &self.samples
    }

    /// The most that all processes had at once, and when.
    pub fn peak(&self) -> Option<(Duration, u64)> {
        let most = self.samples.iter().max_by_key(|sample| sample.total())?;
        Some((most.at, most.total()))
    }

    /// The process that had that number, by its last name.
    pub fn name(&self, pid: i32) -> &str {
        self.names.get(&pid).map_or("", String::as_str)
    }

    fn look(&mut self, at: Duration, others: &BTreeSet<i32>) {
        let mut rss = BTreeMap::new();
        let mut stack: Vec<i32> = children(own_pid());
        stack.retain(|pid| !others.contains(pid));
        while let Some(pid) = stack.pop() {
            // One that has just ended has no memory left.
            let Some((name, bytes)) = resident(pid) else { continue };
            if rss.insert(pid, bytes).is_none() {
                self.names.insert(pid, name);
                stack.extend(children(pid));
            }
        }
        self.samples.push(Sample { at, rss });
    }

    /// A picture: a line for all together, and one for each process that had most, up to
    /// eight.
    pub fn svg(&self, title: &str) -> String {
        let mut most: BTreeMap<i32, u64> = BTreeMap::new();
        for (&pid, &bytes) in self.samples.iter().flat_map(|sample| &sample.rss) {
            let peak = most.entry(pid).or_default();
            *peak = bytes.max(*peak);
        }
        let mut pids: Vec<i32> = most.keys().copied().collect();
        pids.sort_by_key(|pid| std::cmp::Reverse(most[pid]));
        pids.truncate(8);
        let axes = Axes::of(self);
        let mut svg = axes.frame(title);
        axes.line(&mut svg, "all", 0, self.samples.iter().map(|s| (s.at, Some(s.total()))));
        if most.len() > 1 {
            for (index, pid) in pids.iter().enumerate() {
                let name = format!("{} {pid}", self.name(*pid));
                let points = self.samples.iter().map(|s| (s.at, s.rss.get(pid).copied()));
                axes.line(&mut svg, &name, index + 1, points);
            }
        }
        svg + "</svg>\n"
    }
}

fn own_pid() -> i32 {
    std::process::id().try_into().expect("process numbers are small")
}

/// The children of all threads of a process.
fn children(pid: i32) -> Vec<i32> {
    let tasks = fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten();
    let lists = tasks.filter_map(|task| fs::read_to_string(task.path().join("children")).ok());
    lists
        .flat_map(|list| list.split_whitespace().flat_map(str::parse).collect::<Vec<i32>>())
        .collect()
}

/// A process's name and resident bytes.
fn resident(pid: i32) -> Option<(String, u64)> {
    let process = procfs::process::Process::new(pid).ok()?;
    let stat = process.stat().ok().filter(|stat| stat.state != 'Z')?;
    let pages = process.statm().ok()?.resident;
    Some((stat.comm, pages * procfs::page_size()))
}

struct Axes {
    seconds: f64,
    mib: f64,
}

const WIDTH: f64 = 860.0;
const HEIGHT: f64 = 360.0;
const LEFT: f64 = 70.0;
const RIGHT: f64 = 160.0;
const TOP: f64 = 30.0;
const BOTTOM: f64 = 30.0;
const COLOURS: [&str; 9] = [
    "#222222", "#1b6ca8", "#c0392b", "#1e8449", "#b7791f", "#6c3483", "#148f77", "#5d6d7e",
    "#d35400",
];

#[expect(clippy::cast_precision_loss, reason = "a place in a picture")]
impl Axes {
    fn of(recording: &Recording) -> Self {
        let last = recording.samples.last().map_or(0.0, |sample| sample.at.as_secs_f64());
        let most = recording.peak().map_or(0, |(_, bytes)| bytes);
        Self { seconds: last.max(1e-3), mib: (most as f64 / f64::from(1 << 20)).max(1.0) }
    }

    fn x(&self, at: Duration) -> f64 {
        LEFT + at.as_secs_f64() / self.seconds * (WIDTH - LEFT - RIGHT)
    }

    fn y(&self, bytes: u64) -> f64 {
        let share = bytes as f64 / f64::from(1 << 20) / self.mib;
        HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM)
    }

    /// The head of the picture, with five lines across.
    fn frame(&self, title: &str) -> String {
        let title = escaped(title);
        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" \
             font-family=\"sans-serif\" font-size=\"12\" role=\"img\" \
             aria-label=\"Memory over time\">\n\
             <text x=\"{LEFT}\" y=\"16\">{title}: resident MiB over seconds</text>\n"
        );
        for part in 0..=4 {
            let share = f64::from(part) / 4.0;
            let y = HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM);
            let x = LEFT + share * (WIDTH - LEFT - RIGHT);
            // A string takes all text.
            let _ = writeln!(
                svg,
                "<path d=\"M{LEFT} {y:.1}H{:.1}\" stroke=\"#ddd\"/>\
                 <text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{:.1}</text>\
                 <text x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{:.2}</text>",
                WIDTH - RIGHT,
                LEFT - 6.0,
                y + 4.0,
                share * self.mib,
                HEIGHT - 10.0,
                share * self.seconds,
            );
        }
        svg
    }

    /// One line, with gaps where there is nothing.
    fn line(
        &self,
        svg: &mut String,
        name: &str,
        index: usize,
        points: impl Iterator<Item = (Duration, Option<u64>)>,
    ) {
        let mut path = String::new();
        let mut goes_on = false;
        for (at, bytes) in points {
            if let Some(bytes) = bytes {
                let letter = if goes_on { 'L' } else { 'M' };
                let _ = write!(path, "{letter}{:.1} {:.1}", self.x(at), self.y(bytes));
            }
            goes_on = bytes.is_some();
        }
        let (colour, x, y) =
            (COLOURS[index], WIDTH - RIGHT + 10.0, TOP + 10.0 + 18.0 * index as f64);
        let _ = writeln!(
            svg,
            "<path d=\"{path}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"1.5\"/>\
             <text x=\"{x}\" y=\"{y}\" fill=\"{colour}\">{}</text>",
            escaped(name)
        );
    }
}

/// Text for SVG, control characters left out.
fn escaped(text: &str) -> String {
    let text: String = text.chars().filter(|letter| !letter.is_control()).collect();
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
