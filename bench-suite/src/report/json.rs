//! The figures for other programs.

use std::fs::File;
use std::io::{self, BufWriter, Write};

use serde::Serialize;

use super::machine::Machine;
use super::row::Row;
use crate::contenders::Kind;
use crate::jobs::Job;
use crate::meter::{Figure, SwitchCost};

#[derive(Serialize)]
struct Document<'a> {
    machine: &'a Machine,
    copy_counter_ns: Option<&'a SwitchCost>,
    rows: Vec<JsonRow<'a>>,
}

#[derive(Serialize)]
struct JsonRow<'a> {
    job: Job,
    contender: &'a str,
    kind: Kind,
    bytes: u64,
    copied_bytes: &'a Figure,
    own_bytes: &'a Figure,
    kernel_copied_bytes: &'a Figure,
    allocs: &'a Figure,
    syscalls: &'a Figure,
    page_faults: &'a Figure,
    peak_rss_bytes: &'a Figure,
    wall_s: f64,
    cpu_s: f64,
    wall_samples_s: &'a [f64],
    cpu_samples_s: &'a [f64],
    verified: bool,
}

impl<'a> From<&'a Row> for JsonRow<'a> {
    fn from(row: &'a Row) -> Self {
        Self {
            job: row.job,
            contender: &row.contender,
            kind: row.kind,
            bytes: row.bytes,
            copied_bytes: &row.copied_bytes,
            own_bytes: &row.own_bytes,
            kernel_copied_bytes: &row.kernel_copied_bytes,
            allocs: &row.allocs,
            syscalls: &row.syscalls,
            page_faults: &row.page_faults,
            peak_rss_bytes: &row.peak_rss_bytes,
            wall_s: row.wall().median,
            cpu_s: row.cpu().median,
            wall_samples_s: &row.wall_samples,
            cpu_samples_s: &row.cpu_samples,
            verified: row.verified,
        }
    }
}

/// Writes all rows to a file that stands open.
///
/// # Errors
///
/// If the file cannot be written.
pub fn write_json<'r>(
    file: File,
    machine: &Machine,
    cost: Option<&SwitchCost>,
    rows: impl Iterator<Item = &'r Row>,
) -> io::Result<()> {
    let document =
        Document { machine, copy_counter_ns: cost, rows: rows.map(JsonRow::from).collect() };
    let mut out = BufWriter::new(file);
    serde_json::to_writer_pretty(&mut out, &document)?;
    out.write_all(b"\n")?;
    out.flush()
}
