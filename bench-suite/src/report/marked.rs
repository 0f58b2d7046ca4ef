//! Figures put where a file has room for them, so that none is typed by hand.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The part of a file between `<!-- NAME: begin -->` and `<!-- NAME: end -->`.
pub struct Marked {
    path: PathBuf,
    before: String,
    after: String,
}

impl Marked {
    /// Finds the marks, so that a long run does not end in a file that has none.
    ///
    /// # Errors
    ///
    /// If the file cannot be read, or has no such marks; the text names both.
    pub fn find(path: &Path, name: &str) -> io::Result<Self> {
        let shown = path.display();
        let text = fs::read_to_string(path)
            .map_err(|error| io::Error::new(error.kind(), format!("{shown}: {error}")))?;
        let (begin, end) = (format!("<!-- {name}: begin -->\n"), format!("<!-- {name}: end -->"));
        let start = text.find(&begin).map(|at| at + begin.len());
        let stop = start.and_then(|start| Some(start + text[start..].find(&end)?));
        let Some((start, stop)) = start.zip(stop) else {
            let text = format!("{shown} has no {} and {end} to write between", begin.trim());
            return Err(io::Error::new(io::ErrorKind::InvalidData, text));
        };
        let (before, after) = (text[..start].to_owned(), text[stop..].to_owned());
        Ok(Self { path: path.into(), before, after })
    }

    /// Replaces what stands there.
    ///
    /// # Errors
    ///
    /// If the file cannot be written.
    pub fn replace(&self, text: &str) -> io::Result<()> {
        let Self { path, before, after } = self;
        fs::write(path, format!("{before}\n{}\n\n{after}", text.trim()))
            .map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", path.display())))
    }
}
