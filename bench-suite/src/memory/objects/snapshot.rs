//! A snapshot in memory: objects and who refers to whom.

use std::collections::HashMap;
use std::io::BufRead;

use super::line::read_lines;
use crate::memory::MemoryError;
use crate::memory::error::Kind;

/// All objects of a snapshot. They are known by their place in the file, from 0.
///
/// Takes some 30 bytes for each object and 4 for each reference (12 while it is read),
/// and the bytes of names.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    addresses: Vec<u64>,
    sizes: Vec<u64>,
    kinds: Vec<u32>,
    kind_names: Vec<String>,
    /// Where each object's references begin in `refs`, and where the last ones end.
    starts: Vec<u32>,
    refs: Vec<u32>,
    /// Objects by address.
    by_address: Vec<u32>,
    names: HashMap<u32, Box<str>>,
    unknown_refs: usize,
}

impl Snapshot {
    /// Reads a snapshot.
    ///
    /// # Errors
    ///
    /// The number of the first line that is no object, and what is wrong with it: an
    /// address that was there before is wrong too.
    pub fn read(input: impl BufRead) -> Result<Self, MemoryError> {
        let mut snapshot = Self { starts: vec![0], ..Self::default() };
        let mut refs = Vec::new();
        let mut kinds: HashMap<String, u32> = HashMap::new();
        read_lines(input, Some(&mut refs), |line, refs| {
            let many = |_| "there are more than 4 billion";
            let index = u32::try_from(snapshot.addresses.len()).map_err(many)?;
            snapshot.starts.push(u32::try_from(refs).map_err(many)?);
            let kind = if let Some(&kind) = kinds.get(line.kind.as_ref()) {
                kind
            } else {
                let kind = u32::try_from(kinds.len()).map_err(many)?;
                kinds.insert(line.kind.to_string(), kind);
                snapshot.kind_names.push(line.kind.to_string());
                kind
            };
            snapshot.kinds.push(kind);
            snapshot.addresses.push(line.address);
            snapshot.sizes.push(line.size);
            if let Some(name) = line.name {
                snapshot.names.insert(index, name.as_ref().into());
            }
            Ok(())
        })?;
        snapshot.sort()?;
        snapshot.resolve(&refs);
        Ok(snapshot)
    }

    /// Finds an object by its address.
    pub fn find(&self, address: u64) -> Option<usize> {
        let place = self.by_address.binary_search_by_key(&address, |&i| self.addresses[i as usize]);
        Some(self.by_address[place.ok()?] as usize)
    }

    /// How many objects there are.
    pub fn len(&self) -> usize {
        self.addresses.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.addresses.is_empty()
    }

    /// References that led to no object of the snapshot, and are left out.
    pub fn unknown_refs(&self) -> usize {
        self.unknown_refs
    }

    /// An object's address.
    ///
    /// # Panics
    ///
    /// As all of these, if there are not so many objects.
    pub fn address(&self, object: usize) -> u64 {
        self.addresses[object]
    }

    /// An object's own bytes.
    ///
    /// # Panics
    ///
    /// If there are not so many objects.
    pub fn size(&self, object: usize) -> u64 {
        self.sizes[object]
    }

    /// An object's kind.
    ///
    /// # Panics
    ///
    /// If there are not so many objects.
    pub fn kind(&self, object: usize) -> &str {
        &self.kind_names[self.kinds[object] as usize]
    }

    /// An object's name, or nothing.
    pub fn name(&self, object: usize) -> &str {
        let name = u32::try_from(object).ok().and_then(|object| self.names.get(&object));
        name.map_or("", |name| name)
    }

    /// The objects that an object refers to, as often as it does.
    ///
    /// # Panics
    ///
    /// If there are not so many objects.
    pub fn refs(&self, object: usize) -> &[u32] {
        &self.refs[self.starts[object] as usize..self.starts[object + 1] as usize]
    }

    /// The objects that others are reached from: those that nobody refers to, and of those
    /// that only refer to each other in circles, the first in the file, again and again
    /// until all are reached.
    ///
    /// # Panics
    ///
    /// Never: there are fewer than 4 billion objects.
    pub fn roots(&self) -> Vec<u32> {
        let objects = || 0..u32::try_from(self.len()).expect("checked as it was read");
        let mut is_referred_to = vec![false; self.len()];
        for object in objects() {
            for &other in self.refs(object as usize) {
                // Who refers to itself does not keep itself.
                is_referred_to[other as usize] |= other != object;
            }
        }
        let mut reached = vec![false; self.len()];
        let mut roots = Vec::new();
        let mut stack: Vec<u32> = Vec::new();
        let first = objects().filter(|&object| !is_referred_to[object as usize]);
        for root in first.chain(objects()) {
            if std::mem::replace(&mut reached[root as usize], true) {
                continue;
            }
            roots.push(root);
            stack.push(root);
            while let Some(object) = stack.pop() {
                for &other in self.refs(object as usize) {
                    if !std::mem::replace(&mut reached[other as usize], true) {
                        stack.push(other);
                    }
                }
            }
        }
        roots
    }

    fn sort(&mut self) -> Result<(), MemoryError> {
        let count = u32::try_from(self.len()).expect("checked as it was read");
        self.by_address = (0..count).collect();
        self.by_address.sort_unstable_by_key(|&i| (self.addresses[i as usize], i));
        let same =
            |pair: &&[u32]| self.addresses[pair[0] as usize] == self.addresses[pair[1] as usize];
        // The first line that repeats, whatever its address.
        let again = self.by_address.windows(2).filter(same).min_by_key(|pair| pair[1]);
        let Some(&[first, second]) = again else { return Ok(()) };
        let what = format!(
            "object {} of the snapshot has the address {} of object {}",
            second + 1,
            self.addresses[second as usize],
            first + 1
        );
        Err(MemoryError::new(Kind::Broken, what))
    }

    /// Turns addresses into places.
    fn resolve(&mut self, refs: &[u64]) {
        self.refs = Vec::with_capacity(refs.len());
        for object in 0..self.len() {
            let range = self.starts[object] as usize..self.starts[object + 1] as usize;
            self.starts[object] = u32::try_from(self.refs.len()).expect("there are fewer by now");
            for &address in &refs[range] {
                match self.find(address) {
                    Some(other) => self.refs.push(u32::try_from(other).expect("as above")),
                    None => self.unknown_refs += 1,
                }
            }
        }
        let end = self.starts.last_mut().expect("there is always one more");
        *end = u32::try_from(self.refs.len()).expect("there are fewer by now");
    }
}
