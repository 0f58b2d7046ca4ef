//! The pool itself: lending blocks, and taking them back.

use std::fmt;
use std::panic::Location;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use buffers::{Home, UniqueBuf};

use super::block::Block;
use super::borrower::{Borrower, Moment, this_thread};
use super::builder::PoolBuilder;
use super::exhausted::{Exhausted, Holder, Report};
use super::line::Wake;
use super::memory::Measures;
use super::shelves::{Shelves, Taken};
use super::stats::Stats;

/// A fixed number of blocks of memory, which are lent and come home.
///
/// All payload memory is allocated when the pool is built; the pool never
/// grows. When no block is free, [`acquire`](Self::acquire) waits for one and
/// then says who holds them. A thread is lent the block that it returned last,
/// because it is the one that its processor's cache still has.
///
/// A `Pool` is a handle: clones share the same blocks. When the last handle is
/// dropped, idle blocks are freed at once, and each block that is still out
/// when its last view is dropped.
///
/// Each block lies on a shelf of its own with a lock of its own, so threads that
/// work with different blocks do not meet; acquiring and returning allocate
/// nothing. Once somebody waits, everybody stands in line: blocks are handed out in
/// the order in which they were asked for, and who is handed one is woken, once.
///
/// ```
/// use filereader::Pool;
///
/// let pool = Pool::builder().block_size(4096).blocks(2).build()?;
/// let mut block = pool.acquire()?;
/// block.read_into(&mut &b"some bytes"[..])?;
/// let view = block.freeze().slice(5..);
/// assert_eq!(view, b"bytes");
/// assert_eq!(pool.idle(), 1);
/// drop(view);
/// assert_eq!(pool.idle(), 2);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Pool {
    house: Arc<House>,
    /// Which of its counters this handle asks at.
    class: usize,
}

/// All blocks of a pool, a counter for each size.
struct House {
    counters: Vec<Counter>,
}

/// Where blocks of one size are asked for. Only handles of the pool hold it, so it is
/// closed with the last of them; what is out knows the way to its shelf by itself.
struct Counter {
    slots: Box<[Arc<Slot>]>,
    office: Arc<Office>,
}

/// Where blocks of one size are kept.
pub(super) struct Office {
    shelves: Shelves<UniqueBuf>,
    measures: Measures,
    reserved: usize,
    terms: Terms,
}

/// What the builder says about lending.
#[derive(Clone, Copy, Debug)]
pub(super) struct Terms {
    pub(super) patience: Duration,
    pub(super) track_time: bool,
    pub(super) zero_on_return: bool,
}

/// Where one block belongs: the [`Home`] that its memory carries.
struct Slot {
    index: usize,
    office: Arc<Office>,
}

impl Pool {
    /// A builder with the default measures.
    #[must_use]
    pub fn builder() -> PoolBuilder {
        PoolBuilder::new()
    }

    /// Lends a block; waits for one up to the pool's
    /// [patience](PoolBuilder::patience), 30 seconds if not said.
    ///
    /// # Errors
    ///
    /// [`Exhausted`] when the wait was in vain; it names the lines that hold
    /// the blocks.
    #[track_caller]
    #[inline]
    pub fn acquire(&self) -> Result<Block, Exhausted> {
        self.acquire_timeout(self.office().terms.patience)
    }

    /// Lends a block if one is free now and nobody waits for it.
    ///
    /// # Errors
    ///
    /// [`Exhausted`] if none is.
    #[track_caller]
    #[inline]
    pub fn try_acquire(&self) -> Result<Block, Exhausted> {
        self.acquire_timeout(Duration::ZERO)
    }

    /// Lends a block; waits for one up to `patience`.
    ///
    /// # Errors
    ///
    /// [`Exhausted`] when the wait was in vain.
    #[track_caller]
    #[inline]
    pub fn acquire_timeout(&self, patience: Duration) -> Result<Block, Exhausted> {
        let borrower = self.borrower(Location::caller());
        match self.office().shelves.take(borrower) {
            Some(taken) => Ok(self.lend(taken)),
            None => self.wait(patience, borrower),
        }
    }

    #[cold]
    fn wait(&self, patience: Duration, borrower: Borrower) -> Result<Block, Exhausted> {
        // The clock is only asked by those who wait.
        let start = Instant::now();
        let shelves = &self.office().shelves;
        if patience.is_zero() {
            let taken = shelves.take_now(borrower);
            return taken
                .map(|taken| self.lend(taken))
                .ok_or_else(|| self.exhausted(patience, start.elapsed()));
        }
        let ticket = shelves.line().join(borrower, Wake::Thread(thread::current()));
        // What came home before we stood in line is still on its shelf.
        shelves.serve();
        loop {
            if let Some(taken) = shelves.line().collect(ticket, None) {
                return Ok(self.lend(taken));
            }
            let left = patience.saturating_sub(start.elapsed());
            if left.is_zero() {
                let last_moment = shelves.line().leave(ticket);
                return last_moment
                    .map(|taken| self.lend(taken))
                    .ok_or_else(|| self.exhausted(patience, start.elapsed()));
            }
            thread::park_timeout(left);
        }
    }

    /// A handle of the same pool that lends from the smallest blocks which hold `len`
    /// bytes, or `None` if there are none of that size.
    ///
    /// ```
    /// use filereader::Pool;
    ///
    /// let pool = Pool::builder().block_size(4096).blocks(8).class(1 << 20, 1).build()?;
    /// let large = pool.fitting(5000).unwrap();
    /// assert_eq!((large.block_size(), large.acquire()?.capacity()), (1 << 20, 1 << 20));
    /// assert!(pool.fitting((1 << 20) + 1).is_none());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn fitting(&self, len: usize) -> Option<Self> {
        let sizes = self.house.counters.iter().map(|counter| counter.office.measures.block_size);
        let fits = sizes.enumerate().filter(|&(_, size)| size >= len);
        let (class, _) = fits.min_by_key(|&(_, size)| size)?;
        Some(Self { house: Arc::clone(&self.house), class })
    }

    /// The bytes of each block that this handle lends.
    pub fn block_size(&self) -> usize {
        self.office().measures.block_size
    }

    /// How many blocks there are, of all sizes, lent or not.
    pub fn blocks(&self) -> usize {
        self.house.offices().map(|office| office.shelves.len()).sum()
    }

    /// How many blocks of this handle's size there are.
    pub(crate) fn blocks_of_size(&self) -> usize {
        self.office().shelves.len()
    }

    /// How many blocks are free now, of all sizes. Looks at each.
    pub fn idle(&self) -> usize {
        self.house.offices().map(|office| office.shelves.counts().here).sum()
    }

    /// The payload bytes that this pool can ever hold: blocks times block size, of
    /// all sizes.
    pub fn ceiling(&self) -> usize {
        self.house.offices().map(|office| office.shelves.len() * office.measures.block_size).sum()
    }

    /// The bytes that the pool took from the system: the ceiling, and the slack
    /// of alignment, padding and whole pages.
    pub fn reserved(&self) -> usize {
        self.house.offices().map(|office| office.reserved).sum()
    }

    /// Who holds the blocks that are out, of all sizes, most blocks first.
    pub fn holders(&self) -> Vec<Holder> {
        let borrowers = self.house.offices().flat_map(|office| office.shelves.borrowers());
        Holder::gather(borrowers)
    }

    /// What has happened in this pool so far, for each size of blocks. Looks at each
    /// block; the numbers are exact when nobody lends or returns meanwhile.
    pub fn stats(&self) -> Vec<Stats> {
        let stats = |office: &Office| {
            Stats::new(&office.measures, office.shelves.len(), office.shelves.counts())
        };
        self.house.offices().map(stats).collect()
    }

    /// Whether `block` was lent by this pool.
    pub fn lent(&self, block: &Block) -> bool {
        slot_of(block.memory()).is_some_and(|slot| {
            self.house.offices().any(|office| std::ptr::eq(office, &raw const *slot.office))
        })
    }

    pub(super) fn over(offices: Vec<Office>) -> Self {
        let mut counters = Vec::with_capacity(offices.len());
        counters.extend(offices.into_iter().map(Counter::new));
        Self { house: Arc::new(House { counters }), class: 0 }
    }

    #[inline]
    pub(super) fn shelves(&self) -> &Shelves<UniqueBuf> {
        &self.office().shelves
    }

    #[inline]
    fn office(&self) -> &Office {
        &self.house.counters[self.class].office
    }

    #[inline]
    pub(super) fn borrower(&self, location: &'static Location<'static>) -> Borrower {
        let since = self.office().terms.track_time.then(Moment::now);
        Borrower {
            location,
            thread: this_thread(),
            since,
            #[cfg(feature = "sites")]
            memory: None,
        }
    }

    /// Sends a block out with the way to its shelf. The slot's count is touched by
    /// this block alone, so threads do not fight over the pool's own count.
    #[inline]
    pub(super) fn lend(&self, taken: Taken<UniqueBuf>) -> Block {
        #[cfg(feature = "sites")]
        self.office().shelves.note(taken.index, taken.thing.backing().id());
        let slot = Arc::clone(&self.house.counters[self.class].slots[taken.index]);
        Block::over(taken.thing.lend(slot), self.block_size())
    }

    /// How long its callers wait who do not say how long.
    pub(crate) fn patience(&self) -> Duration {
        self.office().terms.patience
    }

    #[cold]
    pub(crate) fn exhausted(&self, patience: Duration, waited: Duration) -> Exhausted {
        let office = self.office();
        let borrowers = office.shelves.borrowers();
        let blocks = office.shelves.len();
        let this = this_thread();
        let waits_for_itself =
            borrowers.len() == blocks && borrowers.iter().all(|borrower| borrower.thread == this);
        let holders = Holder::gather(borrowers);
        let block_size = self.block_size();
        let report = Report { patience, waited, block_size, blocks, holders, waits_for_itself };
        Exhausted { report: Box::new(report) }
    }
}

impl House {
    fn offices(&self) -> impl Iterator<Item = &Office> {
        self.counters.iter().map(|counter| &*counter.office)
    }
}

impl Counter {
    fn new(office: Office) -> Self {
        let office = Arc::new(office);
        let slot = |index| Arc::new(Slot { index, office: Arc::clone(&office) });
        Self { slots: (0..office.shelves.len()).map(slot).collect(), office }
    }
}

impl Drop for Counter {
    fn drop(&mut self) {
        drop(self.office.shelves.close());
    }
}

impl Office {
    pub(super) fn new(
        memory: Vec<UniqueBuf>,
        measures: Measures,
        reserved: usize,
        terms: Terms,
    ) -> Self {
        Self { shelves: Shelves::new(memory), measures, reserved, terms }
    }
}

impl Home for Slot {
    fn come_home(self: Arc<Self>, memory: UniqueBuf) {
        if self.office.terms.zero_on_return {
            self.put_zeroed(memory);
        } else {
            // Shelves that are closed give it back, and it is freed.
            drop(self.office.shelves.put(self.index, memory));
        }
    }
}

impl Slot {
    #[cold]
    fn put_zeroed(&self, mut memory: UniqueBuf) {
        memory.fill(0);
        drop(self.office.shelves.put(self.index, memory));
    }
}

/// The size of the block that this memory is, if a pool lent it.
pub(super) fn block_size_of(memory: &UniqueBuf) -> Option<usize> {
    slot_of(memory).map(|slot| slot.office.measures.block_size)
}

fn slot_of(memory: &UniqueBuf) -> Option<&Slot> {
    let home: &dyn std::any::Any = memory.home()?;
    home.downcast_ref()
}

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool")
            .field("block_size", &self.block_size())
            .field("blocks", &self.blocks())
            .field("idle", &self.idle())
            .finish()
    }
}
