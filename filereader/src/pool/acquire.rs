//! Waiting for a block without a thread.

use std::fmt;
use std::future::Future;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll};

use super::block::Block;
use super::borrower::Borrower;
use super::lending::Pool;

/// A block that is waited for; see [`Pool::acquire_async`].
///
/// It stands in line from its first poll on, and loses its place when it is dropped.
#[must_use = "a future does nothing until it is polled"]
pub struct Acquire {
    pool: Pool,
    borrower: Borrower,
    ticket: Option<usize>,
}

impl Pool {
    /// Lends a block as soon as one is free and nobody is before us in line.
    ///
    /// A plain future: it needs no runtime, and wakes the task that polled it last
    /// when it has got its block, once. It waits for ever; bound it by the timeout of
    /// your runtime. Dropping it loses no block: what it had got goes to the next in line.
    ///
    /// Allocates nothing, unless more than 32 wait at once (or cloning the task's waker
    /// does).
    ///
    /// ```
    /// # use std::task::{Context, Poll, Waker};
    /// use filereader::Pool;
    ///
    /// let pool = Pool::builder().block_size(100).blocks(1).build()?;
    /// let held = pool.acquire()?;
    /// let mut next = std::pin::pin!(pool.acquire_async());
    /// let mut context = Context::from_waker(Waker::noop());
    /// assert!(next.as_mut().poll(&mut context).is_pending());
    /// drop(held); // hands the block over to `next`
    /// assert!(pool.try_acquire().is_err());
    /// assert!(next.as_mut().poll(&mut context).is_ready());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[track_caller]
    pub fn acquire_async(&self) -> Acquire {
        self.acquire_from(Location::caller())
    }

    /// The same, for the line `location`.
    pub(crate) fn acquire_from(&self, location: &'static Location<'static>) -> Acquire {
        let borrower = self.borrower(location);
        Acquire { pool: self.clone(), borrower, ticket: None }
    }
}

impl Future for Acquire {
    type Output = Block;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Block> {
        let this = &mut *self;
        let shelves = this.pool.shelves();
        match shelves.poll(&mut this.ticket, this.borrower, context.waker()) {
            Some(taken) => Poll::Ready(this.pool.lend(taken)),
            None => Poll::Pending,
        }
    }
}

impl Drop for Acquire {
    fn drop(&mut self) {
        if let Some(ticket) = self.ticket
            && let Some(taken) = self.pool.shelves().line().leave(ticket)
        {
            // It was handed to us and nobody looked: it goes home, and to the next.
            drop(self.pool.lend(taken));
        }
    }
}

impl fmt::Debug for Acquire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Acquire(of {:?}, ", self.pool)?;
        f.write_str(if self.ticket.is_some() { "in line)" } else { "not polled yet)" })
    }
}
