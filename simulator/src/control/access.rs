//! Who may use the control plane: whoever knows its token.

use std::fmt;

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::header::AUTHORIZATION;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::Plane;
use super::handlers::problem;
use crate::secret;

/// The secret that opens the control plane. Never written anywhere by the simulator.
#[derive(Clone)]
pub struct Token(String);

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(<secret>)")
    }
}

impl Token {
    /// A token that nobody can guess: 32 hexadecimal digits.
    #[must_use]
    pub fn random() -> Self {
        let bytes: [u8; 16] = rand::random();
        Self(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
    }

    /// This token; an empty one opens nothing.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Its text, to be told to whoever may use it.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// Whether this is the token; the time it takes tells nothing about it.
    fn matches(&self, given: &str) -> bool {
        secret::same(&self.0, given) && !self.0.is_empty()
    }
}

pub(super) async fn require_token(
    State(plane): State<Plane>,
    request: Request,
    next: Next,
) -> Response {
    let given = request
        .headers()
        .get(AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.strip_prefix("Bearer "));
    match given {
        Some(given) if plane.token.matches(given) => next.run(request).await,
        Some(_) => problem(StatusCode::UNAUTHORIZED, "this is not the token").into_response(),
        None => problem(
            StatusCode::UNAUTHORIZED,
            "send `Authorization: Bearer TOKEN`",
        )
        .into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_token_matches() {
        let token = Token::new("abc");
        assert!(token.matches("abc"));
        for other in ["", "ab", "abcd", "ABC"] {
            assert!(!token.matches(other), "{other}");
        }
        assert!(!Token::new("").matches(""));
        assert_ne!(Token::random().reveal(), Token::random().reveal());
        assert!(!format!("{token:?}").contains("abc"));
    }
}
