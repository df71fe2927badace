//! The instance's records as conditions change them. (placeholder until the store is merged)

use std::sync::{Arc, PoisonError, RwLock};

use indexmap::IndexMap;

use crate::policy::Policy;
use crate::setup::{InstanceSetup, RateRuleSetup, Rows, Setup};
use crate::store::Store;

/// Why the records could not be changed.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct RecordsError(pub(crate) String);

type Done = Result<(), RecordsError>;

#[derive(Debug)]
pub(crate) struct Records {
    store: Store,
    policy: RwLock<Arc<Policy>>,
    page_size: u32,
}

impl Records {
    pub(super) fn new(store: Store, setup: &Setup, _instance: &InstanceSetup) -> Self {
        Self {
            store,
            policy: RwLock::default(),
            page_size: setup.page_size.unwrap_or(100),
        }
    }
    pub(super) fn store(&self) -> &Store {
        &self.store
    }
    pub(super) fn policy(&self) -> Arc<Policy> {
        Arc::clone(&self.policy.read().unwrap_or_else(PoisonError::into_inner))
    }
    pub(crate) async fn writing(&self, _cause: &crate::journal::Cause) {}
    pub(crate) async fn set_locked_out(&self, _user: &str, _locked: bool) -> Done {
        nope()
    }
    pub(crate) async fn set_active(&self, _user: &str, _active: bool) -> Done {
        nope()
    }
    pub(crate) async fn rotate_password(&self, _user: &str) -> Done {
        nope()
    }
    pub(crate) async fn grant_role(&self, _user: &str, _role: &str) -> Done {
        nope()
    }
    pub(crate) async fn revoke_role(&self, _user: &str, _role: &str) -> Done {
        nope()
    }
    pub(crate) async fn set_rate_rule(&self, _name: &str, _rule: &RateRuleSetup) -> Done {
        nope()
    }
    pub(crate) async fn remove_rate_rule(&self, _name: &str) -> Done {
        nope()
    }
    pub(crate) async fn insert(&self, _table: &str, rows: Rows) -> Done {
        let _ = rows.count(self.page_size);
        nope()
    }
    pub(crate) async fn update(
        &self,
        _table: &str,
        _query: &str,
        _set: &IndexMap<String, String>,
    ) -> Done {
        nope()
    }
    pub(crate) async fn delete(&self, _table: &str, _query: &str) -> Done {
        nope()
    }
}
fn nope() -> Done {
    Err(RecordsError("no store".into()))
}
