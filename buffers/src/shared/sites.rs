//! Where handles were made: a sample of them, kept on the side.
//!
//! A handle has no room for a place. One bit of it says that it is on record
//! here, under its header and its range; only such handles come here when they
//! move and when they go, so that the record is always that of living handles.

use alloc::collections::BTreeMap;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::cell::Cell;
use core::ops::Range;
use core::panic::Location;
use core::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::header::Header;
use super::span::Span;

pub(crate) type Site = &'static Location<'static>;

/// One in how many handles is put on record; 0 is none.
static EVERY: AtomicU32 = AtomicU32::new(0);

/// Handles of the same range of the same memory are not told apart. If they were
/// made at different places, and one of them is dropped, either place may be the
/// one that is struck off.
static RECORD: Mutex<BTreeMap<Key, Vec<Site>>> = Mutex::new(BTreeMap::new());

std::thread_local! {
    static UNTIL_NEXT: Cell<u32> = const { Cell::new(0) };
}

/// A header's address, and the range within its memory.
type Key = (usize, usize, usize);

fn key(header: &Arc<Header>, span: Span) -> Key {
    (Arc::as_ptr(header).addr(), span.start(), span.len())
}

fn record() -> MutexGuard<'static, BTreeMap<Key, Vec<Site>>> {
    RECORD.lock().unwrap_or_else(PoisonError::into_inner)
}

pub(crate) fn sample_every(n: u32) {
    EVERY.store(n, Ordering::Relaxed);
}

/// Whether the handle that is being made is to be put on record.
#[inline]
pub(super) fn is_due() -> bool {
    let every = EVERY.load(Ordering::Relaxed);
    every != 0 && is_turn(every)
}

/// Counts this thread's handles down.
#[cold]
fn is_turn(every: u32) -> bool {
    let left = UNTIL_NEXT.get().min(every - 1);
    UNTIL_NEXT.set(if left == 0 { every - 1 } else { left - 1 });
    left == 0
}

/// Puts the caller's place on record; returns the span with its mark.
#[cold]
#[track_caller]
pub(super) fn note(header: &Arc<Header>, span: Span) -> Span {
    if !span.is_marked() {
        record().entry(key(header, span)).or_default().push(Location::caller());
    }
    span.marked()
}

/// The handle shows another range now.
#[cold]
pub(super) fn moved(header: &Arc<Header>, from: Span, to: Span) -> Span {
    let mut record = record();
    match strike(&mut record, key(header, from)) {
        Some(site) => {
            record.entry(key(header, to)).or_default().push(site);
            to.marked()
        }
        None => to,
    }
}

/// The handle is no more.
#[cold]
pub(super) fn gone(header: &Arc<Header>, span: Span) {
    strike(&mut record(), key(header, span));
}

fn strike(record: &mut BTreeMap<Key, Vec<Site>>, key: Key) -> Option<Site> {
    let sites = record.get_mut(&key)?;
    let site = sites.pop();
    if sites.is_empty() {
        record.remove(&key);
    }
    site
}

/// The living handles of one header that are on record: range and place.
pub(crate) fn of(header: usize) -> Vec<(Range<usize>, Site)> {
    let record = record();
    let all = record.range((header, 0, 0)..=(header, usize::MAX, usize::MAX));
    all.flat_map(|(&(_, start, len), sites)| {
        sites.iter().map(move |&site| (start..start + len, site))
    })
    .collect()
}
