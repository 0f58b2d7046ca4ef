//! One address, a million times, in several forms.
//!
//! Python keeps an object's attributes in a dictionary unless the class has `__slots__`,
//! which saves memory and limits what attributes there can be. A struct of Rust is the
//! latter by nature, and its compiler says so:
//!
//! ```compile_fail,E0609
//! let mut address = bench_suite::memory::slots::Address::<String>::default();
//! address.fax = String::from("no such slot");
//! ```
//!
//! ```
//! let mut address = bench_suite::memory::slots::Address::<String>::default();
//! address.city = String::from("a slot");
//! ```

use std::collections::HashMap;
use std::fmt::Write;

use super::MemoryError;
use super::error::Kind;
use super::grid::Grid;
use super::python::Python;
use crate::meter::{Held, held};
use crate::report::grouped;

/// An address; each part is a `T`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names of the fields say it")]
pub struct Address<T> {
    pub name: T,
    pub street: T,
    pub number: T,
    pub zip: T,
    pub city: T,
    pub country: T,
}

const FIELDS: [&str; 6] = ["name", "street", "number", "zip", "city", "country"];

/// One form, and what it takes.
#[derive(Clone, Debug)]
pub struct Form {
    /// The form.
    pub name: String,
    /// Bytes for each address, the allocator's own included.
    pub each: f64,
    /// Blocks for each address.
    pub blocks: f64,
}

/// The parts of the address of that index: names differ, streets and cities come again.
fn parts(index: usize, text: &mut [String; 6]) {
    text.iter_mut().for_each(String::clear);
    let [name, street, number, zip, city, country] = text;
    let put = |to: &mut String, word: &str, n: usize| {
        write!(to, "{word} {n}").expect("a string takes all text");
    };
    put(name, "Jane Citizen", index);
    put(street, "Long Street", index % 5000);
    put(zip, "Z", index % 1000);
    put(city, "Some City", index % 100);
    put(country, "Country", index % 10);
    write!(number, "{}", index % 200).expect("a string takes all text");
}

impl<T> Address<T> {
    fn new(text: &[String; 6], mut keep: impl FnMut(&str) -> T) -> Self {
        let mut next = text.iter().map(|part| keep(part));
        let mut part = || next.next().expect("there are six");
        Self {
            name: part(),
            street: part(),
            number: part(),
            zip: part(),
            city: part(),
            country: part(),
        }
    }
}

/// Makes `n` addresses in each form of Rust, and measures what each takes.
pub fn forms(n: usize) -> Vec<Form> {
    vec![
        form("struct of String", n, |text| Address::new(text, str::to_owned)),
        form("struct of Box<str>", n, |text| Address::new(text, |part| Box::<str>::from(part))),
        form("HashMap<&str, String>", n, |text| {
            FIELDS.into_iter().zip(text.iter().cloned()).collect::<HashMap<&str, String>>()
        }),
        form("HashMap<String, String>", n, |text| {
            let fields = FIELDS.map(str::to_owned).into_iter();
            fields.zip(text.iter().cloned()).collect::<HashMap<String, String>>()
        }),
        interned(n),
        arena(n),
    ]
}

fn form<T>(name: &str, n: usize, mut shape: impl FnMut(&[String; 6]) -> T) -> Form {
    let mut text = Default::default();
    let mut made = Vec::new();
    let ((), held) = held(|| {
        made.reserve_exact(n);
        for index in 0..n {
            // Room for the parts is kept from turn to turn, so it is not counted for each.
            parts(index, &mut text);
            made.push(shape(&text));
        }
    });
    assert_eq!(made.len(), n);
    Form::of(name, held, n)
}

/// Each text once; an address is six numbers.
fn interned(n: usize) -> Form {
    let mut known: HashMap<Box<str>, u32> = HashMap::new();
    let mut intern = |text: &str| {
        if let Some(&number) = known.get(text) {
            return number;
        }
        let number = u32::try_from(known.len()).expect("there are at most six million");
        known.insert(text.into(), number);
        number
    };
    form("struct of u32, each text once", n, |text| Address::new(text, &mut intern))
}

/// All text in one string; an address is where each of its parts ends.
fn arena(n: usize) -> Form {
    let mut all = String::new();
    form("struct of u32, all text in one String", n, |text| {
        Address::new(text, |part| {
            all.push_str(part);
            u32::try_from(all.len()).expect("a million addresses are less than 4 GiB")
        })
    })
}

impl Form {
    #[expect(clippy::cast_precision_loss, reason = "it is rounded for people")]
    fn of(name: &str, held: Held, n: usize) -> Self {
        // glibc keeps a word in front of each block.
        let (bytes, n) = (held.usable + 8 * held.blocks, n.max(1) as f64);
        Self { name: name.into(), each: bytes as f64 / n, blocks: held.blocks as f64 / n }
    }
}

const SCRIPT: &str = r#"
import sys, resource
class Plain(object):
    def __init__(self, *parts):
        self.name, self.street, self.number, self.zip, self.city, self.country = parts
class Slots(object):
    __slots__ = ("name", "street", "number", "zip", "city", "country")
    __init__ = Plain.__init__ if sys.version_info[0] > 2 else Plain.__init__.__func__
def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * resource.getpagesize()
n, kind = int(sys.argv[1]), {"plain": Plain, "slots": Slots}[sys.argv[2]]
made = [None] * n
before = resident()
for i in range(n):
    made[i] = kind("Jane Citizen %d" % i, "Long Street %d" % (i % 5000), "%d" % (i % 200),
        "Z %d" % (i % 1000), "Some City %d" % (i % 100), "Country %d" % (i % 10))
sys.stdout.write("%d" % (resident() - before))
"#;

/// Has an interpreter make `n` addresses with and without `__slots__`, and takes what its
/// resident memory grew by.
///
/// # Errors
///
/// If it does not run.
#[expect(clippy::cast_precision_loss, reason = "it is rounded for people")]
pub fn python_forms(python: &Python, n: usize) -> Result<Vec<Form>, MemoryError> {
    let count = n.to_string();
    let form = |kind: &str, name: &str| {
        let text = python.run(SCRIPT, &[&count, kind])?;
        let broken = || MemoryError::new(Kind::Broken, format!("python printed {text:?}"));
        let bytes: u64 = text.trim().parse().map_err(|_| broken())?;
        let name = format!("CPython {}, {name}", python.version());
        Ok(Form { name, each: bytes as f64 / n.max(1) as f64, blocks: f64::NAN })
    };
    Ok(vec![form("plain", "__dict__")?, form("slots", "__slots__")?])
}

/// A row for each form; what is saved is held against the first with a dictionary of
/// owned names.
pub fn form_table(forms: &[Form], n: usize) -> String {
    let widest = forms.iter().map(|form| form.each).fold(f64::NAN, f64::max);
    let mut grid = Grid::new(["form", "bytes each", "blocks each", "of the largest"]);
    for Form { name, each, blocks } in forms {
        let blocks = if blocks.is_nan() { "-".into() } else { format!("{blocks:.2}") };
        let share = format!("{:.0} %", each / widest * 100.0);
        grid.row([name.clone(), format!("{each:.0}"), blocks, share]);
    }
    format!("{} addresses of six parts\n{grid}", grouped(n as u64))
}
