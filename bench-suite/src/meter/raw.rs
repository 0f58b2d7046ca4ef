//! The allocator and the forwarders of `memcpy` and `memmove`.
//!
//! Only this file and `raw_trace.rs` contain unsafe code.

use std::alloc::{GlobalAlloc, Layout, System};

use super::alloc::{
    CountingAllocator, Size, note_allocation, note_deallocation, note_reallocation,
};
use super::switch::is_on;

#[cfg(all(target_os = "linux", target_env = "gnu", not(target_feature = "crt-static")))]
pub(super) use forward::direct_copy;
#[cfg(all(target_os = "linux", target_env = "gnu", not(target_feature = "crt-static")))]
pub use forward::{forward_memcpy, forward_memmove};

// SAFETY: an allocator must return blocks that fit their layout and must not
// unwind. The blocks are those of `System`, which keeps both promises, and the
// counters neither unwind nor allocate.
unsafe impl GlobalAlloc for CountingAllocator {
    #[inline]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the layout's size is not zero, as the caller promised us.
        let block = unsafe { System.alloc(layout) };
        // SAFETY: the block is `System`'s, and nobody has it yet.
        note_allocation(layout.size(), || unsafe { usable(block, layout.size()) });
        block
    }

    #[inline]
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the layout's size is not zero, as the caller promised us.
        let block = unsafe { System.alloc_zeroed(layout) };
        // SAFETY: the block is `System`'s, and nobody has it yet.
        note_allocation(layout.size(), || unsafe { usable(block, layout.size()) });
        block
    }

    #[inline]
    unsafe fn realloc(&self, block: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        if !is_on() {
            // SAFETY: the caller promised that `block` came from this allocator
            // with this layout, hence from `System`, and that `new_size` is valid.
            return unsafe { System.realloc(block, layout, new_size) };
        }
        // SAFETY: the block is `System`'s, and lives until the next line.
        let before = unsafe { usable(block, layout.size()) };
        let address = block.addr();
        // SAFETY: as above.
        let new = unsafe { System.realloc(block, layout, new_size) };
        let old = Size { asked: layout.size(), usable: before };
        // SAFETY: the block is `System`'s, and nobody has it yet.
        let size = Size { asked: new_size, usable: unsafe { usable(new, new_size) } };
        // One that was refused leaves the old block as it was.
        note_reallocation(old, if new.is_null() { old } else { size }, new.addr() != address);
        new
    }

    #[inline]
    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: the block is `System`'s, and lives until the next line.
        note_deallocation(layout.size(), || unsafe { usable(block, layout.size()) });
        // SAFETY: the caller promised that `block` came from this allocator
        // with this layout, hence from `System`.
        unsafe { System.dealloc(block, layout) }
    }
}

/// The bytes that a block really has, of which the program asked for `asked`; 0 for null.
/// Elsewhere than with glibc nobody tells, and the answer is `asked`.
///
/// # Safety
///
/// `block` is null or a living block of `System`.
#[cold]
unsafe fn usable(block: *mut u8, asked: usize) -> usize {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    {
        let _ = asked;
        // SAFETY: on this target `System`'s blocks are malloc's, and null is allowed.
        unsafe { libc::malloc_usable_size(block.cast()) }
    }
    #[cfg(not(all(target_os = "linux", target_env = "gnu")))]
    if block.is_null() { 0 } else { asked }
}

#[cfg(all(target_os = "linux", target_env = "gnu", not(target_feature = "crt-static")))]
mod forward {
    use std::cell::Cell;
    use std::ffi::{CStr, c_void};
    use std::mem;
    use std::ptr;
    use std::sync::atomic::{AtomicPtr, Ordering};

    use crate::meter::copies::note_copy;

    /// `memcpy` and `memmove` have the same signature.
    type CopyFn = unsafe extern "C" fn(*mut c_void, *const c_void, usize) -> *mut c_void;

    /// The C library's functions, null until the first call has found them.
    static REAL_MEMCPY: AtomicPtr<c_void> = AtomicPtr::new(ptr::null_mut());
    static REAL_MEMMOVE: AtomicPtr<c_void> = AtomicPtr::new(ptr::null_mut());

    /// Counts `n` bytes and has the C library's `memcpy` copy them.
    ///
    /// # Safety
    ///
    /// As for the C function: `n` bytes readable at `src` and writable at
    /// `dest`, without overlap.
    #[inline]
    pub unsafe fn forward_memcpy(dest: *mut c_void, src: *const c_void, n: usize) -> *mut c_void {
        note_copy(n);
        match real(&REAL_MEMCPY, c"memcpy") {
            // SAFETY: the contract is memcpy's, which the caller keeps.
            Some(memcpy) => unsafe { memcpy(dest, src, n) },
            // SAFETY: the contract is weaker than memcpy's.
            None => unsafe { copy_bytes(dest, src, n) },
        }
    }

    /// Counts `n` bytes and has the C library's `memmove` copy them.
    ///
    /// # Safety
    ///
    /// As for the C function: `n` bytes readable at `src` and writable at
    /// `dest`.
    #[inline]
    pub unsafe fn forward_memmove(dest: *mut c_void, src: *const c_void, n: usize) -> *mut c_void {
        note_copy(n);
        match real(&REAL_MEMMOVE, c"memmove") {
            // SAFETY: the contract is memmove's, which the caller keeps.
            Some(memmove) => unsafe { memmove(dest, src, n) },
            // SAFETY: the contract is the same as memmove's.
            None => unsafe { copy_bytes(dest, src, n) },
        }
    }

    /// The C library's `memcpy`, past the interposed symbol, or `None` if it
    /// was not found. What is returned panics if the slices' lengths differ.
    pub(in crate::meter) fn direct_copy() -> Option<impl Fn(&mut [u8], &[u8])> {
        let memcpy = real(&REAL_MEMCPY, c"memcpy")?;
        Some(move |dest: &mut [u8], src: &[u8]| {
            assert_eq!(dest.len(), src.len(), "lengths differ");
            // SAFETY: both slices have `src.len()` bytes, and an exclusive
            // borrow overlaps no other one.
            unsafe { memcpy(dest.as_mut_ptr().cast(), src.as_ptr().cast(), src.len()) };
        })
    }

    /// The function in `slot`, looked up the first time, or `None` while this
    /// very thread is looking it up.
    #[inline]
    fn real(slot: &AtomicPtr<c_void>, name: &CStr) -> Option<CopyFn> {
        // Relaxed is enough: the pointer leads to code, which is there before
        // any thread is.
        let mut found = slot.load(Ordering::Relaxed);
        if found.is_null() {
            found = look_up(slot, name);
        }
        // SAFETY: null is `None`, and anything else is what dlsym returned for
        // `memcpy` or `memmove`, which have the type `CopyFn`.
        unsafe { mem::transmute::<*mut c_void, Option<CopyFn>>(found) }
    }

    thread_local! {
        static LOOKING_UP: Cell<bool> = const { Cell::new(false) };
    }

    /// Asks the dynamic linker for the definition after our own.
    ///
    /// `dlsym` may copy bytes itself. That call comes back here in the same
    /// thread, finds the flag up, and is answered with null.
    #[cold]
    #[inline(never)]
    fn look_up(slot: &AtomicPtr<c_void>, name: &CStr) -> *mut c_void {
        if LOOKING_UP.replace(true) {
            return ptr::null_mut();
        }
        // SAFETY: `name` ends with a zero byte, as each `CStr` does.
        let found = unsafe { libc::dlsym(libc::RTLD_NEXT, name.as_ptr()) };
        slot.store(found, Ordering::Relaxed);
        LOOKING_UP.set(false);
        found
    }

    /// `memmove` without calling any function.
    ///
    /// The accesses are volatile because the compiler turns a plain loop into
    /// a call of `memcpy` or `memmove`, which would never return.
    ///
    /// # Safety
    ///
    /// `n` bytes must be readable at `src` and writable at `dest`.
    #[cold]
    unsafe fn copy_bytes(dest: *mut c_void, src: *const c_void, n: usize) -> *mut c_void {
        let to = dest.cast::<u8>();
        let from = src.cast::<u8>();
        // A destination inside the source has to be filled from its end.
        let backwards = to.addr().wrapping_sub(from.addr()) < n;
        let mut done = 0;
        while done < n {
            let at = if backwards { n - 1 - done } else { done };
            // SAFETY: `at < n`, and the caller promised `n` readable bytes.
            let byte = unsafe { from.wrapping_add(at).read_volatile() };
            // SAFETY: `at < n`, and the caller promised `n` writable bytes.
            unsafe { to.wrapping_add(at).write_volatile(byte) };
            done += 1;
        }
        dest
    }

    #[cfg(test)]
    mod tests {
        use super::copy_bytes;

        /// Moves `bytes[from..from + n]` to `to` with the fallback.
        fn moved(from: usize, to: usize, n: usize) -> Vec<u8> {
            let mut bytes: Vec<u8> = (0..32).collect();
            assert!(from + n <= bytes.len() && to + n <= bytes.len());
            let base = bytes.as_mut_ptr();
            let (src, dest) = (base.wrapping_add(from).cast(), base.wrapping_add(to).cast());
            // SAFETY: both ranges are inside the vector, as asserted above.
            unsafe { copy_bytes(dest, src, n) };
            bytes
        }

        #[test]
        fn the_fallback_moves_overlapping_bytes() {
            for (from, to, n) in [(0, 16, 16), (0, 3, 20), (3, 0, 20), (5, 5, 9), (4, 9, 0)] {
                let mut expected: Vec<u8> = (0..32).collect();
                expected.copy_within(from..from + n, to);
                assert_eq!(moved(from, to, n), expected, "{from} {to} {n}");
            }
        }
    }
}
