//! One attempt at one call: sends the request, waits as long as an attempt may take, and hands
//! back what was asked for or a failure. Follows no redirect, keeps no cookies, repeats nothing.

use std::time::Duration;

use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderValue};
use reqwest::{Certificate, Response, StatusCode, redirect, retry};
use serde_json::{Map, Value};

use crate::answer::{self, Page};
use crate::diagnosis::{BAD_SETTING, Failure, MALFORMED, quoted};
use crate::network;
use crate::policy::{ExtraQuery, Policy};
use crate::settings::Settings;

/// Largest answer that is read. A page of 10,000 wide records is below it.
const LARGEST_ANSWER: usize = 64 << 20;
/// Largest file of authorities that is read.
const LARGEST_AUTHORITIES: u64 = 16 << 20;
/// The longest a connection may take to come about, handshake included, whatever the timeout.
const LONGEST_CONNECT: Duration = Duration::from_secs(10);

/// A list request for the configured table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ListRequest {
    pub(crate) query: Option<String>,
    pub(crate) limit: u32,
    pub(crate) offset: u64,
}

/// A connection to one instance with one set of credentials.
pub(crate) struct Client<'a> {
    http: reqwest::Client,
    settings: &'a Settings,
    policy: &'a Policy,
}

impl<'a> Client<'a> {
    /// # Errors
    ///
    /// When the file of authorities cannot be read, or holds none.
    pub(crate) async fn new(settings: &'a Settings, policy: &'a Policy) -> Result<Self, Failure> {
        let mut builder = reqwest::Client::builder()
            .user_agent(concat!("snowproof-connector/", env!("CARGO_PKG_VERSION")))
            .default_headers(HeaderMap::from_iter([(
                ACCEPT,
                HeaderValue::from_static("application/json"),
            )]))
            .redirect(redirect::Policy::none())
            .retry(retry::never())
            .referer(false)
            .tls_danger_accept_invalid_certs(!policy.verify_certificates);
        if policy.attempt_timeout {
            builder = builder
                .timeout(settings.timeout)
                .connect_timeout(settings.timeout.min(LONGEST_CONNECT));
        }
        if !policy.keep_alive {
            builder = builder.pool_max_idle_per_host(0);
        }
        if policy.verify_certificates && settings.authorities.is_some() {
            builder = builder.tls_certs_only(authorities(settings).await?);
        }
        let http = builder.build().map_err(|error| {
            Failure::permanent(
                BAD_SETTING,
                format!("the connection cannot be set up: {error}"),
            )
        })?;
        Ok(Self {
            http,
            settings,
            policy,
        })
    }

    pub(crate) const fn settings(&self) -> &'a Settings {
        self.settings
    }

    pub(crate) const fn policy(&self) -> &'a Policy {
        self.policy
    }

    /// Asks once.
    ///
    /// # Errors
    ///
    /// Whatever is not a list of rows.
    pub(crate) async fn list(&self, request: &ListRequest) -> Result<Page, Failure> {
        let settings = self.settings;
        let url = settings
            .base
            .join(&format!("/api/now/table/{}", settings.table))
            .map_err(|error| Failure::permanent(BAD_SETTING, error.to_string()))?;
        let mut query: Vec<(&str, &str)> = Vec::with_capacity(6);
        let (limit, offset) = (request.limit.to_string(), request.offset.to_string());
        if let Some(encoded) = &request.query {
            query.push(("sysparm_query", encoded));
        }
        if let Some(fields) = &settings.fields {
            query.push(("sysparm_fields", fields));
        }
        query.push(("sysparm_limit", &limit));
        if request.offset > 0 {
            query.push(("sysparm_offset", &offset));
        }
        match self.policy.extra_query {
            Some(ExtraQuery::Dummy) => query.push(("sysparm_view", "")),
            Some(ExtraQuery::Password) => query.push(("password", settings.password.reveal())),
            None => {}
        }
        let response = self
            .http
            .get(url)
            .query(&query)
            .basic_auth(&settings.user, Some(settings.password.reveal()))
            .send()
            .await
            .map_err(|error| self.no_answer(&error, false))?;
        let (status, headers) = (response.status(), response.headers().clone());
        let body = self.body(response, status).await?;
        answer::read(
            status,
            &headers,
            &body,
            &settings.table,
            self.policy.trust_status,
        )
    }

    /// Creates a record of the configured table, once.
    ///
    /// # Errors
    ///
    /// Whatever does not say that the record is there.
    pub(crate) async fn create(&self, record: &Map<String, Value>) -> Result<(), Failure> {
        let settings = self.settings;
        let url = settings
            .base
            .join(&format!("/api/now/table/{}", settings.table))
            .map_err(|error| Failure::permanent(BAD_SETTING, error.to_string()))?;
        let response = self
            .http
            .post(url)
            .header(CONTENT_TYPE, "application/json")
            .body(Value::Object(record.clone()).to_string())
            .basic_auth(&settings.user, Some(settings.password.reveal()))
            .send()
            .await
            .map_err(|error| self.no_answer(&error, false))?;
        let (status, headers) = (response.status(), response.headers().clone());
        let body = self.body(response, status).await?;
        answer::created(
            status,
            &headers,
            &body,
            &settings.table,
            self.policy.trust_status,
        )
    }

    async fn body(&self, mut response: Response, status: StatusCode) -> Result<Vec<u8>, Failure> {
        let mut body = Vec::new();
        while let Some(chunk) = response
            .chunk()
            .await
            .map_err(|error| self.no_answer(&error, true))?
        {
            if body.len() + chunk.len() > LARGEST_ANSWER {
                return Err(Failure::permanent(
                    MALFORMED,
                    format!(
                        "the answer (status {}) is larger than {LARGEST_ANSWER} bytes",
                        status.as_u16()
                    ),
                ));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    }

    fn no_answer(&self, error: &reqwest::Error, in_body: bool) -> Failure {
        let host = self.settings.base.host_str().unwrap_or_default();
        network::failure(error, host, self.settings.timeout, in_body)
    }
}

async fn authorities(settings: &Settings) -> Result<Vec<Certificate>, Failure> {
    let path = settings.authorities.clone().unwrap_or_default();
    let refused = |why: &str| {
        Failure::permanent(
            BAD_SETTING,
            format!(
                "file of authorities {}: {why}",
                quoted(&path.to_string_lossy())
            ),
        )
    };
    let size = tokio::fs::metadata(&path)
        .await
        .map_err(|error| refused(&error.to_string()))?
        .len();
    if size > LARGEST_AUTHORITIES {
        return Err(refused("it is too large"));
    }
    let pem = tokio::fs::read(&path)
        .await
        .map_err(|error| refused(&error.to_string()))?;
    let certificates =
        Certificate::from_pem_bundle(&pem).map_err(|_| refused("it is not a PEM file"))?;
    if certificates.is_empty() {
        return Err(refused("it holds no certificate"));
    }
    Ok(certificates)
}

#[cfg(test)]
mod tests;
