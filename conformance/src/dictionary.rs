//! From exports of an instance's own tables to the tables of a simulated one.
//!
//! What cannot be had as it is exported is taken as near as can be, and said by name.

mod definition;
mod export;
mod text;

pub use definition::{Taken, take};
pub use export::{ExportError, Exports};
pub use text::written;
