//! The records of an instance: SQLite, one physical table per root class.

use std::path::Path;

/// The records of one instance: one writer, a pool of readers, all off the async workers.
#[derive(Debug)]
pub struct Store {}

/// What went wrong inside the store.
#[derive(Debug, thiserror::Error)]
#[error("the instance's database failed: {0}")]
pub struct StoreError(pub String);

impl Store {
    /// Opens (or makes, from a prebuilt image) the database of an instance.
    ///
    /// # Errors
    /// When the file cannot be written or is not such a database.
    pub fn open(_file: Option<&Path>) -> Result<Self, StoreError> {
        Ok(Self {})
    }
}
