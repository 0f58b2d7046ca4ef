//! What there is, by kind.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::fmt;
use std::io::BufRead;

use super::line::read_lines;
use crate::memory::MemoryError;
use crate::memory::grid::Grid;
use crate::report::grouped;

/// The objects of a snapshot by kind, that which takes most first.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    rows: Vec<KindRow>,
}

/// The objects of one kind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KindRow {
    /// The kind: a type's name.
    pub kind: String,
    /// How many there are.
    pub count: u64,
    /// Their bytes.
    pub bytes: u64,
    /// The bytes of the largest.
    pub largest: u64,
}

impl Summary {
    /// Reads a snapshot, line by line: takes memory by the number of kinds, not of objects.
    ///
    /// # Errors
    ///
    /// The number of the first line that is no object, and what is wrong with it.
    pub fn read(input: impl BufRead) -> Result<Self, MemoryError> {
        let mut rows: HashMap<String, KindRow> = HashMap::new();
        read_lines(input, None, |line, _| {
            // A name is only copied when it is new.
            let row = match rows.get_mut(line.kind.as_ref()) {
                Some(row) => row,
                None => rows.entry(line.kind.to_string()).or_default(),
            };
            row.count += 1;
            row.bytes = row.bytes.checked_add(line.size).ok_or("its size is beyond all memory")?;
            row.largest = row.largest.max(line.size);
            Ok(())
        })?;
        let rows = rows.into_iter().map(|(kind, row)| KindRow { kind, ..row });
        let mut rows: Vec<KindRow> = rows.collect();
        rows.sort_unstable_by(|a, b| (Reverse(a.bytes), &a.kind).cmp(&(Reverse(b.bytes), &b.kind)));
        Ok(Self { rows })
    }

    /// The kinds, that which takes most bytes first.
    pub fn rows(&self) -> &[KindRow] {
        &self.rows
    }

    /// How many objects there are.
    pub fn objects(&self) -> u64 {
        self.rows.iter().map(|row| row.count).sum()
    }

    /// The bytes of all of them.
    pub fn bytes(&self) -> u64 {
        self.rows.iter().fold(0, |sum, row| sum.saturating_add(row.bytes))
    }

    /// The table with the first `top` kinds.
    #[expect(clippy::cast_precision_loss, reason = "shares for people")]
    pub fn table(&self, top: usize) -> String {
        let (objects, bytes) = (self.objects(), self.bytes());
        let percent = |part: u64, of: u64| format!("{:.0}", part as f64 / of.max(1) as f64 * 100.0);
        let mut grid =
            Grid::new(["index", "count", "%", "size", "%", "cum", "max", "kind"]).words(0);
        let mut so_far = 0_u64;
        for (index, row) in self.rows.iter().take(top).enumerate() {
            so_far = so_far.saturating_add(row.bytes);
            grid.row([
                index.to_string(),
                grouped(row.count),
                percent(row.count, objects),
                grouped(row.bytes),
                percent(row.bytes, bytes),
                percent(so_far, bytes),
                grouped(row.largest),
                row.kind.clone(),
            ]);
        }
        let (kinds, objects, bytes) = (self.rows.len(), grouped(objects), grouped(bytes));
        format!("{objects} objects of {kinds} kinds, {bytes} bytes\n{grid}")
    }
}

impl fmt::Display for Summary {
    /// The table with the first 20 kinds.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.table(20))
    }
}
