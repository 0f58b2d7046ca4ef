//! The `uncopied` command.

mod arguments;
mod comparison;
#[cfg(target_os = "linux")]
mod memory;
mod progress;
mod ratios;

use std::error::Error;
use std::io::{self, Write};
use std::process::ExitCode;

use clap::Parser;

use crate::jobs::{Job, run_as_child};
use arguments::{Action, Arguments};
use comparison::Comparison;

type Outcome<T> = Result<T, Box<dyn Error>>;

/// Runs the command with the program's arguments. The exit status is 2 for a
/// wrong call, 1 for a run that failed.
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let result = match arguments.action {
        Some(Action::RunAsChild(orders)) => run_as_child(&orders).map_err(Into::into),
        Some(Action::Ratios(request)) => ratios::run(&request),
        #[cfg(target_os = "linux")]
        Some(Action::Heap(request)) => request.run(),
        #[cfg(target_os = "linux")]
        Some(Action::Maps(request)) => request.run(),
        #[cfg(target_os = "linux")]
        Some(Action::Memory(request)) => request.run(),
        Some(Action::List) => list().map_err(Into::into),
        Some(Action::Report(options)) => Comparison::new(options).and_then(Comparison::run),
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

/// Whether whoever reads our output has had enough, as `head` has: then there is
/// nobody to tell, and nothing wrong. Failures of the jobs come wrapped.
fn is_closed_pipe(error: &(dyn Error + 'static)) -> bool {
    error.downcast_ref::<io::Error>().is_some_and(|e| e.kind() == io::ErrorKind::BrokenPipe)
}

/// Prints the jobs and who does them.
fn list() -> io::Result<()> {
    let mut out = io::stdout();
    for job in Job::ALL {
        writeln!(out, "{}: {}", job.name(), job.about())?;
        for contender in job.contenders() {
            let kind = format!("{:?}", contender.kind).to_lowercase();
            writeln!(out, "  {:<18} {kind:<9} {}", contender.name, contender.about)?;
        }
    }
    Ok(())
}
