//! The containers, filled one entry after the other.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::hint::black_box;

use bytes::{BufMut, BytesMut};

use crate::memory::MemoryError;
use crate::memory::error::Kind;
use crate::memory::python::Python;
use crate::meter::Watch;

/// A container's way from nothing to `n` entries.
#[derive(Clone, Debug)]
pub struct Growth {
    /// The container.
    pub name: String,
    /// Each time that it took another size.
    pub steps: Vec<Step>,
    /// What it holds with room for all from the start; `None` if it cannot be told.
    pub reserved: Option<Step>,
}

/// A container's size, from a number of entries on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// The entries with which it has this size first.
    pub entries: usize,
    /// The entries that fit; `None` where a container does not tell.
    pub capacity: Option<usize>,
    /// What it holds, in bytes.
    pub bytes: u64,
    /// The most that it held while it came to this; `None` where nobody counts.
    pub peak: Option<u64>,
}

impl Step {
    /// Bytes for each entry, just after growing.
    #[expect(clippy::cast_precision_loss, reason = "it is rounded for people")]
    pub fn bytes_per_entry(&self) -> f64 {
        self.bytes as f64 / self.entries.max(1) as f64
    }
}

/// Fills each container with `n` entries: of 8 bytes in lists, of two words in maps, of
/// one byte in text.
pub fn grow_all(n: usize) -> Vec<Growth> {
    vec![
        grow("HashMap<u64, u64>", n, HashMap::with_capacity, HashMap::capacity, |map, i| {
            map.insert(i, i);
        }),
        // It has no capacity, and grows by a node now and then.
        grow(
            "BTreeMap<u64, u64>",
            n,
            |_| BTreeMap::new(),
            |_| 0,
            |map, i| {
                map.insert(i, i);
            },
        ),
        grow("Vec<u64>", n, Vec::with_capacity, Vec::capacity, Vec::push),
        grow("VecDeque<u64>", n, VecDeque::with_capacity, VecDeque::capacity, |deque, i| {
            deque.push_back(i);
        }),
        grow("String", n, String::with_capacity, String::capacity, |text, _| text.push('x')),
        grow("BytesMut", n, BytesMut::with_capacity, BytesMut::capacity, |bytes, _| {
            bytes.put_u8(b'x');
        }),
    ]
}

fn grow<C>(
    name: &str,
    n: usize,
    make: impl Fn(usize) -> C,
    capacity: impl Fn(&C) -> usize,
    mut add: impl FnMut(&mut C, u64),
) -> Growth {
    let told = |container: &C| Some(capacity(container)).filter(|&capacity| capacity > 0);
    let mut steps: Vec<Step> = Vec::with_capacity(n.min(1 << 16));
    let mut watch = Watch::start();
    let mut container = make(0);
    let mut last = watch.held().asked;
    // Steps that tell little are left out where a container takes many small ones.
    let mut next = 0;
    for entries in 1..=n {
        add(&mut container, entries as u64);
        let held = watch.held();
        let is_step = held.asked != last && (told(&container).is_some() || entries >= next);
        if is_step && steps.len() < steps.capacity() {
            let (capacity, bytes) = (told(&container), held.asked);
            steps.push(Step { entries, capacity, bytes, peak: Some(held.peak) });
            next = entries * 2;
            watch.restart_peak();
        }
        last = held.asked;
    }
    drop(black_box(container));
    let mut container = make(n);
    let (capacity, bytes) = (told(&container), watch.held().asked);
    let reserved = capacity.map(|_| Step { entries: n, capacity, bytes, peak: None });
    if n > 0 {
        add(&mut container, 0);
    }
    Growth { name: name.into(), steps, reserved }
}

const SCRIPT: &str = r#"
import sys
d, last = {}, sys.getsizeof({})
for i in range(int(sys.argv[1])):
    d[i] = i
    size = sys.getsizeof(d)
    if size != last:
        sys.stdout.write("%d %d\n" % (i + 1, size))
        last = size
"#;

/// Fills a dictionary of an interpreter, and takes each size that `sys.getsizeof` tells.
/// It does not count the numbers in it, nor the peak.
///
/// # Errors
///
/// If it does not run.
pub fn grow_dict(python: &Python, n: usize) -> Result<Growth, MemoryError> {
    let text = python.run(SCRIPT, &[&n.to_string()])?;
    let step = |line: &str| {
        let (entries, bytes) = line.split_once(' ')?;
        let (entries, bytes) = (entries.parse().ok()?, bytes.parse().ok()?);
        Some(Step { entries, capacity: None, bytes, peak: None })
    };
    let steps: Option<Vec<Step>> = text.lines().map(step).collect();
    let broken = || MemoryError::new(Kind::Broken, format!("python printed {text:?}"));
    let name = format!("dict of CPython {}", python.version());
    Ok(Growth { name, steps: steps.ok_or_else(broken)?, reserved: None })
}
