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

/// What a code says of the bytes, with `l`, `n` and their like resolved to their sizes
/// where values are made (see `view/value.rs`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    Signed { code: u8, size: u8 },
    Unsigned { code: u8, size: u8 },
    Float { code: u8, size: u8 },
    Bool,
    Char,
}

impl Kind {
    /// `None` if there is no such code in this order.
    pub(super) const fn of(order: ByteOrder, code: u8) -> Option<Self> {
        const LONG: u8 = if size_of::<core::ffi::c_long>() == 8 { 8 } else { 4 };
        const POINTER: u8 = match size_of::<usize>() {
            8 => 8,
            4 => 4,
            _ => 2,
        };
        let native = matches!(order, ByteOrder::Native);
        Some(match code {
            b'b' => Self::Signed { code, size: 1 },
            b'h' => Self::Signed { code, size: 2 },
            b'i' => Self::Signed { code, size: 4 },
            b'l' => Self::Signed { code, size: if native { LONG } else { 4 } },
            b'q' => Self::Signed { code, size: 8 },
            b'n' if native => Self::Signed { code, size: POINTER },
            b'B' => Self::Unsigned { code, size: 1 },
            b'H' => Self::Unsigned { code, size: 2 },
            b'I' => Self::Unsigned { code, size: 4 },
            b'L' => Self::Unsigned { code, size: if native { LONG } else { 4 } },
            b'Q' => Self::Unsigned { code, size: 8 },
            b'N' | b'P' if native => Self::Unsigned { code, size: POINTER },
            b'e' => Self::Float { code, size: 2 },
            b'f' => Self::Float { code, size: 4 },
            b'd' => Self::Float { code, size: 8 },
            b'?' => Self::Bool,
            b'c' => Self::Char,
            _ => return None,
        })
    }

    #[inline]
    pub(crate) const fn size(self) -> usize {
        match self {
            Self::Signed { size, .. } | Self::Unsigned { size, .. } | Self::Float { size, .. } => {
                size as usize
            }
            Self::Bool | Self::Char => 1,
        }
    }

    /// The alignment in native formats: what C gives the type.
    pub(super) const fn align(self) -> usize {
        match self {
            Self::Signed { size: 8, .. } | Self::Unsigned { size: 8, .. } => align_of::<u64>(),
            Self::Float { size: 8, .. } => align_of::<f64>(),
            other => other.size(),
        }
    }

    pub(crate) const fn code(self) -> u8 {
        match self {
            Self::Signed { code, .. } | Self::Unsigned { code, .. } | Self::Float { code, .. } => {
                code
            }
            Self::Bool => b'?',
            Self::Char => b'c',
        }
    }
}

impl Code {
    /// Unsigned bytes, `"B"`: what plain bytes are.
    pub const U8: Self =
        Self { order: ByteOrder::Native, kind: Kind::Unsigned { code: b'B', size: 1 } };

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
