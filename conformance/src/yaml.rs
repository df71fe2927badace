//! Strict YAML: typed reading, and errors that say where, what is legal, and what was meant.
//!
//! It knows nothing of scenarios or subjects.

mod error;
mod nearest;
mod positions;

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
            format!(
                "the file holds `{}` bytes; at most {MAX_BYTES} are read",
                source.text.len()
            ),
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
