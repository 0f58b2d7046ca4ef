//! The report as JSON lines in the shape of Meliae's dumps.

use core::fmt;

use super::report::{Report, Retained, View};
use super::show::show;

impl Report {
    /// One JSON object a line, in the shape that
    /// [Meliae](https://pypi.org/project/meliae/) dumps and loads: `address`, `type`,
    /// `size`, `name`, `len`, `value`, `refs`.
    ///
    /// A handle is an object of 24 bytes named by its root, whose `len` is its length
    /// and whose only reference is its memory. A memory is an object of its
    /// capacity, whose `len` is what is used of it. The `value` is the range, or the
    /// stretches, that are shown: never the bytes themselves, which may be anybody's
    /// secrets and do not belong in a dump.
    ///
    /// ```
    /// # use buffers::{SharedBuf, retention};
    /// let word = SharedBuf::from(vec![0; 4096]).slice(10..20);
    /// let dump = retention::report([("cache", &word)]).json_lines().to_string();
    /// assert_eq!(dump.lines().count(), 2);
    /// assert!(dump.contains(r#""name":"cache","len":10,"value":"10..20","refs":["#));
    /// ```
    #[must_use = "it is written when it is printed"]
    pub fn json_lines(&self) -> impl fmt::Display + '_ {
        show(|f| {
            self.views.iter().try_for_each(|view| handle_line(view, f))?;
            self.backings().iter().try_for_each(|backing| memory_line(backing, f))
        })
    }
}

fn handle_line(view: &View, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let size = size_of::<crate::SharedBuf>();
    write!(f, r#"{{"address":{},"type":"SharedBuf","size":{size},"#, view.address)?;
    let (start, end) = (view.range.start, view.range.end);
    write!(f, r#""name":{},"len":{},"value":"{start}..{end}","#, Text(&view.label), view.len)?;
    match view.backing {
        Some(id) => writeln!(f, r#""refs":[{}]}}"#, id.addr()),
        None => writeln!(f, r#""refs":[]}}"#),
    }
}

fn memory_line(backing: &Retained, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let (address, kind, size) = (backing.id().addr(), backing.kind(), backing.capacity());
    write!(f, r#"{{"address":{address},"type":"{kind}","size":{size},"#)?;
    let name = backing.label().unwrap_or_default();
    write!(f, r#""name":{},"len":{},"value":""#, Text(name), backing.used_bytes())?;
    for (index, range) in backing.used().iter().enumerate() {
        let comma = if index > 0 { " " } else { "" };
        write!(f, "{comma}{}..{}", range.start, range.end)?;
    }
    writeln!(f, r#"","refs":[]}}"#)
}

/// A JSON string.
struct Text<'t>(&'t str);

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("\"")?;
        for letter in self.0.chars() {
            match letter {
                '"' => f.write_str("\\\"")?,
                '\\' => f.write_str("\\\\")?,
                '\n' => f.write_str("\\n")?,
                // JSON allows no other control character either.
                letter if u32::from(letter) < 0x20 => write!(f, "\\u{:04x}", u32::from(letter))?,
                letter => fmt::Write::write_char(f, letter)?,
            }
        }
        f.write_str("\"")
    }
}
