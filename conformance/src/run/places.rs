//! Places: how many scenarios run at once, and how many processes start at once.
//!
//! Starting an interpreter costs up to a second of processor time, waiting costs nothing: so
//! starts are limited to about twice the cores, and a start gives its place back at first contact.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Scenarios that run at once unless the command line says otherwise.
pub const DEFAULT_JOBS: usize = 64;

/// The places of a run; clones share them.
#[derive(Clone)]
pub(super) struct Places {
    scenarios: Arc<Semaphore>,
    starts: Arc<Semaphore>,
    people: Arc<Semaphore>,
}

/// A place among the scenarios that run.
pub(super) struct ScenarioPlace {
    _permit: Option<OwnedSemaphorePermit>,
}

/// A place among the people who act in a browser; its clones are one place.
#[derive(Clone)]
pub(super) struct PersonPlace {
    permit: Arc<Mutex<Option<OwnedSemaphorePermit>>>,
}

impl PersonPlace {
    /// Gives it back.
    pub(super) fn leave(&self) {
        let mut permit = self.permit.lock().unwrap_or_else(PoisonError::into_inner);
        *permit = None;
    }
}

/// A place among the processes that start.
pub(super) struct StartPlace {
    _permit: Option<OwnedSemaphorePermit>,
}

impl Places {
    pub(super) fn new(jobs: usize) -> Self {
        let cores = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
        Self {
            scenarios: Arc::new(Semaphore::new(jobs.clamp(1, 1024))),
            starts: Arc::new(Semaphore::new((cores * 2).min(jobs.max(1)))),
            // Pages cost processor time, and a connector waits for its person for so long only.
            people: Arc::new(Semaphore::new(cores.min(jobs.max(1)))),
        }
    }

    pub(super) async fn scenario(&self) -> ScenarioPlace {
        ScenarioPlace {
            // The semaphores are never closed, so that a permit always comes.
            _permit: Arc::clone(&self.scenarios).acquire_owned().await.ok(),
        }
    }

    pub(super) async fn person(&self) -> PersonPlace {
        let permit = Arc::clone(&self.people).acquire_owned().await.ok();
        PersonPlace {
            permit: Arc::new(Mutex::new(permit)),
        }
    }

    pub(super) async fn start(&self) -> StartPlace {
        StartPlace {
            _permit: Arc::clone(&self.starts).acquire_owned().await.ok(),
        }
    }
}
