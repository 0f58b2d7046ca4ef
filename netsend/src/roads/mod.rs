//! The roads that bytes take out: single calls, no loops.

mod refusals;
#[cfg(target_os = "linux")]
mod room;
#[cfg(target_os = "linux")]
mod sendfile;
#[cfg(unix)]
mod socket;
#[cfg(target_os = "linux")]
mod splice;
#[cfg(target_os = "linux")]
// Masking a signal and asking a socket for its TCP_INFO have no safe interface;
// all of it is in this file.
#[allow(unsafe_code, reason = "signal masks and TCP_INFO are had from C functions only")]
pub(crate) mod sys;
mod transport;

pub(crate) use refusals::Refusals;
#[cfg(unix)]
pub use socket::SocketTransport;
#[cfg(target_os = "linux")]
pub(crate) use splice::Pipe;
pub use transport::{Transport, WriteTransport};
