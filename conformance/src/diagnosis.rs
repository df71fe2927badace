//! What connectors say, and what it means.
//!
//! - [`Class`]: the closed vocabulary; [`about`] tells what is published of each class
//! - [`read_words`]: from a connector's output to a class
//! - [`read_log`]: from a whole log to the classes it names, the likely final word first
//! - [`settled`]: what stays of an error's words from run to run
//! - [`atlas`]: what real stacks said of each fault
//! - [`DIALECTS`]: the word lists of common HTTP stacks that ship with the judge

pub mod atlas;
mod class;
mod dialects;
mod log;
mod masking;
mod published;
mod reader;
mod wording;
mod words;

pub use class::{Class, UnknownClass};
pub use dialects::DIALECTS;
pub use log::{LogFinding, LogReading, Mention, read_log};
pub use published::{About, about};
pub use reader::read_words;
pub use wording::{pattern, settled};
