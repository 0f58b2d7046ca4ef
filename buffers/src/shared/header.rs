//! The counted header of a backing, and the way home of lent memory.

use alloc::borrow::Cow;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::any::Any;
use core::mem;

use super::owner::Memory;
use super::unique_buf::UniqueBuf;

/// Where lent memory goes when its last handle is dropped.
///
/// A pool implements this for whatever marks one of its blocks, and lends
/// memory with [`UniqueBuf::lend`]. The memory then travels: it is written,
/// frozen, cloned, sliced, sent to other threads. When the last handle goes,
/// on whichever thread that is, [`come_home`](Self::come_home) receives it.
///
/// ```
/// use std::sync::{Arc, Mutex};
/// use buffers::{Home, UniqueBuf};
///
/// #[derive(Default)]
/// struct Shelf(Mutex<Vec<UniqueBuf>>);
///
/// impl Home for Shelf {
///     fn come_home(self: Arc<Self>, memory: UniqueBuf) {
///         self.0.lock().unwrap().push(memory);
///     }
/// }
///
/// let shelf = Arc::new(Shelf::default());
/// let lent = UniqueBuf::from(vec![0; 64]).lend(shelf.clone());
/// let view = lent.freeze().slice(10..20);
/// let other = view.clone();
/// drop(view);
/// assert!(shelf.0.lock().unwrap().is_empty()); // still seen by `other`
/// drop(other);
/// assert_eq!(shelf.0.lock().unwrap()[0].len(), 64); // home, and whole again
/// ```
pub trait Home: Any + Send + Sync {
    /// Receives the memory, whole, with the one handle that there is of it.
    ///
    /// The home is no longer attached: dropping `memory` here frees it, and
    /// [`UniqueBuf::lend`] sends it out again. As a rule nothing is allocated
    /// on the way. The one exception: when the last two handles are dropped on
    /// two threads at the same instant, the small header that counts handles
    /// may have to be made anew.
    ///
    /// This runs inside a destructor, so it must not panic, and should neither
    /// block for long nor drop handles of its own while it holds a lock that
    /// it takes here. If it panics all the same, the memory is freed. Memory that
    /// is lent again and dropped in here comes here again, without end.
    fn come_home(self: Arc<Self>, memory: UniqueBuf);
}

/// What all handles of one backing share.
pub(super) struct Header {
    pub(super) memory: Memory,
    /// How many bytes the memory showed when it was taken over. It is kept so that the
    /// way home asks no owner: one that panicked there would keep the memory from its
    /// home, and abort the program if that happened while another panic passed by.
    pub(super) len: usize,
    pub(super) home: Option<Arc<dyn Home>>,
    /// What reports call this memory.
    pub(super) label: Option<Cow<'static, str>>,
}

impl Header {
    pub(super) fn new(memory: Memory) -> Arc<Self> {
        let len = memory.as_slice().len();
        Arc::new(Self { memory, len, home: None, label: None })
    }

    /// Whether the handle that is being dropped is the last one of lent memory.
    ///
    /// The count is asked here, before `send_home` asks `Arc::get_mut`, which is
    /// dearer, and it is only asked of lent memory. A count of one cannot grow behind
    /// our back: only a handle makes handles, and this is the only one. Two handles
    /// that are dropped at the same instant may both see a count of two; then neither
    /// goes home from here, and `Header::drop` sends the memory home instead.
    #[inline]
    pub(super) fn is_last_of_lent(self: &Arc<Self>) -> bool {
        self.home.is_some() && Arc::strong_count(self) == 1
    }

    /// Lets go of the last handle's count: the memory goes home in the same header, so
    /// that nothing is allocated.
    pub(super) fn send_home(mut header: Arc<Self>) {
        let home = Arc::get_mut(&mut header).and_then(|header| header.home.take());
        if let Some(home) = home {
            home.come_home(UniqueBuf::whole(header));
        }
    }
}

impl Drop for Header {
    fn drop(&mut self) {
        if let Some(home) = self.home.take() {
            let memory = mem::replace(&mut self.memory, Memory::Vec(Vec::new()));
            let header = Self { memory, len: self.len, home: None, label: self.label.take() };
            home.come_home(UniqueBuf::whole(Arc::new(header)));
        }
    }
}
