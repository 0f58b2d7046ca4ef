//! `uncopied heap PID`.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Write};
use std::path::PathBuf;

use clap::Args;

use crate::command::Outcome;
use crate::memory::Target;
use crate::memory::heap::{Saved, Select, Walk, change_table, diff};

#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(in crate::command) struct HeapRequest {
    /// The process
    #[arg(value_parser = clap::value_parser!(i32).range(1..))]
    pid: i32,
    /// Keep all chunks in this file, to compare with later
    #[arg(long, value_name = "FILE")]
    label: Option<PathBuf>,
    /// What came and went since the chunks of this file, by size
    #[arg(long, value_name = "FILE")]
    diff: Option<PathBuf>,
    /// Only these chunks, a row each: size, address and arena are compared with numbers,
    /// kind with used, mmapped, tcache, fastbin, free or top
    #[arg(long, value_name = "CONDITION")]
    select: Option<Select>,
    /// How many sizes or chunks to show
    #[arg(long, default_value_t = 20)]
    top: usize,
    /// All figures as JSON, and the chunks too if some are selected
    #[arg(long, conflicts_with = "diff")]
    json: bool,
}

const EXAMPLES: &str = "\
Examples:
  uncopied heap 1234                          chunks by kind, arena and size
  uncopied heap 1234 --select 'size>=4096 and kind==used'
  uncopied heap 1234 --label before.heap      keep all chunks
  uncopied heap 1234 --diff before.heap       what came and went since
  uncopied heap 1234 --json                   for programs

The process stands still while its heap is read: about half a second for a GiB in a million chunks.";

impl HeapRequest {
    pub(in crate::command) fn run(&self) -> Outcome<()> {
        // Opened first: what cannot be compared with stops nobody.
        let before = self.diff.as_ref().map(|path| {
            let named = |error: &dyn std::error::Error| format!("{}: {error}", path.display());
            let file = File::open(path).map_err(|error| named(&error))?;
            Saved::read(BufReader::new(file)).map_err(|error| named(&error))
        });
        let before = before.transpose()?;
        let walk = Walk::of(&Target::open(self.pid)?)?;
        if let Some(path) = &self.label {
            let file = File::create(path).and_then(|file| walk.save(BufWriter::new(file)));
            file.map_err(|error| format!("cannot write {}: {error}", path.display()))?;
        }
        let mut out = io::stdout();
        if self.json {
            writeln!(out, "{}", walk.json(self.select.as_ref()))?;
        } else if let Some(before) = before {
            let taken = |chunks: &[_]| -> Vec<_> {
                let taken = |chunk: &&_| self.select.as_ref().is_none_or(|s| s.takes(chunk));
                chunks.iter().filter(taken).copied().collect()
            };
            let changes = diff(&taken(before.chunks()), &taken(walk.chunks()));
            out.write_all(change_table(&changes, self.top).as_bytes())?;
        } else if let Some(select) = &self.select {
            out.write_all(walk.chunk_table(select, self.top).as_bytes())?;
        } else {
            write!(out, "{}\n{}", walk.summary(), walk.sizes(None, self.top))?;
        }
        Ok(())
    }
}
