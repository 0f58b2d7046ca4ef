//! The same bytes as elements of another format: `memoryview.cast`.

use core::fmt;

use super::borrowed::View;
use super::mutable::{Cells, ViewMut};
use crate::layout::ByteOrder;
use crate::{Format, Layout};

/// Casts. Nothing is copied.
impl View<'_> {
    /// The same bytes as one axis of elements of another format, by the rules of
    /// [`memoryview.cast`](https://docs.python.org/3/library/stdtypes.html#memoryview.cast):
    /// the view has to be contiguous in the order of C; and of the two formats, one has to
    /// be of bytes: from `B`, `b` or `c` to any single code in native order and size, or
    /// from any format, records too, to one of those three.
    ///
    /// Alignment does not matter: elements are read byte by byte.
    ///
    /// # Errors
    ///
    /// [`CastError`] says which rule is broken.
    ///
    /// ```
    /// use buffers::{Format, View};
    ///
    /// let bytes = [0; 12];
    /// let words = View::of_bytes(&bytes).cast(Format::parse("I")?)?;
    /// assert_eq!((words.shape(), words.itemsize()), (&[3][..], 4));
    /// let error = words.cast(Format::parse("f")?).unwrap_err();
    /// assert_eq!(error.to_string(), "cannot cast \"I\" to \"f\": one of them has to be of bytes");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn cast(&self, format: Format) -> Result<Self, CastError> {
        self.cast_by(format, None)
    }

    /// [`cast`](Self::cast), and along other axes: from one axis to several, or from
    /// several to one. No length may be 0.
    ///
    /// # Errors
    ///
    /// [`CastError`] says which rule is broken.
    pub fn cast_to(&self, format: Format, shape: impl AsRef<[usize]>) -> Result<Self, CastError> {
        self.cast_by(format, Some(shape.as_ref()))
    }

    fn cast_by(&self, format: Format, shape: Option<&[usize]>) -> Result<Self, CastError> {
        let layout = cast_layout(self.layout(), self.format(), &format, shape)?;
        Ok(View::lent(self.backing(), layout, format))
    }
}

/// Casts. Nothing is copied.
impl ViewMut<'_> {
    /// The same bytes as one axis of elements of another format; see [`View::cast`].
    ///
    /// # Errors
    ///
    /// [`CastError`] says which rule is broken.
    pub fn cast(self, format: Format) -> Result<Self, CastError> {
        self.cast_by(format, None)
    }

    /// [`cast`](Self::cast), and along other axes; see [`View::cast_to`].
    ///
    /// # Errors
    ///
    /// [`CastError`] says which rule is broken.
    pub fn cast_to(self, format: Format, shape: impl AsRef<[usize]>) -> Result<Self, CastError> {
        self.cast_by(format, Some(shape.as_ref()))
    }

    fn cast_by(self, format: Format, shape: Option<&[usize]>) -> Result<Self, CastError> {
        let layout = cast_layout(self.layout(), self.format(), &format, shape)?;
        let cells = match self.cells {
            Cells::Whole { bytes, .. } => Cells::Whole { bytes, layout },
            Cells::Part(part) => {
                // What is contiguous is a slice, so it can stand on its own.
                let layout = layout.before(layout.offset());
                let bytes = part.into_slice().map_err(|_| CastError(Rule::Contiguous))?;
                Cells::Whole { bytes, layout }
            }
        };
        Ok(Self { cells, format })
    }
}

/// The layout of the same bytes, after the rules of `memory_cast` in CPython's
/// `Objects/memoryobject.c`, in the order in which that asks them.
fn cast_layout(
    layout: &Layout,
    from: &Format,
    to: &Format,
    shape: Option<&[usize]>,
) -> Result<Layout, CastError> {
    let fail = |rule| Err(CastError(rule));
    if !layout.is_c_contiguous() {
        return fail(Rule::Contiguous);
    }
    if (shape.is_some() || layout.ndim() != 1) && layout.is_empty() {
        return fail(Rule::Empty);
    }
    if shape.is_some_and(|shape| layout.ndim() != 1 && shape.len() != 1) {
        return fail(Rule::Axes);
    }
    let of_bytes = |code| matches!(code, 'B' | 'b' | 'c');
    let Some(target) = native_code(to) else { return fail(Rule::Target(to.clone())) };
    if !of_bytes(target) && !native_code(from).is_some_and(of_bytes) {
        return fail(Rule::NeitherBytes(from.clone(), to.clone()));
    }
    let (nbytes, itemsize) = (layout.nbytes(), to.itemsize());
    if !nbytes.is_multiple_of(itemsize) {
        return fail(Rule::Leftover { nbytes, itemsize });
    }
    let elements = [nbytes / itemsize];
    let shape = shape.unwrap_or(&elements);
    if shape.contains(&0) && !layout.is_empty() {
        return fail(Rule::ZeroAsked);
    }
    let cast = Layout::contiguous(itemsize, shape, crate::Order::C);
    match cast {
        Ok(cast) if cast.nbytes() == nbytes => Ok(cast.behind(layout.offset())),
        Ok(cast) => fail(Rule::Size { nbytes, asked: cast.nbytes() }),
        Err(_) => fail(Rule::TooLarge),
    }
}

/// The code of a format that is a single one in native order and size.
fn native_code(format: &Format) -> Option<char> {
    let code = format.code().filter(|code| code.order() == ByteOrder::Native)?;
    Some(code.as_char())
}

/// A cast that CPython's `memoryview` refuses too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CastError(Rule);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Rule {
    Contiguous,
    Empty,
    ZeroAsked,
    Axes,
    Target(Format),
    NeitherBytes(Format, Format),
    Leftover { nbytes: usize, itemsize: usize },
    Size { nbytes: usize, asked: usize },
    TooLarge,
}

impl CastError {
    /// Whether it is a format that is refused, and not the layout: then no shape and no
    /// copy helps.
    #[must_use]
    pub fn is_about_format(&self) -> bool {
        matches!(self.0, Rule::Target(_) | Rule::NeitherBytes(..))
    }
}

impl fmt::Display for CastError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Rule::Contiguous => {
                f.write_str("only what is contiguous in the order of C can be cast")
            }
            Rule::Empty => f.write_str("an axis of length 0 can be cast to one axis only"),
            Rule::ZeroAsked => f.write_str("no length of a shape to cast to may be 0"),
            Rule::Axes => f.write_str("a cast goes from one axis to several, or the other way"),
            Rule::Target(format) => {
                write!(f, "cannot cast to \"{format}\", which is no single native code")
            }
            Rule::NeitherBytes(from, to) => {
                write!(f, "cannot cast \"{from}\" to \"{to}\": one of them has to be of bytes")
            }
            Rule::Leftover { nbytes, itemsize } => {
                write!(f, "{nbytes} bytes are no whole number of elements of {itemsize} bytes")
            }
            Rule::Size { nbytes, asked } => {
                write!(f, "a shape of {asked} bytes is asked of {nbytes} bytes")
            }
            Rule::TooLarge => f.write_str("a shape is asked that no memory has"),
        }
    }
}

impl core::error::Error for CastError {}
