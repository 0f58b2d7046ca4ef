//! The format of one element, in the `struct` module's codes.

use alloc::boxed::Box;
use core::fmt;

/// The format of one element: a code of Python's `struct` module, with its
/// byte order.
///
/// A format is one of the codes `c b B ? h H i I l L q Q n N e f d`, with an
/// optional order before it: `@` (native sizes and order, also when nothing is
/// given), `=` (native order, standard sizes), `<` (little-endian), `>` or `!`
/// (big-endian). The sizes are those of the
/// [`struct` documentation](https://docs.python.org/3/library/struct.html#format-characters);
/// with `@`, `l` and `L` have the size of C's `long` on this target.
///
/// ```
/// use buffers::Format;
///
/// assert_eq!(Format::parse("<I")?.itemsize(), 4);
/// assert_eq!(Format::parse("d")?.itemsize(), 8);
/// assert_eq!(Format::default(), Format::parse("B")?);
/// assert!(Format::parse("<n").is_err()); // native sizes only, as in Python
/// # Ok::<(), buffers::FormatError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Format {
    order: Order,
    code: u8,
    itemsize: u8,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Order {
    Native,
    NativeStandard,
    Little,
    Big,
}

impl Format {
    /// Unsigned bytes, `"B"`: the format of plain bytes.
    pub const U8: Self = Self { order: Order::Native, code: b'B', itemsize: 1 };

    /// Parses a format such as `"B"` or `"<I"`.
    ///
    /// # Errors
    ///
    /// [`FormatError`] names the position of the first character that is no
    /// such code, or says that the text ended too early.
    pub fn parse(text: &str) -> Result<Self, FormatError> {
        let fail = |position| FormatError { text: text.into(), position };
        let bytes = text.as_bytes();
        let (order, position) = match bytes.first() {
            Some(b'@') => (Order::Native, 1),
            Some(b'=') => (Order::NativeStandard, 1),
            Some(b'<') => (Order::Little, 1),
            Some(b'>' | b'!') => (Order::Big, 1),
            _ => (Order::Native, 0),
        };
        let &code = bytes.get(position).ok_or_else(|| fail(position))?;
        let itemsize = itemsize(order, code).ok_or_else(|| fail(position))?;
        if bytes.len() > position + 1 {
            return Err(fail(position + 1));
        }
        Ok(Self { order, code, itemsize })
    }

    /// The bytes that one element takes.
    #[must_use]
    pub const fn itemsize(self) -> usize {
        self.itemsize as usize
    }

    /// The `struct` code without its byte order, such as `'I'`.
    #[must_use]
    pub const fn code(self) -> char {
        self.code as char
    }

    /// Whether an element's most significant byte comes first.
    #[must_use]
    pub const fn is_big_endian(self) -> bool {
        match self.order {
            Order::Little => false,
            Order::Big => true,
            Order::Native | Order::NativeStandard => cfg!(target_endian = "big"),
        }
    }
}

/// The size of `code`, or `None` if there is no such code in this order.
fn itemsize(order: Order, code: u8) -> Option<u8> {
    let native = order == Order::Native;
    let size = match code {
        b'c' | b'b' | b'B' | b'?' => 1,
        b'h' | b'H' | b'e' => 2,
        b'l' | b'L' if native => size_of::<core::ffi::c_long>(),
        b'i' | b'I' | b'l' | b'L' | b'f' => 4,
        b'q' | b'Q' | b'd' => 8,
        b'n' | b'N' if native => size_of::<usize>(),
        _ => return None,
    };
    u8::try_from(size).ok()
}

impl Default for Format {
    fn default() -> Self {
        Self::U8
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let order = match self.order {
            Order::Native => "",
            Order::NativeStandard => "=",
            Order::Little => "<",
            Order::Big => ">",
        };
        write!(f, "{order}{}", self.code())
    }
}

impl fmt::Debug for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Format(\"{self}\")")
    }
}

/// A text that is no format, with the position where that was seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormatError {
    text: Box<str>,
    position: usize,
}

impl FormatError {
    /// The byte position in the text at which no code could be read.
    #[must_use]
    pub fn position(&self) -> usize {
        self.position
    }
}

impl fmt::Display for FormatError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { text, position } = self;
        match text.get(*position..).and_then(|rest| rest.chars().next()) {
            Some(found) => write!(
                f,
                "bad format {text:?}: {found:?} at position {position} is not expected there; \
                 a format is one of cbB?hHiIlLqQnNefd, with one of @=<>! before it or nothing"
            ),
            None => write!(f, "bad format {text:?}: it ends before any code"),
        }
    }
}

impl core::error::Error for FormatError {}
