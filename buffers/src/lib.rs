//! Bytes stay where they are; views of them move.
//!
//! CPython programmers have the buffer protocol: an object lends its memory,
//! a `memoryview` looks at a part of it, and no byte is copied on the way.
//! This crate gives Rust the same, and what keeping such views asks for:
//!
//! | you want to | use | Python's word |
//! |---|---|---|
//! | look at a part of bytes, borrowed | [`Row`] | `memoryview` |
//! | look at elements along several axes, borrowed | [`View`] | `memoryview`, of 0 to 64 axes |
//! | write elements along several axes, borrowed | [`ViewMut`] | `memoryview` of a `bytearray` |
//! | keep a part of bytes, owned and shared | [`SharedBuf`] | `bytes` behind a `memoryview` |
//! | keep a window of several axes | [`SharedView`] | `memoryview` |
//! | read and write records in place | [`Format`] | `struct` |
//! | grow numbers or bytes that others may look at | [`Array`], [`ByteArray`] | `array`, `bytearray` |
//! | ask memory of any kind for a view | [`Export`], [`Request`] | `PyObject_GetBuffer` |
//! | write bytes that nobody else sees yet | [`UniqueBuf`] | a fresh `bytearray` |
//! | hold several pieces as one sequence | [`Chain`] | a list for `socket.sendmsg` |
//! | know which views pin which memory | [`retention`] | `gc.get_referrers`, Meliae |
//! | know where lent memory goes when its last view is dropped | [`Home`] | `bf_releasebuffer` |
//! | know how many bytes were copied after all | [`copied`] | - |
//!
//! # Slicing without a copy
//!
//! ```
//! use buffers::{SharedBuf, copied};
//!
//! let page = SharedBuf::from(b"GET /index.html HTTP/1.1".to_vec());
//! let (path, copies) = copied::during(|| page.slice(4..15));
//!
//! assert_eq!(path, b"/index.html");
//! assert_eq!(path.as_ptr(), page[4..].as_ptr()); // the same memory
//! # #[cfg(feature = "std")]
//! assert_eq!(copies, 0);
//! ```
//!
//! # Borrow first, promote later
//!
//! Parsing works on plain `&[u8]`, which costs nothing at all. Only what
//! outlives the parse is [promoted](SharedBuf::promote) to a shared handle, or,
//! where many parts survive together, to [`Parts`] with one count for all:
//!
//! ```
//! use buffers::SharedBuf;
//!
//! let line = SharedBuf::from("level=warn msg=full".to_string());
//! let last: &[u8] = line.rsplit(|&b| b == b'=').next().unwrap(); // a borrow
//! let kept: SharedBuf = line.promote(last).unwrap(); // one reference count
//! drop(line);
//! assert_eq!(kept, b"full");
//! ```
//!
//! # Looking at what bytes mean
//!
//! A [`View`] is bytes with a [`Format`], a shape and strides. A slice of it is another view of
//! the same memory, along all axes at once; records are unpacked where they lie:
//!
//! ```
//! use buffers::{Format, View};
//!
//! let table = *b"\x01\x00ab\x02\x00cd\x03\x00ef\x04\x00gh";
//! let record = Format::parse("<H2s")?;
//! let names: Vec<&[u8]> =
//!     record.iter_unpack_as::<(u16, &[u8])>(&table)?.map(|(_, name)| name).collect();
//! assert_eq!(names, [b"ab", b"cd", b"ef", b"gh"]); // borrowed from the table
//!
//! let square = View::new(&table, record)?.reshape([2, 2])?;
//! let second = square.slice((.., 1));
//! assert_eq!(second.to_bytes(), b"\x02\x00cd\x04\x00gh");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Who pins what
//!
//! A handle of ten bytes keeps the whole of its memory alive. [`retention::report`]
//! says which handles pin which memory, and how little of it they use:
//!
//! ```
//! use buffers::{SharedBuf, retention};
//!
//! let page = SharedBuf::from(vec![b'x'; 1 << 20]);
//! let mut title = page.slice(10..42);
//! drop(page);
//!
//! let report = retention::report([("title", &title)]);
//! assert_eq!((report.pinned_bytes(), report.used_bytes()), (1 << 20, 32));
//!
//! title.compact_if(&retention::CompactPolicy::default()); // 32 bytes are copied out
//! assert_eq!(retention::report([("title", &title)]).pinned_bytes(), 32);
//! ```
//!
//! # What is copied, and what is allocated
//!
//! Functions of these types called `copy_*` and `to_*` copy, and count their
//! bytes in [`copied`]; so do compacting, [`std::io::Read`] into a slice of yours, and
//! reading with `serde` what a format only lends. Nothing else here copies. What a
//! `[u8]` offers once it was dereferenced, what the standard library builds on
//! [`std::io::BufRead`] (`read_until`, `lines`) and `bytes` on its `Buf` (numbers across
//! two pieces), copies on its own account and is not counted. Making a
//! [`SharedBuf`] from owned memory allocates one small header; cloning, slicing,
//! promoting and dropping allocate nothing.
//!
//! # Features
//!
//! | feature | default | what it brings |
//! |---|---|---|
//! | `std` | yes | [`Reader`], [`std::io`], the ledger of copies; without it the crate needs `alloc` only |
//! | `serde` | no | `Serialize` and `Deserialize` for [`SharedBuf`], as bytes; needs `alloc` only |
//! | `arrow` | no | [`SharedBuf`] into `arrow_buffer::Buffer` and back, in place |
//! | `memmap2` | no | [`Export`] for memory maps, which are exported as slices without it |
//! | `ndarray` | no | [`Export`] for arrays of `ndarray`, and `View::as_array`, in place and strided |
//! | `sites` | no | where living handles were made, in [`retention`] reports |
//! | `zerocopy` | no | `View::typed` and `ViewMut::typed`: elements as a slice of a type, in place |
//!
//! Unsafe code is in one file, `view/raw.rs`: halves of a [`ViewMut`] may interleave, and then
//! no `&mut [u8]` can say what each of them owns.

#![no_std]
#![deny(unsafe_code)]

extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

mod array;
mod chain;
pub mod copied;
mod interop;
mod layout;
mod protocol;
mod record;
pub mod retention;
mod shared;
mod view;

pub use array::{Array, BufferError, ByteArray, Number};
pub use chain::Chain;
#[cfg(feature = "ndarray")]
pub use interop::ndarray::Element;
pub use layout::{
    Code, Field, Format, FormatError, Index, IndexError, Indices, Layout, LayoutError, Order,
    RangeError, Slice,
};
pub use protocol::{Export, ExportError, ExportMut, Flag, Request};
pub use record::{Part, Record, RecordError, Tuple};
#[cfg(feature = "std")]
pub use shared::Reader;
pub use shared::{
    AllocError, AllocErrorKind, Backing, BackingId, BackingKind, Home, Owner, OwnerMut, PartError,
    Parts, SharedBuf, SharedView, UniqueBuf,
};
#[cfg(feature = "zerocopy")]
pub use view::TypedError;
pub use view::{CastError, CopyWithinError, HashError, List, Row, RowError, Value, View, ViewMut};

/// Iterators that are named in signatures.
pub mod iter {
    pub use crate::chain::{IntoIter as ChainIntoIter, Iter as ChainIter};
    pub use crate::record::{Records, Tuples, Values};
    pub use crate::shared::{IntoIter as SharedBufIntoIter, PartsIter, SharedRuns};
    pub use crate::view::{Items, Runs, SubViews, SubViewsMut, ViewRecords};
}

/// The README's examples are tests too. One of them asks the ledger, which needs `std`.
#[cfg(all(doctest, feature = "std"))]
#[doc = include_str!("../README.md")]
struct Readme;
