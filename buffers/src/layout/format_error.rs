//! Why a text is no format.

use alloc::boxed::Box;
use core::fmt;

/// A text that is no format, with the position where that was seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormatError {
    text: Box<str>,
    position: usize,
    trouble: Trouble,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Trouble {
    Unexpected,
    Ends,
    TooLarge,
}

/// How much of a bad format an error quotes: it may be of any length.
const QUOTED: usize = 40;

impl FormatError {
    #[cold]
    pub(super) fn unexpected(text: &str, position: usize) -> Self {
        Self { text: quote(text, position), position, trouble: Trouble::Unexpected }
    }

    #[cold]
    pub(super) fn ends(text: &str) -> Self {
        Self { text: quote(text, text.len()), position: text.len(), trouble: Trouble::Ends }
    }

    #[cold]
    pub(super) fn too_large(text: &str, position: usize) -> Self {
        Self { text: quote(text, position), position, trouble: Trouble::TooLarge }
    }

    /// The byte position in the text at which it went wrong: at a character that is no
    /// code, at the end where a code is missing, at the part by which the element became
    /// too large.
    #[must_use]
    pub fn position(&self) -> usize {
        self.position
    }
}

/// What stands at `position` and a little of what follows.
fn quote(text: &str, position: usize) -> Box<str> {
    let rest = text.get(position..).unwrap_or_default();
    rest.chars().take(QUOTED).collect()
}

impl fmt::Display for FormatError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { text, position, trouble } = self;
        match trouble {
            Trouble::Unexpected => {
                let found = text.chars().next().unwrap_or_default();
                write!(f, "bad format: {found:?} at position {position} is no code here; ")?;
                f.write_str(
                    "codes are xcbB?hHiIlLqQnNefdspP, a count may stand right before one, \
                     @=<>! only at the very beginning, and nNP have native order only",
                )
            }
            Trouble::Ends => write!(f, "bad format: it ends at position {position} without a code"),
            Trouble::TooLarge => write!(
                f,
                "bad format: with {text:?} at position {position} an element would take more \
                 than {} bytes",
                isize::MAX
            ),
        }
    }
}

impl core::error::Error for FormatError {}
