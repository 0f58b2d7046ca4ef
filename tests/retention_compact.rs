//! Compacting keeps every byte, counts what it copies, and lets go of the memory, or
//! does nothing at all.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use buffers::copied::{self, Tally};
use buffers::retention::{self, CompactPolicy, Compacted};
use buffers::{Chain, Home, SharedBuf, UniqueBuf};
use oracles::content::pattern;
use oracles::panic_text;
use proptest::prelude::*;

/// A home that counts who comes.
#[derive(Default)]
struct Shelf(AtomicUsize);

impl Home for Shelf {
    fn come_home(self: Arc<Self>, _: UniqueBuf) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

impl Shelf {
    fn count(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

/// Lent bytes, and the home that waits for them.
fn lent(len: usize) -> (SharedBuf, Arc<Shelf>) {
    let shelf = Arc::new(Shelf::default());
    (UniqueBuf::from(pattern(len, 80)).lend(shelf.clone()).freeze(), shelf)
}

/// A policy by its two numbers.
fn policy(at_most: usize, factor: usize) -> CompactPolicy {
    CompactPolicy::default().at_most(at_most).factor(factor)
}

fn address(buf: &SharedBuf) -> usize {
    buf.as_ptr().addr()
}

/// What was done, as its three numbers.
fn numbers(done: Compacted) -> (usize, usize, usize) {
    (done.backings, done.freed_bytes, done.copied_bytes)
}

const NOTHING: (usize, usize, usize) = (0, 0, 0);

#[test]
fn one_handle_is_copied_out_and_its_memory_goes_home() {
    let (block, shelf) = lent(4096);
    let mut key = block.slice(100..120);
    drop(block);
    let (done, counted) = copied::during(|| key.compact_if(&CompactPolicy::default()));
    assert_eq!((done, counted, shelf.count()), (true, Tally::Counted(20), 1));
    assert_eq!(key, pattern(4096, 80)[100..120]);
    let backing = key.backing().unwrap();
    assert_eq!((backing.capacity(), backing.range(), backing.is_lent()), (20, 0..20, false));
    let (done, counted) = copied::during(|| key.compact_if(&CompactPolicy::default()));
    assert_eq!((done, counted), (false, Tally::Counted(0)), "there is nothing more to gain");
}

#[test]
fn a_policy_holds_to_the_byte() {
    let cases = [
        (CompactPolicy::default(), 512, 2048, true),
        (CompactPolicy::default(), 512, 2047, false),
        (CompactPolicy::default(), 513, 1 << 20, false),
        (policy(513, 4), 513, 4 * 513, true),
        (policy(513, 4), 513, 4 * 513 - 1, false),
        (policy(100, 1), 100, 100, true),
        (policy(100, 0), 100, 100, true),
        (policy(99, 0), 100, 1 << 20, false),
        (policy(0, 0), 1, 1 << 20, false),
        (policy(usize::MAX, usize::MAX), 2, 1 << 20, false),
        (policy(usize::MAX, 1 << 20), 1, 1 << 20, true),
        (policy(usize::MAX, (1 << 20) + 1), 1, 1 << 20, false),
        (policy(usize::MAX, 1 << 19), 2, 1 << 20, true),
    ];
    for (policy, used, capacity, pays) in cases {
        let case = format!("{used} of {capacity}: {policy:?}");
        let flat = pattern(capacity, 81);
        let mut handle = SharedBuf::from(flat.clone()).slice(..used);
        let at = address(&handle);
        let (done, counted) = copied::during(|| handle.compact_if(&policy));
        assert_eq!((done, handle == flat[..used]), (pays, true), "{case}");
        assert_eq!(counted, if pays { used as u64 } else { 0 }, "{case}");
        assert_eq!(address(&handle) == at, !pays, "{case}");

        let mut handles = [SharedBuf::from(flat.clone()).slice(..used)];
        let (done, counted) = copied::during(|| retention::compact(&mut handles, &policy));
        let expected = if pays { (1, capacity, used) } else { NOTHING };
        assert_eq!((numbers(done), handles[0] == flat[..used]), (expected, true), "{case}");
        assert_eq!(counted, if pays { used as u64 } else { 0 }, "{case}");
    }
}

#[test]
fn what_pins_nothing_is_never_copied() {
    static STATIC: [u8; 1000] = [1; 1000];
    let eager = policy(usize::MAX, 0);
    let mut handles = [SharedBuf::new(), SharedBuf::from(&STATIC).slice(..3), vec![].into()];
    let (done, counted) = copied::during(|| retention::compact(&mut handles, &eager));
    assert_eq!((numbers(done), counted), (NOTHING, Tally::Counted(0)));
    assert!(handles.iter_mut().all(|handle| !handle.compact_if(&eager)));
    assert_eq!(handles[1].as_ptr(), STATIC.as_ptr());
}

#[test]
fn other_handles_are_taken_to_be_alike() {
    let page = SharedBuf::from(pattern(4000, 82));
    let mut views: Vec<SharedBuf> = (0..99).map(|at| page.slice(at..at + 10)).collect();
    // 100 handles of 10 bytes: 4000 is 4 times as much, and no more.
    assert!(!views[0].clone().compact_if(&CompactPolicy::default()), "101 handles are no waste");
    assert!(!views[0].compact_if(&policy(512, 5)));
    assert!(views[0].compact_if(&CompactPolicy::default()));
    assert_eq!(views[0], pattern(4000, 82)[..10]);
    assert_eq!(page.backing().unwrap().handles(), 99);
}

#[test]
fn handles_elsewhere_keep_everything_as_it_is() {
    let (block, shelf) = lent(4096);
    let mut kept = [block.slice(..10), block.slice(5..20)];
    let before = kept.each_ref().map(address);
    let eager = policy(usize::MAX, 0);
    let (done, counted) = copied::during(|| retention::compact(&mut kept, &eager));
    assert_eq!((numbers(done), counted, shelf.count()), (NOTHING, Tally::Counted(0), 0));
    assert_eq!(kept.each_ref().map(address), before);
    assert_eq!(block.backing().unwrap().handles(), 3);
    drop(block);
    // The control: without the other handle it is done.
    let (done, counted) = copied::during(|| retention::compact(&mut kept, &eager));
    assert_eq!((numbers(done), counted, shelf.count()), ((1, 4096, 20), Tally::Counted(20), 1));
    let [a, b] = &kept;
    assert_eq!((&a[..], &b[..]), (&pattern(4096, 80)[..10], &pattern(4096, 80)[5..20]));
    assert_eq!(address(b), address(a) + 5, "they overlap again");
}

#[test]
fn each_memory_is_judged_alone() {
    let (small, big) = (SharedBuf::from(pattern(100, 83)), SharedBuf::from(pattern(9000, 84)));
    let other = SharedBuf::from(pattern(5000, 85));
    let mut kept = [big.slice(8000..8100), small.slice(..50), other.slice(7..9), big.slice(..100)];
    drop((small, big, other));
    let small_at = address(&kept[1]);
    let done = retention::compact(&mut kept, &CompactPolicy::default());
    assert_eq!(numbers(done), (2, 14_000, 202));
    assert_eq!(address(&kept[1]), small_at, "half of it is used");
    assert!(kept[0].same_backing(&kept[3]) && !kept[0].same_backing(&kept[2]));
    assert_eq!(kept[0], pattern(9000, 84)[8000..8100]);
    assert_eq!(kept[3], pattern(9000, 84)[..100]);
    assert_eq!(kept[2], pattern(5000, 85)[7..9]);
}

#[test]
fn the_limit_is_that_of_each_handle() {
    let page = SharedBuf::from(pattern(1 << 16, 86));
    let mut kept: Vec<SharedBuf> =
        (0..6).map(|at| page.slice(1000 * at..1000 * at + 100)).collect();
    drop(page);
    let done = retention::compact(&mut kept, &policy(99, 4));
    assert_eq!(numbers(done), NOTHING, "600 bytes are more than 6 times 99");
    let done = retention::compact(&mut kept, &policy(100, 4));
    assert_eq!(numbers(done), (1, 1 << 16, 600));
}

#[test]
fn a_chain_lets_go_piece_by_piece() {
    let (page, whole) = (SharedBuf::from(pattern(9000, 87)), SharedBuf::from(pattern(90, 88)));
    let mut chain = Chain::from_iter([page.slice(10..50), whole.clone(), page.slice(..9)]);
    let flat = chain.to_vec();
    drop(page);
    assert_eq!(chain.compact_if(&CompactPolicy::default()), 2, "the whole one pins itself only");
    assert_eq!((&chain, chain.invariants()), (&Chain::from(SharedBuf::from(flat)), Ok(())));
    assert_eq!(retention::report([&chain]).pinned_bytes(), 40 + 90 + 9);
    assert_eq!(address(chain.iter().nth(1).unwrap()), address(&whole));
}

/// An owner that gives as many bytes as it is told to.
struct Shrinking(Arc<AtomicUsize>);

impl AsRef<[u8]> for Shrinking {
    fn as_ref(&self) -> &[u8] {
        &[7; 2000][..self.0.load(Ordering::SeqCst)]
    }
}

#[test]
fn handles_of_an_owner_that_shrank_stay_as_they_are() {
    let len = Arc::new(AtomicUsize::new(2000));
    let whole = SharedBuf::from_owner(Shrinking(Arc::clone(&len)));
    let mut kept = [whole.slice(..3), whole.slice(1000..1010)];
    drop(whole);
    len.store(1005, Ordering::SeqCst);
    let (done, counted) =
        copied::during(|| retention::compact(&mut kept, &CompactPolicy::default()));
    assert_eq!((numbers(done), counted), (NOTHING, Tally::Counted(0)));
    let gone = "the owner of this memory gives fewer bytes than it did: 1000..1010 is gone";
    assert_eq!(panic_text(|| kept[1].compact_if(&CompactPolicy::default())), gone);
    len.store(2000, Ordering::SeqCst);
    assert_eq!((&kept[0][..], &kept[1][..]), (&[7; 3][..], &[7; 10][..]));
    assert_eq!(numbers(retention::compact(&mut kept, &CompactPolicy::default())), (1, 2000, 13));
}

fn range(len: usize) -> impl Strategy<Value = Range<usize>> {
    (0..=len, 0..20_usize).prop_map(move |(start, n)| start..(start + n).min(len))
}

proptest! {
    #![proptest_config(oracles::cases(300))]

    #[test]
    fn packed_handles_show_the_same_and_overlap_as_before(
        ranges in prop::collection::vec(range(200), 0..20),
    ) {
        let flat = pattern(200, 87);
        let (whole, shelf) = {
            let shelf = Arc::new(Shelf::default());
            (UniqueBuf::from(flat.clone()).lend(shelf.clone()).freeze(), shelf)
        };
        let mut kept: Vec<SharedBuf> = ranges.iter().map(|range| whole.slice(range.clone())).collect();
        drop(whole);
        let used = (0..200).filter(|at| ranges.iter().any(|range| range.contains(at))).count();
        let home = shelf.count();
        prop_assert_eq!(home, usize::from(used == 0));
        let (done, counted) =
            copied::during(|| retention::compact(&mut kept, &policy(usize::MAX, 0)));
        prop_assert_eq!(counted, used as u64);
        let expected = if used > 0 { (1, 200, used) } else { NOTHING };
        prop_assert_eq!(numbers(done), expected);
        prop_assert_eq!(shelf.count(), 1, "the memory is at home");
        for (handle, range) in kept.iter().zip(&ranges) {
            prop_assert_eq!(handle, &flat[range.clone()]);
            prop_assert_eq!(handle.backing().map(|backing| backing.capacity()), (!range.is_empty()).then_some(used));
        }
        for (a, first) in kept.iter().zip(&ranges).filter(|(_, range)| !range.is_empty()) {
            for (b, second) in kept.iter().zip(&ranges).filter(|(_, range)| !range.is_empty()) {
                if first.start <= second.start && second.start < first.end {
                    prop_assert_eq!(address(b) - address(a), second.start - first.start);
                }
                prop_assert!(a.same_backing(b));
            }
        }
    }
}
