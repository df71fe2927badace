//! What is printed once it answers: where it listens, and how to sign in.

use std::collections::BTreeMap;

use serde_json::json;
use snowproof_protocol::Parameter;
use snowproof_simulator::setup::{Given, ProxyCredentials};

use crate::command::printing;

/// Where it listens and how to sign in.
pub(super) struct Ready {
    pub(super) https: String,
    pub(super) http: Option<String>,
    pub(super) proxy: Option<String>,
    pub(super) shown_to_proxy: Option<ProxyCredentials>,
    /// The OAuth application's credentials, if there is one.
    pub(super) client: Option<Given>,
    pub(super) control: Option<String>,
    pub(super) control_token: Option<String>,
    /// Where the instance's owner signs in to wake it, if there is such a site.
    pub(super) developer_site: Option<String>,
    pub(super) ca_file: String,
    pub(super) user: String,
    pub(super) password: String,
    /// The table of the curl line.
    pub(super) table: String,
    /// With a verdict: the scenario, and what the connector is to be told.
    pub(super) judged: Option<Judged>,
}

/// What is told of a scenario by which somebody is judged.
pub(super) struct Judged {
    /// Its name and title.
    pub(super) scenario: String,
    /// The settings of the connector, by name.
    pub(super) told: BTreeMap<Parameter, String>,
}

impl Ready {
    pub(super) fn tell(&self, as_json: bool) {
        if as_json {
            let line = json!({
                "https": self.https,
                "http": self.http,
                "proxy": self.proxy,
                "proxy_user": self.shown_to_proxy.as_ref().map(|given| &given.user),
                "proxy_password": self.shown_to_proxy.as_ref().map(|given| &given.password),
                "control": self.control,
                "control_token": self.control_token,
                "developer_site": self.developer_site,
                "ca_file": self.ca_file,
                "user": self.user,
                "password": self.password,
                "oauth": self.client.as_ref().map(|client| json!({
                    "client_id": client.client_id,
                    "client_secret": client.client_secret,
                    "redirect_url": client.redirect_url,
                })),
                "parameters": self.judged.as_ref().map(|judged| &judged.told),
            });
            printing::data(&line.to_string());
            return;
        }
        let mut lines = vec![format!("listening on {}", self.https)];
        lines.extend(
            self.http
                .as_ref()
                .map(|http| format!("without TLS  {http}")),
        );
        if let (Some(proxy), Some(given)) = (&self.proxy, &self.shown_to_proxy) {
            let (user, password) = (&given.user, &given.password);
            lines.push(format!(
                "as a proxy   HTTPS_PROXY={proxy}, user {user}, password {password}"
            ));
        }
        if let (Some(control), Some(token)) = (&self.control, &self.control_token) {
            lines.push(format!(
                "control API  curl -H 'Authorization: Bearer {token}' {control}/conditions"
            ));
        }
        if let Some(site) = &self.developer_site {
            let user = &self.user;
            lines.push(format!(
                "developer site {site}, where {user} signs in to wake it when it hibernates"
            ));
        }
        if let Some(client) = &self.client {
            lines.push(format!(
                "OAuth client {}, secret {}, redirect URL {}",
                client.client_id, client.client_secret, client.redirect_url
            ));
        }
        if let Some(judged) = &self.judged {
            lines.extend(self.for_a_verdict(judged));
            printing::data(&lines.join("\n"));
            return;
        }
        lines.push(format!(
            "\ncurl --cacert {} -u '{}:{}' '{}/api/now/table/{}?sysparm_limit=1'\n\nCtrl-C stops it.",
            self.ca_file, self.user, self.password, self.https, self.table
        ));
        printing::data(&lines.join("\n"));
    }

    /// How a connector is set up for the scenario, and how its verdict is had.
    fn for_a_verdict(&self, judged: &Judged) -> Vec<String> {
        let mut lines = vec![format!("\n{}", judged.scenario), "settings:".to_owned()];
        let told = judged.told.iter();
        lines.extend(told.map(|(name, value)| format!("  {:<18} {value}", name.name())));
        if let (Some(control), Some(token)) = (&self.control, &self.control_token) {
            let call = |path: &str| {
                format!("curl -X POST -H 'Authorization: Bearer {token}' {control}/{path}")
            };
            lines.push(format!("\njudge        {}", call("judge")));
            lines.push(format!("begin again  {}", call("clear")));
        }
        lines.push("\nCtrl-C stops it and prints the verdict.".to_owned());
        lines
    }
}
