//! Strict YAML: typed reading, and errors that say where, what is legal, and what was meant.
//!
//! It knows nothing of scenarios or subjects.

mod error;
mod nearest;
mod positions;

use std::fs::File;
use std::io::Read;
use std::path::Path;

use serde::de::DeserializeOwned;

pub use error::FileError;
pub use nearest::nearest;
pub use positions::{Place, Positions};

/// The largest file that is read, bytes.
pub const MAX_BYTES: usize = 1024 * 1024;

/// A file's text and the name by which errors call it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceFile {
    /// Its path as people know it.
    pub name: String,
    /// Its text.
    pub text: String,
}

/// The text of a file, as far as it can be of use: one that is larger than [`MAX_BYTES`] is read
/// only so far that [`read`] refuses it.
///
/// # Errors
///
/// It cannot be opened or read, or is not UTF-8.
pub fn text_of(path: &Path) -> std::io::Result<String> {
    let mut text = String::new();
    File::open(path)?
        .take(MAX_BYTES as u64 + 1)
        .read_to_string(&mut text)?;
    Ok(text)
}

/// Reads a file into a typed value.
///
/// # Errors
///
/// The text is not YAML, is too large or too deep, or does not fit the type.
pub fn read<T: DeserializeOwned>(source: &SourceFile) -> Result<T, Box<FileError>> {
    if source.text.len() > MAX_BYTES {
        return Err(Box::new(FileError::at(
            source,
            Place::START,
            format!("the file is too large: at most {MAX_BYTES} bytes are read"),
        )));
    }
    serde_saphyr::from_str_with_options(&source.text, options())
        .map_err(|error| Box::new(FileError::from_yaml(source, &error)))
}

fn options() -> serde_saphyr::Options {
    serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_events: 200_000,
            max_aliases: 64,
            max_anchors: 64,
            max_depth: 40,
            max_documents: 1,
        },
        duplicate_keys: serde_saphyr::DuplicateKeyPolicy::Error,
        merge_keys: serde_saphyr::MergeKeyPolicy::Error,
        strict_booleans: true,
        with_snippet: false,
    }
}
