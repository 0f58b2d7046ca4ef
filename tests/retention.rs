//! A report says which memory is kept, how much of it is used and by whom, as one
//! would by marking each byte, and changes nothing by asking.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use buffers::retention::{self, Report, Retained, Root};
use buffers::{BackingKind, Chain, Home, SharedBuf, UniqueBuf};
use bytes::Bytes;
use oracles::content::pattern;
use oracles::panic_text;
use proptest::prelude::*;

const LEN: usize = 64;

const NAMES: [&str; 3] = ["", "cache", "queue"];

static STATIC: [u8; LEN] = [7; LEN];

/// One memory, and what is said of it.
fn only(report: &Report) -> &Retained {
    assert_eq!(report.backings().len(), 1);
    &report.backings()[0]
}

fn holders(retained: &Retained) -> Vec<(&str, usize, usize)> {
    let holders = retained.holders().iter();
    holders.map(|holder| (holder.label(), holder.handles(), holder.used_bytes())).collect()
}

fn close(a: Option<f64>, b: f64) -> bool {
    a.is_some_and(|a| (a - b).abs() < 1e-9)
}

/// Some memories: two of them are over one `Bytes`, and the last is static.
fn memories() -> [SharedBuf; 5] {
    let mut spare = Vec::with_capacity(100);
    spare.extend_from_slice(&pattern(LEN, 70));
    let bytes = Bytes::from(pattern(LEN, 71));
    [
        SharedBuf::from(spare),
        SharedBuf::from_owner(pattern(LEN, 72)),
        SharedBuf::from(bytes.clone()),
        SharedBuf::from(bytes),
        SharedBuf::from(&STATIC),
    ]
}

const CAPACITIES: [usize; 4] = [100, LEN, LEN, LEN];

/// A handle that is made: memory, range, name, and whether the report is told of it.
type Made = (usize, Range<usize>, usize, bool);

fn made() -> impl Strategy<Value = Made> {
    (0..5_usize, 0..=LEN, 0..=LEN, 0..3_usize, prop::bool::weighted(0.8))
        .prop_map(|(memory, a, b, name, told)| (memory, a.min(b)..a.max(b), name, told))
}

/// What a report has to say of one memory, found by marking bytes.
#[derive(Default)]
struct Marked {
    bytes: BTreeSet<usize>,
    by_name: BTreeMap<&'static str, (usize, BTreeSet<usize>)>,
    seen: usize,
}

fn mark(all: &[Made], memory: usize) -> Marked {
    let mut marked = Marked::default();
    for (of, range, name, told) in all {
        if *of == memory && *told && !range.is_empty() {
            marked.seen += 1;
            marked.bytes.extend(range.clone());
            let (handles, bytes) = marked.by_name.entry(NAMES[*name]).or_default();
            *handles += 1;
            bytes.extend(range.clone());
        }
    }
    marked
}

proptest! {
    #![proptest_config(oracles::cases(300))]

    #[test]
    fn it_counts_as_marked_bytes_do(all in prop::collection::vec(made(), 0..30)) {
        let memories = memories();
        let handles: Vec<SharedBuf> =
            all.iter().map(|(memory, range, ..)| memories[*memory].slice(range.clone())).collect();
        let told = handles.iter().zip(&all).filter(|(_, (.., told))| *told);
        let report = retention::report(told.map(|(handle, (_, _, name, _))| (NAMES[*name], handle)));
        let (mut pinned, mut used) = (BTreeMap::new(), BTreeSet::new());
        for (memory, whole) in memories[..4].iter().enumerate() {
            let marked = mark(&all, memory);
            let backing = whole.backing().unwrap();
            let found = report.backings().iter().find(|retained| retained.id() == backing.id());
            prop_assert_eq!(found.is_some(), marked.seen > 0);
            let Some(found) = found else { continue };
            prop_assert_eq!((found.seen(), found.handles()), (marked.seen, backing.handles()));
            prop_assert_eq!((found.capacity(), found.kind()), (CAPACITIES[memory], backing.kind()));
            prop_assert_eq!(found.used_bytes(), marked.bytes.len());
            prop_assert_eq!(found.wasted_bytes(), CAPACITIES[memory] - marked.bytes.len());
            prop_assert!(found.used().windows(2).all(|pair| pair[0].end < pair[1].start));
            prop_assert!(found.used().iter().cloned().flatten().eq(marked.bytes.iter().copied()));
            let by_name: BTreeSet<_> =
                marked.by_name.iter().map(|(name, (n, bytes))| (*name, *n, bytes.len())).collect();
            prop_assert_eq!(BTreeSet::from_iter(holders(found)), by_name);
            prop_assert!(found.holders().is_sorted_by(|a, b| a.handles() >= b.handles()));
            // The two memories over one `Bytes` have one address.
            pinned.insert(whole.as_ptr(), CAPACITIES[memory]);
            used.extend(marked.bytes.iter().map(|at| whole.as_ptr().addr() + at));
        }
        let pinned: usize = pinned.values().sum();
        prop_assert_eq!((report.pinned_bytes(), report.used_bytes()), (pinned, used.len()));
        prop_assert_eq!(report.wasted_bytes(), pinned - used.len());
        prop_assert_eq!(report.amplification().is_some(), !used.is_empty());
        let is_static = |(memory, range, _, told): &&Made| *told && (*memory == 4 || range.is_empty());
        prop_assert_eq!(report.static_handles(), all.iter().filter(is_static).count());
        let wasted: Vec<usize> = report.backings().iter().map(Retained::wasted_bytes).collect();
        prop_assert!(wasted.is_sorted_by(|a, b| a >= b));
    }
}

#[test]
fn views_that_overlap_are_counted_once() {
    let page = SharedBuf::from(vec![0; 1000]);
    let views = [page.slice(..100), page.slice(50..150), page.slice(150..160), page.slice(900..)];
    let report = retention::report(&views);
    let retained = only(&report);
    assert_eq!(retained.used(), [0..160, 900..1000]);
    assert_eq!((retained.used_bytes(), retained.wasted_bytes()), (260, 740));
    assert_eq!((retained.seen(), retained.handles()), (4, 5), "the page is not told of");
    assert!(close(retained.amplification(), 1000.0 / 260.0));
    assert!(close(report.amplification(), 1000.0 / 260.0));
    assert_eq!(holders(retained), [("", 4, 260)]);
}

#[test]
fn clones_of_one_bytes_are_one_memory_in_the_totals() {
    let bytes = Bytes::from(vec![0; 1000]);
    let (a, b) = (SharedBuf::from(bytes.clone()), SharedBuf::from(bytes.slice(500..)));
    let (a, b) = (a.slice(..600), b.slice(50..200));
    let report = retention::report([&a, &b]);
    assert_eq!((report.pinned_bytes(), report.used_bytes()), (1000, 700));
    assert_eq!(report.backings().iter().map(Retained::capacity).sum::<usize>(), 1500);
    let own = SharedBuf::from(vec![0; 1000]);
    let report = retention::report([&a, &b, &own]);
    assert_eq!(report.pinned_bytes(), 2000, "the control: other memory is counted");
}

#[test]
fn what_pins_nothing_is_only_counted() {
    let roots = [SharedBuf::from(&STATIC), SharedBuf::new(), SharedBuf::from(vec![1]).slice(1..)];
    let report = retention::report(&roots);
    assert!(report.backings().is_empty());
    assert_eq!((report.static_handles(), report.pinned_bytes(), report.used_bytes()), (3, 0, 0));
    assert_eq!((report.amplification(), report.wasted_bytes()), (None, 0));
    let nothing = retention::report::<&SharedBuf>([]);
    assert_eq!((nothing.static_handles(), nothing.backings().len()), (0, 0));
}

/// A home that counts who comes.
#[derive(Default)]
struct Shelf(AtomicUsize);

impl Home for Shelf {
    fn come_home(self: Arc<Self>, _: UniqueBuf) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

#[test]
fn each_kind_of_keeper_is_a_root() {
    let page = SharedBuf::from(pattern(100, 73)).try_with_label("page").unwrap();
    let chain: Chain =
        [page.slice(..10), SharedBuf::from("static"), page.slice(20..30)].into_iter().collect();
    let parts = page.slice(40..90).promote_all([&page[40..45], &page[44..50], &[]]).unwrap();
    let shelf = Arc::new(Shelf::default());
    let mut lent = UniqueBuf::from(vec![0; 400]).with_label("block").lend(shelf.clone());
    lent.truncate(4);
    let roots = [
        Root::from(("chain", &chain)),
        ("parts", &parts).into(),
        ("inner", ("outer", &page)).into(),
        ("unique", &lent).into(),
    ];
    let report = retention::report(roots[..2].iter().copied());
    let retained = only(&report);
    assert_eq!(retained.used(), [0..10, 20..30, 40..50]);
    assert_eq!(holders(retained), [("chain", 2, 20), ("parts", 1, 10)]);
    assert_eq!((retained.seen(), retained.handles(), report.static_handles()), (3, 4, 1));

    let report = retention::report(roots);
    let [block, page] = report.backings() else { panic!("two memories: {report}") };
    assert_eq!((block.label(), block.is_lent(), block.capacity()), (Some("block"), true, 400));
    assert_eq!((block.used().first(), holders(block)), (Some(&(0..4)), vec![("unique", 1, 4)]));
    assert_eq!((page.label(), page.is_lent(), page.seen()), (Some("page"), false, 4));
    assert!(holders(page).contains(&("inner", 1, 100)), "the outermost name counts");
    assert_eq!((page.kind(), page.used_bytes()), (BackingKind::Vec, 100));
    assert_eq!(shelf.0.load(Ordering::SeqCst), 0);
    drop(lent);
    assert_eq!(shelf.0.load(Ordering::SeqCst), 1);
}

#[test]
fn a_handle_of_two_names_is_one_handle() {
    let buf = SharedBuf::from(vec![0; 10]);
    let report = retention::report([("cache", &buf), ("queue", &buf), ("cache", &buf)]);
    let retained = only(&report);
    assert_eq!((retained.seen(), retained.handles()), (1, 1));
    assert_eq!(holders(retained), [("cache", 1, 10), ("queue", 1, 10)]);
    assert_eq!(report.json_lines().to_string().lines().count(), 2);
    let nothing = SharedBuf::new();
    assert_eq!(retention::report([&nothing, &nothing]).static_handles(), 1);
}

#[test]
fn asking_changes_no_count() {
    let page = SharedBuf::from(vec![0; 100]);
    let views = [page.slice(1..4), page.slice(3..9)];
    let report = retention::report(&views);
    assert_eq!(page.backing().unwrap().handles(), 3);
    drop(views);
    assert_eq!(page.backing().unwrap().handles(), 1, "a report keeps nothing alive");
    assert!(page.is_unique());
    assert_eq!(only(&report).handles(), 3, "and says what was");
    let copied = buffers::copied::during(|| retention::report([&page]).to_string()).1;
    assert_eq!(copied, 0);
}

/// An owner that gives as many bytes as it is told to, counts how often it is asked,
/// and panics at a number that is too large.
struct Moody(Arc<AtomicUsize>, Arc<AtomicUsize>);

impl AsRef<[u8]> for Moody {
    fn as_ref(&self) -> &[u8] {
        self.1.fetch_add(1, Ordering::SeqCst);
        let len = self.0.load(Ordering::SeqCst);
        assert!(len <= 10, "the owner is in no mood");
        &b"0123456789"[..len]
    }
}

fn moody() -> (SharedBuf, Arc<AtomicUsize>, Arc<AtomicUsize>) {
    let (len, asked) = (Arc::new(AtomicUsize::new(10)), Arc::new(AtomicUsize::new(0)));
    (SharedBuf::from_owner(Moody(Arc::clone(&len), Arc::clone(&asked))), len, asked)
}

#[test]
fn an_owner_is_asked_once() {
    let (whole, _, asked) = moody();
    let views = [whole.slice(..4), whole.slice(2..), whole];
    asked.store(0, Ordering::SeqCst);
    assert_eq!(retention::report(&views).used_bytes(), 10);
    assert_eq!(asked.load(Ordering::SeqCst), 1);
}

#[test]
fn an_owner_that_shrinks_is_reported_as_it_is_now() {
    let (whole, len, _) = moody();
    let views = [whole.slice(..4), whole.slice(3..8), whole.slice(7..9)];
    for (now, used) in [(10, 9), (5, 5), (3, 3), (0, 0)] {
        len.store(now, Ordering::SeqCst);
        let report = retention::report(views.iter().map(|view| ("view", view)));
        let retained = only(&report);
        assert_eq!((retained.capacity(), retained.used_bytes()), (now, used));
        assert_eq!((report.pinned_bytes(), report.used_bytes()), (now, used));
        assert_eq!(holders(retained), [("view", 3, used)]);
        assert_eq!(retained.seen(), 3);
        assert!(retained.amplification().is_none_or(|factor| factor >= 1.0));
        let shown =
            [report.to_string(), report.svg(9).to_string(), report.json_lines().to_string()];
        assert!(shown.iter().all(|text| !text.is_empty()));
    }
}

#[test]
fn an_owner_that_panics_is_heard_and_nothing_is_lost() {
    let (whole, len, _) = moody();
    let (other, view) = (SharedBuf::from(vec![0; 7]), whole.slice(2..5));
    len.store(11, Ordering::SeqCst);
    let text = panic_text(|| retention::report([&other, &view, &whole]));
    assert_eq!(text, "the owner is in no mood");
    len.store(10, Ordering::SeqCst);
    assert_eq!((&view, &whole), (&SharedBuf::from("234"), &SharedBuf::from("0123456789")));
    assert_eq!(whole.backing().unwrap().handles(), 2);
    assert_eq!(other.backing().unwrap().handles(), 1);
    assert_eq!(retention::report([&other, &view]).pinned_bytes(), 17);
}

#[test]
fn room_without_bytes_is_kept_too() {
    let room = SharedBuf::from(Vec::with_capacity(100));
    let report = retention::report([&room]);
    assert_eq!(
        (report.pinned_bytes(), report.used_bytes(), report.amplification()),
        (100, 0, None)
    );
    assert_eq!(report.static_handles(), 0);
    assert!(only(&report).used().is_empty());
    assert_eq!(room.try_into_vec().unwrap().capacity(), 100);
}

#[test]
fn aligned_memory_is_kept_with_its_slack() {
    let page = UniqueBuf::try_zeroed(100, 64).unwrap();
    let capacity = page.backing().capacity();
    assert!(capacity >= 163);
    let page = page.freeze().slice(..10);
    let report = retention::report([&page]);
    assert_eq!((report.pinned_bytes(), report.used_bytes()), (capacity, 10));
    assert_eq!(only(&report).capacity(), capacity);
}
