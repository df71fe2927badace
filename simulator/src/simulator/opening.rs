//! From a set-up to an instance's records: opened, and filled where they are new.

use std::path::PathBuf;
use std::sync::Arc;

use super::StartError;
use crate::clock::Clock;
use crate::instance::{Records, USUAL_PAGE_SIZE};
use crate::journal::Journal;
use crate::setup::Setup;
use crate::store::seed::{Watch, name_instance, populate_watched};
use crate::store::{Store, StoreError};

/// Where the records of an instance are.
pub(super) struct Place<'a> {
    pub(super) host: &'a str,
    /// A file that is kept.
    pub(super) data: Option<PathBuf>,
    pub(super) watch: Option<Watch>,
}

/// Opens and fills an instance's records, off the async workers. A file that could not be filled is
/// not kept.
pub(super) async fn open(
    setup: &Arc<Setup>,
    name: &str,
    place: Place<'_>,
    journal: &Journal,
    clock: Clock,
) -> Result<Records, StartError> {
    let failed = |error| StartError::Store {
        instance: name.to_owned(),
        error,
    };
    let (setup, journal, instance) = (Arc::clone(setup), journal.clone(), name.to_owned());
    let Place { host, data, watch } = place;
    let called = host.split('.').next().unwrap_or(host).to_owned();
    let opened = tokio::task::spawn_blocking(move || {
        let own = &setup.instances[&instance];
        let store = Store::open_for(own, data.as_deref())?;
        let page_size = setup.page_size.unwrap_or(USUAL_PAGE_SIZE);
        if store.was_made() {
            let filled = populate_watched(
                &store,
                own,
                &setup.passwords,
                &setup.given,
                page_size,
                setup.seed,
                watch,
            );
            if let Err(error) = filled.and_then(|()| name_instance(&store, own, &called)) {
                store.discard()?;
                return Err(error);
            }
        }
        Records::new(&instance, store, &setup, own, journal, clock)
    });
    match opened.await {
        Ok(opened) => opened.map_err(failed),
        Err(stopped) => Err(failed(StoreError::Invalid(stopped.to_string()))),
    }
}
