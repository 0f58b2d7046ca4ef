//! The pool itself: who has which block.

use std::fmt;
use std::panic::Location;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use buffers::{Home, UniqueBuf};

use super::block::Block;
use super::builder::PoolBuilder;
use super::exhausted::{Exhausted, Holder};
use super::memory::Blocks;

/// A fixed number of blocks of memory, which are lent and come home.
///
/// All payload memory is allocated when the pool is built; the pool never
/// grows. When no block is free, [`acquire`](Self::acquire) waits for one and
/// then says who holds them. The block that came home last is lent first,
/// because it is the one that the processor's cache still has.
///
/// A `Pool` is a handle: clones share the same blocks. When the last handle is
/// dropped, idle blocks are freed at once, and each block that is still out
/// when its last view is dropped.
///
/// Acquiring and returning take one mutex and allocate nothing. Who waits is
/// woken when a block comes home, and may find that somebody else was quicker.
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
    closer: Arc<Closer>,
}

/// Closes the lending office when the last [`Pool`] handle is dropped.
struct Closer(Arc<Office>);

/// Where blocks are lent and taken back. The pool's handles hold it, and each
/// block does through its [`Slot`]; the last of them frees it.
struct Office {
    state: Mutex<State>,
    came_home: Condvar,
    block_size: usize,
    reserved: usize,
    patience: Duration,
}

struct State {
    /// One entry a block. Emptied when the pool is closed, which also breaks
    /// the circle office -> slot -> office.
    entries: Vec<Entry>,
    /// Which blocks are here; the last one is lent first.
    idle: Vec<usize>,
    waiting: usize,
}

struct Entry {
    slot: Arc<Slot>,
    whereabouts: Whereabouts,
}

enum Whereabouts {
    Here(UniqueBuf),
    LentAt(&'static Location<'static>),
}

/// A block that is no longer idle and not lent yet.
struct Free {
    memory: UniqueBuf,
    slot: Arc<Slot>,
}

impl Free {
    fn lend(self) -> Block {
        Block::over(self.memory.lend(self.slot))
    }
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
    pub fn acquire(&self) -> Result<Block, Exhausted> {
        self.acquire_timeout(self.office().patience)
    }

    /// Lends a block if one is free now.
    ///
    /// # Errors
    ///
    /// [`Exhausted`] if none is.
    #[track_caller]
    pub fn try_acquire(&self) -> Result<Block, Exhausted> {
        self.acquire_timeout(Duration::ZERO)
    }

    /// Lends a block; waits for one up to `patience`.
    ///
    /// # Errors
    ///
    /// [`Exhausted`] when the wait was in vain.
    #[track_caller]
    pub fn acquire_timeout(&self, patience: Duration) -> Result<Block, Exhausted> {
        let borrower = Location::caller();
        let free = self.office().lock().take(borrower);
        // Whatever need not be done under the lock is done after it.
        match free {
            Some(free) => Ok(free.lend()),
            None => self.wait(patience, borrower),
        }
    }

    #[cold]
    fn wait(
        &self,
        patience: Duration,
        borrower: &'static Location<'static>,
    ) -> Result<Block, Exhausted> {
        // The clock is only asked by those who wait.
        let start = Instant::now();
        let office = self.office();
        let mut state = office.lock();
        loop {
            if let Some(free) = state.take(borrower) {
                drop(state);
                return Ok(free.lend());
            }
            let left = patience.saturating_sub(start.elapsed());
            if left.is_zero() {
                return Err(self.exhausted(&state, patience, start.elapsed()));
            }
            state.waiting += 1;
            (state, _) =
                office.came_home.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner);
            state.waiting -= 1;
        }
    }

    /// The bytes of each block.
    pub fn block_size(&self) -> usize {
        self.office().block_size
    }

    /// How many blocks there are, lent or not.
    pub fn blocks(&self) -> usize {
        self.office().lock().entries.len()
    }

    /// How many blocks are free now.
    pub fn idle(&self) -> usize {
        self.office().lock().idle.len()
    }

    /// The payload bytes that this pool can ever hold: blocks times block size.
    pub fn ceiling(&self) -> usize {
        self.block_size() * self.blocks()
    }

    /// The bytes that the pool took from the system: the ceiling, and the slack
    /// of alignment and whole pages.
    pub fn reserved(&self) -> usize {
        self.office().reserved
    }

    /// Who holds the blocks that are out, most blocks first.
    pub fn holders(&self) -> Vec<Holder> {
        self.office().lock().holders()
    }

    /// Whether `block` was lent by this pool.
    pub fn lent(&self, block: &Block) -> bool {
        slot_of(block.memory()).is_some_and(|slot| Arc::ptr_eq(&slot.office, &self.closer.0))
    }

    pub(super) fn over(blocks: Blocks, block_size: usize, patience: Duration) -> Self {
        let count = blocks.memory.len();
        let office = Arc::new(Office {
            state: Mutex::new(State {
                entries: Vec::with_capacity(count),
                // Reversed, so that the first block is lent first.
                idle: (0..count).rev().collect(),
                waiting: 0,
            }),
            came_home: Condvar::new(),
            block_size,
            reserved: blocks.reserved,
            patience,
        });
        let entries = blocks.memory.into_iter().enumerate().map(|(index, memory)| Entry {
            slot: Arc::new(Slot { index, office: Arc::clone(&office) }),
            whereabouts: Whereabouts::Here(memory),
        });
        office.lock().entries.extend(entries);
        Self { closer: Arc::new(Closer(office)) }
    }

    fn office(&self) -> &Office {
        &self.closer.0
    }

    #[cold]
    fn exhausted(&self, state: &State, patience: Duration, waited: Duration) -> Exhausted {
        let blocks = state.entries.len();
        Exhausted::new(patience, waited, self.block_size(), blocks, state.holders())
    }
}

impl Office {
    /// Nothing that runs under this lock can leave the state half changed, so
    /// a panic elsewhere does not spoil it.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn take(&mut self, borrower: &'static Location<'static>) -> Option<Free> {
        let entry = &mut self.entries[self.idle.pop()?];
        let out = Whereabouts::LentAt(borrower);
        match std::mem::replace(&mut entry.whereabouts, out) {
            // The slot's own count is shared with nobody but this block, so
            // two threads that use the pool do not fight over it.
            Whereabouts::Here(memory) => Some(Free { memory, slot: entry.slot.clone() }),
            Whereabouts::LentAt(_) => unreachable!("an idle block's memory is here"),
        }
    }

    fn holders(&self) -> Vec<Holder> {
        Holder::gather(self.entries.iter().filter_map(|entry| match entry.whereabouts {
            Whereabouts::Here(_) => None,
            Whereabouts::LentAt(location) => Some(location),
        }))
    }
}

impl Home for Slot {
    fn come_home(self: Arc<Self>, memory: UniqueBuf) {
        let mut state = self.office.lock();
        let Some(entry) = state.entries.get_mut(self.index) else {
            // The pool is closed. The lock is let go before the memory is freed.
            drop(state);
            drop(memory);
            return;
        };
        entry.whereabouts = Whereabouts::Here(memory);
        state.idle.push(self.index);
        let somebody_waits = state.waiting > 0;
        drop(state);
        if somebody_waits {
            self.office.came_home.notify_one();
        }
    }
}

impl Drop for Closer {
    fn drop(&mut self) {
        // Taken out under the lock, freed after it: freeing a block may free
        // its slot, and that the office.
        let entries = std::mem::take(&mut self.0.lock().entries);
        drop(entries);
    }
}

/// The slot that lent this memory, if a pool did.
pub(super) fn is_lent(memory: &UniqueBuf) -> bool {
    slot_of(memory).is_some()
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
