//! One line of a snapshot.

use std::borrow::Cow;
use std::fmt;
use std::io::BufRead;

use memchr::memchr;
use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::scan::scan;
use crate::memory::MemoryError;
use crate::memory::error::Kind;

/// An object, as its line tells.
#[derive(Debug)]
pub(super) struct Line<'l> {
    pub(super) address: u64,
    pub(super) kind: Cow<'l, str>,
    pub(super) size: u64,
    pub(super) name: Option<Cow<'l, str>>,
}

/// Gives `each` object to a function, in the order of the lines; the references of all of
/// them are appended to `refs`, or passed over if there is none.
///
/// # Errors
///
/// The number of the first line that is no object, and what is wrong with it.
pub(super) fn read_lines(
    mut input: impl BufRead,
    mut refs: Option<&mut Vec<u64>>,
    mut each: impl FnMut(Line<'_>, usize) -> Result<(), String>,
) -> Result<(), MemoryError> {
    let mut number = 0_u64;
    let mut object = |text: &[u8]| {
        number += 1;
        if text.trim_ascii().is_empty() {
            return Ok(());
        }
        let line = parse(text, refs.as_deref_mut()).map_err(|why| broken(number, &why))?;
        let so_far = refs.as_ref().map_or(0, |refs| refs.len());
        each(line, so_far).map_err(|why| broken(number, &why))
    };
    // The start of a line that the reader's memory ends in the middle of.
    let mut begun: Vec<u8> = Vec::new();
    let mut lines = 0;
    loop {
        let bytes = input.fill_buf().map_err(|error| broken(lines + 1, &error.to_string()))?;
        let Some(end) = memchr(b'\n', bytes) else {
            if bytes.is_empty() {
                return object(&begun);
            }
            begun.extend_from_slice(bytes);
            let len = bytes.len();
            input.consume(len);
            continue;
        };
        lines += 1;
        if begun.is_empty() {
            object(&bytes[..end])?;
        } else {
            begun.extend_from_slice(&bytes[..end]);
            object(&begun)?;
            begun.clear();
        }
        input.consume(end + 1);
    }
}

fn parse<'l>(text: &'l [u8], mut refs: Option<&mut Vec<u64>>) -> Result<Line<'l>, String> {
    let before = refs.as_ref().map_or(0, |refs| refs.len());
    if let Some(line) = scan(text, refs.as_deref_mut()) {
        return Ok(line);
    }
    if let Some(refs) = refs.as_deref_mut() {
        refs.truncate(before);
    }
    let mut json = serde_json::Deserializer::from_slice(text);
    let line = LineSeed { refs }.deserialize(&mut json);
    line.and_then(|line| json.end().map(|()| line)).map_err(|error| place(&error))
}

fn broken(number: u64, why: &str) -> MemoryError {
    let what = format!(
        "line {number} is no object of a snapshot: {why}; the {} lines before it were read",
        number - 1
    );
    MemoryError::new(Kind::Broken, what)
}

/// An error's words with its column; the line is always the first of one.
fn place(error: &serde_json::Error) -> String {
    let words = error.to_string();
    let words = words.split(" at line ").next().unwrap_or(&words);
    format!("{words} at column {}", error.column())
}

struct LineSeed<'r> {
    refs: Option<&'r mut Vec<u64>>,
}

impl<'de> DeserializeSeed<'de> for LineSeed<'_> {
    type Value = Line<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Line<'de>, D::Error> {
        deserializer.deserialize_map(self)
    }
}

#[derive(Deserialize)]
#[serde(field_identifier, rename_all = "lowercase")]
enum Field {
    Address,
    Type,
    Size,
    Name,
    Refs,
    #[serde(other)]
    Other,
}

#[derive(Deserialize)]
struct Text<'t>(#[serde(borrow)] Cow<'t, str>);

impl<'de> Visitor<'de> for LineSeed<'_> {
    type Value = Line<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with address, type and size")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Line<'de>, A::Error> {
        let mut refs = self.refs;
        let (mut address, mut kind, mut size, mut name) = (None, None, None, None);
        while let Some(field) = map.next_key()? {
            match field {
                Field::Address => address = Some(map.next_value()?),
                Field::Type => kind = Some(map.next_value::<Text<'de>>()?.0),
                Field::Size => size = Some(map.next_value()?),
                Field::Name => name = map.next_value::<Option<Text<'de>>>()?.map(|text| text.0),
                Field::Refs => match refs.as_deref_mut() {
                    Some(refs) => map.next_value_seed(RefsSeed(refs))?,
                    None => drop(map.next_value::<IgnoredAny>()?),
                },
                Field::Other => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        let missing = |name| A::Error::custom(format_args!("it has no {name}"));
        Ok(Line {
            address: address.ok_or_else(|| missing("address"))?,
            kind: kind.ok_or_else(|| missing("type"))?,
            size: size.ok_or_else(|| missing("size"))?,
            name: name.filter(|name| !name.is_empty()),
        })
    }
}

/// Appends numbers to a list that is there already.
struct RefsSeed<'r>(&'r mut Vec<u64>);

impl<'de> DeserializeSeed<'de> for RefsSeed<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for RefsSeed<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of addresses")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        while let Some(address) = seq.next_element()? {
            self.0.push(address);
        }
        Ok(())
    }
}
