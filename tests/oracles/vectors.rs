//! What a stock CPython answered: the cases that `vectors/generate.py` writes.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value as Json;

/// The seed of the committed cases.
pub const SEED: &str = "7";

/// The version of Python that made them.
pub const VERSION: &str = "3.11";

/// One question and CPython's answer to it.
pub struct Case(Json);

/// A case that was replayed.
pub enum Outcome {
    /// Ours answers as CPython does.
    Same,
    /// Ours was made to answer otherwise, or cannot be asked, for this reason.
    Apart(&'static str),
}

/// Holds one case against ours. The error says what ours answered.
pub type Check = fn(&Case) -> Result<Outcome, String>;

/// What a case consists of. Fields that are asked for have to be there, as what they are
/// asked for.
#[allow(clippy::missing_panics_doc, reason = "said once, above")]
impl Case {
    /// A field, null if it is not there.
    #[must_use]
    pub fn get(&self, field: &str) -> &Json {
        &self.0[field]
    }

    /// The case that is a field of this one.
    #[must_use]
    pub fn case(&self, field: &str) -> Self {
        Self(self.0[field].clone())
    }

    /// The cases in a list.
    #[must_use]
    pub fn cases(&self, field: &str) -> Vec<Self> {
        self.list(field).iter().cloned().map(Self).collect()
    }

    /// Whether a field is there.
    #[must_use]
    pub fn has(&self, field: &str) -> bool {
        self.0.get(field).is_some()
    }

    /// A text.
    #[must_use]
    pub fn text(&self, field: &str) -> &str {
        self.get(field).as_str().unwrap_or_else(|| panic!("{field} is a text"))
    }

    /// The name of the error that CPython raised, if it did.
    #[must_use]
    pub fn error(&self) -> Option<&str> {
        self.get("error").as_str()
    }

    /// A list.
    #[must_use]
    pub fn list(&self, field: &str) -> &[Json] {
        self.get(field).as_array().unwrap_or_else(|| panic!("{field} is a list"))
    }

    /// A list of lengths.
    #[must_use]
    pub fn lengths(&self, field: &str) -> Vec<usize> {
        self.list(field).iter().map(length).collect()
    }

    /// A list of distances.
    #[must_use]
    pub fn distances(&self, field: &str) -> Vec<isize> {
        self.list(field).iter().map(distance).collect()
    }

    /// A position or distance.
    #[must_use]
    pub fn distance(&self, field: &str) -> isize {
        distance(self.get(field))
    }

    /// A length.
    #[must_use]
    pub fn length(&self, field: &str) -> usize {
        length(self.get(field))
    }

    /// A truth value.
    #[must_use]
    pub fn is(&self, field: &str) -> bool {
        self.get(field).as_bool().unwrap_or_else(|| panic!("{field} is true or false"))
    }

    /// Bytes, which are written as hexadecimal digits.
    #[must_use]
    pub fn bytes(&self, field: &str) -> Vec<u8> {
        from_hex(self.text(field))
    }
}

impl std::fmt::Display for Case {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

fn length(number: &Json) -> usize {
    usize::try_from(number.as_u64().expect("a length")).expect("of 64 bits")
}

/// A position or distance.
///
/// # Panics
///
/// If it is none.
#[must_use]
pub fn distance(number: &Json) -> isize {
    isize::try_from(number.as_i64().expect("a distance")).expect("of 64 bits")
}

/// The bytes that pairs of hexadecimal digits stand for.
///
/// # Panics
///
/// If they are none.
#[must_use]
pub fn from_hex(text: &str) -> Vec<u8> {
    let digit = |digit: u8| char::from(digit).to_digit(16).expect("a hexadecimal digit");
    let pair = |pair: &[u8]| u8::try_from(digit(pair[0]) << 4 | digit(pair[1])).expect("a byte");
    text.as_bytes().chunks_exact(2).map(pair).collect()
}

/// The folder of the generator and of the committed cases.
#[must_use]
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors")
}

/// The file of a kind of cases.
#[must_use]
pub fn file(folder: &Path, kind: &str) -> PathBuf {
    folder.join(kind).with_extension("jsonl")
}

/// Replays all cases of a kind, prints how many they were, and gives the number.
///
/// # Panics
///
/// If ours answers otherwise in any of them.
pub fn replay(folder: &Path, kind: &str, check: Check) -> usize {
    let path = file(folder, kind);
    let text = fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let mut apart = std::collections::BTreeMap::<&str, usize>::new();
    let mut wrong = Vec::new();
    let mut replayed = 0;
    for line in text.lines() {
        let case = Case(serde_json::from_str(line).expect("each line is JSON"));
        match check(&case) {
            Ok(Outcome::Same) => replayed += 1,
            Ok(Outcome::Apart(why)) => *apart.entry(why).or_default() += 1,
            Err(ours) => wrong.push(format!("{line}\n    ours: {ours}")),
        }
    }
    for (why, times) in &apart {
        println!("{kind}: {times} cases were not held against CPython's answer: {why}");
    }
    let total = replayed + wrong.len();
    let shown = wrong.iter().take(12).map(String::as_str).collect::<Vec<_>>().join("\n");
    assert!(wrong.is_empty(), "{} of {total} cases of {kind} differ:\n{shown}", wrong.len());
    assert!(replayed > 0, "no case of {kind} was replayed");
    println!("{kind}: {replayed} cases replayed");
    replayed
}

/// A Python that has the oracle, and its version. `None` is for a reason to be shown.
#[must_use]
pub fn python() -> Option<String> {
    const ASK: &str = "import sys, _testbuffer; print('%d.%d' % sys.version_info[:2])";
    let answer = Command::new("python3").args(["-c", ASK]).output().ok()?;
    let version = String::from_utf8(answer.stdout).ok()?;
    answer.status.success().then(|| version.trim().to_owned())
}

/// Has the generator write its cases into a folder.
///
/// # Panics
///
/// If it fails.
pub fn generate(seed: &str, into: &Path, share: &str) {
    let mut python = Command::new("python3");
    python.arg(folder().join("generate.py")).arg(seed).arg(into).arg(share);
    let status = python.status().expect("it was there a moment ago");
    assert!(status.success(), "the generator failed with seed {seed}: {status}");
}
