//! The roads that bytes take out: single calls, no loops.

#[cfg(target_os = "linux")]
mod sendfile;
#[cfg(unix)]
mod socket;
#[cfg(target_os = "linux")]
// Masking a signal has no safe interface; all of it is in this file.
#[allow(unsafe_code, reason = "masking SIGPIPE for one thread is done by C functions")]
mod sys;
mod transport;

#[cfg(unix)]
pub use socket::SocketTransport;
pub use transport::{Transport, WriteTransport};
