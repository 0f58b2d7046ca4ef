//! The figures for people.

use std::fmt;

use comfy_table::presets::ASCII_MARKDOWN;
use comfy_table::{CellAlignment, Table as Grid};

use super::row::{Row, Spread};
use crate::contenders::Kind;
use crate::meter::Figure;

/// The rows of one job on one input, as a table that is also Markdown.
///
/// The columns stand in the order in which they convince: what was copied, by
/// whom, what it took, and last the time, which is the least certain.
pub struct Table<'a>(pub &'a [Row]);

/// What the columns mean, for under the last table.
pub const NOTES: &str = "\
* uncopied. \"copied by user\" is payload that memcpy and memmove moved in the contender's process,
counted: what the same contender moves for an input of one byte, its own structs, is taken off.
Copies of up to 128 bytes that the compiler inlines are not seen. \"by kernel\" is this side's,
derived from the calls made. Counts come from a run of their own; times are medians of interleaved
runs, until the last byte was checked. \"x naive\" is the wall time over the first row's, run by run.
";

pub(super) const COLUMNS: [&str; 11] = [
    "contender",
    "copied by user",
    "by kernel",
    "allocs",
    "syscalls",
    "faults",
    "peak RSS",
    "wall ms (min-max)",
    "x naive",
    "CPU s/GiB",
    "verified",
];

impl fmt::Display for Table<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut grid = Grid::new();
        grid.load_preset(ASCII_MARKDOWN).set_header(COLUMNS);
        for column in grid.column_iter_mut().skip(1) {
            column.set_cell_alignment(CellAlignment::Right);
        }
        let baseline = self.0.iter().find(|row| row.baseline);
        for row in self.0 {
            grid.add_row(cells(row, baseline));
        }
        writeln!(f, "{grid}")?;
        for row in self.0 {
            writeln!(f, "  {:<18} {}", row.contender, row.about)?;
        }
        for reason in missing(self.0) {
            writeln!(f, "  n/a: {reason}")?;
        }
        if let Some(warning) = noise(self.0) {
            writeln!(f, "  {warning}")?;
        }
        Ok(())
    }
}

pub(super) fn cells(row: &Row, baseline: Option<&Row>) -> [String; 11] {
    let wall = row.wall();
    let mark = match row.kind {
        Kind::Uncopied => "* ",
        Kind::Naive | Kind::Peer => "",
    };
    [
        format!("{mark}{}", row.contender),
        bytes(&row.copied_bytes),
        bytes(&row.kernel_copied_bytes),
        row.allocs.to_string(),
        row.syscalls.to_string(),
        row.page_faults.to_string(),
        bytes(&row.peak_rss_bytes),
        format!("{:.1} ({:.1}-{:.1})", wall.median * 1e3, wall.min * 1e3, wall.max * 1e3),
        baseline.map_or_else(|| "-".into(), |baseline| times(row.wall_ratio(baseline))),
        format!("{:.3}", row.cpu_per_gib()),
        if row.verified { "yes" } else { "NO" }.into(),
    ]
}

/// Why figures are missing, each reason once.
pub(super) fn missing(rows: &[Row]) -> Vec<&str> {
    let mut reasons = Vec::new();
    for row in rows {
        let figures =
            [&row.copied_bytes, &row.allocs, &row.syscalls, &row.page_faults, &row.peak_rss_bytes];
        for figure in figures {
            if let Figure::Unavailable(why) = figure
                && !reasons.contains(&why.as_ref())
            {
                reasons.push(why.as_ref());
            }
        }
    }
    reasons
}

/// A warning, if the times of some contender lie so far apart that nothing can be
/// told from them.
pub(super) fn noise(rows: &[Row]) -> Option<String> {
    let noisy = rows.iter().filter(|row| row.wall().max > 2.0 * row.wall().min);
    let names: Vec<&str> = noisy.map(|row| row.contender.as_str()).collect();
    let who = names.join(", ");
    let why = "the machine is too noisy to tell: the slowest run took more than twice the fastest";
    if names.is_empty() { None } else { Some(format!("{why} ({who}); try more --runs")) }
}

fn times(ratio: Spread) -> String {
    format!("{:.3}", ratio.median)
}

fn bytes(figure: &Figure) -> String {
    match figure {
        Figure::Counted(n) => human(*n),
        Figure::Derived(n) => format!("~{}", human(*n)),
        Figure::Unavailable(_) => figure.to_string(),
    }
}

/// A number of bytes as a person reads it: exact below 10,000.
#[expect(clippy::cast_precision_loss, reason = "it is rounded to three digits anyway")]
pub(crate) fn human(n: u64) -> String {
    const UNITS: [&str; 5] = ["KiB", "MiB", "GiB", "TiB", "PiB"];
    if n < 10_000 {
        return format!("{n} B");
    }
    let mut value = n as f64 / 1024.0;
    let mut unit = 0;
    while value >= 1000.0 && unit + 1 < UNITS.len() {
        value /= 1024.0;
        unit += 1;
    }
    format!("{value:.1} {}", UNITS[unit])
}

/// A number with its digits in groups of three.
pub fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}
