//! The secrets of one scenario: long, random, and known to whoever writes something down.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use rand::distr::{Alphanumeric, SampleString};
use snowproof_protocol::Parameter;
use snowproof_simulator::connection::certificates::{Authority, ClientLeaf};
use snowproof_simulator::redaction::Redactor;
use snowproof_simulator::setup::{Given, InstanceSetup, ProxyCredentials};

use crate::scenario::{AuthMethod, Credentials, MAIN, Scenario};

/// Length of a password. Short ones would be found by chance in unrelated text.
const PASSWORD_LENGTH: usize = 40;

/// Length of a token, as instances issue them (wire-failures 2.2).
const TOKEN_LENGTH: usize = 86;

/// Length of a client id, as instances issue them.
const CLIENT_ID_LENGTH: usize = 32;

/// The administrator whom every instance has.
pub(super) const ADMINISTRATOR: &str = "admin";

/// The user name that a subject shows to a proxy.
pub(crate) const PROXY_USER: &str = "proxy.user";

/// The passwords of a scenario's users.
pub(super) struct Secrets {
    /// The password each user was given, by user name.
    pub(super) passwords: HashMap<String, String>,
    /// Replaces them all.
    pub(super) redactor: Redactor,
    /// What the subject was given to show to a proxy.
    pub(super) proxy: ProxyCredentials,
    /// What the subject was given of an OAuth application, and its API key.
    pub(super) given: Given,
    /// Its client certificate, if it shows one.
    pub(super) client: Option<ClientLeaf>,
    /// All of them, by name.
    all: Vec<(String, String)>,
    user: String,
    mistyped: String,
}

impl Secrets {
    /// Makes a password for every user of the instances, and for `user`, the subject's own; its
    /// browser returns to `redirect_url`, and it shows `client`.
    pub(super) fn make<'a>(
        instances: impl IntoIterator<Item = &'a InstanceSetup>,
        user: &str,
        redirect_url: &str,
        client: Option<ClientLeaf>,
    ) -> Self {
        Self::make_with(instances, user, redirect_url, client, None)
    }

    /// The same with a password that somebody chose for the subject.
    pub(super) fn make_with<'a>(
        instances: impl IntoIterator<Item = &'a InstanceSetup>,
        user: &str,
        redirect_url: &str,
        client: Option<ClientLeaf>,
        chosen: Option<String>,
    ) -> Self {
        let mut users: BTreeSet<String> = instances
            .into_iter()
            .flat_map(|instance| instance.users.iter().flatten())
            .map(|(name, _)| name.clone())
            .collect();
        users.insert(user.to_owned());
        users.insert(ADMINISTRATOR.to_owned());
        let mut passwords: HashMap<String, String> = users
            .into_iter()
            .map(|user| (user, random_password()))
            .collect();
        if let Some(chosen) = chosen {
            passwords.insert(user.to_owned(), chosen);
        }
        let mistyped = random_password();
        let proxy = ProxyCredentials {
            user: PROXY_USER.to_owned(),
            password: random_password(),
        };
        let of_proxy = ("proxy_password".to_owned(), proxy.password.clone());
        let of_users = passwords.iter().map(|(name, password)| {
            let name = if name == user {
                "password".to_owned()
            } else {
                format!("password of {name}")
            };
            (name, password.clone())
        });
        let entered = ("mistyped password".to_owned(), mistyped.clone());
        let given = Given {
            client_id: random_text(CLIENT_ID_LENGTH).to_lowercase(),
            client_secret: random_password(),
            redirect_url: redirect_url.to_owned(),
            access_token: random_text(TOKEN_LENGTH),
            refresh_token: random_text(TOKEN_LENGTH),
            api_key: random_password(),
            user: user.to_owned(),
            assertion_key: client
                .as_ref()
                .map(|leaf| leaf.certificate_pem.clone())
                .unwrap_or_default(),
            assertion_key_id: random_text(CLIENT_ID_LENGTH).to_lowercase(),
            client_certificate: client
                .as_ref()
                .map(|leaf| leaf.certificate_pem.clone())
                .unwrap_or_default(),
        };
        let of_client = client
            .iter()
            .map(|leaf| ("client_key".to_owned(), leaf.key_pem.clone()));
        let secrets = of_users.chain([of_proxy, entered]).chain(of_client);
        let all: Vec<(String, String)> = secrets.chain(given.secrets()).collect();
        let redactor = Redactor::new(all.iter().cloned());
        Self {
            all,
            passwords,
            redactor,
            proxy,
            given,
            client,
            user: user.to_owned(),
            mistyped,
        }
    }

    /// All of them, by name.
    pub(super) fn all(&self) -> Vec<(String, String)> {
        self.all.clone()
    }

    /// The subject's password.
    pub(super) fn password(&self) -> &str {
        self.passwords
            .get(&self.user)
            .map(String::as_str)
            .unwrap_or_default()
    }

    /// What an act's subject is told, with the user name and password that the act names in place
    /// of the user's own.
    pub(super) fn entered(
        &self,
        credentials: Credentials,
        method: AuthMethod,
        mut parameters: BTreeMap<Parameter, String>,
    ) -> BTreeMap<Parameter, String> {
        match credentials {
            Credentials::Given => {}
            Credentials::Mistyped => {
                let secret = match method {
                    AuthMethod::ApiKey => Parameter::ApiKey,
                    method if method.is_oauth() && !method.takes_password() => {
                        Parameter::ClientSecret
                    }
                    _ => Parameter::Password,
                };
                parameters.insert(secret, self.mistyped.clone());
            }
            Credentials::Absent => {
                for parameter in [Parameter::User, Parameter::Password] {
                    parameters.insert(parameter, String::new());
                }
            }
            Credentials::Padded => {
                let padded = format!(" {}\n", self.given.client_secret);
                parameters.insert(Parameter::ClientSecret, padded);
            }
        }
        parameters
    }
}

/// The client certificate that a subject is given, if it authenticates by one or signs with its
/// key.
pub(super) fn client_certificate(
    scenario: &Scenario,
    authority: &Authority,
    user: &str,
) -> Result<Option<ClientLeaf>, String> {
    let method = scenario.subject.auth_method.unwrap_or_default();
    if !matches!(method, AuthMethod::Mtls | AuthMethod::OauthJwt) {
        return Ok(None);
    }
    let main = scenario.instances.get(MAIN);
    let kind = main.and_then(|main| main.given_certificate);
    let leaf = authority.client_leaf(kind.unwrap_or_default(), user);
    leaf.map(Some).map_err(|error| error.to_string())
}

/// A password that nobody guesses.
pub(crate) fn random_password() -> String {
    random_text(PASSWORD_LENGTH)
}

fn random_text(length: usize) -> String {
    Alphanumeric.sample_string(&mut rand::rng(), length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_user_has_a_password_of_its_own() {
        let instance = InstanceSetup {
            users: Some([("other".to_owned(), Default::default())].into()),
            ..InstanceSetup::default()
        };
        let secrets = Secrets::make([&instance], "sync.user", "http://127.0.0.1:1/cb", None);
        let distinct: BTreeSet<_> = secrets.passwords.values().collect();
        assert_eq!(distinct.len(), 3);
        assert_eq!(secrets.passwords["sync.user"], secrets.password());
        assert_eq!(
            secrets.redactor.redact(secrets.password()),
            "<secret:password>"
        );
        assert_eq!(
            secrets.redactor.redact(&secrets.proxy.password),
            "<secret:proxy_password>"
        );
    }

    #[test]
    fn an_act_may_enter_other_credentials_or_none() {
        let secrets = Secrets::make([], "sync.user", "http://127.0.0.1:1/cb", None);
        let told = || {
            BTreeMap::from([
                (Parameter::User, "sync.user".to_owned()),
                (Parameter::Password, secrets.password().to_owned()),
            ])
        };
        let entered = |credentials| secrets.entered(credentials, AuthMethod::Basic, told());
        assert_eq!(entered(Credentials::Given), told());
        let mistyped = entered(Credentials::Mistyped);
        assert_eq!(mistyped[&Parameter::User], "sync.user");
        let password = &mistyped[&Parameter::Password];
        assert_ne!(password, secrets.password());
        assert_eq!(
            secrets.redactor.redact(password),
            "<secret:mistyped password>"
        );
        let absent = entered(Credentials::Absent);
        assert!(absent.values().all(String::is_empty));
        let method = AuthMethod::OauthClientCredentials;
        let padded = secrets.entered(Credentials::Padded, method, BTreeMap::new());
        let secret = &padded[&Parameter::ClientSecret];
        assert_eq!(secret.trim(), secrets.given.client_secret);
        assert_ne!(secret.trim(), secret);
        assert_eq!(secrets.redactor.redact(secret), " <secret:client_secret>\n");
    }
}
