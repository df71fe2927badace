//! An authorization request (RFC 6749, 4.1.1; RFC 7636, 4.3), as an address or as the consent's form
//! sends it again, and what is wrong with it.

use crate::api;
use crate::journal::Condition;
use crate::pages::{OwnPath, with_values};
use crate::pipeline::admission::Challenge;
use crate::policy::{OauthClient, Policy};
use crate::setup::Grant;

const PATH: &str = "/oauth_auth.do";

const PARAMETERS: [&str; 7] = [
    "response_type",
    "client_id",
    "redirect_uri",
    "state",
    "scope",
    "code_challenge",
    "code_challenge_method",
];

/// What an application asks for.
#[derive(Debug)]
pub(super) struct Asked {
    values: Vec<(&'static str, String)>,
}

/// A request that a person can answer.
#[derive(Debug)]
pub(super) struct Sound<'a> {
    pub(super) client: &'a OauthClient,
    /// One of the registered ones.
    pub(super) redirect_url: &'a str,
    /// Never empty.
    pub(super) scopes: Vec<&'a str>,
    pub(super) challenge: Option<Challenge>,
}

/// What is wrong with a request.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Flaw<'a> {
    /// It is shown to the person, and the browser goes nowhere.
    Shown {
        problem: &'static str,
        remedy: &'static str,
        condition: Condition,
    },
    /// The application is told (RFC 6749, 4.1.2.1).
    Told {
        redirect_url: &'a str,
        error: &'static str,
        description: &'static str,
        condition: Condition,
    },
}

impl Asked {
    pub(super) fn read(form: &str) -> Self {
        let sent = |name| Some((name, api::form_value(form, name)?));
        Self {
            values: PARAMETERS.into_iter().filter_map(sent).collect(),
        }
    }

    /// The value of a parameter, unless it is empty.
    pub(super) fn value(&self, name: &str) -> Option<&str> {
        let mut named = self.values.iter().filter(|(known, _)| *known == name);
        let (_, value) = named.next()?;
        (!value.is_empty()).then_some(value)
    }

    /// Names and values, as forms have them.
    pub(super) fn pairs(&self) -> Vec<(&str, &str)> {
        let pairs = self.values.iter().map(|(name, value)| (*name, &**value));
        pairs.collect()
    }

    /// The page's own address with this request.
    pub(super) fn address(&self) -> Option<OwnPath> {
        OwnPath::read(&format!("{PATH}?{}", with_values(&self.pairs())))
    }

    /// The state, unless it is blank.
    pub(super) fn state(&self) -> Option<&str> {
        self.value("state").filter(|state| !state.trim().is_empty())
    }

    /// Whether a person can be asked.
    pub(super) fn examine<'a>(&self, policy: &'a Policy) -> Result<Sound<'a>, Flaw<'a>> {
        if policy.state_is_required() && self.state().is_none() {
            return Err(Flaw::Shown {
                problem: "Missing State parameter in request.",
                remedy: "The application has to send the state parameter.",
                condition: Condition::StateMissing,
            });
        }
        let client = self.client(policy)?;
        let named = self.value("redirect_uri");
        let Some(redirect_url) = registered(&client.redirect_urls, named) else {
            return Err(Flaw::Shown {
                problem: "The redirect URL is not the one that is registered for the application.",
                remedy: "Compare it with the Redirect URL of the application registry, character by character.",
                condition: Condition::RedirectMismatch,
            });
        };
        let told = |error, description, condition| Flaw::Told {
            redirect_url,
            error,
            description,
            condition,
        };
        if self.value("response_type") != Some("code") {
            let description = "response_type must be code";
            let error = "unsupported_response_type";
            return Err(told(error, description, Condition::InvalidRequest));
        }
        if !client.grants.contains(&Grant::AuthorizationCode) {
            let description = "the application may not use this grant";
            let error = "unauthorized_client";
            return Err(told(error, description, Condition::GrantNotEnabled));
        }
        let refused = |description| told("invalid_request", description, Condition::InvalidRequest);
        let challenge = self.challenge(client.public).map_err(refused)?;
        let scopes = self.scopes(client);
        if scopes.is_empty() {
            let description = "the application has none of these scopes";
            let error = "invalid_scope";
            return Err(told(error, description, Condition::InvalidRequest));
        }
        Ok(Sound {
            client,
            redirect_url,
            scopes,
            challenge,
        })
    }

    fn client<'a>(&self, policy: &'a Policy) -> Result<&'a OauthClient, Flaw<'a>> {
        let client = self
            .value("client_id")
            .and_then(|id| policy.oauth_client(id));
        match client {
            Some(client) if client.active => Ok(client),
            Some(_) => Err(Flaw::Shown {
                problem: "The application is not active.",
                remedy: "An administrator can set it to Active in the application registry.",
                condition: Condition::ClientInactive,
            }),
            None => Err(Flaw::Shown {
                problem: "No application has this client ID.",
                remedy: "Compare it with the Client ID of the application registry of this instance.",
                condition: Condition::ClientUnknown,
            }),
        }
    }

    /// The challenge of PKCE, which a public client must send; of 43 to 128 characters that a URL
    /// holds as they are (RFC 7636, 4.2).
    fn challenge(&self, is_public: bool) -> Result<Option<Challenge>, &'static str> {
        let Some(challenge) = self.value("code_challenge") else {
            return if is_public {
                Err("a public client must send a code_challenge")
            } else {
                Ok(None)
            };
        };
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
        if !(43..=128).contains(&challenge.len()) || !challenge.bytes().all(plain) {
            return Err("code_challenge must have 43 to 128 unreserved characters");
        }
        Challenge::of(self.value("code_challenge_method"), challenge)
            .map(Some)
            .ok_or("code_challenge_method must be S256 or plain")
    }

    /// The scopes that are asked for and that the application has; all of its own where none is
    /// named. Others are passed over (RFC 6749, 3.3).
    fn scopes<'a>(&self, client: &'a OauthClient) -> Vec<&'a str> {
        let asked = self.value("scope").map(str::trim).unwrap_or_default();
        let is_asked = |scope: &str| asked.is_empty() || asked.split(' ').any(|it| it == scope);
        let scopes = client.scopes.iter().map(String::as_str);
        scopes.filter(|scope| is_asked(scope)).collect()
    }
}

/// The registered redirect URL that is meant, byte for byte; the only one where none is named.
fn registered<'a>(urls: &'a [String], named: Option<&str>) -> Option<&'a str> {
    let meant = match named {
        Some(url) => urls.iter().find(|registered| *registered == url),
        None => urls.first().filter(|_| urls.len() == 1),
    };
    meant.map(String::as_str)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const URL: &str = "https://app.test/cb?x=1";

    #[test]
    fn a_redirect_url_is_compared_byte_for_byte() {
        let one = [URL.to_owned()];
        assert_eq!(registered(&one, Some(URL)), Some(URL));
        assert_eq!(registered(&one, None), Some(URL));
        for other in [
            "https://app.test/cb?x=1/",
            "https://app.test/cb?x=1&y=2",
            "https://APP.test/cb?x=1",
            "https://app.test/cb",
            "http://app.test/cb?x=1",
            "https://app.test:443/cb?x=1",
            "https://app.test/cb?x=1#f",
            "https://app.test/./cb?x=1",
            " https://app.test/cb?x=1",
        ] {
            assert_eq!(registered(&one, Some(other)), None, "{other}");
        }
        let two = [URL.to_owned(), "app://cb".to_owned()];
        assert_eq!(registered(&two, Some("app://cb")), Some("app://cb"));
        assert_eq!(registered(&two, None), None, "none is meant");
        assert_eq!(registered(&[], None), None);
    }

    fn challenge(query: &str, is_public: bool) -> Result<Option<Challenge>, &'static str> {
        Asked::read(query).challenge(is_public)
    }

    #[test]
    fn a_public_client_must_send_a_challenge_and_nobody_a_bad_one() {
        let good = "a".repeat(43);
        assert_eq!(challenge("", false), Ok(None));
        assert!(challenge("", true).is_err());
        let query = format!("code_challenge={good}&code_challenge_method=S256");
        assert_eq!(
            challenge(&query, true),
            Ok(Some(Challenge::S256(good.clone())))
        );
        let query = format!("code_challenge={good}");
        assert_eq!(
            challenge(&query, true),
            Ok(Some(Challenge::Plain(good.clone())))
        );
        for bad in [
            format!("code_challenge={}", "a".repeat(42)),
            format!("code_challenge={}", "a".repeat(129)),
            format!("code_challenge={good}%20"),
            format!("code_challenge={good}&code_challenge_method=s256"),
        ] {
            assert!(challenge(&bad, false).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_blank_state_is_none() {
        for (query, state) in [
            ("", None),
            ("state=", None),
            ("state=+%20", None),
            ("state=0", Some("0")),
        ] {
            assert_eq!(Asked::read(query).state(), state, "{query}");
        }
    }

    proptest! {
        #[test]
        fn the_address_asks_for_the_same(state in "\\PC{0,30}", url in "[a-z:/?#&=%+ ]{0,30}") {
            let pairs = [("client_id", "c"), ("redirect_uri", &*url), ("state", &*state)];
            let asked = Asked::read(&with_values(&pairs));
            let address = asked.address().unwrap();
            let (_, query) = address.as_str().split_once('?').unwrap();
            let again = Asked::read(query);
            prop_assert_eq!(asked.pairs(), again.pairs());
            prop_assert_eq!(asked.pairs(), pairs.to_vec());
        }

        #[test]
        fn nothing_but_the_registered_url_is_followed(url in "https://app\\.test/cb\\PC{0,6}") {
            let urls = [URL.to_owned()];
            prop_assert_eq!(registered(&urls, Some(&url)).is_some(), url == URL);
        }
    }
}
