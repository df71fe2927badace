//! OAuth 2.0: how the connector comes by tokens, and what it does when one dies.
//!
//! - `request`: what is sent to the token endpoint
//! - `tokens`: the tokens of a run, shared by its workers
//! - `assertion`: what the application signs where it shows no secret
//! - `authorize`: the page that a person is sent to
//! - `callback`: what the browser brings back
//! - `kept`: what a person's consent brought, from run to run

mod assertion;
mod authorize;
mod callback;
mod kept;
mod request;
mod tokens;

pub(crate) use assertion::signed_assertion;
pub(crate) use authorize::Authorization;
pub(crate) use callback::{Brought, Callback};
pub(crate) use kept::{taken_out, with_tokens};
pub(crate) use request::{Ask, Form};
pub(crate) use tokens::{Bearer, Next, Tokens};

#[cfg(test)]
mod tests {
    use reqwest::Url;

    use crate::settings::{Application, Grant, Secret};

    /// An application registered with the instance at `base`.
    pub(crate) fn application(base: &str, grant: Grant) -> Application {
        let base = Url::parse(base).unwrap();
        Application {
            client_id: "id".into(),
            client_secret: Some(Secret::of("own secret")),
            authorize_url: base.join("/oauth_auth.do").unwrap(),
            token_url: base.join("/oauth_token.do").unwrap(),
            redirect_url: Some("http://127.0.0.1:1/cb".into()),
            grant,
            access_token: None,
            refresh_token: None,
            signing_key: None,
            signing_key_id: None,
        }
    }
}
