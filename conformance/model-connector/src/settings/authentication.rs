//! How the connector is to authenticate, as the user configured it.

use std::collections::BTreeMap;
use std::path::PathBuf;

use reqwest::Url;
use snowproof_protocol::Parameter;

use super::Secret;
use crate::diagnosis::{BAD_SETTING, Failure, NO_CREDENTIALS, OAUTH_CLIENT, TOKEN_URL, quoted};
use crate::policy::{PlainHttp, Policy, WhiteSpace};

/// By what the instance is to know who asks.
#[derive(Debug, Clone)]
pub(crate) enum Authentication {
    /// User name and password with every request.
    Basic,
    /// A key with every request.
    ApiKey(Secret),
    /// The client certificate alone.
    Certificate,
    /// A token that an OAuth application obtains.
    Oauth(Box<Application>),
}

/// An OAuth application as it is registered with the instance.
#[derive(Debug, Clone)]
pub(crate) struct Application {
    pub(crate) client_id: String,
    /// None for a public client.
    pub(crate) client_secret: Option<Secret>,
    pub(crate) authorize_url: Url,
    pub(crate) token_url: Url,
    /// Where the browser returns to.
    pub(crate) redirect_url: Option<String>,
    pub(crate) grant: Grant,
    /// Tokens from before this run.
    pub(crate) access_token: Option<Secret>,
    pub(crate) refresh_token: Option<Secret>,
    /// The PEM file with the key that signs assertions.
    pub(crate) signing_key: Option<PathBuf>,
    /// The id by which the instance knows that key.
    pub(crate) signing_key_id: Option<String>,
}

/// How an application comes by its first token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Grant {
    /// A person consents.
    AuthorizationCode,
    /// It was given one.
    RefreshToken,
    /// It shows a user's password.
    Password,
    /// It shows its own secret.
    ClientCredentials,
    /// It signs an assertion.
    Assertion,
}

/// A client certificate and its key, each a PEM file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Identity {
    pub(crate) certificate: PathBuf,
    pub(crate) key: PathBuf,
}

/// Whether a method of authentication is known.
pub(crate) fn is_known(method: &str) -> bool {
    ["basic", "api-key", "mtls"].contains(&method) || grant(method).is_some()
}

fn grant(method: &str) -> Option<Grant> {
    Some(match method {
        "oauth-authorization-code" => Grant::AuthorizationCode,
        "oauth-refresh" => Grant::RefreshToken,
        "oauth-password" => Grant::Password,
        "oauth-client-credentials" => Grant::ClientCredentials,
        "oauth-jwt" => Grant::Assertion,
        _ => return None,
    })
}

/// How to authenticate with the instance at `base`, and what was put right for that.
///
/// # Errors
///
/// When no request could be authenticated that way.
pub(super) fn read(
    parameters: &BTreeMap<Parameter, String>,
    base: &Url,
    policy: &Policy,
) -> Result<(Authentication, Option<String>), Failure> {
    let text = |parameter| {
        let value = parameters.get(&parameter).map(String::as_str);
        value.filter(|value| !value.is_empty())
    };
    let missing =
        |what: &str| Failure::permanent(NO_CREDENTIALS, format!("{what} is not configured"));
    let has_password = text(Parameter::User).is_some() && text(Parameter::Password).is_some();
    let no_password = || missing("no user name or no password: one of them");
    let method = text(Parameter::AuthMethod).unwrap_or("basic");
    let Some(grant) = grant(method) else {
        return match method {
            "api-key" => {
                let key = text(Parameter::ApiKey).ok_or_else(|| missing("the API key"))?;
                Ok((Authentication::ApiKey(Secret::of(key.trim())), None))
            }
            "mtls" if !has_password => Ok((Authentication::Certificate, None)),
            _ if has_password => Ok((Authentication::Basic, None)),
            _ => Err(no_password()),
        };
    };
    if grant == Grant::Password && !has_password {
        return Err(no_password());
    }
    let client_id = text(Parameter::ClientId).ok_or_else(|| missing("the client id"))?;
    let (client_secret, note) = secret(text(Parameter::ClientSecret), policy.oauth.white_space)?;
    let url = |parameter, path: &str| match text(parameter) {
        Some(typed) => address(typed, policy),
        None => base
            .join(path)
            .map_err(|error| Failure::permanent(BAD_SETTING, format!("the instance URL: {error}"))),
    };
    let application = Application {
        client_id: client_id.trim().to_owned(),
        client_secret,
        authorize_url: url(Parameter::AuthorizeUrl, "/oauth_auth.do")?,
        token_url: url(Parameter::TokenUrl, "/oauth_token.do")?,
        redirect_url: text(Parameter::RedirectUrl).map(str::to_owned),
        grant,
        access_token: text(Parameter::AccessToken).map(Secret::of),
        refresh_token: text(Parameter::RefreshToken).map(Secret::of),
        signing_key: text(Parameter::ClientKey).map(PathBuf::from),
        signing_key_id: text(Parameter::ClientKeyId).map(str::to_owned),
    };
    Ok((Authentication::Oauth(Box::new(application)), note))
}

/// The client certificate, where both of its files are configured.
pub(super) fn identity(parameters: &BTreeMap<Parameter, String>) -> Option<Identity> {
    let path = |parameter| {
        let path = parameters.get(&parameter).filter(|path| !path.is_empty());
        path.map(PathBuf::from)
    };
    Some(Identity {
        certificate: path(Parameter::ClientCertificate)?,
        key: path(Parameter::ClientKey)?,
    })
}

/// A secret is pasted from a browser, often with what stood around it.
fn secret(
    typed: Option<&str>,
    white_space: WhiteSpace,
) -> Result<(Option<Secret>, Option<String>), Failure> {
    let Some(typed) = typed else {
        return Ok((None, None));
    };
    let trimmed = typed.trim();
    if trimmed == typed || white_space == WhiteSpace::Sent {
        return Ok((Some(Secret::of(typed)), None));
    }
    if white_space == WhiteSpace::Refused {
        return Err(Failure::permanent(
            OAUTH_CLIENT,
            "the client secret begins or ends with white space: copy it again without",
        ));
    }
    let note = "the client secret began or ended with white space, which was taken off";
    Ok((Some(Secret::of(trimmed)), Some(note.to_owned())))
}

/// A URL that secrets are sent to.
fn address(typed: &str, policy: &Policy) -> Result<Url, Failure> {
    let refused = |why: &str| {
        let shown = quoted(typed);
        Failure::permanent(TOKEN_URL, format!("OAuth URL {shown}: {why}"))
    };
    let url = Url::parse(typed).map_err(|error| refused(&error.to_string()))?;
    if url.scheme() != "https" && policy.plain_http == PlainHttp::Refuse {
        return Err(refused(
            "the scheme must be `https`, or secrets would travel in clear",
        ));
    }
    if url.host_str().is_none_or(str::is_empty) || !url.username().is_empty() {
        return Err(refused("it must name a host and no user"));
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_with(
        pairs: &[(Parameter, &str)],
        policy: &Policy,
    ) -> Result<(Authentication, Option<String>), Failure> {
        let all = pairs
            .iter()
            .map(|(parameter, value)| (*parameter, (*value).to_owned()))
            .collect();
        read(
            &all,
            &Url::parse("https://dev1.example:8443/").unwrap(),
            policy,
        )
    }

    const SECRET: &[(Parameter, &str)] = &[
        (Parameter::AuthMethod, "oauth-client-credentials"),
        (Parameter::ClientId, "id"),
        (Parameter::ClientSecret, " hunter2\n"),
    ];

    fn application(read: (Authentication, Option<String>)) -> Application {
        match read.0 {
            Authentication::Oauth(application) => *application,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn white_space_is_trimmed_and_told_refused_or_sent() {
        let mut policy = Policy::default();
        let (read, note) = read_with(SECRET, &policy).unwrap();
        assert!(note.unwrap().contains("white space"));
        let application = application((read, None));
        assert_eq!(application.client_secret, Some(Secret::of("hunter2")));
        assert_eq!(
            application.token_url.as_str(),
            "https://dev1.example:8443/oauth_token.do"
        );
        policy.oauth.white_space = WhiteSpace::Refused;
        assert_eq!(read_with(SECRET, &policy).unwrap_err().cause, OAUTH_CLIENT);
        policy.oauth.white_space = WhiteSpace::Sent;
        let sent = self::application(read_with(SECRET, &policy).unwrap());
        assert_eq!(sent.client_secret, Some(Secret::of(" hunter2\n")));
    }

    #[test]
    fn what_cannot_authenticate_is_refused() {
        let policy = Policy::default();
        for (pairs, cause) in [
            (&[][..], NO_CREDENTIALS),
            (&[(Parameter::AuthMethod, "api-key")][..], NO_CREDENTIALS),
            (
                &[(Parameter::AuthMethod, "oauth-refresh")][..],
                NO_CREDENTIALS,
            ),
            (
                &[
                    (Parameter::AuthMethod, "oauth-refresh"),
                    (Parameter::ClientId, "id"),
                    (Parameter::TokenUrl, "http://dev1.example/oauth_token.do"),
                ][..],
                TOKEN_URL,
            ),
        ] {
            assert_eq!(
                read_with(pairs, &policy).unwrap_err().cause,
                cause,
                "{pairs:?}"
            );
        }
    }
}
