//! What happened, and for how long it may.

mod clock;
#[cfg(target_os = "linux")]
mod delivery;
#[cfg(target_os = "linux")]
mod diagnosis;
mod error;
mod observer;
mod policy;
mod report;
mod watermarks;

pub(crate) use clock::Clock;
#[cfg(target_os = "linux")]
pub use delivery::Delivery;
#[cfg(target_os = "linux")]
pub use diagnosis::{Bottleneck, Diagnosis, limit_unsent};
pub use error::{SendError, SendErrorKind};
pub use observer::{Event, Observer, Printer, Road, Unobserved};
pub use policy::{Budget, MinRate, Policy};
pub use report::SendReport;
pub use watermarks::Watermarks;
