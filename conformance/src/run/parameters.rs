//! What the subject is told of an act: the value of each parameter.

use std::collections::BTreeMap;

use snowproof_protocol::Parameter;
use snowproof_simulator::setup::{Action, Proxy};
use snowproof_simulator::simulator::Address;

use super::secrets::Secrets;
use super::workplace::{ActFolders, Trust, Workplace};
use super::world::World;
use crate::scenario::{AuthMethod, MAIN, Scenario};
use crate::subject::Route;

/// The domain of real instances (wire-failures 8).
const INSTANCE_DOMAIN: &str = "service-now.com";

/// Where the values of an act's parameters come from.
pub(super) struct Told<'a> {
    pub(super) scenario: &'a Scenario,
    /// The instance that it is pointed at.
    pub(super) instance: &'a str,
    /// The user that the connector is configured with.
    pub(super) user: &'a str,
    pub(super) trust: &'a Trust,
    pub(super) route: Route,
    pub(super) world: &'a World,
    pub(super) secrets: &'a Secrets,
    pub(super) workplace: &'a Workplace,
    pub(super) folders: &'a ActFolders,
}

impl Told<'_> {
    /// Everything the subject may be told. It never learns the scenario's name.
    ///
    /// # Errors
    /// When the scenario has no instance to point the subject at.
    pub(super) fn parameters(&self) -> Result<BTreeMap<Parameter, String>, String> {
        let address = self
            .world
            .address(self.instance)
            .ok_or_else(|| format!("the simulator has no instance `{}`", self.instance))?;
        let settings = &self.scenario.subject;
        let instance = address.host.split('.').next().unwrap_or_default();
        let timeout = settings.timeout.map_or(30, |timeout| {
            // Whole seconds, rounded up: a timeout of 0 means none to many clients.
            timeout.effective.as_millis().div_ceil(1000).max(1)
        });
        let path = |path: &std::path::Path| path.display().to_string();
        let form = settings.address.unwrap_or_default();
        let base_url = form.url(
            &self.usual_url(address, instance),
            instance,
            address.http.map_or(0, |plain| plain.port()),
            self.world.closed_port(),
        );
        let (scheme, host, port) = parts(&base_url);
        let mut told = BTreeMap::from([
            (Parameter::BaseUrl, base_url.clone()),
            (Parameter::Host, host.to_owned()),
            (Parameter::Port, port.to_owned()),
            (Parameter::Scheme, scheme.to_owned()),
            (Parameter::InstanceName, instance.to_owned()),
            (Parameter::CaFile, path(&self.trust.ca)),
            (Parameter::CaBundle, path(&self.trust.bundle)),
            (Parameter::Table, self.scenario.table.clone()),
            (
                Parameter::PageSize,
                settings.page_size.unwrap_or(100).to_string(),
            ),
            (
                Parameter::Parallelism,
                settings.parallelism.unwrap_or(1).to_string(),
            ),
            (Parameter::Timeout, timeout.to_string()),
            (Parameter::StateFile, path(&self.workplace.state_file())),
            (Parameter::OutDir, path(&self.folders.out)),
            (Parameter::RunId, format!("{:032x}", rand::random::<u128>())),
            (Parameter::Truststore, path(&self.trust.truststore)),
            (
                Parameter::Verify,
                settings.verify.unwrap_or_default().name().to_owned(),
            ),
        ]);
        let written = [
            (Parameter::Fields, settings.fields.clone()),
            (Parameter::Since, settings.since.clone()),
            (Parameter::Query, settings.query.clone()),
            (
                Parameter::Cookies,
                settings
                    .keeps_cookies
                    .map(|keeps| if keeps { "on" } else { "off" }.to_owned()),
            ),
        ];
        told.extend(
            written
                .into_iter()
                .filter_map(|(parameter, value)| Some((parameter, value?))),
        );
        told.extend(self.credentials(&base_url));
        if let Some(proxy) = self.world.proxy() {
            told.insert(Parameter::ProxyUrl, format!("http://{proxy}"));
            if asks_for_credentials(self.scenario) {
                let given = &self.secrets.proxy;
                told.insert(Parameter::ProxyUser, given.user.clone());
                told.insert(Parameter::ProxyPassword, given.password.clone());
            }
        }
        Ok(told)
    }

    /// What the subject authenticates with, and nothing that its method has no use for.
    fn credentials(&self, base_url: &str) -> Vec<(Parameter, String)> {
        let (settings, given) = (&self.scenario.subject, &self.secrets.given);
        let method = settings.auth_method.unwrap_or_default();
        let mut told = vec![
            (Parameter::AuthMethod, method.name().to_owned()),
            // Where a token decides who asks, it is the user who is expected.
            (Parameter::User, self.user.to_owned()),
        ];
        if method.takes_password() {
            told.push((Parameter::Password, self.secrets.password().to_owned()));
        }
        if method == AuthMethod::ApiKey {
            told.push((Parameter::ApiKey, given.api_key.clone()));
        }
        if method.is_oauth() {
            let token_path = settings.token_path.as_deref().unwrap_or("/oauth_token.do");
            told.extend([
                (Parameter::ClientId, given.client_id.clone()),
                (Parameter::AuthorizeUrl, format!("{base_url}/oauth_auth.do")),
                (Parameter::TokenUrl, format!("{base_url}{token_path}")),
            ]);
            if !self.is_public_client() {
                told.push((Parameter::ClientSecret, given.client_secret.clone()));
            }
        }
        match method {
            AuthMethod::Mtls => {
                let path = |path: std::path::PathBuf| path.display().to_string();
                told.extend([
                    (
                        Parameter::ClientCertificate,
                        path(self.workplace.client_certificate()),
                    ),
                    (Parameter::ClientKey, path(self.workplace.client_key())),
                ]);
            }
            AuthMethod::OauthJwt => {
                let key = self.workplace.client_key().display().to_string();
                told.push((Parameter::ClientKey, key));
                told.push((Parameter::ClientKeyId, given.assertion_key_id.clone()));
            }
            AuthMethod::OauthAuthorizationCode => {
                told.push((Parameter::RedirectUrl, given.redirect_url.clone()));
            }
            AuthMethod::OauthRefresh => told.extend([
                (Parameter::AccessToken, given.access_token.clone()),
                (Parameter::RefreshToken, given.refresh_token.clone()),
            ]),
            _ => {}
        }
        told
    }

    /// Whether the application has no secret.
    fn is_public_client(&self) -> bool {
        let setup = self.scenario.instances.get(self.instance);
        let clients = setup.and_then(|setup| setup.oauth_clients.as_ref());
        clients.is_some_and(|clients| {
            clients
                .iter()
                .any(|(_, client)| client.public_client == Some(true))
        })
    }

    /// Where the subject is pointed at. What only a proxy can reach has a name that nobody else
    /// knows, save by the routes that promise the name of a real instance.
    fn usual_url(&self, address: &Address, instance: &str) -> String {
        let through_proxy = self.world.proxy().is_some();
        let host = if self.route.takes_names() {
            format!("{instance}.{INSTANCE_DOMAIN}")
        } else if through_proxy {
            address.host.clone()
        } else {
            address.https.ip().to_string()
        };
        if through_proxy {
            format!("https://{host}")
        } else {
            format!("https://{host}:{}", address.https.port())
        }
    }
}

/// Whether the scenario is about a proxy that asks for credentials, from the start or later.
fn asks_for_credentials(scenario: &Scenario) -> bool {
    let asks = |proxy: Proxy| {
        matches!(
            proxy,
            Proxy::RequiresCredentials | Proxy::RefusesCredentials
        )
    };
    let main = scenario.instances.get(MAIN);
    let steps = scenario.steps.values();
    main.and_then(|main| main.proxy).is_some_and(asks)
        || steps
            .flat_map(|step| step.actions.iter().flatten())
            .any(|action| matches!(action, Action::SetProxy(proxy) if asks(*proxy)))
}

/// Scheme, host and port of a URL without a path or with one; 443 where it names no port.
fn parts(url: &str) -> (&str, &str, &str) {
    let (scheme, rest) = url.split_once("://").unwrap_or(("https", url));
    let authority = rest.split('/').next().unwrap_or_default();
    let (host, port) = authority.rsplit_once(':').unwrap_or((authority, "443"));
    (scheme, host, port)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_taken_apart() {
        for (url, whole) in [
            ("https://127.0.0.1:8443", ("https", "127.0.0.1", "8443")),
            ("http://127.0.0.1:80/x/y", ("http", "127.0.0.1", "80")),
            (
                "https://dev1.instance.invalid",
                ("https", "dev1.instance.invalid", "443"),
            ),
        ] {
            assert_eq!(parts(url), whole, "{url}");
        }
    }
}
