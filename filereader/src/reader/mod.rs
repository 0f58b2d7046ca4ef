//! What callers iterate.

#[cfg(unix)]
mod ahead;
#[cfg(unix)]
mod awaited;
mod chunks;
mod ends;
mod lines;
mod piece;
#[cfg(unix)]
mod prefetch;
#[cfg(unix)]
mod ranges;
// The instructions that compare 16 bytes at once; see there what they gain.
#[allow(unsafe_code, reason = "an instruction that the processor is known to have")]
mod raw;
mod record_batch;
mod records;
mod rest;
#[cfg(target_os = "linux")]
mod ring;
mod std_traits;

#[cfg(unix)]
pub use awaited::AsyncReader;
#[cfg(all(unix, feature = "stream"))]
pub use awaited::{ChunkStream, LineStream};
pub use chunks::FileReader;
pub use lines::{LineBatch, Lines, StrLines};
pub use piece::{LongLines, TooLong};
#[cfg(unix)]
pub use ranges::{At, RangeReader};
pub use record_batch::{RecordBatch, RecordIter};
pub use records::{Prefix, Records};
#[cfg(target_os = "linux")]
pub use ring::RingReader;
