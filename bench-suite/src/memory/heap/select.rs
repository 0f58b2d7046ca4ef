//! Which chunks are meant: `size>=4096 and kind==used`.

use std::str::FromStr;

use super::chunk::{Chunk, ChunkKind};
use crate::memory::MemoryError;
use crate::memory::error::Kind;

/// A condition on chunks.
///
/// `size`, `address` and `arena` are compared with numbers (`4096`, `0x1000`, `4KiB`),
/// `kind` with `used`, `mmapped`, `tcache`, `fastbin`, `free` or `top`; conditions are
/// joined by `not`, `and`, `or` (which bind in this order) and parentheses.
///
/// ```
/// use bench_suite::memory::heap::{Chunk, ChunkKind, Select};
///
/// let select: Select = "size >= 4KiB and (kind == used or kind == mmapped)".parse()?;
/// let chunk = Chunk { address: 0x5000, size: 4112, arena: 0, kind: ChunkKind::Used };
/// assert!(select.takes(&chunk));
/// assert!(!select.takes(&Chunk { size: 32, ..chunk }));
/// assert!("size >".parse::<Select>().is_err());
/// # Ok::<(), bench_suite::memory::MemoryError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Select(Condition);

#[derive(Clone, Debug)]
enum Condition {
    Number(Field, Comparison, u64),
    Kind(ChunkKind, bool),
    Not(Box<Condition>),
    Both(Box<Condition>, Box<Condition>),
    Either(Box<Condition>, Box<Condition>),
}

#[derive(Clone, Copy, Debug)]
enum Field {
    Size,
    Address,
    Arena,
}

type Comparison = fn(&u64, &u64) -> bool;

impl Select {
    /// Whether the chunk is meant.
    pub fn takes(&self, chunk: &Chunk) -> bool {
        self.0.holds(chunk)
    }
}

impl Condition {
    fn holds(&self, chunk: &Chunk) -> bool {
        match self {
            Self::Number(field, compare, number) => {
                let value = match field {
                    Field::Size => chunk.size,
                    Field::Address => chunk.address,
                    Field::Arena => chunk.arena.into(),
                };
                compare(&value, number)
            }
            Self::Kind(kind, equal) => (chunk.kind == *kind) == *equal,
            Self::Not(inner) => !inner.holds(chunk),
            Self::Both(a, b) => a.holds(chunk) && b.holds(chunk),
            Self::Either(a, b) => a.holds(chunk) || b.holds(chunk),
        }
    }
}

impl FromStr for Select {
    type Err = MemoryError;

    fn from_str(text: &str) -> Result<Self, MemoryError> {
        let words = words(text);
        let mut parser = Parser { text, words: &words, depth: 0 };
        let condition = parser.either()?;
        match parser.words.first() {
            None => Ok(Self(condition)),
            Some(word) => Err(parser.wrong(&format!("{word:?} was not expected"))),
        }
    }
}

/// Words, numbers, comparisons and parentheses.
fn words(text: &str) -> Vec<&str> {
    let class = |letter: char| match letter {
        ' ' | '\t' | '\n' => 0,
        '(' | ')' => 1,
        '<' | '>' | '=' | '!' => 2,
        _ => 3,
    };
    let mut words = Vec::new();
    let mut start = 0;
    for (at, letter) in text.char_indices() {
        let before = text[..at].chars().next_back();
        let goes_on = before.is_some_and(|b| class(b) == class(letter) && class(letter) != 1);
        if !goes_on {
            words.push(text[start..at].trim());
            start = at;
        }
    }
    words.push(text[start..].trim());
    words.retain(|word| !word.is_empty());
    words
}

struct Parser<'t> {
    text: &'t str,
    words: &'t [&'t str],
    depth: usize,
}

/// Parentheses and `not` within each other, so that no text exhausts the stack.
const DEEPEST: usize = 64;

impl Parser<'_> {
    fn either(&mut self) -> Result<Condition, MemoryError> {
        let mut left = self.both()?;
        while self.took("or") {
            left = Condition::Either(Box::new(left), Box::new(self.both()?));
        }
        Ok(left)
    }

    fn both(&mut self) -> Result<Condition, MemoryError> {
        let mut left = self.one()?;
        while self.took("and") {
            left = Condition::Both(Box::new(left), Box::new(self.one()?));
        }
        Ok(left)
    }

    fn one(&mut self) -> Result<Condition, MemoryError> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(self.wrong("it is nested too deeply"));
        }
        let condition = if self.took("not") {
            Condition::Not(Box::new(self.one()?))
        } else if self.took("(") {
            let inner = self.either()?;
            if !self.took(")") {
                return Err(self.wrong("a parenthesis is not closed"));
            }
            inner
        } else {
            self.comparison()?
        };
        self.depth -= 1;
        Ok(condition)
    }

    fn comparison(&mut self) -> Result<Condition, MemoryError> {
        let [field, sign, value] = *self.words.get(..3).unwrap_or_default() else {
            return Err(self.wrong("a comparison such as size>=4096 is missing"));
        };
        self.words = &self.words[3..];
        if field == "kind" {
            let kind = ChunkKind::ALL.into_iter().find(|kind| kind.name() == value);
            let kind = kind.ok_or_else(|| self.wrong(&format!("{value:?} is no kind")))?;
            return match sign {
                "==" | "=" => Ok(Condition::Kind(kind, true)),
                "!=" => Ok(Condition::Kind(kind, false)),
                _ => Err(self.wrong("a kind is compared by == or !=")),
            };
        }
        let field = match field {
            "size" => Field::Size,
            "address" => Field::Address,
            "arena" => Field::Arena,
            _ => return Err(self.wrong(&format!("{field:?} is not size, address, arena or kind"))),
        };
        let compare: Comparison = match sign {
            "==" | "=" => u64::eq,
            "!=" => u64::ne,
            "<" => u64::lt,
            "<=" => u64::le,
            ">" => u64::gt,
            ">=" => u64::ge,
            _ => return Err(self.wrong(&format!("{sign:?} is no comparison"))),
        };
        let value = number(value).ok_or_else(|| self.wrong(&format!("{value:?} is no number")))?;
        Ok(Condition::Number(field, compare, value))
    }

    fn took(&mut self, word: &str) -> bool {
        let is_next = self.words.first() == Some(&word);
        if is_next {
            self.words = &self.words[1..];
        }
        is_next
    }

    fn wrong(&self, why: &str) -> MemoryError {
        let what = format!(
            "{:?} selects nothing: {why}; write for example 'size>=4096 and kind==used'",
            self.text
        );
        MemoryError::new(Kind::Broken, what)
    }
}

fn number(text: &str) -> Option<u64> {
    if let Some(hex) = text.strip_prefix("0x") {
        return u64::from_str_radix(hex, 16).ok();
    }
    let unit_at = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(unit_at);
    let factor = match unit {
        "" => 1,
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        "GiB" => 1 << 30,
        _ => return None,
    };
    number.parse::<u64>().ok()?.checked_mul(factor)
}
