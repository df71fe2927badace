//! From an accepted socket to bytes on it.

pub mod certificates;
