//! CPython, asked for its own figures.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::MemoryError;
use super::error::Kind;

/// An interpreter that can be run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Python {
    path: PathBuf,
    version: String,
}

impl Python {
    /// The interpreter of that name or path.
    ///
    /// # Errors
    ///
    /// If there is none, or if it does not run.
    pub fn open(path: impl Into<PathBuf>) -> Result<Self, MemoryError> {
        let path = path.into();
        let script = "import sys; sys.stdout.write('%d.%d.%d' % sys.version_info[:3])";
        let version = run(&path, script, &[])?;
        Ok(Self { path, version })
    }

    /// `python2.7` and `python3`, as far as they are there.
    pub fn found() -> Vec<Self> {
        ["python2.7", "python3"].into_iter().filter_map(|name| Self::open(name).ok()).collect()
    }

    /// Its version, such as `3.11.7`.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// What a script prints.
    ///
    /// # Errors
    ///
    /// If it fails; with the last line that it complained with.
    pub fn run(&self, script: &str, arguments: &[&str]) -> Result<String, MemoryError> {
        run(&self.path, script, arguments)
    }
}

fn run(path: &Path, script: &str, arguments: &[&str]) -> Result<String, MemoryError> {
    let shown = path.display();
    let failed = |why: &str| MemoryError::new(Kind::System, format!("{shown}: {why}"));
    let mut command = Command::new(path);
    // What the environment adds to the interpreter would be measured too.
    command.args(["-E", "-s", "-c", script]).args(arguments).stdin(Stdio::null());
    let output = command.output().map_err(|error| failed(&error.to_string()))?;
    if !output.status.success() {
        let words = String::from_utf8_lossy(&output.stderr);
        return Err(failed(words.lines().last().unwrap_or("it failed")));
    }
    String::from_utf8(output.stdout).map_err(|_| failed("it printed no text"))
}
