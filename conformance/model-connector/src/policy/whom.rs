//! Whom the connector takes for the instance.

/// Which domains instances live under.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Domains {
    /// `service-now.com`, that of the government's cloud, and names of the customer's own.
    All,
    /// `service-now.com` and names of the customer's own.
    WithoutGovernment,
}

/// Which certificate of the instance is accepted, of those that verify.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leaf {
    /// Each of them.
    Any,
    /// The one that was met first in the run.
    FirstMet,
}
