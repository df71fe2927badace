//! What a 401 means to a caller that sent a session's cookie along.

/// What is done where a call with a cookie is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LostSession {
    /// The cookies are dropped and the call is made once more: the session may be over and the
    /// credentials right.
    SignInAgain,
    /// It is taken for a refusal of the credentials.
    TakenForRefusal,
}
