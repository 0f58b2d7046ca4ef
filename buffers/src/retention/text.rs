//! The report as a table on a terminal.

use core::fmt;

use super::report::{Report, Retained};
use super::show::show;

impl Report {
    /// A table of the `n` memories of which most bytes are wasted, with a line that
    /// sums up all of them, to be printed.
    ///
    /// ```
    /// # use buffers::{SharedBuf, retention};
    /// # let word = SharedBuf::from(vec![0; 3072]).try_with_label("page").unwrap().slice(..512);
    /// let text = retention::report([("index", &word)]).top(3).to_string();
    /// assert_eq!(text, "\
    /// 1 memory keeps 3.0 KiB for 512 B that are used (6.0 x)
    ///
    ///       kept       used     factor  handles  what, and who keeps it
    ///    3.0 KiB      512 B      6.0 x   1 of 1  Vec \"page\": 1 by \"index\"
    /// ");
    /// ```
    #[must_use = "it is written when it is printed"]
    pub fn top(&self, n: usize) -> impl fmt::Display + '_ {
        show(move |f| self.write_table(n, f))
    }

    fn write_table(&self, n: usize, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.backings().len();
        write!(
            f,
            "{count} {} {} for {} that are used",
            if count == 1 { "memory keeps" } else { "memories keep" },
            Size(self.pinned_bytes()),
            Size(self.used_bytes()),
        )?;
        if let Some(factor) = self.amplification() {
            write!(f, " ({factor:.1} x)")?;
        }
        f.write_str("\n")?;
        if count > 0 && n > 0 {
            let heads = ["kept", "used", "factor"];
            write!(f, "\n{:>10} {:>10} {:>10}", heads[0], heads[1], heads[2])?;
            f.write_str("  handles  what, and who keeps it\n")?;
        }
        self.backings().iter().take(n).try_for_each(|backing| row(backing, f))?;
        if count > n {
            writeln!(f, "and {} more", count - n)?;
        }
        Ok(())
    }
}

/// [`top`](Report::top) ten.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write_table(10, f)
    }
}

fn row(backing: &Retained, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let (kept, used) = (Size(backing.capacity()), Size(backing.used_bytes()));
    write!(f, "{kept:>10} {used:>10} ")?;
    match backing.amplification() {
        Some(factor) => write!(f, "{factor:>8.1} x ")?,
        None => write!(f, "{:>10} ", "-")?,
    }
    write!(f, "{:>3} of {}  {}", backing.seen(), backing.handles(), backing.kind())?;
    if let Some(label) = backing.label() {
        write!(f, " {label:?}")?;
    }
    f.write_str(if backing.is_lent() { ", lent: " } else { ": " })?;
    for (index, holder) in backing.holders().iter().enumerate() {
        let comma = if index > 0 { ", " } else { "" };
        write!(f, "{comma}{} ", holder.handles())?;
        match holder.label() {
            "" => f.write_str("without a name")?,
            label => write!(f, "by {label:?}")?,
        }
    }
    f.write_str("\n")?;
    for site in backing.sites() {
        writeln!(f, "{:>43}{} made at {}", "", site.handles(), site.location())?;
    }
    Ok(())
}

/// Bytes in the largest unit that leaves a whole one.
pub(super) struct Size(pub(super) usize);

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const UNITS: [&str; 4] = ["KiB", "MiB", "GiB", "TiB"];
        if self.0 < 1024 {
            return f.pad(&alloc::format!("{} B", self.0));
        }
        let power = (self.0.ilog2() / 10).min(4);
        #[expect(clippy::cast_precision_loss, reason = "one digit is shown")]
        let amount = self.0 as f64 / (1_u64 << (10 * power)) as f64;
        f.pad(&alloc::format!("{amount:.1} {}", UNITS[power as usize - 1]))
    }
}
