//! A look into the records of a running instance, past its access controls.

use super::Running;
use crate::director::ApplyError;

impl Running {
    /// The keys of the records of `table` that an encoded query finds, in the order of their keys,
    /// whoever may see them; none where there is no such instance. No caller's request, so that
    /// nothing is journalled or counted.
    ///
    /// # Errors
    /// When the table or a part of the query is unknown, or the database fails.
    pub async fn matching(
        &self,
        instance: &str,
        table: &str,
        query: &str,
    ) -> Result<Vec<String>, ApplyError> {
        let mut instances = self.instances.iter();
        match instances.find(|known| known.name == instance) {
            Some(known) => Ok(known.records().matching(table, query).await?),
            None => Ok(Vec::new()),
        }
    }
}
