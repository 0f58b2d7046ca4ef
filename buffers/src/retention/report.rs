//! The report: for each memory, what it holds and who looks at it.

use alloc::boxed::Box;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;
use core::cmp::Reverse;
use core::ops::Range;
use core::panic::Location;

use super::root::{Root, Seen};
use super::stretches::{covered, merged};
use crate::{Backing, BackingId, BackingKind};

/// Which memory the `roots` keep alive, and how much of it they use.
///
/// A root is a reference to a handle, a chain or parts, with a name or without:
/// `report([&buf])`, `report(cache.values().map(|buf| ("cache", buf)))`. Static bytes
/// pin nothing and are only counted.
///
/// Takes time and memory by the number of handles, and asks each owner for its
/// bytes once; a panic of an owner's `as_ref` passes through.
#[must_use = "a report changes nothing"]
pub fn report<'a, R: Into<Root<'a>>>(roots: impl IntoIterator<Item = R>) -> Report {
    let mut survey = Survey::default();
    for root in roots {
        survey.add(&root.into());
    }
    survey.finish()
}

/// What [`report`] found. Its `Display` is a table of the ten memories of which most
/// is wasted; see [`top`](Self::top).
#[derive(Clone, Debug)]
pub struct Report {
    backings: Vec<Retained>,
    pub(super) views: Vec<View>,
    static_views: usize,
    pinned: usize,
    used: usize,
}

/// One memory that is kept alive.
#[derive(Clone, Debug)]
pub struct Retained {
    id: BackingId,
    kind: BackingKind,
    label: Option<Box<str>>,
    is_lent: bool,
    capacity: usize,
    used: Vec<Range<usize>>,
    handles: usize,
    seen: usize,
    holders: Vec<Holder>,
    sites: Vec<Site>,
}

/// Those of the roots that have one name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    label: Box<str>,
    handles: usize,
    used: usize,
}

/// A line that made living handles which were sampled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Site {
    location: &'static Location<'static>,
    handles: usize,
    bytes: usize,
}

/// A handle that was among the roots.
#[derive(Clone, Debug)]
pub(super) struct View {
    pub(super) address: usize,
    pub(super) label: Box<str>,
    pub(super) len: usize,
    pub(super) backing: Option<BackingId>,
    pub(super) range: Range<usize>,
}

impl Report {
    /// The memories, that of which most bytes are wasted first.
    #[must_use]
    pub fn backings(&self) -> &[Retained] {
        &self.backings
    }

    /// The bytes that are kept from other use. Memory that several owners share (two
    /// clones of one `Bytes`, each behind handles of its own) is counted once, by its
    /// addresses.
    #[must_use]
    pub fn pinned_bytes(&self) -> usize {
        self.pinned
    }

    /// The bytes that at least one of the roots shows.
    #[must_use]
    pub fn used_bytes(&self) -> usize {
        self.used
    }

    /// The bytes that are kept and that no root shows.
    #[must_use]
    pub fn wasted_bytes(&self) -> usize {
        self.pinned.saturating_sub(self.used)
    }

    /// How many bytes are kept for each byte that is used; `None` if none is.
    #[must_use]
    pub fn amplification(&self) -> Option<f64> {
        amplification(self.pinned, self.used)
    }

    /// How many of the roots' handles pin nothing: empty ones, and those of static
    /// bytes.
    #[must_use]
    pub fn static_handles(&self) -> usize {
        self.static_views
    }
}

impl Retained {
    /// Which memory it is: equal to [`Backing::id`] of its handles.
    #[must_use]
    pub fn id(&self) -> BackingId {
        self.id
    }

    /// What it is made of.
    #[must_use]
    pub fn kind(&self) -> BackingKind {
        self.kind
    }

    /// What it was named.
    #[must_use]
    pub fn label(&self) -> Option<&str> {
        self.label.as_deref()
    }

    /// Whether it goes home to a pool.
    #[must_use]
    pub fn is_lent(&self) -> bool {
        self.is_lent
    }

    /// The bytes that it keeps from other use, as [`Backing::capacity`] tells.
    #[must_use]
    pub fn capacity(&self) -> usize {
        self.capacity
    }

    /// The bytes that at least one of the roots shows.
    #[must_use]
    pub fn used_bytes(&self) -> usize {
        covered(&self.used)
    }

    /// The stretches that the roots show, in order; none touches the next.
    #[must_use]
    pub fn used(&self) -> &[Range<usize>] {
        &self.used
    }

    /// The bytes that are kept and that no root shows.
    #[must_use]
    pub fn wasted_bytes(&self) -> usize {
        self.capacity.saturating_sub(self.used_bytes())
    }

    /// How many bytes are kept for each byte that is used.
    #[must_use]
    pub fn amplification(&self) -> Option<f64> {
        amplification(self.capacity, self.used_bytes())
    }

    /// All handles that there are of it, at the moment of the report.
    #[must_use]
    pub fn handles(&self) -> usize {
        self.handles
    }

    /// How many of the handles were among the roots. If there are more, somebody else
    /// keeps this memory too.
    #[must_use]
    pub fn seen(&self) -> usize {
        self.seen
    }

    /// Who keeps it: the roots by name, most handles first.
    #[must_use]
    pub fn holders(&self) -> &[Holder] {
        &self.holders
    }

    /// The lines that made its handles, as far as they were sampled, most handles
    /// first; handles that are not among the roots too. Always empty without the
    /// feature `sites`.
    #[must_use]
    pub fn sites(&self) -> &[Site] {
        &self.sites
    }
}

impl Holder {
    /// The roots' name, or nothing if they have none.
    #[must_use]
    pub fn label(&self) -> &str {
        &self.label
    }

    /// How many handles they are.
    #[must_use]
    pub fn handles(&self) -> usize {
        self.handles
    }

    /// The bytes that at least one of them shows.
    #[must_use]
    pub fn used_bytes(&self) -> usize {
        self.used
    }
}

impl Site {
    /// The line.
    #[must_use]
    pub fn location(&self) -> &'static Location<'static> {
        self.location
    }

    /// How many living handles that were sampled it made.
    #[must_use]
    pub fn handles(&self) -> usize {
        self.handles
    }

    /// What these show, counted as often as they show it.
    #[must_use]
    pub fn shown_bytes(&self) -> usize {
        self.bytes
    }
}

#[expect(clippy::cast_precision_loss, reason = "a ratio for people")]
fn amplification(pinned: usize, used: usize) -> Option<f64> {
    (used > 0).then(|| pinned as f64 / used as f64)
}

/// A report that is being made.
#[derive(Default)]
struct Survey<'a> {
    memories: BTreeMap<BackingId, Memory<'a>>,
    /// The handles by address and name: one that is handed in twice, or under two
    /// names, is still one handle.
    met: BTreeSet<(usize, &'a str)>,
    views: Vec<View>,
    static_views: usize,
}

struct Memory<'a> {
    backing: Backing<'a>,
    seen: usize,
    /// By the roots' names.
    used: BTreeMap<&'a str, (usize, Vec<Range<usize>>)>,
}

impl<'a> Survey<'a> {
    fn add(&mut self, root: &Root<'a>) {
        root.visit(|Seen { address, handle }, used| {
            let backing = handle.backing();
            let next = self.met.range((address, "")..).next();
            let is_new = next.is_none_or(|(met, _)| *met != address);
            let is_new_by_name = self.met.insert((address, root.label));
            if is_new {
                self.views.push(View {
                    address,
                    label: root.label.into(),
                    len: handle.len(),
                    backing: backing.map(|backing| backing.id()),
                    range: backing.map_or(0..handle.len(), |backing| backing.range()),
                });
            }
            let Some(backing) = backing else {
                self.static_views += usize::from(is_new);
                return;
            };
            let memory = self.memories.entry(backing.id()).or_insert_with(|| Memory {
                backing,
                seen: 0,
                used: BTreeMap::new(),
            });
            memory.seen += usize::from(is_new);
            let (handles, ranges) = memory.used.entry(root.label).or_default();
            *handles += usize::from(is_new_by_name);
            ranges.extend(used);
        });
    }

    fn finish(self) -> Report {
        let mut slack = 0;
        let (mut shown_memory, mut shown_parts) = (Vec::new(), Vec::new());
        let mut backings = Vec::new();
        for (_, memory) in self.memories {
            // An owner is asked once: it might give another answer the next time.
            let bytes = memory.backing.as_slice();
            let start = bytes.as_ptr().addr();
            slack += memory.backing.slack();
            let retained = memory.finish(bytes.len());
            shown_memory.push(start..start + bytes.len());
            let shown = retained.used.iter();
            shown_parts.extend(shown.map(|range| start + range.start..start + range.end));
            backings.push(retained);
        }
        backings.sort_by_key(|retained| (Reverse(retained.wasted_bytes()), retained.id));
        Report {
            backings,
            views: self.views,
            static_views: self.static_views,
            pinned: covered(&merged(shown_memory)) + slack,
            used: covered(&merged(shown_parts)),
        }
    }
}

impl Memory<'_> {
    fn finish(self, len: usize) -> Retained {
        let mut all = Vec::new();
        let mut holders = Vec::new();
        for (label, (handles, ranges)) in self.used {
            // An owner may give less by now than it did; nobody can use such ranges.
            let within = ranges.into_iter().map(|range| range.start..range.end.min(len));
            let stretches = merged(within.collect());
            holders.push(Holder { label: label.into(), handles, used: covered(&stretches) });
            all.extend(stretches);
        }
        holders.sort_by_key(|holder| Reverse(holder.handles));
        let backing = self.backing;
        Retained {
            id: backing.id(),
            kind: backing.kind(),
            label: backing.label().map(Into::into),
            is_lent: backing.is_lent(),
            capacity: len + backing.slack(),
            used: merged(all),
            handles: backing.handles(),
            seen: self.seen,
            holders,
            sites: sites(backing.id()),
        }
    }
}

#[cfg(feature = "sites")]
fn sites(id: BackingId) -> Vec<Site> {
    let mut sites: Vec<Site> = Vec::new();
    for (range, location) in crate::shared::sites::of(id.addr()) {
        match sites.iter_mut().find(|site| site.location == location) {
            Some(site) => {
                site.handles += 1;
                site.bytes = site.bytes.saturating_add(range.len());
            }
            None => sites.push(Site { location, handles: 1, bytes: range.len() }),
        }
    }
    sites.sort_by_key(|site| Reverse(site.handles));
    sites
}

#[cfg(not(feature = "sites"))]
fn sites(_: BackingId) -> Vec<Site> {
    Vec::new()
}
