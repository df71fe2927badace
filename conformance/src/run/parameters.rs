//! What the subject is told of an act: the value of each parameter.

use std::collections::BTreeMap;

use snowproof_protocol::Parameter;

use super::secrets::Secrets;
use super::workplace::{ActFolders, Trust, Workplace};
use super::world::{MAIN, World};
use crate::scenario::Scenario;

/// Where the values of an act's parameters come from.
pub(super) struct Told<'a> {
    pub(super) scenario: &'a Scenario,
    /// The user that the connector is configured with.
    pub(super) user: &'a str,
    pub(super) trust: &'a Trust,
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
            .address()
            .ok_or_else(|| format!("the simulator has no instance `{MAIN}`"))?;
        let settings = &self.scenario.subject;
        let instance = address.host.split('.').next().unwrap_or_default();
        let timeout = settings.timeout.map_or(30, |timeout| {
            // Whole seconds, rounded up: a timeout of 0 means none to many clients.
            timeout.effective.as_millis().div_ceil(1000).max(1)
        });
        let path = |path: &std::path::Path| path.display().to_string();
        Ok(BTreeMap::from([
            (Parameter::BaseUrl, address.base_url()),
            (Parameter::Host, address.https.ip().to_string()),
            (Parameter::Port, address.https.port().to_string()),
            (Parameter::Scheme, "https".to_owned()),
            (Parameter::InstanceName, instance.to_owned()),
            (Parameter::AuthMethod, "basic".to_owned()),
            (Parameter::User, self.user.to_owned()),
            (Parameter::Password, self.secrets.password().to_owned()),
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
        ]))
    }
}
