//! What showed who somebody is; a session remembers it, and reaches no further than that did.

use super::Grantee;
use crate::setup::AuthScheme;

/// What showed who somebody is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proof {
    /// The login form, which a person sent.
    Login,
    /// Credentials of this scheme.
    Credentials {
        /// The scheme.
        scheme: AuthScheme,
        /// What carried them, where it is an API key: the `sys_id` of its record.
        parameter: Option<String>,
    },
    /// An access token of the instance.
    Token {
        /// Its number.
        number: u64,
        /// Whom it stands for, and how far it reaches.
        grantee: Grantee,
    },
}

impl Proof {
    /// The scheme, where it is one that access policies know.
    #[must_use]
    pub const fn scheme(&self) -> Option<AuthScheme> {
        match self {
            Self::Login => None,
            Self::Credentials { scheme, .. } => Some(*scheme),
            Self::Token { .. } => Some(AuthScheme::Oauth),
        }
    }

    /// What carried the API key, if it was one.
    #[must_use]
    pub fn parameter(&self) -> Option<&str> {
        match self {
            Self::Credentials { parameter, .. } => parameter.as_deref(),
            Self::Login | Self::Token { .. } => None,
        }
    }

    /// Number of the access token, if it was one.
    #[must_use]
    pub const fn token(&self) -> Option<u64> {
        match self {
            Self::Token { number, .. } => Some(*number),
            Self::Login | Self::Credentials { .. } => None,
        }
    }

    /// Whom the access token stands for, if it was one.
    #[must_use]
    pub const fn grantee(&self) -> Option<&Grantee> {
        match self {
            Self::Token { grantee, .. } => Some(grantee),
            Self::Login | Self::Credentials { .. } => None,
        }
    }

    /// Whether it is what a person knows: a password. Whatever else an application holds logs nobody
    /// in to pages (*assumed*).
    #[must_use]
    pub fn is_password(&self) -> bool {
        self.scheme()
            .is_none_or(|scheme| scheme == AuthScheme::Basic)
    }
}

/// Whose a session is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// The user.
    pub user_name: String,
    /// What showed it.
    pub proof: Proof,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_alone_logs_in_to_pages() {
        let of = |scheme| Proof::Credentials {
            scheme,
            parameter: None,
        };
        let grantee = Grantee {
            client: "c".to_owned(),
            user: "u".to_owned(),
            scope: "useraccount".to_owned(),
        };
        let token = Proof::Token { number: 7, grantee };
        assert!(Proof::Login.is_password() && of(AuthScheme::Basic).is_password());
        assert!(!token.is_password() && token.token() == Some(7));
        for scheme in AuthScheme::ALL {
            assert_eq!(of(scheme).is_password(), scheme == AuthScheme::Basic);
        }
    }
}
