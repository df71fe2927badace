//! Counts what happens, fires the scenario's steps, changes conditions.

/// Changes conditions and fires steps, for scenarios and for hands alike.
#[derive(Debug, Clone)]
pub struct Director {}
