//! What a value takes: by itself, with all behind it, and what others keep too.

use buffers::retention::{self, Root};
use get_size2::GetSize;

/// Bytes of a value or of several.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Footprint {
    /// The values themselves, as they lie in a variable, a field or a list.
    pub shallow: usize,
    /// These, and all memory that they keep alive. Memory that several of them keep is in
    /// here once.
    pub deep: usize,
    /// The part of that memory which somebody else keeps alive too: it would stay if these
    /// values went.
    pub shared: usize,
}

/// The footprint of handles of the toolkit: buffers, chains, parts, with names or without,
/// as [`retention::report`] takes them.
///
/// A backing is counted with its capacity, whatever part of it is seen, and once, however
/// many handles there are. The list that a chain or parts keep their handles in is not
/// counted.
///
/// ```
/// use bench_suite::memory::sizes::of_handles;
/// use buffers::SharedBuf;
///
/// let page = SharedBuf::from(vec![0; 4096]);
/// let words = [page.slice(..8), page.slice(8..16)];
/// let both = of_handles(&words);
/// // Two handles of 24 bytes and one page, which the variable `page` keeps too.
/// assert_eq!((both.shallow, both.deep, both.shared), (48, 48 + 4096, 4096));
/// drop(page);
/// assert_eq!(of_handles(&words).shared, 0);
/// ```
pub fn of_handles<'a, R: Into<Root<'a>>>(roots: impl IntoIterator<Item = R>) -> Footprint {
    let report = retention::report(roots);
    let backings = report.backings();
    let handles: usize = backings.iter().map(retention::Retained::seen).sum();
    let shallow = (handles + report.static_handles()) * size_of::<buffers::SharedBuf>();
    let others = backings.iter().filter(|backing| backing.handles() > backing.seen());
    Footprint {
        shallow,
        deep: shallow + report.pinned_bytes(),
        shared: others.map(retention::Retained::capacity).sum(),
    }
}

/// The footprint of a value of the standard library, by the crate `get-size2`. It does not
/// tell who else keeps what an `Arc` leads to: `shared` is zero.
///
/// ```
/// use bench_suite::memory::sizes::of_std;
///
/// let list = vec![String::from("four"); 10];
/// assert_eq!(of_std(&list).shallow, 24);
/// assert_eq!(of_std(&list).deep, 24 + 10 * (24 + 4));
/// ```
pub fn of_std<T: GetSize>(value: &T) -> Footprint {
    Footprint { shallow: size_of_val(value), deep: value.get_size(), shared: 0 }
}
