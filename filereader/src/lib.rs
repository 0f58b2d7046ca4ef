//! Reading under one memory ceiling.
//!
//! CPython programmers preallocate a `bytearray` and call `readinto`, so that
//! reading a large file takes no more memory than that one buffer. This crate
//! makes that the ordinary way to read in Rust, and lifts its limit: what was
//! read may outlive the read, as a shared view, while the ceiling still holds.
//!
//! ```
//! use filereader::{FileReader, Pool};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! // 1 MiB in blocks of 64 KiB; never a byte more.
//! let pool = Pool::builder().block_size(64 << 10).blocks(16).build()?;
//!
//! let mut file = FileReader::open("Cargo.toml")?.pool(&pool);
//! let mut total = 0;
//! while let Some(chunk) = file.next_chunk()? {
//!     total += chunk.len(); // a `buffers::SharedBuf`: slice it, keep it, send it
//! }
//! assert_eq!(total as u64, std::fs::metadata("Cargo.toml")?.len());
//! assert_eq!(pool.idle(), 16); // every block is back
//! # Ok(())
//! # }
//! ```
//!
//! Bytes walk one way: a [`Pool`] lends a [`Block`], [`Block::read_into`]
//! fills it, [`Block::freeze`] makes it a [`SharedBuf`](buffers::SharedBuf), and
//! when the last slice of that is dropped, on any thread, the block is back in
//! the pool. All payload memory is allocated by [`PoolBuilder::build`], none
//! after.
//!
//! # Ways to read
//!
//! | you want | use | copied |
//! |---|---|---|
//! | whatever one read gives | [`FileReader::next_chunk`] | nothing |
//! | lines, as bytes or text | [`FileReader::next_lines`] | the tail of each block |
//! | records | [`FileReader::next_records`] | the tail of each block |
//! | records that are larger than a block, lent | [`RingReader`] | nothing |
//! | several threads on one file | [`FileReader::ranges`] | as above |
//! | a block filled by hand: once, whole, exactly, in part | [`Block::read_into`] and its family, [`Part`] | nothing |
//! | from a place in a file | [`Block::read_at`], [`Section`] | nothing |
//! | while the next blocks are read | [`FileReader::prefetch`] | nothing |
//! | in a task | [`FileReader::into_async`] | as above |
//! | as the standard library does | `Read`, `BufRead`, `Seek` of [`FileReader`] | by `Read` all, by `BufRead` nothing |
//! | without filling the page cache | [`FileReader::dont_keep`] | nothing |
//! | telling the system how it will be read | [`FileReader::advise`] | - |
//! | to know what a file can do | [`FileReader::plan`] | - |
//! | into several blocks by one call | [`Block::read_vectored`] | nothing |
//!
//! # What is copied
//!
//! The kernel copies from its page cache into the block: that is what `read(2)`
//! does. This crate copies nothing after it, but the beginning of a line or record
//! that a block ends in the middle of, and what comes in from a slice of yours
//! ([`Block::copy_from`], `Write`, `BufMut`). All of that is counted in
//! [`buffers::copied`].
//!
//! # Features
//!
//! | feature | default | what it brings |
//! |---|---|---|
//! | `sites` | no | [`Exhausted`] tells how many handles there are of the blocks, and how much they use |
//! | `stream` | no | chunks and batches of lines as `futures_core::Stream` |
//! | `zerocopy` | no | `RecordBatch::typed`: records of fixed size as a slice of a type |
//!
//! Unsafe code is in three files: `pool/raw.rs`, because `bytes::BufMut` is an unsafe
//! trait, `reader/raw.rs`, for one vector instruction, and
//! `reader/ring/raw.rs`, for memory that is mapped twice.

#![deny(unsafe_code)]

mod pool;
mod reader;
#[cfg(unix)]
mod source;

pub use pool::{
    Acquire, Block, BuildError, Exhausted, Filled, FilledEnd, Holder, Part, Pool, PoolBuilder,
    ReadError, RoomError, Stats,
};
#[cfg(target_os = "linux")]
pub use reader::RingReader;
#[cfg(unix)]
pub use reader::{AsyncReader, At, RangeReader};
#[cfg(all(unix, feature = "stream"))]
pub use reader::{ChunkStream, LineStream};
pub use reader::{
    FileReader, LineBatch, Lines, LongLines, Prefix, RecordBatch, RecordIter, Records, StrLines,
    TooLong,
};
#[cfg(unix)]
pub use source::{Cache, Descriptor, Direct, DontKeep, Kind, Plan, Probe, Road, Section};

/// The README's examples are tests too.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
