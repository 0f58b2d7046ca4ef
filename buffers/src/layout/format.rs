//! The format of one element, in the language of the `struct` module.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

use super::code::{ByteOrder, Code, Kind};
pub use super::format_error::FormatError;

/// The format of one element in the language of Python's `struct` module: a number
/// (`"<I"`), several (`"3h"`), or a record (`"@Hb?4s"`).
///
/// A format is an optional order, `@ = < > !`, and then codes, each with an optional
/// count before it and white space between them: `c b B ? h H i I l L q Q n N e f d P` as
/// for a [`Code`]; `x`, a byte that is left out; `s`, bytes of which the count is the
/// length; `p`, the same with the length of what is used in the first byte. Without an
/// order, or with `@`, numbers stand where C would put them in a struct, with padding
/// before them; there is none at the end, unless the format ends in a code with the count
/// 0, which aligns. Rules and sizes are those of
/// [`struct`](https://docs.python.org/3/library/struct.html#format-strings).
///
/// A format of one plain code is kept in place; any other is parsed into one allocation
/// that clones share. What is allocated grows with the text, not with the counts in it.
///
/// ```
/// use buffers::Format;
///
/// let record = Format::parse("<I H b d")?;
/// assert_eq!((record.itemsize(), record.values()), (15, 4));
/// assert_eq!(Format::parse("@bI")?.itemsize(), 8); // 3 bytes of padding
/// assert_eq!(Format::parse("999999999999x")?.values(), 0);
/// assert_eq!(Format::parse("<Iz").unwrap_err().position(), 2);
/// # Ok::<(), buffers::FormatError>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Format(Repr);

#[derive(Clone, PartialEq, Eq, Hash)]
enum Repr {
    One(Code),
    Several(Arc<Several>),
}

#[derive(PartialEq, Eq, Hash)]
struct Several {
    order: ByteOrder,
    itemsize: usize,
    values: usize,
    fields: Vec<Field>,
}

/// Some neighbours of one code in a [`Format`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Field {
    offset: usize,
    count: usize,
    content: Content,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Content {
    /// As many values as the count says.
    Values(Kind),
    /// One value of as many bytes: `s`.
    Bytes,
    /// One value whose first byte is its length: `p`.
    Pascal,
    /// No value: `x`.
    Padding,
}

impl Format {
    /// Unsigned bytes, `"B"`: the format of plain bytes.
    pub const U8: Self = Self(Repr::One(Code::U8));

    /// Parses a format such as `"B"`, `"<I"` or `"<IHb4s"`.
    ///
    /// # Errors
    ///
    /// [`FormatError`] names the position of the character that is no code, or no code of
    /// this order; it says that a count has no code behind it, or that an element would
    /// have more than `isize::MAX` bytes. An empty text is a format of no bytes, as in
    /// Python.
    pub fn parse(text: &str) -> Result<Self, FormatError> {
        let (order, start) = ByteOrder::of(text);
        let mut several = Several { order, itemsize: 0, values: 0, fields: Vec::new() };
        let mut at = start;
        while let Some(&byte) = text.as_bytes().get(at) {
            // What C's `isspace` says.
            if byte.is_ascii_whitespace() || byte == 0x0b {
                at += 1;
                continue;
            }
            let (count, code_at) = count(text, at)?;
            let &code = text.as_bytes().get(code_at).ok_or_else(|| FormatError::ends(text))?;
            let content =
                Content::of(order, code).ok_or_else(|| FormatError::unexpected(text, code_at))?;
            several
                .append(content, count.unwrap_or(1))
                .ok_or_else(|| FormatError::too_large(text, at))?;
            at = code_at + 1;
        }
        Ok(Self(several.reduced()))
    }

    /// The bytes that one element takes: `struct.calcsize`.
    #[must_use]
    #[inline]
    pub fn itemsize(&self) -> usize {
        match &self.0 {
            Repr::One(code) => code.itemsize(),
            Repr::Several(several) => several.itemsize,
        }
    }

    /// How many values one element unpacks to.
    #[must_use]
    pub fn values(&self) -> usize {
        match &self.0 {
            Repr::One(_) => 1,
            Repr::Several(several) => several.values,
        }
    }

    /// The code, if an element is one plain value: what [`View`](crate::View)'s casts and
    /// a [`Row`](crate::Row) ask for.
    #[must_use]
    #[inline]
    pub fn code(&self) -> Option<Code> {
        match &self.0 {
            Repr::One(code) => Some(*code),
            Repr::Several(_) => None,
        }
    }

    /// Whether the most significant byte of its numbers comes first.
    #[must_use]
    pub fn is_big_endian(&self) -> bool {
        self.order().is_big()
    }

    pub(crate) fn order(&self) -> ByteOrder {
        match &self.0 {
            Repr::One(code) => code.order(),
            Repr::Several(several) => several.order,
        }
    }

    /// What an element is made of, in order; neighbours that were given by one count are
    /// one field, and the padding that alignment adds is none.
    ///
    /// ```
    /// use buffers::Format;
    ///
    /// let format = Format::parse("@b3I2x4s")?;
    /// let fields: Vec<_> = format.fields().map(|f| (f.offset(), f.count(), f.code())).collect();
    /// assert_eq!(fields, [(0, 1, 'b'), (4, 3, 'I'), (16, 2, 'x'), (18, 4, 's')]);
    /// # Ok::<(), buffers::FormatError>(())
    /// ```
    pub fn fields(&self) -> impl ExactSizeIterator<Item = Field> + Clone {
        self.as_fields().iter().copied()
    }

    pub(crate) fn as_fields(&self) -> &[Field] {
        match &self.0 {
            Repr::One(code) => Field::alone(code.kind()),
            Repr::Several(several) => &several.fields,
        }
    }
}

impl Several {
    /// `None` if the element would be too large.
    fn append(&mut self, content: Content, count: usize) -> Option<()> {
        let offset = self.itemsize.checked_next_multiple_of(content.align(self.order))?;
        let bytes = content.itemsize().checked_mul(count)?;
        let end = offset.checked_add(bytes).filter(|&end| isize::try_from(end).is_ok())?;
        self.itemsize = end;
        self.values += match content {
            Content::Values(_) => count,
            Content::Bytes | Content::Pascal => 1,
            Content::Padding => 0,
        };
        let field = Field { offset, count, content };
        if field.values() > 0 || content == Content::Padding {
            self.fields.push(field);
        }
        Some(())
    }

    fn reduced(mut self) -> Repr {
        match *self.fields {
            [Field { offset: 0, count: 1, content: Content::Values(kind) }]
                if self.itemsize == kind.size() =>
            {
                Repr::One(Code::new(self.order, kind))
            }
            _ => {
                self.fields.shrink_to_fit();
                Repr::Several(Arc::new(self))
            }
        }
    }
}

impl Content {
    fn of(order: ByteOrder, code: u8) -> Option<Self> {
        match code {
            b's' => Some(Self::Bytes),
            b'p' => Some(Self::Pascal),
            b'x' => Some(Self::Padding),
            code => Kind::of(order, code).map(Self::Values),
        }
    }

    fn align(self, order: ByteOrder) -> usize {
        match self {
            Self::Values(kind) if order == ByteOrder::Native => kind.align(),
            _ => 1,
        }
    }

    fn itemsize(self) -> usize {
        match self {
            Self::Values(kind) => kind.size(),
            Self::Bytes | Self::Pascal | Self::Padding => 1,
        }
    }
}

impl Field {
    /// The one field of a format that is kept in place.
    fn alone(kind: Kind) -> &'static [Self] {
        let at = ALONE.iter().position(|field| field.content == Content::Values(kind));
        at.map_or(&[], |at| &ALONE[at..=at])
    }

    /// Where its bytes begin in the element.
    pub fn offset(&self) -> usize {
        self.offset
    }

    /// The count that was given, or 1: values of numbers, bytes of `s`, `p` and `x`.
    pub fn count(&self) -> usize {
        self.count
    }

    /// Its code, such as `'I'`.
    pub fn code(&self) -> char {
        char::from(match self.content {
            Content::Values(kind) => kind.code(),
            Content::Bytes => b's',
            Content::Pascal => b'p',
            Content::Padding => b'x',
        })
    }

    /// How many values it unpacks to.
    pub fn values(&self) -> usize {
        match self.content {
            Content::Values(_) => self.count,
            Content::Bytes | Content::Pascal => 1,
            Content::Padding => 0,
        }
    }

    #[inline]
    pub(crate) fn content(&self) -> Content {
        self.content
    }
}

/// One field for each plain code, with native sizes and with standard ones.
static ALONE: [Field; 36] = {
    let codes = b"bhilqnBHILQNPefd?c";
    let mut all = [Field { offset: 0, count: 1, content: Content::Padding }; 36];
    let mut i = 0;
    while i < all.len() {
        let order = if i < 18 { ByteOrder::Native } else { ByteOrder::NativeStandard };
        if let Some(kind) = Kind::of(order, codes[i % 18]) {
            all[i].content = Content::Values(kind);
        }
        i += 1;
    }
    all
};

/// The count at `at`, if there is one, and where its code stands.
fn count(text: &str, at: usize) -> Result<(Option<usize>, usize), FormatError> {
    let digits = text.as_bytes()[at..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    if digits == 0 {
        return Ok((None, at));
    }
    let count = text[at..at + digits].parse().ok();
    let count = count.filter(|&count: &usize| isize::try_from(count).is_ok());
    count.map(|count| (Some(count), at + digits)).ok_or_else(|| FormatError::too_large(text, at))
}

impl From<Code> for Format {
    fn from(code: Code) -> Self {
        Self(Repr::One(code))
    }
}

impl Default for Format {
    fn default() -> Self {
        Self::U8
    }
}

impl core::str::FromStr for Format {
    type Err = FormatError;

    fn from_str(text: &str) -> Result<Self, FormatError> {
        Self::parse(text)
    }
}

impl fmt::Display for Format {
    /// The shortest text that parses to the same fields at the same places. What was
    /// aligned by a count of 0 is shown as the padding that came of it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let order = self.order();
        f.write_str(order.sign())?;
        let mut end = 0_usize;
        for field in self.fields() {
            let align = field.content.align(order);
            if end.next_multiple_of(align) != field.offset {
                pad(field.offset - end, f)?;
            }
            if field.count != 1 {
                write!(f, "{}", field.count)?;
            }
            write!(f, "{}", field.code())?;
            end = field.offset + field.count * field.content.itemsize();
        }
        if end < self.itemsize() { pad(self.itemsize() - end, f) } else { Ok(()) }
    }
}

fn pad(bytes: usize, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    if bytes == 1 { f.write_str("x") } else { write!(f, "{bytes}x") }
}

impl fmt::Debug for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Format(\"{self}\")")
    }
}
