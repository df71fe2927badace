//! Where entries are appended and read.

/// The journal of one simulator; clones write to the same.
#[derive(Debug, Clone)]
pub struct Journal {}

/// Entries as they are appended.
#[derive(Debug)]
pub struct Subscription {}
