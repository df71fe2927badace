//! How an instance is set up to call back.

/// What is done about each record that a callback takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Provisioning {
    /// Whether it is looked up before it is written.
    pub looks_up: bool,
    /// Whether it is read back after it was written.
    pub reads_back: bool,
    /// Whether it is written whole also where it is there as it should be.
    pub rewrites: bool,
}

impl Default for Provisioning {
    fn default() -> Self {
        Self {
            looks_up: true,
            reads_back: true,
            rewrites: false,
        }
    }
}
