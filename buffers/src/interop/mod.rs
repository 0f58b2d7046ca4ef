//! What a handle is to other people's crates, one file and one feature each.

#[cfg(feature = "arrow")]
mod arrow;
#[cfg(feature = "ndarray")]
pub(crate) mod ndarray;
#[cfg(feature = "serde")]
mod serde;
