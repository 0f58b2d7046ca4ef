//! Bars, as SVG text.

use std::fmt;

use super::row::Row;
use crate::contenders::Kind;

/// The wall time of each contender as a bar, with its spread as a line.
///
/// The axis is logarithmic where the slowest takes more than twenty times as long
/// as the fastest; the page says so.
pub(super) struct Chart<'a> {
    rows: &'a [Row],
    scale: Scale,
}

/// Where a time stands on the axis, from 0 to 1.
struct Scale {
    min: f64,
    max: f64,
    logarithmic: bool,
}

const LABEL: f64 = 150.0;
const BARS: f64 = 400.0;
const VALUE: f64 = 90.0;
const STEP: f64 = 26.0;

impl<'a> Chart<'a> {
    pub(super) fn of(rows: &'a [Row]) -> Self {
        let min = rows.iter().map(|row| row.wall().min).fold(f64::INFINITY, f64::min);
        let max = rows.iter().map(|row| row.wall().max).fold(0.0, f64::max);
        Self { rows, scale: Scale { min, max, logarithmic: max > 20.0 * min } }
    }

    pub(super) fn is_logarithmic(&self) -> bool {
        self.scale.logarithmic
    }
}

impl Scale {
    fn of(&self, time: f64) -> f64 {
        if self.logarithmic {
            // Half of the least time is the axis' start, so that every bar shows.
            let start = self.min / 2.0;
            (time / start).ln() / (self.max / start).ln()
        } else {
            time / self.max
        }
    }
}

impl fmt::Display for Chart<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (width, mut y) = (LABEL + BARS + VALUE, 4.0);
        let (height, count) = (self.rows.iter().map(|_| STEP).sum::<f64>() + 8.0, self.rows.len());
        let what = format!("Wall time of {count} contenders; the table has the numbers.");
        writeln!(f, "<svg viewBox=\"0 0 {width} {height}\" role=\"img\" aria-label=\"{what}\">")?;
        for row in self.rows {
            let wall = row.wall();
            let class = match row.kind {
                Kind::Naive => "naive",
                Kind::Peer => "peer",
                Kind::Uncopied => "uncopied",
            };
            let bar = self.scale.of(wall.median) * BARS;
            let (from, to) = (self.scale.of(wall.min) * BARS, self.scale.of(wall.max) * BARS);
            let (text, middle) = (y + 15.0, y + 10.0);
            let (end, name) = (LABEL + from.max(to) + 6.0, &row.contender);
            write!(f, "<text x=\"{}\" y=\"{text}\" class=\"name\">{name}</text>", LABEL - 8.0)?;
            write!(
                f,
                "<rect class=\"{class}\" x=\"{LABEL}\" y=\"{y}\" width=\"{bar:.1}\" height=\"20\"/>"
            )?;
            write!(f, "<path d=\"M{:.1} {middle}H{:.1}\"/>", LABEL + from, LABEL + to)?;
            writeln!(f, "<text x=\"{end:.1}\" y=\"{text}\">{:.1} ms</text>", wall.median * 1e3)?;
            y += STEP;
        }
        f.write_str("</svg>\n")
    }
}
