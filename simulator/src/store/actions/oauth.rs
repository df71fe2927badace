//! What an administrator, or a scenario's step, does to OAuth applications.

use super::row;
use crate::store::{Author, Records, Store, StoreError};

impl Store {
    /// Replaces an OAuth application's secret by one that nobody is told.
    ///
    /// # Errors
    /// When there is no application of this name, or the database fails.
    pub fn regenerate_client_secret(&self, author: &Author, name: &str) -> Result<(), StoreError> {
        self.write(author, |records| {
            let client = client_id(records, name)?;
            let secret = records.random_secret();
            let values = row([("client_secret", secret.as_str())]);
            records.update("oauth_entity", &client, &values).map(drop)
        })
    }

    /// Makes an OAuth application active or inactive.
    ///
    /// # Errors
    /// When there is no application of this name, or the database fails.
    pub fn set_client_active(
        &self,
        author: &Author,
        name: &str,
        active: bool,
    ) -> Result<(), StoreError> {
        self.write(author, |records| {
            let client = client_id(records, name)?;
            let active = if active { "true" } else { "false" };
            let values = row([("active", active)]);
            records.update("oauth_entity", &client, &values).map(drop)
        })
    }
}

fn client_id(records: &Records<'_>, name: &str) -> Result<String, StoreError> {
    match records.find("oauth_entity", "name", name)? {
        Some(sys_id) => Ok(sys_id),
        None => Err(StoreError::unknown("OAuth application", name, [])),
    }
}
