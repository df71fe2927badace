//! Writes to any table, where what is written is looked up again.

use reqwest::header::CONTENT_TYPE;
use serde_json::{Map, Value};

use super::Client;
use crate::answer::{self, Doing};
use crate::diagnosis::Failure;
use crate::oauth::Bearer;

impl Client<'_> {
    /// Creates a record, or changes the one with this key; once.
    ///
    /// # Errors
    ///
    /// Whatever does not show the record.
    pub(crate) async fn store(
        &self,
        table: &str,
        key: Option<&str>,
        fields: &Map<String, Value>,
    ) -> Result<(), Failure> {
        self.authorized(async |bearer| self.store_once(table, key, fields, bearer).await)
            .await
    }

    async fn store_once(
        &self,
        table: &str,
        key: Option<&str>,
        fields: &Map<String, Value>,
        bearer: Option<&Bearer>,
    ) -> Result<(), Failure> {
        let doing = match key {
            Some(_) => Doing::Update,
            None => Doing::Create,
        };
        let request = match key {
            Some(key) => self
                .http
                .patch(self.settings.url_of(&format!("{table}/{key}"))),
            None => self.http.post(self.settings.url_of(table)),
        };
        let request = request
            .header(CONTENT_TYPE, "application/json")
            .body(Value::Object(fields.clone()).to_string());
        let response = self
            .signed(request, bearer)
            .send()
            .await
            .map_err(|error| self.no_answer(&error, false))?;
        let (status, headers) = self.head(&response);
        let mut body = Vec::new();
        self.body(response, status, &mut body).await?;
        let answered = answer::done(doing, status, &headers, &body, table, self.policy);
        answered.map_err(|failure| Failure {
            message: self.settings.without_secrets(&failure.message),
            ..failure
        })
    }
}
