//! Bytes for each entry over the number of entries, as SVG text.

use std::fmt::Write;

use super::containers::{Growth, Step};

const WIDTH: f64 = 860.0;
const HEIGHT: f64 = 420.0;
const LEFT: f64 = 60.0;
const BOTTOM: f64 = 40.0;
const LEGEND: f64 = 200.0;
const COLOURS: [&str; 8] =
    ["#1b6ca8", "#c0392b", "#1e8449", "#b7791f", "#6c3483", "#148f77", "#5d6d7e", "#d35400"];

/// A line for each container: at each step it jumps up, and falls as entries come.
///
/// Both axes are logarithmic. `n` is the largest number of entries.
#[expect(clippy::cast_precision_loss, reason = "a place in a picture")]
pub fn chart(growths: &[Growth], n: usize) -> String {
    let all = || growths.iter().flat_map(|growth| &growth.steps);
    let top = all().map(Step::bytes_per_entry).fold(16.0, f64::max).log2().ceil();
    let right = (n.max(2) as f64).log2();
    let x = |entries: f64| LEFT + entries.max(1.0).log2() / right * (WIDTH - LEFT - LEGEND);
    let y = |bytes: f64| (HEIGHT - BOTTOM) - bytes.max(1.0).log2() / top * (HEIGHT - BOTTOM - 20.0);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" \
         font-family=\"sans-serif\" font-size=\"12\" role=\"img\" \
         aria-label=\"Bytes an entry while containers grow\">\n"
    );
    let mut put = |text: std::fmt::Arguments<'_>| {
        // A string takes all text.
        let _ = svg.write_fmt(text);
    };
    let mut bytes = 1.0;
    while bytes <= top.exp2() {
        let at = y(bytes);
        put(format_args!(
            "<path d=\"M{LEFT} {at:.1}H{:.1}\" stroke=\"#ddd\"/>\
             <text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{bytes}</text>\n",
            WIDTH - LEGEND,
            LEFT - 6.0,
            at + 4.0
        ));
        bytes *= 4.0;
    }
    let mut entries = 1.0;
    while entries <= n.max(2) as f64 {
        let (at, foot) = (x(entries), HEIGHT - BOTTOM + 18.0);
        put(format_args!(
            "<text x=\"{at:.1}\" y=\"{foot:.1}\" text-anchor=\"middle\">{entries}</text>\n"
        ));
        entries *= 10.0;
    }
    put(format_args!("<text x=\"{LEFT}\" y=\"14\">bytes an entry, over entries</text>\n"));
    for (index, growth) in growths.iter().enumerate() {
        let colour = COLOURS[index % COLOURS.len()];
        let path = path(growth, n, x, y);
        let (legend, row) = (WIDTH - LEGEND + 12.0, 30.0 + 18.0 * index as f64);
        put(format_args!(
            "<path d=\"{path}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"1.5\"/>\n\
             <text x=\"{legend}\" y=\"{row}\" fill=\"{colour}\">{}</text>\n",
            growth.name.replace('&', "&amp;").replace('<', "&lt;")
        ));
    }
    svg + "</svg>\n"
}

#[expect(clippy::cast_precision_loss, reason = "a place in a picture")]
fn path(growth: &Growth, n: usize, x: impl Fn(f64) -> f64, y: impl Fn(f64) -> f64) -> String {
    let mut path = String::new();
    for (index, step) in growth.steps.iter().enumerate() {
        let until = growth.steps.get(index + 1).map_or(n, |next| next.entries - 1);
        let last = until.max(step.entries) as f64;
        let letter = if index == 0 { 'M' } else { 'L' };
        let (from, to) = (x(step.entries as f64), x(last));
        let (high, low) = (y(step.bytes_per_entry()), y(step.bytes as f64 / last));
        let _ = write!(path, "{letter}{from:.1} {high:.1}L{to:.1} {low:.1}");
    }
    path
}
