//! What becomes of fields that the instance does not send.

/// What is handed on for a field that was asked for and not sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnsentFields {
    /// Nothing: the record lacks it.
    LeftOut,
    /// Nothing, and the record says that it could not be read.
    Marked,
    /// An empty value, as if the record had none.
    Blanked,
}
