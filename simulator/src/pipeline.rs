//! The pipeline: the order in which a request meets the layers of an instance.

pub mod admission;
pub mod stage;
