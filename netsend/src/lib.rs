//! Bytes out, counted exactly.
//!
//! `send` takes as much as the kernel has room for, and says how much. What is
//! left has to be sent from where it stopped. CPython programmers write
//! `while mv: sent = s.send(mv); mv = mv[sent:]`, because slicing a
//! `memoryview` moves no byte. The loop is short, and still the one that goes
//! wrong: it re-copies the rest, loses the count when an error comes, forgets
//! the clock, or goes on in the wrong half of a slice.
//!
//! This crate is that loop, written once:
//!
//! ```
//! # #[cfg(unix)]
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use std::fs::File;
//! use std::time::Duration;
//! use netsend::{FileRange, Policy, SendQueue, blocking};
//!
//! # let (socket, mut peer) = std::os::unix::net::UnixStream::pair()?;
//! let body = FileRange::whole(File::open("Cargo.toml")?)?;
//!
//! let mut queue = SendQueue::new();
//! queue.push(format!("length: {}\n", body.len()));
//! queue.push(body);            // goes from the page cache into the socket
//! queue.push("-- end --\n");
//! queue.end_message();
//!
//! let policy = Policy { deadline: Some(Duration::from_secs(5)), ..Policy::default() };
//! let report = blocking::drain(&socket, &mut queue, &policy)?;
//! assert_eq!(report.accepted, queue.offset());
//! assert!(queue.at_boundary() && queue.is_empty());
//! # drop(socket);
//! # assert_eq!(std::io::Read::read_to_end(&mut peer, &mut Vec::new())? as u64, report.accepted);
//! # Ok(())
//! # }
//! # #[cfg(not(unix))]
//! # fn main() {}
//! ```
//!
//! For plain bytes there is a one-liner, [`send_all`](blocking::send_all).
//!
//! # The parts
//!
//! - [`SendQueue`] is arithmetic and touches no descriptor:
//!   [`next_op`](SendQueue::next_op) says what to do next,
//!   [`advance`](SendQueue::advance) says how much of it was done, and
//!   [`cut`](SendQueue::cut) where the peer stands if that is all.
//! - A [`Transport`] makes single calls. There is one for sockets; write one
//!   for whatever you have.
//! - The drivers make calls until the queue is empty, and wait in their own way:
//!   [`blocking`], [`nonblocking`], with the feature `tokio` the module `tokio`;
//!   [`drive`] for any transport, [`drain_to`] for any writer.
//! - [`Policy`] has the clocks: a deadline, a stall clock, a [minimum
//!   rate](MinRate).
//! - [`SendReport`] and [`SendError`] say what happened. The error knows the
//!   exact count as well, and the queue goes on from there. An [`Observer`] sees
//!   each call.
//! - [`Delivery`] says what the peer's kernel has, [`Diagnosis`] what holds a
//!   connection up, [`Watermarks`] when a producer should stop.
//! - The feature `testing` has a scripted transport and a suite for drivers.
//!
//! # What is copied
//!
//! Memory is sent from where it lies. The one copy in user space is of small
//! segments that stand in the queue in great number
//! ([`coalesce`](SendQueue::coalesce)), and it is counted in [`buffers::copied`].
//! `send(2)` still copies into the kernel's buffers; `sendfile(2)` and `splice(2)` do
//! not, they hand over pages of the page cache. Where the kernel refuses both, or
//! [`FileMode::Copy`] asks for it, a file range is read into the queue's own scratch
//! of 64 KiB and sent from there, so the kernel copies it twice.
//! [`SendReport::kernel_copied`] adds that up.
//!
//! No road here dies of SIGPIPE. The unsafe code that masks it, and that asks a
//! socket for its `TCP_INFO`, is in `roads/sys.rs`, and nowhere else.

#![deny(unsafe_code)]

mod account;
mod drivers;
mod queue;
mod roads;
#[cfg(all(feature = "testing", unix))]
pub mod testing;

#[cfg(target_os = "linux")]
pub use account::{Bottleneck, Delivery, Diagnosis, limit_unsent};
pub use account::{
    Budget, Event, MinRate, Observer, Policy, Printer, Road, SendError, SendErrorKind, SendReport,
    Unobserved, Watermarks,
};
#[cfg(unix)]
pub use drivers::blocking;
pub use drivers::nonblocking;
#[cfg(all(feature = "tokio", unix))]
pub use drivers::tokio;
pub use drivers::{drain_to, drive, drive_observed};
pub use queue::{
    AdvanceError, Coalesced, Cut, FileMode, FileRange, Op, Segments, SendQueue, Standing,
};
#[cfg(unix)]
pub use roads::SocketTransport;
pub use roads::{Transport, WriteTransport};

/// The README's examples are tests too.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
