//! The groups, named by what they ask.

mod connections;
mod cpython;
mod files;
mod hyper_queue;
mod memory;
mod segments;

use super::Plan;

type Run = fn(Plan, &str);

/// What each group is called, and what runs it.
pub(crate) const ALL: [(&str, Run); 11] = [
    ("memory-size", memory::sizes),
    ("memory-drivers", memory::drivers),
    ("segments-1k", segments::of_1024),
    ("segments-64", segments::of_64),
    ("segments-16", segments::of_16),
    ("coalesce-threshold", segments::threshold),
    ("file-tcp", files::to_tcp),
    ("file-unix", files::to_unix),
    ("file-tokio", files::through_tokio),
    ("connections", connections::one_and_a_thousand),
    ("cpython", cpython::against_cpython),
];

/// `len` bytes that no two places share.
fn payload(len: usize) -> Vec<u8> {
    let words = (0..=len as u64 / 8).map(|i| i.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    let mut bytes: Vec<u8> = words.flat_map(u64::to_le_bytes).collect();
    bytes.truncate(len);
    bytes
}

/// Waits until the socket takes bytes.
fn wait_until_writable(socket: &socket2::Socket) -> std::io::Result<()> {
    use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
    use std::os::fd::AsFd;
    poll(&mut [PollFd::new(socket.as_fd(), PollFlags::POLLOUT)], PollTimeout::NONE)?;
    Ok(())
}
