//! The report as a picture: a bar for each memory, the used stretches dark in it.

use core::fmt;

use super::report::{Report, Retained};
use super::show::show;
use super::text::Size;

const WIDTH: usize = 720;
const BAR: usize = 18;
const ROW: usize = 44;
const MARGIN: usize = 16;
/// Thinner stretches would not be seen.
const THINNEST: f64 = 1.0;

impl Report {
    /// An SVG of the `n` memories of which most bytes are wasted: a bar for each, as
    /// long as its memory is large beside the largest, dark where it is used.
    #[must_use = "it is written when it is printed"]
    pub fn svg(&self, n: usize) -> impl fmt::Display + '_ {
        show(move |f| self.write_svg(n, f))
    }

    fn write_svg(&self, n: usize, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = &self.backings()[..n.min(self.backings().len())];
        let largest = shown.iter().map(Retained::capacity).max().unwrap_or(1).max(1);
        let (width, height) = (WIDTH + 2 * MARGIN, ROW * (shown.len() + 1) + MARGIN);
        writeln!(
            f,
            r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" font-family="sans-serif" font-size="13">"#
        )?;
        writeln!(f, r##"<rect width="{width}" height="{height}" fill="#fff"/>"##)?;
        let (kept, used) = (Size(self.pinned_bytes()), Size(self.used_bytes()));
        let middle = MARGIN + BAR;
        writeln!(
            f,
            r#"<text x="{MARGIN}" y="{middle}" font-weight="bold">{kept} kept, {used} used</text>"#
        )?;
        for (index, backing) in shown.iter().enumerate() {
            bar(backing, MARGIN + ROW * (index + 1), largest, f)?;
        }
        writeln!(f, "</svg>")
    }
}

#[expect(clippy::cast_precision_loss, reason = "a picture has fewer points than a float")]
fn bar(backing: &Retained, top: usize, largest: usize, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let scale = WIDTH as f64 / largest as f64;
    let label = backing.label().unwrap_or_default();
    let (kept, used) = (Size(backing.capacity()), Size(backing.used_bytes()));
    let (baseline, bar_top) = (top + 13, top + BAR);
    write!(f, r#"<text x="{MARGIN}" y="{baseline}">{}"#, backing.kind())?;
    let handles = backing.handles();
    let noun = if handles == 1 { "handle" } else { "handles" };
    writeln!(f, " {}: {used} of {kept}, {handles} {noun}</text>", Text(label))?;
    let all = (backing.capacity() as f64 * scale).max(THINNEST);
    writeln!(
        f,
        r##"<rect x="{MARGIN}" y="{bar_top}" width="{all:.2}" height="{BAR}" fill="#d8dee6"/>"##
    )?;
    let edge = MARGIN as f64;
    let mut open: Option<(f64, f64)> = None;
    for range in backing.used() {
        let left = edge + range.start as f64 * scale;
        let right = (edge + range.end as f64 * scale).max(left + THINNEST);
        // Stretches that cannot be told apart are drawn as one, so that a picture of
        // a million of them is no larger than one of a thousand.
        open = match open {
            Some((from, to)) if left < to + THINNEST => Some((from, to.max(right))),
            Some(done) => {
                stretch(done, bar_top, f)?;
                Some((left, right))
            }
            None => Some((left, right)),
        };
    }
    open.map_or(Ok(()), |last| stretch(last, bar_top, f))
}

fn stretch((left, right): (f64, f64), top: usize, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let wide = right - left;
    writeln!(
        f,
        r##"<rect x="{left:.2}" y="{top}" width="{wide:.2}" height="{BAR}" fill="#1f5fa8"/>"##
    )
}

/// Text within XML. Control characters and the two last letters of the first plane,
/// which XML 1.0 forbids, are left out.
struct Text<'t>(&'t str);

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let allowed =
            |letter: &char| !letter.is_control() && !matches!(letter, '\u{fffe}'..='\u{ffff}');
        self.0.chars().filter(allowed).try_for_each(|letter| match letter {
            '<' => f.write_str("&lt;"),
            '>' => f.write_str("&gt;"),
            '&' => f.write_str("&amp;"),
            letter => fmt::Write::write_char(f, letter),
        })
    }
}
