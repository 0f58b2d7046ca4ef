//! Where blocks lie: one shelf for each block, so that threads which lend different
//! blocks touch nothing in common.
//!
//! A free list, with a lock or without one, is one place that all threads change.
//! Here each block has a place of its own, which it always returns to. A thread
//! looks first where the block lies that it returned last, then from a shelf of its
//! own on; so threads keep to different shelves while there are enough, and each
//! gets at every block when there are not. The price is a walk over the shelves when
//! few blocks are left.

use std::task::Waker;

use super::borrower::{Borrower, this_thread};
use super::line::{Line, Wake};
use super::sync::{AtomicUsize, Lock, Ordering};

/// A fixed number of shelves, each for one thing.
pub(super) struct Shelves<T> {
    all: Box<[Shelf<T>]>,
    recent: Box<[Recent]>,
    line: Line<Taken<T>>,
}

/// What was taken, and from which shelf.
#[derive(Debug)]
pub(super) struct Taken<T> {
    pub(super) index: usize,
    pub(super) thing: T,
}

/// Aligned so that no two shelves share a cache line; processors fetch them in pairs.
#[repr(align(128))]
struct Shelf<T>(Lock<Content<T>>);

/// Its fields are written one by one: an `enum` of what is here and who has it would be
/// put together elsewhere and moved, which processors are slow at soon after writing.
struct Content<T> {
    here: Option<T>,
    /// Who has it, while it is not here.
    borrower: Option<Borrower>,
    is_closed: bool,
    /// How often it was taken from here.
    times: u64,
}

/// The shelf that a thread used last. Threads may share an entry; the advice is then
/// worth less, and no less right.
#[repr(align(128))]
struct Recent(AtomicUsize);

const RECENT: usize = if cfg!(loom) { 2 } else { 32 };

/// What has happened at the shelves.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Counts {
    pub(super) here: usize,
    pub(super) taken: u64,
    pub(super) waiting: usize,
    pub(super) waited: u64,
}

impl<T> Shelves<T> {
    pub(super) fn new(things: impl IntoIterator<Item = T>) -> Self {
        let all: Box<[_]> = things.into_iter().map(Shelf::new).collect();
        let recent = (0..RECENT).map(|slot| Recent(AtomicUsize::new(own(slot, all.len()))));
        Self { recent: recent.collect(), all, line: Line::new() }
    }

    pub(super) fn len(&self) -> usize {
        self.all.len()
    }

    /// Takes one, unless somebody waits in line, or all are out as far as can be
    /// seen without waiting for others.
    #[inline]
    pub(super) fn take(&self, borrower: Borrower) -> Option<Taken<T>> {
        if self.line.is_standing() {
            return None;
        }
        let recent = self.recent[borrower.thread % RECENT].0.load(Ordering::Relaxed);
        match self.take_from(recent, borrower) {
            Some(taken) => Some(taken),
            None => self.look_around(borrower),
        }
    }

    #[inline]
    fn take_from(&self, index: usize, borrower: Borrower) -> Option<Taken<T>> {
        let mut content = self.all[index].0.try_lock()?;
        let thing = content.take(borrower)?;
        Some(Taken { index, thing })
    }

    fn look_around(&self, borrower: Borrower) -> Option<Taken<T>> {
        let own = own(borrower.thread, self.len());
        let order = (own..self.len()).chain(0..own);
        order.into_iter().find_map(|index| self.take_from(index, borrower))
    }

    /// Takes one if there is one, for whoever is next in line; waits for each lock.
    ///
    /// Whoever stands in line before it looks here misses no return: a block that is
    /// put on a shelf after this look at it finds somebody in line, because the
    /// shelf's lock orders the two.
    fn take_surely(&self, borrower: Borrower) -> Option<Taken<T>> {
        self.all.iter().enumerate().find_map(|(index, shelf)| {
            let thing = shelf.0.lock().take(borrower)?;
            Some(Taken { index, thing })
        })
    }

    /// Takes one without standing in line: only if nobody does.
    pub(super) fn take_now(&self, borrower: Borrower) -> Option<Taken<T>> {
        if self.line.is_standing() { None } else { self.take_surely(borrower) }
    }

    /// Puts a thing back on its shelf, and hands it to who is first in line. Gives
    /// it back if the shelves are closed.
    #[inline]
    pub(super) fn put(&self, index: usize, thing: T) -> Option<T> {
        let mut content = self.all[index].0.lock();
        if content.is_closed {
            return Some(thing);
        }
        // A plain assignment would look for something to drop first.
        let before = content.here.replace(thing);
        debug_assert!(before.is_none(), "a shelf is for one thing");
        std::mem::forget(before);
        content.borrower = None;
        drop(content);
        self.was_put(index);
        None
    }

    #[inline]
    fn was_put(&self, index: usize) {
        self.recent[this_thread() % RECENT].0.store(index, Ordering::Relaxed);
        if self.line.is_standing() {
            self.serve();
        }
    }

    /// Hands out what is here to those who stand in line, in their order.
    #[cold]
    pub(super) fn serve(&self) {
        // Woken outside of the lock: a task's waker runs code that is not ours.
        while let Some(wake) = self.line.serve_first(|borrower| self.take_surely(borrower)) {
            wake.wake();
        }
    }

    /// Takes one, or stands in line with `ticket` until a call of this gives one.
    pub(super) fn poll(
        &self,
        ticket: &mut Option<usize>,
        borrower: Borrower,
        waker: &Waker,
    ) -> Option<Taken<T>> {
        let taken = match *ticket {
            Some(number) => self.line.collect(number, Some(waker)),
            None => self.take(borrower).or_else(|| {
                let number = self.line.join(borrower, Wake::Task(waker.clone()));
                *ticket = Some(number);
                // What came home before we stood in line is still on its shelf.
                self.serve();
                self.line.collect(number, None)
            }),
        };
        if taken.is_some() {
            *ticket = None;
        }
        taken
    }

    pub(super) fn line(&self) -> &Line<Taken<T>> {
        &self.line
    }

    /// Takes everything out for good. What is out now is given back when it returns.
    pub(super) fn close(&self) -> Vec<T> {
        let close = |shelf: &Shelf<T>| {
            let mut content = shelf.0.lock();
            content.is_closed = true;
            content.here.take()
        };
        self.all.iter().filter_map(close).collect()
    }

    /// Notes which memory it is that lay at `index`.
    #[cfg(feature = "sites")]
    pub(super) fn note(&self, index: usize, memory: buffers::BackingId) {
        if let Some(borrower) = &mut self.all[index].0.lock().borrower {
            borrower.memory = Some(memory);
        }
    }

    pub(super) fn borrowers(&self) -> Vec<Borrower> {
        self.all.iter().filter_map(|shelf| shelf.0.lock().borrower).collect()
    }

    pub(super) fn counts(&self) -> Counts {
        let (waiting, waited) = self.line.counts();
        let mut counts = Counts { waiting, waited, ..Counts::default() };
        for shelf in &self.all {
            let content = shelf.0.lock();
            counts.here += usize::from(content.here.is_some());
            counts.taken += content.times;
        }
        counts
    }
}

impl<T> Shelf<T> {
    fn new(thing: T) -> Self {
        let here = Some(thing);
        Self(Lock::new(Content { here, borrower: None, is_closed: false, times: 0 }))
    }
}

impl<T> Content<T> {
    #[inline]
    fn take(&mut self, borrower: Borrower) -> Option<T> {
        let thing = self.here.take()?;
        self.borrower = Some(borrower);
        self.times += 1;
        Some(thing)
    }
}

/// The shelf where a thread begins to look. Neighbouring numbers are far apart.
#[inline]
fn own(thread: usize, shelves: usize) -> usize {
    // The golden ratio's fraction: successive multiples of it spread evenly.
    let spread = (thread as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
    // Both factors are below 2^32, or nearly so, and the result is below `shelves`.
    ((u128::from(spread) * shelves as u128) >> 32) as usize
}
