//! `uncopied maps PID`.

use std::io::{self, Write};
use std::thread;
use std::time::Duration;

use clap::Args;

use crate::command::Outcome;
use crate::memory::Target;
use crate::memory::maps::Map;

#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(in crate::command) struct MapsRequest {
    /// The process
    #[arg(value_parser = clap::value_parser!(i32).range(1..))]
    pid: i32,
    /// A row for each region, by address
    #[arg(long)]
    all: bool,
    /// Again every so many seconds, until the process ends
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u32).range(1..))]
    watch: Option<u32>,
    /// All regions and sums as JSON, in bytes
    #[arg(long, conflicts_with = "all")]
    json: bool,
}

const EXAMPLES: &str = "\
Examples:
  uncopied maps 1234                   what the memory of process 1234 is for
  uncopied maps $(pgrep -n python3)    that of the python3 that was started last
  uncopied maps 1234 --all             each region
  uncopied maps 1234 --watch 2         again every two seconds
  uncopied maps 1234 --json            for programs";

impl MapsRequest {
    pub(in crate::command) fn run(&self) -> Outcome<()> {
        let target = Target::open(self.pid)?;
        let mut out = io::stdout();
        loop {
            let map = Map::of(&target)?;
            if self.json {
                writeln!(out, "{}", map.json())?;
            } else if self.all {
                out.write_all(map.by_address().as_bytes())?;
            } else {
                out.write_all(map.by_purpose().as_bytes())?;
            }
            out.flush()?;
            let Some(seconds) = self.watch else { return Ok(()) };
            thread::sleep(Duration::from_secs(seconds.into()));
        }
    }
}
