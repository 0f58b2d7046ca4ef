//! The record of places is that of the living handles that were sampled: it has the
//! line that made each, follows it when it is cut, and forgets it when it goes.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;

use buffers::retention::{self, CompactPolicy, Retained};
use buffers::{Chain, SharedBuf, UniqueBuf};
use bytes::{Bytes, BytesMut};
use oracles::content::pattern;
use proptest::prelude::*;

const LEN: usize = 64;

/// The rate is one of the whole process, so only one test at a time sets it. It is
/// switched off again even if the test fails.
struct Sampling {
    _turn: MutexGuard<'static, ()>,
}

impl Sampling {
    fn of(n: u32) -> Self {
        static TURN: Mutex<()> = Mutex::new(());
        let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        restart(n);
        Self { _turn: turn }
    }
}

impl Drop for Sampling {
    fn drop(&mut self) {
        retention::sample_every(0);
    }
}

/// Sets the rate, and has this thread begin with its next handle.
fn restart(n: u32) {
    retention::sample_every(1);
    drop(SharedBuf::from(vec![0]));
    retention::sample_every(n);
}

/// What is on record of the memory behind `buf`: file, line, handles and bytes.
fn record(buf: &SharedBuf) -> Vec<(&'static str, u32, usize, usize)> {
    let report = retention::report([buf]);
    let sites = report.backings().iter().flat_map(Retained::sites);
    let record = sites.map(|site| {
        let place = site.location();
        (place.file(), place.line(), site.handles(), site.shown_bytes())
    });
    record.collect()
}

/// The lines of this file that are on record, each with its handles.
fn lines(buf: &SharedBuf) -> BTreeMap<u32, usize> {
    let record = record(buf).into_iter();
    record
        .map(|(file, line, handles, _)| {
            assert_eq!(file, file!());
            (line, handles)
        })
        .collect()
}

/// How many handles are on record, and the bytes that they show.
fn sums(buf: &SharedBuf) -> (usize, usize) {
    record(buf).iter().fold((0, 0), |(handles, bytes), site| (handles + site.2, bytes + site.3))
}

#[test]
fn a_handle_is_no_larger_for_it() {
    assert_eq!(size_of::<SharedBuf>(), 24);
}

#[test]
fn new_memory_has_the_line_that_made_its_handle() {
    let _sampling = Sampling::of(1);
    let unique = || UniqueBuf::from(pattern(LEN, 90));
    let mut waste = SharedBuf::from(vec![0; 4096]).slice(..4);
    let mut packed = [SharedBuf::from(vec![0; 4096]).slice(..4)];
    let policy = CompactPolicy::default();
    let cases = [
        (SharedBuf::from(vec![1]), line!()),
        (SharedBuf::from(vec![1].into_boxed_slice()), line!()),
        (SharedBuf::from("1".to_string()), line!()),
        (SharedBuf::from(Bytes::from(vec![1])), line!()),
        (SharedBuf::from(BytesMut::from(&[1][..])), line!()),
        (SharedBuf::from(unique()), line!()),
        (SharedBuf::from_owner([1; 8]), line!()),
        (SharedBuf::copy_from_slice(&[1]), line!()),
        (unique().freeze(), line!()),
        (unique().freeze().try_into_mut().unwrap().freeze(), line!()),
        (Chain::from_iter([vec![1], vec![2]]).to_shared(), line!()),
        ((waste.compact_if(&policy), waste).1, line!()),
        ((retention::compact(&mut packed, &policy), packed[0].clone()).1, line!()),
    ];
    for (handle, line) in &cases {
        assert!(lines(handle).contains_key(line), "{line}: {:?}", record(handle));
    }
}

#[test]
fn each_way_to_make_a_handle_has_its_line() {
    let _sampling = Sampling::of(1);
    let (page, line) = (SharedBuf::from(pattern(LEN, 91)), line!());
    assert_eq!(lines(&page), BTreeMap::from([(line, 1)]));
    let chain = Chain::from(page.slice(60..));
    retention::sample_every(0);
    // Handles of one range are not told apart, so each here shows one of its own.
    let (mut front, mut back, twin) = (page.clone(), page.clone(), page.slice(1..40));
    let mut reader = page.clone().reader();
    retention::sample_every(1);
    let made = [
        (page.slice(1..5), line!()),
        (page.try_slice(2..=5).unwrap(), line!()),
        (page.promote(&page[3..7]).unwrap(), line!()),
        (page.slice_ref(&page[4..8]), line!()),
        (page.promote_all([&page[..1]]).unwrap().part(0).unwrap(), line!()),
        (twin.clone(), line!()),
        (front.split_to(9), line!()),
        (back.split_off(20), line!()),
        (reader.take_shared(11), line!()),
        (chain.slice(1..).try_join().unwrap(), line!()),
    ];
    for (handle, line) in &made {
        assert_eq!(lines(&page).get(line), Some(&1), "{handle:?} {line}: {:?}", record(&page));
    }
    assert_eq!(lines(&page).len(), 2 + made.len(), "and no others");
    drop(made);
    assert_eq!(lines(&page).len(), 2, "gone with their handles");
    drop((chain, front, back, twin, reader));
    assert_eq!(lines(&page), BTreeMap::from([(line, 1)]));
}

#[test]
fn a_record_follows_its_handle_until_that_goes() {
    let sampling = Sampling::of(0);
    let page = SharedBuf::from(pattern(LEN, 92));
    assert!(record(&page).is_empty(), "nothing is on record while it is off");
    retention::sample_every(1);
    let (mut view, line) = (page.slice(10..50), line!());
    retention::sample_every(0);
    let only = |bytes: usize| vec![(file!(), line, 1, bytes)];
    assert_eq!(record(&page), only(40));
    view.advance(7);
    assert_eq!(record(&page), only(33));
    view.truncate(20);
    assert_eq!(record(&page), only(20));
    let front = view.split_to(5);
    let mut view = view.split_off(0);
    assert_eq!(record(&page), only(15), "the front was made while it was off");
    view = front.try_join(view).unwrap();
    assert!(record(&page).is_empty(), "the joined handle is the front one, which is not on record");
    drop(view);

    retention::sample_every(1);
    let (mut view, line) = (page.slice(10..50), line!());
    retention::sample_every(0);
    let back = view.split_off(30);
    view = view.try_join(back).unwrap();
    assert_eq!(record(&page), [(file!(), line, 1, 40)]);
    let bytes = Bytes::from(view);
    assert_eq!(sums(&page), (1, 40), "a `Bytes` keeps the handle");
    drop(bytes);
    assert!(record(&page).is_empty());
    drop(sampling);
}

#[test]
fn one_in_ten_is_one_in_ten() {
    let _sampling = Sampling::of(0);
    let page = SharedBuf::from(pattern(LEN, 93));
    restart(10);
    let mut views: Vec<SharedBuf> = (0..1000).map(|at| page.slice(at % LEN..)).collect();
    assert_eq!(sums(&page).0, 100);
    // Empty handles and static ones take no turn.
    let nothing = [(); 7].map(|()| (page.slice(1..1), SharedBuf::from("static").slice(1..)));
    views.extend((0..10).map(|_| page.clone()));
    assert_eq!(sums(&page).0, 101);
    retention::sample_every(0);
    views.extend((0..50).map(|_| page.clone()));
    assert_eq!(sums(&page).0, 101, "off is off");
    views.drain(..500);
    assert_eq!(sums(&page).0, 51, "and old ones are still struck off");
    views.clear();
    assert!(record(&page).is_empty());
    drop(nothing);
}

#[test]
fn a_smaller_rate_is_heard_at_once() {
    let _sampling = Sampling::of(0);
    let page = SharedBuf::from(pattern(LEN, 94));
    restart(1_000_000);
    let first = page.slice(1..);
    assert_eq!(sums(&page).0, 1, "each thread begins with its first handle");
    let second = page.slice(1..);
    assert_eq!(sums(&page).0, 1);
    retention::sample_every(2);
    let more = [(); 4].map(|()| page.slice(1..));
    assert_eq!(sums(&page).0, 3);
    drop((first, second, more));
    assert_eq!(sums(&page).0, 0);
}

#[test]
fn threads_sample_for_themselves_and_share_the_record() {
    let _sampling = Sampling::of(0);
    let page = SharedBuf::from(pattern(LEN, 95));
    restart(4);
    let kept = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for thread in 0..4 {
            let (page, kept) = (&page, &kept);
            scope.spawn(move || {
                for at in 0..400 {
                    let mut view = page.slice(at % 32..);
                    view.truncate(1 + (at + thread) % 16);
                    if at % 8 == 0 {
                        kept.lock().unwrap().push(view);
                    }
                }
            });
        }
    });
    retention::sample_every(0);
    let kept = kept.into_inner().unwrap();
    // Each thread samples its handles 0, 4, 8 and so on, and keeps each eighth.
    let shown: usize = kept.iter().map(SharedBuf::len).sum();
    assert_eq!((kept.len(), sums(&page)), (200, (200, shown)));
    thread::scope(|scope| {
        for part in kept.chunks(50).map(<[SharedBuf]>::to_vec) {
            scope.spawn(move || drop(part));
        }
        scope.spawn(move || drop(kept));
    });
    assert!(record(&page).is_empty());
}

/// What is done to one of the handles there are, chosen round and round.
#[derive(Clone, Debug)]
enum Step {
    /// Slices, or promotes.
    Slice(usize, Range<usize>),
    Clone(usize),
    Advance(usize, usize),
    Truncate(usize, usize),
    Split(usize, usize, bool),
    Join(usize, usize),
    /// Makes it writable if it is the last, shows other bytes, and freezes it.
    Thaw(usize, usize, bool),
    Drop(usize),
}

fn step() -> impl Strategy<Value = Step> {
    let range = || (0..=LEN, 0..=LEN).prop_map(|(a, b)| a.min(b)..a.max(b));
    let (which, few) = (any::<usize>, || 0..20_usize);
    prop_oneof![
        (which(), range()).prop_map(|(which, range)| Step::Slice(which, range)),
        which().prop_map(Step::Clone),
        (which(), few()).prop_map(|(which, n)| Step::Advance(which, n)),
        (which(), 0..=LEN).prop_map(|(which, n)| Step::Truncate(which, n)),
        (which(), few(), any::<bool>()).prop_map(|(which, n, front)| Step::Split(which, n, front)),
        (0..3_usize, 0..3_usize).prop_map(|(a, b)| Step::Join(a, b)),
        (which(), few(), any::<bool>()).prop_map(|(which, n, all)| Step::Thaw(which, n, all)),
        which().prop_map(Step::Drop),
    ]
}

/// Handles of one memory, each with whether it has to be on record, and how many
/// turns were taken.
struct Model {
    handles: Vec<(SharedBuf, bool)>,
    every: usize,
    turns: usize,
}

impl Model {
    fn is_turn(&mut self) -> bool {
        self.turns += 1;
        (self.turns - 1).is_multiple_of(self.every)
    }

    /// Takes a new handle in. An empty one has taken no turn.
    fn add(&mut self, new: SharedBuf) {
        let marked = !new.is_empty() && self.is_turn();
        self.handles.push((new, marked));
    }

    /// Takes both halves of a handle in; that which is new has taken a turn only if
    /// none is empty, and otherwise the handle itself was handed over.
    fn add_half(&mut self, which: usize, half: SharedBuf) {
        let (left, marked) = (self.handles[which].0.len(), self.handles[which].1);
        if left == 0 {
            self.handles.push((half, marked));
        } else {
            self.add(half);
        }
    }

    fn apply(&mut self, step: &Step) {
        let count = self.handles.len();
        let within = |handle: &SharedBuf, range: &Range<usize>| {
            range.start.min(handle.len())..range.end.min(handle.len())
        };
        match step {
            Step::Slice(which, range) => {
                let handle = &self.handles[which % count].0;
                // A promotion is a slice by another name.
                let range = within(handle, range);
                let new = match range.start % 2 {
                    0 => handle.slice(range),
                    _ => handle.promote(&handle[range]).unwrap(),
                };
                self.add(new);
            }
            Step::Clone(which) => {
                let new = self.handles[which % count].0.clone();
                self.add(new);
            }
            Step::Advance(which, n) => {
                let handle = &mut self.handles[which % count].0;
                handle.advance(*n.min(&handle.len()));
            }
            Step::Truncate(which, n) => self.handles[which % count].0.truncate(*n),
            Step::Split(which, at, front) => {
                let handle = &mut self.handles[which % count].0;
                let at = *at.min(&handle.len());
                let half = if *front { handle.split_to(at) } else { handle.split_off(at) };
                self.add_half(which % count, half);
            }
            Step::Join(which, other) if count > 1 => self.join(*which, *other),
            Step::Thaw(which, n, all) => self.thaw(which % count, *n, *all),
            Step::Drop(which) if count > 1 => drop(self.handles.swap_remove(which % count)),
            Step::Join(..) | Step::Drop(_) => {}
        }
    }

    fn join(&mut self, which: usize, other: usize) {
        let (front, left) = self.handles.swap_remove(which % self.handles.len());
        let (back, right) = self.handles.swap_remove(other % self.handles.len());
        let is_empty = front.is_empty();
        match front.try_join(back) {
            Ok(joined) => self.handles.push((joined, if is_empty { right } else { left })),
            Err((front, back)) => self.handles.extend([(front, left), (back, right)]),
        }
    }

    fn thaw(&mut self, which: usize, n: usize, all: bool) {
        let (handle, marked) = self.handles.swap_remove(which);
        match handle.try_into_mut() {
            Ok(mut unique) => {
                unique.truncate(n);
                if all {
                    unique.expand();
                }
                let frozen = unique.freeze();
                let anew = !frozen.is_empty() && self.is_turn();
                self.handles.push((frozen, marked || anew));
            }
            Err(handle) => self.handles.push((handle, marked)),
        }
    }

    fn check(&self) {
        let on_record =
            || self.handles.iter().filter(|(handle, marked)| *marked && !handle.is_empty());
        let shown = on_record().map(|(handle, _)| handle.len()).sum();
        if let Some((living, _)) = self.handles.iter().find(|(handle, _)| !handle.is_empty()) {
            assert_eq!(sums(living), (on_record().count(), shown));
        }
    }
}

proptest! {
    #![proptest_config(oracles::cases(300))]

    #[test]
    fn any_tree_of_handles_is_on_record_while_it_lives(
        every in 1..5_u32,
        witnessed in any::<bool>(),
        steps in prop::collection::vec(step(), 0..50),
    ) {
        let _sampling = Sampling::of(0);
        let whole = SharedBuf::from(pattern(LEN, 96));
        let witness = witnessed.then(|| whole.clone());
        restart(every);
        let mut model = Model { handles: vec![(whole, false)], every: every as usize, turns: 0 };
        for step in &steps {
            model.apply(step);
            model.check();
        }
        retention::sample_every(0);
        drop(model);
        prop_assert!(witness.is_none_or(|witness| record(&witness).is_empty()));
    }
}
