//! Bytes stay where they are; views of them move.
//!
//! CPython programmers have the buffer protocol: an object lends its memory,
//! a `memoryview` looks at a part of it, and no byte is copied on the way.
//! This crate gives Rust the same three things:
//!
//! | you want to | use | Python's word |
//! |---|---|---|
//! | look at a part of bytes, borrowed | [`Row`] | `memoryview` |
//! | keep a part of bytes, owned and shared | [`SharedBuf`] | `bytes` behind a `memoryview` |
//! | write bytes that nobody else sees yet | [`UniqueBuf`] | `bytearray` |
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
//! assert_eq!(copies, 0);
//! ```
//!
//! # Borrow first, promote later
//!
//! Parsing works on plain `&[u8]`, which costs nothing at all. Only what
//! outlives the parse is [promoted](SharedBuf::promote) to a shared handle:
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
//! # What is copied, and what is allocated
//!
//! Functions of these types called `copy_*` and `to_*` copy, and count their
//! bytes in [`copied`]; so does [`std::io::Read`] into a slice of yours. Nothing
//! else here copies. What a `[u8]` offers once it was dereferenced, and what the
//! standard library builds on [`std::io::BufRead`] (`read_until`, `lines`), copies
//! on its own account and is not counted. Making a [`SharedBuf`] from owned memory
//! allocates one small header; cloning, slicing, promoting and dropping allocate
//! nothing.
//!
//! There is no unsafe code in this crate.

#![forbid(unsafe_code)]

pub mod copied;
mod layout;
mod shared;
mod view;

pub use layout::{Format, FormatError, RangeError};
pub use shared::{Home, Owner, OwnerMut, SharedBuf, UniqueBuf};
pub use view::{Row, RowError};

/// The README's examples are tests too.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
