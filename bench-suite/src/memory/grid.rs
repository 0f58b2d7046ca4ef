//! Tables that also fit a narrow terminal.

use std::fmt;
use std::io::IsTerminal;

use comfy_table::presets::ASCII_MARKDOWN;
use comfy_table::{CellAlignment, Table};

/// Rows under a header: Markdown where it fits the width, and otherwise one line for
/// each value, so that no row is ever cut or folded.
///
/// ```
/// use bench_suite::memory::grid::Grid;
///
/// let mut grid = Grid::new(["kind", "bytes"]);
/// grid.row(["heap", "4096"]);
/// assert_eq!(grid.within(None), "| kind | bytes |\n|------|-------|\n| heap |  4096 |\n");
/// assert_eq!(grid.within(Some(12)), "kind: heap\nbytes: 4096\n");
/// ```
#[derive(Clone, Debug)]
pub struct Grid {
    header: Vec<String>,
    rows: Vec<Vec<String>>,
    left: usize,
}

impl Grid {
    /// A table without rows.
    pub fn new<S: Into<String>>(header: impl IntoIterator<Item = S>) -> Self {
        let header = header.into_iter().map(Into::into).collect();
        Self { header, rows: Vec::new(), left: 1 }
    }

    /// How many columns are words, from the left; the others are numbers. One, unless
    /// told.
    #[must_use]
    pub fn words(self, left: usize) -> Self {
        Self { left, ..self }
    }

    /// Adds a row; missing values are empty.
    pub fn row<S: Into<String>>(&mut self, values: impl IntoIterator<Item = S>) {
        let mut row: Vec<String> = values.into_iter().map(Into::into).collect();
        row.resize(self.header.len(), String::new());
        self.rows.push(row);
    }

    /// The text, for a width in columns; `None` is no limit.
    pub fn within(&self, width: Option<usize>) -> String {
        let table = self.table();
        let widest = table.lines().map(|line| line.chars().count()).max().unwrap_or(0);
        if width.is_none_or(|width| widest <= width) { table } else { self.list() }
    }

    fn table(&self) -> String {
        let mut table = Table::new();
        table.load_preset(ASCII_MARKDOWN).set_header(&self.header);
        for column in table.column_iter_mut().skip(self.left) {
            column.set_cell_alignment(CellAlignment::Right);
        }
        for row in &self.rows {
            table.add_row(row);
        }
        format!("{table}\n")
    }

    fn list(&self) -> String {
        let mut text = String::new();
        for (index, row) in self.rows.iter().enumerate() {
            if index > 0 {
                text.push('\n');
            }
            let pairs = self.header.iter().zip(row).filter(|(_, value)| !value.is_empty());
            for part in pairs.flat_map(|(name, value)| [name, ": ", value, "\n"]) {
                text += part;
            }
        }
        text
    }
}

impl fmt::Display for Grid {
    /// For whatever standard output is.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.within(width()))
    }
}

/// The columns of the terminal: those that `COLUMNS` says, or those that it has. No limit
/// for a file or a pipe.
fn width() -> Option<usize> {
    let said = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    said.or_else(|| {
        let out = std::io::stdout();
        let size = out.is_terminal().then(|| rustix::termios::tcgetwinsize(&out));
        size?.ok().map(|size| size.ws_col.into()).filter(|&columns| columns > 0)
    })
}
