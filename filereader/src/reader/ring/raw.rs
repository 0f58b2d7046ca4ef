//! Memory that is mapped twice, one map behind the other, so that what goes over its end
//! goes on at its front and is one slice all the same.

use std::io;
use std::ptr::{self, NonNull};
use std::sync::atomic::{Ordering, compiler_fence};

use rustix::fs::{FallocateFlags, MemfdFlags, fallocate, ftruncate, memfd_create};
use rustix::mm::{MapFlags, ProtFlags, mmap, mmap_anonymous, munmap};

/// `size` bytes that are seen at `start`, and again at `start + size`.
///
/// Invariant: both maps are there, of the same memory, for as long as this lives, and
/// nobody else has them: the descriptor is closed, and the maps are never given out but
/// as slices that borrow from here.
pub(super) struct Mirror {
    start: NonNull<u8>,
    size: usize,
}

// SAFETY: the memory belongs to this value alone, and is reached through `&self` for
// reading and `&mut self` for writing only, as a boxed slice's is.
unsafe impl Send for Mirror {}
// SAFETY: as above; `&self` only reads.
unsafe impl Sync for Mirror {}

impl Mirror {
    /// Maps `size` bytes, which has to be a multiple of the page, twice. The memory is
    /// taken now, so that want of it is an error here and no signal later.
    pub(super) fn new(size: usize) -> io::Result<Self> {
        let too_large = || io::Error::from(io::ErrorKind::OutOfMemory);
        let twice = size.checked_mul(2).filter(|&twice| isize::try_from(twice).is_ok());
        let twice = twice.ok_or_else(too_large)?;
        let memory = memfd_create("ring", MemfdFlags::CLOEXEC)?;
        ftruncate(&memory, size as u64)?;
        fallocate(&memory, FallocateFlags::empty(), 0, size as u64)?;
        // SAFETY: a new map, at an address that the system chooses, touches no other.
        let whole = unsafe {
            mmap_anonymous(ptr::null_mut(), twice, ProtFlags::empty(), MapFlags::PRIVATE)
        }?;
        let start = NonNull::new(whole.cast()).ok_or_else(too_large)?;
        // From here on its drop unmaps whatever is there.
        let mirror = Self { start, size };
        for half in [0, size] {
            let at = whole.wrapping_byte_add(half);
            let flags = MapFlags::SHARED | MapFlags::FIXED;
            let access = ProtFlags::READ | ProtFlags::WRITE;
            // SAFETY: it replaces one half of the map above, which is ours, and which
            // nobody has a reference into yet.
            unsafe { mmap(at, size, access, flags, &memory, 0) }?;
        }
        Ok(mirror)
    }

    pub(super) fn size(&self) -> usize {
        self.size
    }

    /// `len` bytes from `at` on.
    ///
    /// # Panics
    ///
    /// If `at` is not within the memory, or `len` is more than it has.
    pub(super) fn slice(&self, at: usize, len: usize) -> &[u8] {
        let start = self.start_of(at, len);
        // SAFETY: `start_of` has checked that the bytes lie within the maps, which live as
        // long as `self`; they are initialised, by the system. While this slice lives
        // `self` is borrowed, so that nobody writes to them by either map.
        unsafe { std::slice::from_raw_parts(start, len) }
    }

    /// The same for writing.
    pub(super) fn slice_mut(&mut self, at: usize, len: usize) -> &mut [u8] {
        let start = self.start_of(at, len);
        // SAFETY: as above. It is the only slice, since it borrows `self` for writing,
        // and no byte is in it twice, since it is no longer than one map.
        unsafe { std::slice::from_raw_parts_mut(start, len) }
    }

    fn start_of(&self, at: usize, len: usize) -> *mut u8 {
        assert!(at < self.size && len <= self.size, "a slice is of one round of the ring");
        // The compiler takes the two maps for different memory. What was written by a slice
        // before must not be moved behind what is read by the next, nor the other way.
        compiler_fence(Ordering::SeqCst);
        self.start.as_ptr().wrapping_add(at)
    }
}

impl Drop for Mirror {
    fn drop(&mut self) {
        // SAFETY: the maps are ours, in one piece, and no slice of them lives any more.
        // It fails for no map that was made here.
        let _ = unsafe { munmap(self.start.as_ptr().cast(), self.size * 2) };
    }
}
