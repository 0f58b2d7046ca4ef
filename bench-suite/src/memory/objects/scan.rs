//! A line of the plain sort, read without a parser.
//!
//! Nearly all lines of a snapshot are one object of numbers, text without escapes, and
//! lists of numbers, without a space. Those are read here, five times as fast as by
//! `serde_json`; whatever is different is left to that, which also finds the words for
//! what is wrong.

use std::borrow::Cow;

use super::line::Line;

/// The object of the line, or `None` if it is not of the plain sort. References are
/// appended to `refs`, those of a line that is not plain too: the caller takes them back.
pub(super) fn scan<'l>(line: &'l [u8], mut refs: Option<&mut Vec<u64>>) -> Option<Line<'l>> {
    let mut rest = Rest(line.trim_ascii());
    let (mut address, mut kind, mut size, mut name) = (None, None, None, None);
    rest.expect(b'{')?;
    loop {
        let field = rest.quoted()?;
        rest.expect(b':')?;
        match field {
            b"address" => address = Some(rest.number()?),
            b"type" => kind = Some(rest.text()?),
            b"size" => size = Some(rest.number()?),
            b"name" => name = Some(rest.text()?),
            b"refs" => rest.numbers(|number| {
                if let Some(refs) = refs.as_deref_mut() {
                    refs.push(number);
                }
            })?,
            other => {
                std::str::from_utf8(other).ok()?;
                if rest.0.first() == Some(&b'"') {
                    rest.text()?;
                } else {
                    rest.number()?;
                }
            }
        }
        match rest.next()? {
            b',' => {}
            b'}' if rest.0.is_empty() => break,
            _ => return None,
        }
    }
    let name = name.filter(|name| !name.is_empty()).map(Cow::Borrowed);
    Some(Line { address: address?, kind: Cow::Borrowed(kind?), size: size?, name })
}

/// What is left of a line.
struct Rest<'l>(&'l [u8]);

impl<'l> Rest<'l> {
    fn next(&mut self) -> Option<u8> {
        let (&first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(first)
    }

    fn expect(&mut self, byte: u8) -> Option<()> {
        (self.next()? == byte).then_some(())
    }

    /// A string without escapes or control characters.
    fn text(&mut self) -> Option<&'l str> {
        std::str::from_utf8(self.quoted()?).ok()
    }

    /// What stands between quotes. It is a few bytes, so a plain loop is fastest.
    fn quoted(&mut self) -> Option<&'l [u8]> {
        self.expect(b'"')?;
        let ends = |&byte: &u8| byte == b'"' || byte == b'\\' || byte < 0x20;
        let (text, rest) = self.0.split_at(self.0.iter().position(ends)?);
        self.0 = rest;
        self.expect(b'"')?;
        Some(text)
    }

    /// Digits without a zero in front, as JSON has it, within 64 bits.
    fn number(&mut self) -> Option<u64> {
        let (mut number, mut digits) = (0_u64, 0);
        while let Some(digit) = self.0.get(digits).map(|byte| byte.wrapping_sub(b'0'))
            && digit < 10
            && digits < 20
        {
            number = number.wrapping_mul(10).wrapping_add(digit.into());
            digits += 1;
        }
        let (text, rest) = self.0.split_at(digits);
        // Up to 19 digits always fit.
        if digits == 0 || digits > 19 || (text[0] == b'0' && digits > 1) {
            return None;
        }
        self.0 = rest;
        Some(number)
    }

    fn numbers(&mut self, mut each: impl FnMut(u64)) -> Option<()> {
        self.expect(b'[')?;
        if self.0.first() == Some(&b']') {
            return self.expect(b']');
        }
        loop {
            each(self.number()?);
            match self.next()? {
                b',' => {}
                b']' => return Some(()),
                _ => return None,
            }
        }
    }
}
