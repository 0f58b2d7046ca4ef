//! `uncopied memory summary`, `diff`, `dominators`, `pinners`, `dumper`.

use std::fs::File;
use std::io::{self, BufReader, Write};
use std::path::{Path, PathBuf};

use clap::Args;

use crate::command::Outcome;
use crate::memory::MemoryError;
use crate::memory::objects::{
    DUMPER, Dominators, Snapshot, Summary, change_table, changes, pinner_kinds, pinner_table,
    who_pins,
};

pub(super) const SUMMARY: &str = "\
Examples:
  uncopied memory dumper > dump.py; python3 -c 'import dump; dump.dump(\"objects.json\")'
  uncopied memory summary objects.json";

pub(super) const DIFF: &str = "\
Examples:
  uncopied memory diff before.json after.json";

pub(super) const DOMINATORS: &str = "\
Examples:
  uncopied memory dominators objects.json
  uncopied memory dominators objects.json --top 5";

pub(super) const PINNERS: &str = "\
Examples:
  uncopied memory pinners objects.json                      who keeps most, by kind
  uncopied memory pinners objects.json --of 140234866534400 who keeps one object";

pub(super) const DUMP: &str = "\
Examples:
  uncopied memory dumper > dump.py
  python3 -c 'import dump; dump.dump(\"objects.json\")'";

#[derive(Args)]
pub(super) struct One {
    /// A snapshot: JSON lines in Meliae's shape
    file: PathBuf,
    /// How many rows to show
    #[arg(long, default_value_t = 20)]
    top: usize,
}

#[derive(Args)]
pub(super) struct Two {
    /// The earlier snapshot
    before: PathBuf,
    /// The later one
    after: PathBuf,
    /// How many rows to show
    #[arg(long, default_value_t = 20)]
    top: usize,
}

#[derive(Args)]
pub(super) struct Pinners {
    #[command(flatten)]
    one: One,
    /// The address of an object, as the snapshot has it
    #[arg(long, value_name = "ADDRESS", value_parser = address)]
    of: Option<u64>,
}

fn address(text: &str) -> Result<u64, std::num::ParseIntError> {
    match text.strip_prefix("0x") {
        Some(hex) => u64::from_str_radix(hex, 16),
        None => text.parse(),
    }
}

fn read<T>(
    path: &Path,
    read: impl FnOnce(BufReader<File>) -> Result<T, MemoryError>,
) -> Outcome<T> {
    let named = |error: &dyn std::error::Error| format!("{}: {error}", path.display());
    let file = File::open(path).map_err(|error| named(&error))?;
    Ok(read(BufReader::with_capacity(1 << 18, file)).map_err(|error| named(&error))?)
}

pub(super) fn summary(request: &One) -> Outcome<()> {
    print(&read(&request.file, Summary::read)?.table(request.top))
}

pub(super) fn diff(request: &Two) -> Outcome<()> {
    let before = read(&request.before, Summary::read)?;
    let after = read(&request.after, Summary::read)?;
    print(&change_table(&changes(&before, &after), request.top))
}

pub(super) fn dominators(request: &One) -> Outcome<()> {
    let snapshot = read(&request.file, Snapshot::read)?;
    print(&Dominators::of(&snapshot).table(&snapshot, request.top))?;
    unknown(&snapshot)
}

pub(super) fn pinners(request: &Pinners) -> Outcome<()> {
    let One { file, top } = &request.one;
    let snapshot = read(file, Snapshot::read)?;
    let object = match request.of {
        None => None,
        Some(address) => {
            let found = snapshot.find(address);
            Some(found.ok_or_else(|| format!("{}: nothing is at {address}", file.display()))?)
        }
    };
    let dominators = Dominators::of(&snapshot);
    match object {
        Some(object) => print(&who_pins(&snapshot, &dominators, object, *top))?,
        None => print(&pinner_table(&pinner_kinds(&snapshot, &dominators), *top))?,
    }
    unknown(&snapshot)
}

pub(super) fn dumper() -> Outcome<()> {
    print(DUMPER)
}

fn unknown(snapshot: &Snapshot) -> Outcome<()> {
    match snapshot.unknown_refs() {
        0 => Ok(()),
        refs => print(&format!("{refs} references led to nothing in the snapshot\n")),
    }
}

fn print(text: &str) -> Outcome<()> {
    Ok(io::stdout().write_all(text.as_bytes())?)
}
