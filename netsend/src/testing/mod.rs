//! What a driver is tested with: a transport that does what a script says, and a
//! suite that any driver has to pass, those of this crate and a user's own.
//!
//! A fault injector that only *says* that a send was short, after the bytes have
//! gone, loses or doubles them by itself. [`Scripted`] really takes what it says.

mod conformance;
mod content;
mod scripted;
mod sockets;

pub use conformance::over_transport;
pub use content::{Lottery, pattern};
pub use scripted::{Answer, Scripted};
pub use sockets::{End, over_sockets};
