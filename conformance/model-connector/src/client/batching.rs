//! Several records by one request: one attempt (wire-core 4.4).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use reqwest::header::CONTENT_TYPE;
use serde_json::{Map, Value, json};

use super::Client;
use crate::answer::{self, Became};
use crate::diagnosis::Failure;
use crate::oauth::Bearer;

impl Client<'_> {
    /// Creates records of the configured table by one request to the Batch API, once; says what became
    /// of each.
    ///
    /// # Errors
    ///
    /// Whatever is no answer to a batch.
    pub(crate) async fn create_all(
        &self,
        records: &[&Map<String, Value>],
    ) -> Result<Vec<Became>, Failure> {
        let url = format!("/api/now/table/{}", self.settings.table);
        let header = |name: &str| json!({"name": name, "value": "application/json"});
        let request = |(at, record): (usize, &&Map<String, Value>)| {
            let body = Value::Object((*record).clone()).to_string();
            json!({
                "id": at.to_string(),
                "method": "POST",
                "url": url,
                "headers": [header("Accept"), header("Content-Type")],
                "body": STANDARD.encode(body),
            })
        };
        let requests: Vec<Value> = records.iter().enumerate().map(request).collect();
        let batch = json!({"batch_request_id": "1", "rest_requests": requests}).to_string();
        // What was refused for its token was not processed.
        self.authorized(async |bearer| self.batch_once(&batch, records.len(), bearer).await)
            .await
    }

    async fn batch_once(
        &self,
        batch: &str,
        records: usize,
        bearer: Option<&Bearer>,
    ) -> Result<Vec<Became>, Failure> {
        let request = self
            .http
            .post(self.settings.url_at("/api/now/v1/batch"))
            .header(CONTENT_TYPE, "application/json")
            .body(batch.to_owned());
        let request = self.signed(request, bearer);
        let (status, headers, body) = self.read_whole(request, bearer).await?;
        let table = &self.settings.table;
        answer::batch(status, &headers, &body, table, records, self.policy)
    }
}
