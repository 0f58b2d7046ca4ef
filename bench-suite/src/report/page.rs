//! One self-contained page.

use std::fmt;

use super::chart::Chart;
use super::machine::Machine;
use super::row::Row;
use super::table::{COLUMNS, NOTES, cells, missing, noise};
use crate::contenders::Kind;
use crate::meter::SwitchCost;

/// All figures as one HTML file: a table and a chart for each job, no script, no
/// network, light and dark, for phones and for print.
pub struct Page<'a> {
    /// Where the figures come from.
    pub machine: &'a Machine,
    /// A title and the rows, for each job and input.
    pub sections: &'a [(String, Vec<Row>)],
    /// What the copy counter costs, if that can be told.
    pub cost: Option<&'a SwitchCost>,
}

const HEAD: &str = include_str!("page.html");

impl fmt::Display for Page<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Machine { cpu, cores, os, .. } = self.machine;
        f.write_str(HEAD)?;
        writeln!(f, "<p>{}, {cores} cores, {}</p>", Escaped(cpu), Escaped(os))?;
        f.write_str(
            "<p class=\"legend\"><b class=\"naive\"></b> naive <b class=\"peer\"></b> std, ",
        )?;
        f.write_str("other crates, a careful hand <b class=\"uncopied\"></b> uncopied</p>\n")?;
        for (title, rows) in self.sections {
            section(f, title, rows)?;
        }
        writeln!(f, "<footer><p>{}</p>", Escaped(NOTES.trim_start_matches("* ")))?;
        if let Some(cost) = self.cost {
            writeln!(f, "<p>{}</p>", Escaped(&cost.to_string()))?;
        }
        f.write_str("</footer>\n</main>\n</html>\n")
    }
}

fn section(f: &mut fmt::Formatter<'_>, title: &str, rows: &[Row]) -> fmt::Result {
    let chart = Chart::of(rows);
    let axis = if chart.is_logarithmic() { ", logarithmic" } else { "" };
    writeln!(f, "<section>\n<h2>{}</h2>", Escaped(title))?;
    writeln!(
        f,
        "<figure>{chart}<figcaption>wall time: median, least to most{axis}</figcaption></figure>"
    )?;
    table(f, rows)?;
    f.write_str("<ul>\n")?;
    for row in rows {
        writeln!(f, "<li><b>{}</b>: {}</li>", Escaped(&row.contender), Escaped(&row.about))?;
    }
    for reason in missing(rows) {
        writeln!(f, "<li>n/a: {}</li>", Escaped(reason))?;
    }
    if let Some(warning) = noise(rows) {
        writeln!(f, "<li>{}</li>", Escaped(&warning))?;
    }
    f.write_str("</ul>\n</section>\n")
}

fn table(f: &mut fmt::Formatter<'_>, rows: &[Row]) -> fmt::Result {
    // A wide table scrolls by itself, so that the page does not.
    f.write_str("<div class=\"wide\" tabindex=\"0\"><table>\n<thead><tr>")?;
    for column in COLUMNS {
        write!(f, "<th scope=\"col\">{column}</th>")?;
    }
    f.write_str("</tr></thead>\n<tbody>\n")?;
    let baseline = rows.iter().find(|row| row.baseline);
    for row in rows {
        let class = if row.kind == Kind::Uncopied { " class=\"ours\"" } else { "" };
        write!(f, "<tr{class}><th scope=\"row\">{}</th>", Escaped(&row.contender))?;
        for cell in &cells(row, baseline)[1..] {
            write!(f, "<td>{}</td>", Escaped(cell))?;
        }
        f.write_str("</tr>\n")?;
    }
    f.write_str("</tbody>\n</table></div>\n")
}

/// Text in which nothing is taken for markup.
struct Escaped<'a>(&'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for c in self.0.chars() {
            match c {
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '&' => f.write_str("&amp;")?,
                '"' => f.write_str("&quot;")?,
                c => fmt::Write::write_char(f, c)?,
            }
        }
        Ok(())
    }
}
