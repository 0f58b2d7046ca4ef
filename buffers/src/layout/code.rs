//! One code of the `struct` module, with its byte order.

use core::fmt;

use super::format::FormatError;

/// One code of Python's `struct` module with its byte order: the format of one plain
/// number, byte or truth value.
///
/// A code is one of `c b B ? h H i I l L q Q n N e f d P`, with an optional order before
/// it: `@` (native sizes and order, also when nothing is given), `=` (native order,
/// standard sizes), `<` (little-endian), `>` or `!` (big-endian). The sizes are those of
/// the [`struct` documentation](https://docs.python.org/3/library/struct.html#format-characters);
/// with `@`, `l` and `L` have the size of C's `long` on this target.
///
/// It is what a [`Row`](crate::Row) is made of, and copies like a number. Formats of
/// several codes, counts and strings are a [`Format`](crate::Format)'s.
///
/// ```
/// use buffers::Code;
///
/// assert_eq!(Code::parse("<I")?.itemsize(), 4);
/// assert_eq!(Code::parse("d")?.itemsize(), 8);
/// assert_eq!(Code::default(), Code::parse("B")?);
/// assert!(Code::parse("<n").is_err()); // native sizes only, as in Python
/// assert!(Code::parse("2I").is_err()); // that is a `Format`
/// # Ok::<(), buffers::FormatError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Code {
    order: ByteOrder,
    kind: Kind,
}

/// How the bytes of a number stand, and how large `l`, `n` and their like are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum ByteOrder {
    Native,
    NativeStandard,
    Little,
    Big,
}

impl ByteOrder {
    /// The order that a format's text begins with, and where its codes begin.
    pub(super) fn of(text: &str) -> (Self, usize) {
        match text.as_bytes().first() {
            Some(b'@') => (Self::Native, 1),
            Some(b'=') => (Self::NativeStandard, 1),
            Some(b'<') => (Self::Little, 1),
            Some(b'>' | b'!') => (Self::Big, 1),
            _ => (Self::Native, 0),
        }
    }

    pub(super) const fn sign(self) -> &'static str {
        match self {
            Self::Native => "",
            Self::NativeStandard => "=",
            Self::Little => "<",
            Self::Big => ">",
        }
    }

    #[inline]
    pub(crate) const fn is_big(self) -> bool {
        match self {
            Self::Little => false,
            Self::Big => true,
            Self::Native | Self::NativeStandard => cfg!(target_endian = "big"),
        }
    }
}

/// A code with what it says of the bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Kind {
    code: u8,
    number: Number,
    /// That of the number, at hand for those who only want to know where it ends.
    size: u8,
}

/// What a code says of the bytes, with `l`, `n` and their like resolved to their sizes.
/// Flat, so that one jump leads to the code that reads a value: see `view/value.rs`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Number {
    I8,
    I16,
    I32,
    I64,
    U8,
    U16,
    U32,
    U64,
    F16,
    F32,
    F64,
    Bool,
    Char,
}

impl Number {
    #[inline]
    pub(crate) const fn size(self) -> usize {
        match self {
            Self::I8 | Self::U8 | Self::Bool | Self::Char => 1,
            Self::I16 | Self::U16 | Self::F16 => 2,
            Self::I32 | Self::U32 | Self::F32 => 4,
            Self::I64 | Self::U64 | Self::F64 => 8,
        }
    }

    /// The alignment in native formats: what C gives the type.
    const fn align(self) -> usize {
        match self {
            Self::I64 | Self::U64 => align_of::<u64>(),
            Self::F64 => align_of::<f64>(),
            other => other.size(),
        }
    }
}

impl Kind {
    /// `None` if there is no such code in this order.
    pub(crate) const fn of(order: ByteOrder, code: u8) -> Option<Self> {
        let native = matches!(order, ByteOrder::Native);
        let long = native && size_of::<core::ffi::c_long>() == 8;
        let wide = size_of::<usize>() == 8;
        let number = match code {
            b'b' => Number::I8,
            b'h' => Number::I16,
            b'l' if long => Number::I64,
            b'i' | b'l' => Number::I32,
            b'q' => Number::I64,
            b'n' if native => {
                if wide {
                    Number::I64
                } else {
                    Number::I32
                }
            }
            b'B' => Number::U8,
            b'H' => Number::U16,
            b'L' if long => Number::U64,
            b'I' | b'L' => Number::U32,
            b'Q' => Number::U64,
            b'N' | b'P' if native => {
                if wide {
                    Number::U64
                } else {
                    Number::U32
                }
            }
            b'e' => Number::F16,
            b'f' => Number::F32,
            b'd' => Number::F64,
            b'?' => Number::Bool,
            b'c' => Number::Char,
            _ => return None,
        };
        Some(Self::new(code, number))
    }

    const fn new(code: u8, number: Number) -> Self {
        let size = match number.size() {
            1 => 1,
            2 => 2,
            4 => 4,
            _ => 8,
        };
        Self { code, number, size }
    }

    #[inline]
    pub(crate) const fn size(self) -> usize {
        self.size as usize
    }

    pub(super) const fn align(self) -> usize {
        self.number.align()
    }

    #[inline]
    pub(crate) const fn number(self) -> Number {
        self.number
    }

    pub(crate) const fn code(self) -> u8 {
        self.code
    }
}

impl Code {
    /// Unsigned bytes, `"B"`: what plain bytes are.
    pub const U8: Self = Self { order: ByteOrder::Native, kind: Kind::new(b'B', Number::U8) };

    /// Parses a code such as `"B"` or `"<I"`.
    ///
    /// # Errors
    ///
    /// [`FormatError`] names the position of the first character that does not belong
    /// there.
    pub fn parse(text: &str) -> Result<Self, FormatError> {
        let (order, position) = ByteOrder::of(text);
        let bytes = text.as_bytes();
        let Some(&code) = bytes.get(position) else {
            return Err(FormatError::ends(text));
        };
        let kind = Kind::of(order, code).ok_or_else(|| FormatError::unexpected(text, position))?;
        if bytes.len() > position + 1 {
            return Err(FormatError::unexpected(text, position + 1));
        }
        Ok(Self { order, kind })
    }

    pub(crate) const fn new(order: ByteOrder, kind: Kind) -> Self {
        Self { order, kind }
    }

    /// The bytes that one element takes.
    #[must_use]
    #[inline]
    pub const fn itemsize(self) -> usize {
        self.kind.size()
    }

    /// The code without its byte order, such as `'I'`.
    #[must_use]
    pub const fn as_char(self) -> char {
        self.kind.code() as char
    }

    /// Whether an element's most significant byte comes first.
    #[must_use]
    #[inline]
    pub const fn is_big_endian(self) -> bool {
        self.order.is_big()
    }

    pub(crate) const fn order(self) -> ByteOrder {
        self.order
    }

    #[inline]
    pub(crate) const fn kind(self) -> Kind {
        self.kind
    }
}

impl Default for Code {
    fn default() -> Self {
        Self::U8
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.order.sign(), self.as_char())
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Code(\"{self}\")")
    }
}
