//! Calls that do something to the instance: one attempt each.

use reqwest::header::CONTENT_TYPE;
use reqwest::{Method, RequestBuilder, Url};
use serde_json::{Map, Value};

use super::Client;
use crate::answer::{self, Doing};
use crate::diagnosis::Failure;
use crate::oauth::Bearer;
use crate::policy::UploadCredentials;

/// A file to upload.
pub(crate) struct Upload {
    /// The record it is for.
    pub(crate) sys_id: String,
    pub(crate) file_name: String,
    pub(crate) bytes: Vec<u8>,
}

impl Client<'_> {
    /// Creates a record of the configured table, once.
    ///
    /// # Errors
    ///
    /// Whatever does not say that the record is there.
    pub(crate) async fn create(&self, record: &Map<String, Value>) -> Result<(), Failure> {
        let url = self.settings.url_of(&self.settings.table);
        self.sends_json(Method::POST, url, record, Doing::Create)
            .await
    }

    /// Changes a record of the configured table.
    ///
    /// # Errors
    ///
    /// Whatever does not say that it is changed.
    pub(crate) async fn update(
        &self,
        sys_id: &str,
        fields: &Map<String, Value>,
    ) -> Result<(), Failure> {
        let table = &self.settings.table;
        let url = self
            .settings
            .url_at(&format!("/api/now/table/{table}/{sys_id}"));
        self.sends_json(Method::PATCH, url, fields, Doing::Update)
            .await
    }

    /// Sends a message through the Email API, once.
    ///
    /// # Errors
    ///
    /// Whatever does not say that the instance took it.
    pub(crate) async fn email(&self, message: &Map<String, Value>) -> Result<(), Failure> {
        let url = self.settings.url_at("/api/now/v1/email");
        self.sends_json(Method::POST, url, message, Doing::Email)
            .await
    }

    /// Uploads a file to a record of the configured table, once.
    ///
    /// # Errors
    ///
    /// Whatever does not say that it is there.
    pub(crate) async fn attach(&self, upload: &Upload) -> Result<(), Failure> {
        if self.policy.upload_credentials != UploadCredentials::AtOnce {
            match self.sent(self.upload(upload), None, Doing::Attach).await {
                Err(failure) if self.shows_credentials_after(&failure) => {}
                done => return done,
            }
        }
        // What was refused for its token was not processed.
        self.authorized(async |bearer| {
            let request = self.signed(self.upload(upload), bearer);
            self.sent(request, bearer, Doing::Attach).await
        })
        .await
    }

    /// Whether this answer to an upload without credentials has them sent.
    fn shows_credentials_after(&self, failure: &Failure) -> bool {
        match self.policy.upload_credentials {
            UploadCredentials::AtOnce => false,
            UploadCredentials::AfterChallenge => !failure.challenges.is_empty(),
            UploadCredentials::AfterRefusal => matches!(failure.status, Some(401 | 403)),
        }
    }

    fn upload(&self, upload: &Upload) -> RequestBuilder {
        self.http
            .post(self.settings.url_at("/api/now/attachment/file"))
            .query(&[
                ("table_name", self.settings.table.as_str()),
                ("table_sys_id", &upload.sys_id),
                ("file_name", &upload.file_name),
            ])
            .header(CONTENT_TYPE, "text/plain; charset=utf-8")
            .body(upload.bytes.clone())
    }

    async fn sends_json(
        &self,
        method: Method,
        url: Url,
        body: &Map<String, Value>,
        doing: Doing,
    ) -> Result<(), Failure> {
        let body = Value::Object(body.clone()).to_string();
        // What was refused for its token was not processed.
        self.authorized(async |bearer: Option<&Bearer>| {
            let request = self
                .http
                .request(method.clone(), url.clone())
                .header(CONTENT_TYPE, "application/json")
                .body(body.clone());
            self.sent(self.signed(request, bearer), bearer, doing).await
        })
        .await
    }

    async fn sent(
        &self,
        request: RequestBuilder,
        bearer: Option<&Bearer>,
        doing: Doing,
    ) -> Result<(), Failure> {
        let (status, headers, body) = self.read_whole(request, bearer).await?;
        let table = doing.table(&self.settings.table);
        answer::done(doing, status, &headers, &body, table, self.policy)
    }
}
