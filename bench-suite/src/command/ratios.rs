//! The ratios of criterion groups, printed or put where a file has room for them.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::Command;
use std::str::FromStr;

use clap::Args;

use super::Outcome;
use crate::report::{Estimate, Machine, Marked, RATIO_NOTES, Ratios, day, estimates};

#[derive(Args)]
pub(super) struct Request {
    /// Groups that `cargo bench` has measured, each with the contender that the others
    /// are held against, such as slice/bytes
    #[arg(required = true, value_name = "GROUP/CONTENDER")]
    groups: Vec<Against>,
    /// The folder with criterion's files
    #[arg(long, default_value_os_t = criterion_folder())]
    criterion: PathBuf,
    /// A file to put the tables into, between <!-- ratios: begin --> and <!-- ratios: end -->
    #[arg(long)]
    into: Option<PathBuf>,
}

#[derive(Clone)]
struct Against {
    group: String,
    contender: String,
}

impl FromStr for Against {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (group, contender) = text.split_once('/').ok_or("write GROUP/CONTENDER")?;
        Ok(Self { group: group.into(), contender: contender.into() })
    }
}

fn criterion_folder() -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| "target".into());
    PathBuf::from(target).join("criterion")
}

pub(super) fn run(request: &Request) -> Outcome<()> {
    let measured = estimates(&request.criterion)?;
    let mut tables = String::new();
    let mut oldest: Option<&Estimate> = None;
    for Against { group, contender } in &request.groups {
        tables += "\n";
        tables += &Ratios::new(&measured, group, contender)?.to_string();
        // Sorted by time, so the first of a group is its oldest.
        let first = measured.iter().find(|estimate| estimate.group == *group);
        oldest = oldest.into_iter().chain(first).min_by_key(|estimate| estimate.measured);
    }
    let since = oldest.map(|estimate| day(estimate.measured)).unwrap_or_default();
    let text = format!("{}\n{RATIO_NOTES}\n{tables}", origin(&since));
    match &request.into {
        Some(file) => Ok(Marked::find(file, "ratios")?.replace(&text)?),
        None => Ok(io::stdout().write_all(text.as_bytes())?),
    }
}

/// Where the figures come from.
fn origin(since: &str) -> String {
    let Machine { cpu, cores, os, .. } = Machine::this();
    let rustc = Command::new("rustc").arg("--version").output();
    let rustc = rustc.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
    let rustc = rustc.unwrap_or_else(|_| "an unknown rustc".into());
    format!("Measured by `cargo bench` since {since}: {cpu}, {cores} cores, {os}, {rustc}.\n")
}
