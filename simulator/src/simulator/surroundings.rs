//! Tells each instance where the others listen, once all do.

use super::{Running, StartError};
use crate::instance::Surroundings;
use crate::pipeline::stage::Neighbour;
use crate::setup::InstanceState;

pub(super) fn tell(running: &Running) -> Result<(), StartError> {
    for instance in &running.instances {
        let others = running.addresses.iter();
        let others = others.filter(|(name, _)| **name != instance.name);
        let surroundings = Surroundings {
            neighbours: others
                .map(|(name, address)| Neighbour {
                    name: name.clone(),
                    host: address.host.clone(),
                    tls_port: address.https.port(),
                    state: state_of(running, name),
                })
                .collect(),
            plain_port: running
                .addresses
                .get(&instance.name)
                .and_then(|address| Some(address.http?.port())),
        };
        if let Some(why) = instance.lacks(&surroundings) {
            let instance = instance.name.clone();
            return Err(StartError::LeadsNowhere { instance, why });
        }
        instance.surroundings.get_or_init(|| surroundings);
    }
    Ok(())
}

/// What an instance is before anything happens to it.
fn state_of(running: &Running, name: &str) -> InstanceState {
    let mut instances = running.instances.iter();
    let found = instances.find(|instance| instance.name == name);
    found.map_or(InstanceState::Awake, |instance| instance.state())
}
