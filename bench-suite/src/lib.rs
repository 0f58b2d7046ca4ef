//! Bench suite.

pub mod meter;
