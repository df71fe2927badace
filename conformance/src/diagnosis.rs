//! What connectors say, and what it means.

mod class;

pub use class::{Class, UnknownClass};
