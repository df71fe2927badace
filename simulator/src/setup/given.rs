//! What a caller was given beforehand, so that an instance can know the same values.

use std::fmt;

/// Credentials that were handed to the caller before the run. Never written anywhere. An empty
/// text stands for nothing given.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Given {
    /// Client id of the OAuth application.
    pub client_id: String,
    /// Its secret.
    pub client_secret: String,
    /// Where the caller listens for the authorization code.
    pub redirect_url: String,
    /// Access token that was issued before the run.
    pub access_token: String,
    /// Refresh token that was issued before the run.
    pub refresh_token: String,
    /// API key.
    pub api_key: String,
    /// The caller's own user: whose the tokens are where a set-up does not say.
    pub user: String,
    /// Client certificate, in PEM; its key stays with the caller.
    pub client_certificate: String,
    /// Public key or certificate, in PEM, of the key with which the caller signs assertions.
    pub assertion_key: String,
    /// Key id (`kid`) that the caller's assertions name.
    pub assertion_key_id: String,
}

impl Given {
    /// What must appear nowhere, by name. Ids, addresses, user names and public keys are no secrets.
    #[must_use]
    pub fn secrets(&self) -> Vec<(String, String)> {
        [
            ("client_secret", &self.client_secret),
            ("access_token", &self.access_token),
            ("refresh_token", &self.refresh_token),
            ("api_key", &self.api_key),
        ]
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| (name.to_owned(), value.clone()))
        .collect()
    }
}

impl fmt::Debug for Given {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let secrets = self.secrets();
        let names: Vec<&str> = secrets.iter().map(|(name, _)| name.as_str()).collect();
        f.debug_struct("Given")
            .field("client_id", &self.client_id)
            .field("redirect_url", &self.redirect_url)
            .field("user", &self.user)
            .field("secrets", &names)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_output_names_secrets_and_shows_none() {
        let given = Given {
            client_id: "c11ent".to_owned(),
            client_secret: "hunter2".to_owned(),
            access_token: "t0ken".to_owned(),
            ..Given::default()
        };
        let shown = format!("{given:?}");
        assert!(shown.contains("c11ent") && shown.contains("\"client_secret\""));
        assert!(!shown.contains("hunter2") && !shown.contains("t0ken"));
        assert_eq!(given.secrets().len(), 2);
    }
}
