//! The table by type.

use std::collections::HashMap;
use std::hint::black_box;

use buffers::SharedBuf;
use bytes::Bytes;

use crate::memory::MemoryError;
use crate::memory::error::Kind;
use crate::memory::python::Python;
use crate::meter::{Held, held};

/// A value of an everyday type: in Python, and one of its counterparts in Rust.
#[derive(Clone, Debug)]
pub struct Everyday {
    /// Python's word, the same for all counterparts.
    pub python: &'static str,
    /// The type in Rust.
    pub rust: &'static str,
    /// Bytes of the value itself, wherever it is kept.
    pub in_place: usize,
    /// What it holds besides.
    pub held: Held,
}

macro_rules! measured {
    ($($python:literal, $rust:literal, $value:expr;)*) => {
        vec![$({
            let (value, held) = held(|| black_box($value));
            Everyday { python: $python, rust: $rust, in_place: size_of_val(&value), held }
        }),*]
    };
}

/// Measures the counterparts in Rust; all zero besides `in_place` where the allocator is
/// not counted.
pub fn everyday() -> Vec<Everyday> {
    let text = black_box("abcdefghij");
    let mut rows = measured! {
        "int", "i64", 1_i64;
        "int", "Box<i64>", Box::new(1_i64);
        "long (10**30)", "u128", 10_u128.pow(30);
        "float", "f64", 1.0_f64;
        "str, empty", "String", String::new();
        "str of 10", "String", text.to_owned();
        "str of 10", "Box<str>", Box::<str>::from(text);
        "str of 10", "Rc<str>", std::rc::Rc::<str>::from(text);
        "bytes of 10", "Vec<u8>", text.as_bytes().to_vec();
        "bytes of 10", "Bytes", Bytes::copy_from_slice(text.as_bytes());
        "bytes of 10", "SharedBuf", SharedBuf::from(text.as_bytes().to_vec());
        "list, empty", "Vec<i64>", Vec::<i64>::new();
        "list of 10", "Vec<i64>", vec![0_i64; 10];
        "tuple of 10", "[i64; 10]", [0_i64; 10];
        "tuple of 10", "Box<[i64]>", vec![0_i64; 10].into_boxed_slice();
        "dict, empty", "HashMap<i64, i64>", HashMap::<i64, i64>::new();
        "dict of 10", "HashMap<i64, i64>", (0..10).map(|i| (i, i)).collect::<HashMap<i64, i64>>();
    };
    // A slice of a buffer that is there already.
    let whole = SharedBuf::from(text.as_bytes().to_vec());
    rows.extend(measured! { "memoryview slice", "SharedBuf::slice", whole.slice(2..8); });
    rows
}

/// What one interpreter says that the values of [`Everyday::python`] take.
#[derive(Clone, Debug)]
pub struct PythonSizes {
    /// What interpreter it is.
    pub name: String,
    sizes: HashMap<String, u64>,
}

impl PythonSizes {
    /// Bytes of the value of that name; `None` where that version has none.
    pub fn of(&self, name: &str) -> Option<u64> {
        self.sizes.get(name).copied()
    }

    /// CPython 2.7 by the layout of its structs (`Include/*.h`), with words of four or
    /// eight bytes: what is known of it where it can no longer be run.
    ///
    /// An object has a count and a type, one of variable size also its length; those that
    /// the collector tracks have three words in front (on i386 with Linux 12 bytes, on
    /// x86-64 32 for alignment).
    pub fn of_python_2(word: u64) -> Self {
        let is_64 = word == 8;
        let (object, tracked) = (2 * word, if is_64 { 32 } else { 12 });
        let variable = object + word;
        // Digits of 30 bits and of 15 bits.
        let long = variable + if is_64 { 4 * 4 } else { 7 * 2 };
        // A hash, a state, and the zero at the end.
        let text = variable + word + 4 + 1;
        let list = tracked + variable + 2 * word;
        let tuple = tracked + variable;
        // Five fields, a table of eight entries of three words within the object.
        let dict = tracked + object + 5 * word + 8 * 3 * word;
        let sizes = [
            ("int", object + word),
            ("long (10**30)", long),
            ("float", object + 8),
            ("str, empty", text),
            ("str of 10", text + 10),
            ("bytes of 10", text + 10),
            ("list, empty", list),
            ("list of 10", list + 10 * word),
            ("tuple of 10", tuple + 10 * word),
            ("dict, empty", dict),
        ];
        Self {
            name: format!("2.x, {} bit", word * 8),
            sizes: sizes.into_iter().map(|(name, size)| (name.to_owned(), size)).collect(),
        }
    }
}

const SCRIPT: &str = r#"
import sys
values = [("int", 1), ("long (10**30)", 10**30), ("float", 1.0), ("str, empty", ""),
    ("str of 10", "abcdefghij"), ("bytes of 10", b"abcdefghij"), ("list, empty", []),
    ("list of 10", [0] * 10), ("tuple of 10", (0,) * 10), ("dict, empty", {}),
    ("dict of 10", {i: i for i in range(10)}),
    ("memoryview slice", memoryview(b"abcdefghij")[2:8])]
for name, value in values:
    sys.stdout.write("%s\t%d\n" % (name, sys.getsizeof(value)))
"#;

/// Asks an interpreter for `sys.getsizeof` of each value.
///
/// # Errors
///
/// If it does not run.
pub fn python_sizes(python: &Python) -> Result<PythonSizes, MemoryError> {
    let text = python.run(SCRIPT, &[])?;
    let line = |line: &str| {
        let (name, size) = line.split_once('\t')?;
        Some((name.to_owned(), size.parse().ok()?))
    };
    let sizes: Option<HashMap<String, u64>> = text.lines().map(line).collect();
    let broken = || MemoryError::new(Kind::Broken, format!("python printed {text:?}"));
    Ok(PythonSizes { name: python.version().to_owned(), sizes: sizes.ok_or_else(broken)? })
}
