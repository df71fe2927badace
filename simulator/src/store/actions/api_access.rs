//! What an administrator does to API keys and access policies.

use crate::setup::ApiAccessPolicySetup;
use crate::store::records::row;
use crate::store::seed::api_access::put_policy;
use crate::store::{Author, Store, StoreError};

impl Store {
    /// Makes the API key of this name inactive.
    ///
    /// # Errors
    /// When there is no such key, or the database fails.
    pub fn deactivate_api_key(&self, author: &Author, name: &str) -> Result<(), StoreError> {
        self.write(author, |records| {
            let Some(sys_id) = records.find("api_key", "name", name)? else {
                return Err(StoreError::unknown("API key", name, []));
            };
            records.update("api_key", &sys_id, &row([("active", "false")]))?;
            Ok(())
        })
    }

    /// Creates or replaces the API access policy of this name.
    ///
    /// # Errors
    /// When the policy makes no sense, or the database fails.
    pub fn set_access_policy(
        &self,
        author: &Author,
        name: &str,
        policy: &ApiAccessPolicySetup,
    ) -> Result<(), StoreError> {
        self.write(author, |records| put_policy(records, name, policy))
    }
}
