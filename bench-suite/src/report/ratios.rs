//! How the contenders of a criterion group compare, as a Markdown table.

use std::fmt;

use super::estimates::Estimate;

/// One group: a row for each input, a column for each contender, all held against one of
/// them. That one's column gives its time, the others' what they take of it.
pub struct Ratios<'e> {
    group: &'e str,
    against: &'e str,
    estimates: Vec<&'e Estimate>,
}

/// What the cells of [`Ratios`] mean, for above the first table.
pub const RATIO_NOTES: &str = "\
A cell is the contender's median time over that of the contender named in the table's head, \
below 1 where it is faster; in brackets the least and the most that the 95 % intervals of both \
leave open. The column of that contender gives its time. Only what stands in one row was \
measured within the same seconds.";

impl<'e> Ratios<'e> {
    /// The contenders of `group` held against one of them.
    ///
    /// # Errors
    ///
    /// If nothing was measured of that group, or of that contender in it.
    pub fn new(
        estimates: &'e [Estimate],
        group: &'e str,
        against: &'e str,
    ) -> Result<Self, String> {
        let estimates: Vec<_> =
            estimates.iter().filter(|estimate| estimate.group == group).collect();
        if estimates.is_empty() {
            return Err(format!("nothing was measured of {group:?}: cargo bench -- {group}"));
        }
        let ratios = Self { group, against, estimates };
        let contenders = ratios.contenders();
        if contenders.contains(&against) {
            Ok(ratios)
        } else {
            Err(format!("{group:?} has no contender {against:?}, but {}", contenders.join(", ")))
        }
    }

    fn contenders(&self) -> Vec<&'e str> {
        once_each(self.estimates.iter().map(|estimate| estimate.contender.as_str()))
    }

    fn get(&self, contender: &str, parameter: &str) -> Option<&'e Estimate> {
        let mut all = self.estimates.iter().copied();
        all.find(|estimate| estimate.contender == contender && estimate.parameter == parameter)
    }

    fn cell(&self, contender: &str, parameter: &str) -> String {
        let Some(timed) = self.get(contender, parameter) else { return "-".into() };
        match self.get(self.against, parameter) {
            Some(_) if contender == self.against => time(timed.median),
            Some(base) => format!(
                "{:.2} ({:.2}-{:.2})",
                timed.median / base.median,
                timed.low / base.high,
                timed.high / base.low,
            ),
            None => time(timed.median),
        }
    }
}

impl fmt::Display for Ratios<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let contenders = self.contenders();
        writeln!(f, "**{}**, over `{}`\n", self.group, self.against)?;
        writeln!(f, "| | {} |", contenders.join(" | "))?;
        writeln!(f, "|---{}|", "|---:".repeat(contenders.len()))?;
        let parameters = self.estimates.iter().map(|estimate| estimate.parameter.as_str());
        for parameter in once_each(parameters) {
            let cells = contenders.iter().map(|contender| self.cell(contender, parameter));
            writeln!(f, "| {parameter} | {} |", cells.collect::<Vec<_>>().join(" | "))?;
        }
        Ok(())
    }
}

/// Each text where it comes first.
fn once_each<'t>(texts: impl Iterator<Item = &'t str>) -> Vec<&'t str> {
    let mut found = Vec::new();
    for text in texts {
        if !found.contains(&text) {
            found.push(text);
        }
    }
    found
}

/// Nanoseconds in the largest unit that leaves a whole one.
fn time(nanoseconds: f64) -> String {
    const UNITS: [&str; 3] = ["ns", "µs", "ms"];
    let mut value = nanoseconds;
    let mut unit = 0;
    while value >= 1000.0 && unit + 1 < UNITS.len() {
        value /= 1000.0;
        unit += 1;
    }
    format!("{value:.1} {}", UNITS[unit])
}
