//! What is sent to the token endpoint: a form in the body (wire-failures 2.2).

use serde_json::{Map, Value};

use crate::answer::Shown;
use crate::policy::TokenParameters;
use crate::settings::{Application, Secret};

/// The grant type of a signed assertion (RFC 7523, 2.1).
const ASSERTION: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";

/// With what a token is asked for.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Ask<'a> {
    /// A code, and the verifier whose digest the request for it showed.
    Code {
        /// The code.
        code: &'a Secret,
        /// None where it is not bound by one.
        verifier: Option<&'a Secret>,
    },
    /// A refresh token.
    Refresh(&'a Secret),
    /// A user's password.
    Password {
        /// The user.
        user: &'a str,
        /// The password.
        password: &'a Secret,
    },
    /// The application's own secret.
    ClientCredentials,
    /// A signed assertion.
    Assertion(&'a Secret),
}

impl Ask<'_> {
    /// What it shows.
    pub(crate) const fn shown(&self) -> Shown {
        match self {
            Self::Code { .. } => Shown::Code,
            Self::Refresh(_) => Shown::RefreshToken,
            Self::Password { .. } => Shown::Password,
            Self::ClientCredentials => Shown::OwnSecret,
            Self::Assertion(_) => Shown::Assertion,
        }
    }
}

/// The parameters of a token request.
pub(crate) struct Form(Vec<(&'static str, String)>);

impl Form {
    /// What an application sends.
    pub(crate) fn of(application: &Application, ask: &Ask<'_>) -> Self {
        let mut form = Vec::with_capacity(6);
        let mut add = |name, value: &str| form.push((name, value.to_owned()));
        match ask {
            Ask::Code { code, verifier } => {
                add("grant_type", "authorization_code");
                add("code", code.reveal());
                if let Some(redirect) = &application.redirect_url {
                    add("redirect_uri", redirect);
                }
                if let Some(verifier) = verifier {
                    add("code_verifier", verifier.reveal());
                }
            }
            Ask::Refresh(token) => {
                add("grant_type", "refresh_token");
                add("refresh_token", token.reveal());
            }
            Ask::Password { user, password } => {
                add("grant_type", "password");
                add("username", user);
                add("password", password.reveal());
            }
            Ask::ClientCredentials => add("grant_type", "client_credentials"),
            Ask::Assertion(assertion) => {
                add("grant_type", ASSERTION);
                add("assertion", assertion.reveal());
            }
        }
        add("client_id", &application.client_id);
        if let Some(secret) = &application.client_secret {
            add("client_secret", secret.reveal());
        }
        Self(form)
    }

    /// Puts the parameters where the policy wants them.
    pub(crate) fn into_request(
        self,
        request: reqwest::RequestBuilder,
        place: TokenParameters,
    ) -> reqwest::RequestBuilder {
        let typed = |content_type| (reqwest::header::CONTENT_TYPE, content_type);
        let (request, (name, content_type), body) = match place {
            TokenParameters::Url => return request.query(&self.0),
            TokenParameters::Form => {
                let form = typed("application/x-www-form-urlencoded");
                (request, form, self.encoded())
            }
            TokenParameters::Json => {
                let fields = self.0.into_iter();
                let object: Map<String, Value> = fields
                    .map(|(name, value)| (name.to_owned(), Value::String(value)))
                    .collect();
                let body = Value::Object(object).to_string();
                (request, typed("application/json"), body)
            }
        };
        request.header(name, content_type).body(body)
    }

    fn encoded(&self) -> String {
        // A URL's query of pairs has the form of a form (WHATWG URL, 5.2).
        let pairs = self.0.iter();
        reqwest::Url::parse_with_params("http://form.invalid/", pairs)
            .ok()
            .and_then(|url| url.query().map(str::to_owned))
            .unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oauth::tests::application;
    use crate::settings::Grant;

    #[test]
    fn each_grant_has_its_parameters() {
        let application = application("https://i.example", Grant::AuthorizationCode);
        let (secret, own) = (
            Secret::of("a+b &="),
            "&client_id=id&client_secret=own+secret",
        );
        for (ask, form) in [
            (
                Ask::Code {
                    code: &secret,
                    verifier: Some(&secret),
                },
                "grant_type=authorization_code&code=a%2Bb+%26%3D&redirect_uri=http%3A%2F%2F127.0.0.1%3A1%2Fcb\
                 &code_verifier=a%2Bb+%26%3D",
            ),
            (
                Ask::Refresh(&secret),
                "grant_type=refresh_token&refresh_token=a%2Bb+%26%3D",
            ),
            (
                Ask::Password {
                    user: "u",
                    password: &secret,
                },
                "grant_type=password&username=u&password=a%2Bb+%26%3D",
            ),
            (Ask::ClientCredentials, "grant_type=client_credentials"),
        ] {
            assert_eq!(
                Form::of(&application, &ask).encoded(),
                format!("{form}{own}")
            );
        }
    }
}
