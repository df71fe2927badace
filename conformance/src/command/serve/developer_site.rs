//! The developer site beside the instance: its owner signs in there, in a browser, and wakes it.

use snowproof_simulator::setup::{InstanceSetup, InstanceState, Setup};
use snowproof_simulator::simulator::Running;

use super::ADMINISTRATOR;

/// Its name in the set-up.
const NAME: &str = "developer_site";

/// Adds the site to a set-up that has none; this user owns the instances.
pub(super) fn add(setup: &mut Setup, owner: &str) {
    let is_site = |it: &InstanceSetup| it.state == Some(InstanceState::DeveloperSite);
    let mut all = setup.instances.iter();
    let named = all
        .find(|(_, it)| is_site(it))
        .map(|(name, _)| name.clone());
    let name = named.unwrap_or_else(|| NAME.to_owned());
    let site = setup
        .instances
        .entry(name)
        .or_insert_with(|| InstanceSetup {
            state: Some(InstanceState::DeveloperSite),
            ..InstanceSetup::default()
        });
    // Every instance has its administrator.
    if owner != ADMINISTRATOR {
        let users = site.users.get_or_insert_default();
        users.entry(owner.to_owned()).or_default();
    }
}

/// Where it is met. By another name of this machine than the instance, so that a browser keeps their
/// sessions apart: cookies know no ports (RFC 6265, section 8.5).
pub(super) fn url(running: &Running) -> Option<String> {
    let all = running.director.conditions().into_iter();
    let mut sites = all.filter(|it| it.state == InstanceState::DeveloperSite);
    let address = running.addresses.get(&sites.next()?.instance)?;
    Some(format!("https://localhost:{}", address.https.port()))
}
