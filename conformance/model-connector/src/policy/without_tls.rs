//! What becomes of a request where nobody speaks TLS.

/// What is done about a port that does not speak TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WithoutTls {
    /// It is told, and nothing is sent.
    Stop,
    /// The request is sent in the clear, credentials included.
    SendAllTheSame,
}
