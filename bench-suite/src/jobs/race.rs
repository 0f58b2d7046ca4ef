//! All contenders of a case, run in turn.

use std::fmt;
use std::io;

use super::receiver::Receiver;
use super::runner::{self, Ran};
use super::{Case, Job};
use crate::contenders::{Contender, Kind};
use crate::meter::{Figure, Reading};
use crate::report::Row;

/// A run that did not end well.
#[derive(Debug)]
pub struct Failure {
    job: Job,
    contender: &'static str,
    source: io::Error,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} failed: {}", self.job.name(), self.contender, self.source)
    }
}

impl std::error::Error for Failure {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.source)
    }
}

/// Runs each contender of `case` once to count, and `runs` times to take the
/// time, in turn. `progress` is told before each run who it is.
///
/// `unit` is the same job on one byte. What a contender copies there are its own
/// structs, moved about by the program: that is taken off what it copies on the
/// real input, so that what is left is payload.
///
/// # Errors
///
/// The first run that failed. A run whose bytes were wrong is no failure: its
/// row says that it is not verified.
pub fn race(
    case: &Case,
    unit: &Case,
    runs: usize,
    mut progress: impl FnMut(&str),
) -> Result<Vec<Row>, Failure> {
    let answers = Answers::find(case, unit)?;
    let mut tallies: Vec<Tally> = case.contenders().map(Tally::new).collect();
    for tally in &mut tallies {
        progress(&format!("{}: counting {}", case.job.name(), tally.contender.name));
        tally.own = Some(tally.run(unit, answers.unit, true)?);
        tally.counted = Some(tally.run(case, answers.case, true)?);
    }
    for round in 1..=runs {
        for tally in &mut tallies {
            progress(&format!("{}: {} {round}/{runs}", case.job.name(), tally.contender.name));
            let run = tally.run(case, answers.case, false)?;
            tally.timed.push(run);
        }
    }
    Ok(tallies.into_iter().map(|tally| tally.row(case)).collect())
}

/// What should be found in the input and in the one byte, if that is the job.
struct Answers {
    case: Option<u64>,
    unit: Option<u64>,
}

impl Answers {
    fn find(case: &Case, unit: &Case) -> Result<Self, Failure> {
        let answer = |case: &Case| match &case.file {
            Some(file) => case.job.answer(file),
            None => Ok(None),
        };
        let fail = |source| Failure { job: case.job, contender: "the oracle", source };
        Ok(Self { case: answer(case).map_err(fail)?, unit: answer(unit).map_err(fail)? })
    }
}

/// What is known so far of one contender.
struct Tally {
    contender: &'static Contender,
    verified: bool,
    own: Option<Ran>,
    counted: Option<Ran>,
    timed: Vec<Ran>,
}

impl Tally {
    fn new(contender: &'static Contender) -> Self {
        Self { contender, verified: true, own: None, counted: None, timed: Vec::new() }
    }

    /// Runs once. With an answer to compare, the contender's own is checked;
    /// without one, a receiver checks what it sends.
    fn run(&mut self, case: &Case, answer: Option<u64>, count: bool) -> Result<Ran, Failure> {
        let ran = match answer {
            Some(answer) => runner::spawn(case, self.contender, None, count)
                .inspect(|ran| self.verified &= ran.sample.answer == answer),
            None => self.send(case, count),
        };
        // A file that changed is the cause of whatever else went wrong.
        let ran = case.check_unchanged().and(ran);
        ran.map_err(|source| Failure { job: case.job, contender: self.contender.name, source })
    }

    fn send(&mut self, case: &Case, count: bool) -> io::Result<Ran> {
        let receiver = Receiver::start(case)?;
        let ran = runner::spawn(case, self.contender, Some(receiver.address()), count);
        let verified = receiver.finish();
        // If the sender failed, that is the cause; the receiver's end of the
        // story is only its consequence.
        let ran = ran?;
        self.verified &= verified?;
        Ok(ran)
    }

    fn row(self, case: &Case) -> Row {
        let unseen = || Figure::unavailable("no run was counted");
        let counted = reading(self.counted.as_ref());
        let copied = counted.map_or_else(unseen, |counted| counted.copied_bytes.clone());
        let own_bytes =
            reading(self.own.as_ref()).map_or_else(unseen, |own| own.copied_bytes.clone());
        let kernel_copied = self.counted.as_ref().map(|run| run.sample.kernel_copied);
        let (wall_samples, cpu_samples) =
            self.timed.iter().map(|run| (run.sample.wall_s, run.sample.cpu_s)).unzip();
        Row {
            job: case.job,
            contender: self.contender.name.to_owned(),
            about: self.contender.about.to_owned(),
            kind: self.contender.kind,
            baseline: self.contender.kind == Kind::Naive
                && case.contenders().find(|c| c.kind == Kind::Naive).map(|c| c.name)
                    == Some(self.contender.name),
            bytes: case.size,
            copied_bytes: without(copied, &own_bytes),
            own_bytes,
            kernel_copied_bytes: kernel_copied.map_or_else(unseen, Figure::Derived),
            allocs: counted.map_or_else(unseen, |counted| counted.allocs.clone()),
            syscalls: self.counted.as_ref().map_or_else(unseen, |run| run.syscalls.clone()),
            page_faults: median(self.timed.iter().map(|run| &run.sample.page_faults)),
            peak_rss_bytes: largest(self.timed.iter().map(|run| &run.sample.peak_rss)),
            wall_samples,
            cpu_samples,
            verified: self.verified,
        }
    }
}

fn reading(run: Option<&Ran>) -> Option<&Reading> {
    run?.sample.reading.as_ref()
}

fn without(whole: Figure, part: &Figure) -> Figure {
    match (whole, part) {
        (Figure::Counted(whole), Figure::Counted(part)) => {
            Figure::Counted(whole.saturating_sub(*part))
        }
        (whole, _) => whole,
    }
}

/// The middle one of some figures, or the first that is none.
fn median<'a>(figures: impl Iterator<Item = &'a Figure>) -> Figure {
    sorted(figures)
        .map_or_else(|missing| missing, |values| Figure::Counted(values[values.len() / 2]))
}

/// The largest of some figures, or the first that is none.
fn largest<'a>(figures: impl Iterator<Item = &'a Figure>) -> Figure {
    sorted(figures)
        .map_or_else(|missing| missing, |values| Figure::Counted(values[values.len() - 1]))
}

fn sorted<'a>(figures: impl Iterator<Item = &'a Figure>) -> Result<Vec<u64>, Figure> {
    let mut values =
        figures.map(|f| f.value().ok_or_else(|| f.clone())).collect::<Result<Vec<_>, _>>()?;
    values.sort_unstable();
    if values.is_empty() { Err(Figure::unavailable("no run was timed")) } else { Ok(values) }
}
