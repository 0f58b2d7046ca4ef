//! What happened, and for how long it may.

mod clock;
mod error;
mod report;

pub(crate) use clock::Clock;
pub use clock::Policy;
pub use error::{SendError, SendErrorKind};
pub use report::SendReport;
