//! Proof: what copying costs, and that the toolkit does not copy.
//!
//! - [`meter`] counts allocations, copied bytes, page faults and system calls,
//!   and says so when it cannot.
//! - [`memory`] tells where the memory of this program, or of any live process, went.
//! - [`contenders`] are the ways of doing a job, one small file each: naive
//!   ones, other people's, and this toolkit's.
//! - [`jobs`] run contenders in processes of their own against a receiver that
//!   checks every byte.
//! - [`report`] turns what was measured into a table and into JSON.
//!
//! The `uncopied` command puts these together; see [`command`].

pub mod command;
pub mod contenders;
pub mod jobs;
#[cfg(target_os = "linux")]
pub mod memory;
pub mod meter;
pub mod report;
