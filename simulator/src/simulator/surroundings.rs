//! Tells each instance where the others listen, once all do.

use super::{Running, StartError};
use crate::instance::Surroundings;
use crate::pipeline::stage::Neighbour;

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
