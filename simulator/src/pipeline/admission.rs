//! What counts and must hold, in one state machine: failed logins and rate windows.

/// The counters of one instance.
#[derive(Debug, Default)]
pub struct Admission {}

/// Held while an exchange occupies something that is limited.
#[derive(Debug)]
pub struct Permit {}
