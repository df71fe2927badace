//! The run's certificate authority and the leaves it issues.

/// The certificate authority of one run.
#[derive(Debug)]
pub struct Authority {}
