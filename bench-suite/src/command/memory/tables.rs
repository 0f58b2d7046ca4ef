//! `uncopied memory`: tables, and tools over snapshots.

use std::fs;
use std::io::{self, Write};
use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{objects, plot};
use crate::command::Outcome;
use crate::memory::python::Python;
use crate::memory::{growth, sizes, slots};

#[derive(Args)]
pub(in crate::command) struct MemoryRequest {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    /// What values of everyday types take, in CPython and in Rust
    #[command(after_help = SIZES)]
    Sizes(Sizes),
    /// What containers take at each step as they grow
    #[command(after_help = GROWTH)]
    Growth(GrowthRequest),
    /// One address a million times, as structs, maps, and objects of CPython
    #[command(after_help = SLOTS)]
    Slots(Slots),
    /// The objects of a snapshot, by kind
    #[command(after_help = objects::SUMMARY)]
    Summary(objects::One),
    /// What came and went between two snapshots, by kind
    #[command(after_help = objects::DIFF)]
    Diff(objects::Two),
    /// Which objects alone keep most others alive
    #[command(after_help = objects::DOMINATORS)]
    Dominators(objects::One),
    /// Who keeps what alive, by kind or for one object
    #[command(after_help = objects::PINNERS)]
    Pinners(objects::Pinners),
    /// Print a script that makes a snapshot of a CPython
    #[command(after_help = objects::DUMP)]
    Dumper,
    /// Draw the memory of a command and its children over time
    #[command(after_help = plot::PLOT)]
    Plot(plot::Plot),
}

const SIZES: &str = "\
Examples:
  uncopied memory sizes
  uncopied memory sizes --python python3.12 --python python3.13";

const GROWTH: &str = "\
Examples:
  uncopied memory growth                        up to 100,000 entries
  uncopied memory growth --entries 1000 --svg growth.svg";

const SLOTS: &str = "\
Examples:
  uncopied memory slots
  uncopied memory slots --count 100000 --python python3.13";

#[derive(Args)]
struct Pythons {
    /// An interpreter to ask; python2.7 and python3, as far as they are there, if none is
    /// named
    #[arg(long = "python", value_name = "PATH")]
    paths: Vec<PathBuf>,
}

#[derive(Args)]
struct Sizes {
    #[command(flatten)]
    pythons: Pythons,
    /// The nodes of the tree that is built with pointers and with indices
    #[arg(long, default_value_t = 1_000_000, value_parser = clap::value_parser!(u32).range(1..=100_000_000))]
    nodes: u32,
}

#[derive(Args)]
struct GrowthRequest {
    #[command(flatten)]
    pythons: Pythons,
    /// How many entries each container gets
    #[arg(long, default_value_t = 100_000, value_parser = clap::value_parser!(u32).range(1..=100_000_000))]
    entries: u32,
    /// Draw bytes an entry over entries into this file
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
}

#[derive(Args)]
struct Slots {
    #[command(flatten)]
    pythons: Pythons,
    /// How many addresses are made in each form
    #[arg(long, default_value_t = 1_000_000, value_parser = clap::value_parser!(u32).range(1..=10_000_000))]
    count: u32,
}

impl MemoryRequest {
    pub(in crate::command) fn run(&self) -> Outcome<()> {
        match &self.action {
            Action::Sizes(request) => request.run(),
            Action::Growth(request) => request.run(),
            Action::Slots(request) => request.run(),
            Action::Summary(request) => objects::summary(request),
            Action::Diff(request) => objects::diff(request),
            Action::Dominators(request) => objects::dominators(request),
            Action::Pinners(request) => objects::pinners(request),
            Action::Dumper => objects::dumper(),
            Action::Plot(request) => plot::run(request),
        }
    }
}

impl Pythons {
    /// Those that were named, each of which has to be there, or those that are found.
    fn open(&self) -> Outcome<Vec<Python>> {
        if self.paths.is_empty() {
            return Ok(Python::found());
        }
        Ok(self.paths.iter().map(Python::open).collect::<Result<_, _>>()?)
    }
}

impl Sizes {
    fn run(&self) -> Outcome<()> {
        let live = self.pythons.open()?;
        let mut pythons =
            vec![sizes::PythonSizes::of_python_2(4), sizes::PythonSizes::of_python_2(8)];
        for python in &live {
            pythons.push(sizes::python_sizes(python)?);
        }
        let table = sizes::size_table(&sizes::everyday(), &pythons);
        let nodes = sizes::node_table(&sizes::nodes(self.nodes), self.nodes);
        let mut out = io::stdout();
        writeln!(out, "bytes of one value: CPython's by sys.getsizeof (2.x by its structs),")?;
        writeln!(out, "Rust's as counted at the allocator\n\n{table}")?;
        writeln!(out, "the same tree of {} nodes, with links of 8 and of 4 bytes\n", self.nodes)?;
        out.write_all(nodes.as_bytes())?;
        Ok(())
    }
}

impl GrowthRequest {
    fn run(&self) -> Outcome<()> {
        let n = self.entries as usize;
        let mut growths = growth::grow_all(n);
        for python in self.pythons.open()? {
            growths.push(growth::grow_dict(&python, n)?);
        }
        if let Some(path) = &self.svg {
            let written = fs::write(path, growth::chart(&growths, n));
            written.map_err(|error| format!("cannot write {}: {error}", path.display()))?;
        }
        let mut out = io::stdout();
        for growth in &growths {
            writeln!(out, "{}", growth::growth_table(growth))?;
        }
        Ok(())
    }
}

impl Slots {
    fn run(&self) -> Outcome<()> {
        let n = self.count as usize;
        let mut forms = slots::forms(n);
        for python in self.pythons.open()? {
            forms.extend(slots::python_forms(&python, n)?);
        }
        Ok(io::stdout().write_all(slots::form_table(&forms, n).as_bytes())?)
    }
}
