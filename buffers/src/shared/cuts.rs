//! Cutting a handle where it stands: the bytes stay, the range moves.

use alloc::sync::Arc;
use core::mem;

use super::shared_buf::{Repr, SharedBuf};

/// Cutting in place. No byte is moved, and nothing is allocated.
impl SharedBuf {
    /// Drops the bytes past `len` from this handle; no effect if there are no
    /// more than that. The memory behind is let go of when none is left.
    pub fn truncate(&mut self, len: usize) {
        if len == 0 {
            *self = Self::new();
        } else {
            self.narrow(len);
        }
    }

    /// Drops all bytes from this handle and lets go of the memory behind.
    #[inline]
    pub fn clear(&mut self) {
        *self = Self::new();
    }

    /// Drops the first `n` bytes from this handle, moving no byte:
    /// `view = view[n:]`, and the step of every partial-send loop. The memory
    /// behind is let go of when no byte is left.
    ///
    /// # Panics
    ///
    /// If there are fewer than `n` bytes.
    #[inline]
    #[track_caller]
    pub fn advance(&mut self, n: usize) {
        let have = self.len();
        assert!(n <= have, "cannot advance by {n}: only {have} bytes are left");
        if n == have {
            *self = Self::new();
        } else {
            self.skip(n);
        }
    }

    /// Drops the first `n` bytes, which the caller knows to be fewer than all.
    #[inline]
    pub(crate) fn skip(&mut self, n: usize) {
        match &mut self.repr {
            Repr::Static(bytes) => *bytes = &bytes[n..],
            Repr::Shared { span, .. } => {
                let (start, len) = (span.start() + n, span.len() - n);
                self.move_to(start, len);
            }
        }
    }

    /// Takes the first `at` bytes off as a handle of their own; this one keeps
    /// the rest. An empty half pins nothing.
    ///
    /// ```
    /// use buffers::SharedBuf;
    ///
    /// let mut body = SharedBuf::from(b"head body".to_vec());
    /// let head = body.split_to(4);
    /// assert_eq!((head, body), (SharedBuf::from(b"head"), SharedBuf::from(b" body")));
    /// ```
    ///
    /// # Panics
    ///
    /// If there are fewer than `at` bytes.
    #[must_use = "the first half is dropped otherwise; `advance` says so"]
    #[track_caller]
    pub fn split_to(&mut self, at: usize) -> Self {
        self.check_split(at);
        if at == self.len() {
            return mem::take(self);
        }
        let front = self.part(0, at);
        self.advance(at);
        front
    }

    /// Takes the bytes from `at` on off as a handle of their own; this one keeps
    /// the first `at` bytes. An empty half pins nothing.
    ///
    /// # Panics
    ///
    /// If there are fewer than `at` bytes.
    #[must_use = "the second half is dropped otherwise; `truncate` says so"]
    #[track_caller]
    pub fn split_off(&mut self, at: usize) -> Self {
        self.check_split(at);
        if at == 0 {
            return mem::take(self);
        }
        let back = self.part(at, self.len());
        self.truncate(at);
        back
    }

    /// Joins a handle with the one that continues it in the same memory: what
    /// [`split_to`](Self::split_to) and [`slice`](Self::slice) had parted. An
    /// empty handle joins with any; static bytes join with none, because nothing safe
    /// makes one slice of two.
    ///
    /// # Errors
    ///
    /// Gives both back if `next` does not begin where this one ends, or not in
    /// the same backing. A [`Chain`](crate::Chain) holds such a pair, and
    /// [`Chain::to_shared`](crate::Chain::to_shared) copies it together.
    ///
    /// ```
    /// use buffers::SharedBuf;
    ///
    /// let whole = SharedBuf::from(b"neighbours".to_vec());
    /// let joined = whole.slice(..4).try_join(whole.slice(4..)).unwrap();
    /// assert_eq!(joined.as_ptr(), whole.as_ptr());
    /// assert_eq!(joined, whole);
    /// assert!(whole.slice(..4).try_join(whole.slice(5..)).is_err());
    /// ```
    pub fn try_join(mut self, next: Self) -> Result<Self, (Self, Self)> {
        if self.is_empty() {
            return Ok(next);
        }
        if next.is_empty() || self.join(&next) { Ok(self) } else { Err((self, next)) }
    }

    /// Widens this handle by `next`, if that continues it; tells whether.
    ///
    /// Two static slices are never joined, not even neighbours: nothing safe
    /// turns two slices into one.
    #[inline]
    pub(crate) fn join(&mut self, next: &Self) -> bool {
        let (
            Repr::Shared { header: ours, span: left },
            Repr::Shared { header: theirs, span: right },
        ) = (&self.repr, &next.repr)
        else {
            return false;
        };
        if !Arc::ptr_eq(ours, theirs) || left.end() != right.start() {
            return false;
        }
        let (start, len) = (left.start(), left.len() + right.len());
        self.move_to(start, len);
        true
    }

    /// Drops the bytes past `len`, but keeps the memory even if none is left.
    pub(super) fn narrow(&mut self, len: usize) {
        if len < self.len() {
            match &mut self.repr {
                Repr::Static(bytes) => *bytes = &bytes[..len],
                Repr::Shared { span, .. } => {
                    let start = span.start();
                    self.move_to(start, len);
                }
            }
        }
    }

    /// Widens the range to the whole backing; returns where it began.
    pub(super) fn expand(&mut self) -> usize {
        match &self.repr {
            Repr::Static(_) => 0,
            Repr::Shared { header, span } => {
                let (began, all) = (span.start(), header.len);
                self.move_to(0, all);
                began
            }
        }
    }

    #[track_caller]
    fn check_split(&self, at: usize) {
        let have = self.len();
        assert!(at <= have, "cannot split at {at}: there are only {have} bytes");
    }
}
