//! The lock and the counter that blocks are lent by: the standard library's, or those
//! of the model checker, which tries all orders in which threads may meet.

#[cfg(all(test, loom))]
use loom::sync as imp;
#[cfg(not(all(test, loom)))]
use std::sync as imp;

pub(super) use imp::atomic::{AtomicUsize, Ordering};

/// A mutex that does not care for poison: nothing that runs under the pool's locks
/// can leave what they guard half changed.
#[derive(Debug)]
pub(super) struct Lock<T>(imp::Mutex<T>);

impl<T> Lock<T> {
    pub(super) fn new(value: T) -> Self {
        Self(imp::Mutex::new(value))
    }

    #[inline]
    pub(super) fn lock(&self) -> imp::MutexGuard<'_, T> {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// `None` if somebody else has it.
    #[inline]
    pub(super) fn try_lock(&self) -> Option<imp::MutexGuard<'_, T>> {
        match self.0.try_lock() {
            Ok(guard) => Some(guard),
            Err(std::sync::TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
            Err(std::sync::TryLockError::WouldBlock) => None,
        }
    }
}
