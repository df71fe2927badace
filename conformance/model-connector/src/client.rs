//! One attempt at one call: sends the request, waits as long as an attempt may take, and hands
//! back what was asked for or a failure. Follows no redirect of its own accord, keeps no cookies
//! unless it is told to, repeats nothing.

use std::path::Path;
use std::time::Duration;

use reqwest::header::{ACCEPT, HeaderMap, HeaderValue, LOCATION};
use reqwest::{Certificate, RequestBuilder, Response, StatusCode, Url, redirect, retry};

use crate::answer::{self, Page};
use crate::diagnosis::{
    BAD_SETTING, BAD_URL, BROKEN_OFF, FIELD_CLOSED, Failure, Kind, MALFORMED, REQUEST_TOO_LONG,
    TRUNCATED, quoted,
};
use crate::gate::Gate;
use crate::network;
use crate::oauth::{Bearer, Tokens};
use crate::policy::{
    BrokenOff, Deadline, ExtraQuery, Leaf, Policy, References, RefusedRequest, TooLong,
};
use crate::proxy;
use crate::settings::{Authentication, Identity, Settings};

mod authorization;
mod batching;
mod columns;
mod cookies;
mod deeds;
mod in_clear;
mod leaf;
mod redirected;
mod storing;

use cookies::Jar;
pub(crate) use deeds::Upload;

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
    pub(crate) of: Rows,
}

/// What a list request is about.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Rows {
    /// The configured table.
    #[default]
    Configured,
    /// The users of the instance, by their names.
    Users,
    /// Some records of another table.
    Sought {
        table: &'static str,
        /// Columns, comma separated.
        fields: &'static str,
    },
    /// The files of the instance's records.
    Attachments,
}

/// A connection to one instance with one set of credentials.
pub(crate) struct Client<'a> {
    http: reqwest::Client,
    settings: &'a Settings,
    policy: &'a Policy,
    gate: Gate,
    /// Where it authenticates by tokens.
    tokens: Option<Tokens>,
    /// Where it keeps cookies.
    cookies: Option<Jar>,
    /// Into how many parts the columns are split.
    parts: columns::Parts,
    /// The certificate that was met first, where another is not accepted.
    first_leaf: leaf::First,
}

impl<'a> Client<'a> {
    /// # Errors
    ///
    /// When the file of authorities cannot be read, or holds none.
    pub(crate) async fn new(settings: &'a Settings, policy: &'a Policy) -> Result<Self, Failure> {
        let verifies = policy.verify_certificates && settings.verify;
        let mut builder = reqwest::Client::builder()
            .user_agent(concat!("snowproof-connector/", env!("CARGO_PKG_VERSION")))
            .default_headers(HeaderMap::from_iter([(ACCEPT, wanted(policy))]))
            .redirect(redirect::Policy::none())
            .retry(retry::never())
            .referer(false)
            .tls_info(policy.leaf == Leaf::FirstMet)
            .tls_danger_accept_invalid_certs(!verifies);
        if policy.attempt_timeout {
            // Shorter than an attempt, so that it can be told what was waited for.
            let connect = settings.timeout.mul_f64(0.8).min(LONGEST_CONNECT);
            builder = builder.connect_timeout(connect);
            builder = match policy.deadline {
                Deadline::Total => builder.timeout(settings.timeout),
                Deadline::BetweenReads => builder.read_timeout(settings.timeout),
            };
        }
        if !policy.keep_alive {
            builder = builder.pool_max_idle_per_host(0);
        }
        if verifies && settings.authorities.is_some() {
            builder = builder.tls_certs_only(authorities(settings).await?);
        }
        if let Some(identity) = &settings.identity {
            builder = builder.identity(shown(identity).await?);
        }
        if let Some(proxy) = &settings.proxy {
            builder = builder.proxy(proxy.for_client()?);
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
            gate: Gate::new(settings.parallelism, policy.workers),
            tokens: match &settings.authentication {
                Authentication::Oauth(application) => Some(Tokens::of(application, policy.oauth)),
                _ => None,
            },
            cookies: settings.cookies.then(Jar::default),
            parts: columns::Parts::default(),
            first_leaf: leaf::First::default(),
        })
    }

    /// What decides when a request may leave.
    pub(crate) const fn gate(&self) -> &Gate {
        &self.gate
    }

    pub(crate) const fn settings(&self) -> &'a Settings {
        self.settings
    }

    pub(crate) const fn policy(&self) -> &'a Policy {
        self.policy
    }

    /// Asks once, and once more where only the token was too old.
    ///
    /// # Errors
    ///
    /// Whatever is not a list of rows.
    pub(crate) async fn list(&self, request: &ListRequest) -> Result<Page, Failure> {
        let listed = match (request.of, self.settings.fields.as_deref()) {
            (Rows::Configured, Some(fields)) => self.list_of_columns(request, fields).await,
            _ => self.list_with(request, None).await,
        };
        let takes_for_the_end = self.policy.oauth.refused_request == RefusedRequest::TakenForTheEnd;
        match listed {
            Err(failure) if takes_for_the_end && failure.kind == Kind::RefusedCredentials => {
                Ok(Page {
                    taken_for_the_end: true,
                    ..Page::default()
                })
            }
            listed => listed,
        }
    }

    /// Asks for columns by name, in as many parts as the instance takes them.
    async fn list_of_columns(&self, request: &ListRequest, fields: &str) -> Result<Page, Failure> {
        let mut sent_again = 0;
        loop {
            let listed = self.list_in_parts(request, fields).await;
            match (listed, self.policy.too_long) {
                (Err(failure), TooLong::Split)
                    if failure.cause == REQUEST_TOO_LONG && self.parts.doubled(fields) => {}
                (Err(failure), TooLong::SendAgain(times))
                    if failure.cause == REQUEST_TOO_LONG && sent_again < times =>
                {
                    sent_again += 1;
                }
                (listed, _) => return listed,
            }
        }
    }

    async fn list_in_parts(&self, request: &ListRequest, fields: &str) -> Result<Page, Failure> {
        let mut whole: Option<Page> = None;
        for part in self.parts.of(fields) {
            let page = self.list_with(request, Some(&part)).await?;
            match &mut whole {
                None => whole = Some(page),
                Some(whole) => columns::join(whole, page)?,
            }
        }
        Ok(whole.unwrap_or_default())
    }

    async fn list_with(
        &self,
        request: &ListRequest,
        columns: Option<&str>,
    ) -> Result<Page, Failure> {
        self.authorized(async |bearer| self.list_once(request, columns, bearer).await)
            .await
    }

    async fn list_once(
        &self,
        request: &ListRequest,
        columns: Option<&str>,
        bearer: Option<&Bearer>,
    ) -> Result<Page, Failure> {
        let settings = self.settings;
        let (table, fields) = match request.of {
            Rows::Configured => (settings.table.as_str(), columns),
            Rows::Users => ("sys_user", Some("sys_id,user_name")),
            Rows::Sought { table, fields } => (table, Some(fields)),
            Rows::Attachments => ("sys_attachment", None),
        };
        let url = match request.of {
            Rows::Attachments => settings.url_at("/api/now/attachment"),
            Rows::Configured | Rows::Users | Rows::Sought { .. } => settings.url_of(table),
        };
        let mut query: Vec<(&str, &str)> = Vec::with_capacity(6);
        let (limit, offset) = (request.limit.to_string(), request.offset.to_string());
        if let Some(encoded) = &request.query {
            query.push(("sysparm_query", encoded));
        }
        if let Some(fields) = fields {
            query.push(("sysparm_fields", fields));
        }
        query.push(("sysparm_limit", &limit));
        if request.offset > 0 {
            query.push(("sysparm_offset", &offset));
        }
        if self.policy.references == References::PlainAlone {
            query.push(("sysparm_exclude_reference_link", "true"));
        }
        match self.policy.extra_query {
            Some(ExtraQuery::Dummy) => query.push(("sysparm_view", "")),
            Some(ExtraQuery::Password) => query.push(("password", settings.password.reveal())),
            None => {}
        }
        let signed = self.signed(self.http.get(url).query(&query), bearer);
        let response = self.answered(signed).await?;
        let response = self.led_on(response, bearer).await?;
        self.recognises(&response)?;
        let (status, headers) = self.head(&response);
        let mut body = Vec::new();
        let page = match self.body(response, status, &mut body).await {
            Ok(()) => answer::read(status, &headers, &body, table, self.policy),
            Err(failure) => Err(failure),
        };
        match page {
            // The answer does not say which field is meant.
            Err(failure) if failure.cause == FIELD_CLOSED => {
                let query = request.query.as_deref().unwrap_or_default();
                let fields = fields.unwrap_or_default();
                Err(failure.adding(&format!(
                    "the query was {} and asked for the columns {}",
                    quoted(query),
                    quoted(fields)
                )))
            }
            Err(failure)
                if self.policy.broken_off == BrokenOff::TakenForTheEnd
                    && [TRUNCATED, BROKEN_OFF].contains(&failure.cause) =>
            {
                Ok(answer::salvage(&headers, &body, table))
            }
            page => page,
        }
    }

    /// Where a URL without TLS leads, asked without credentials.
    ///
    /// # Errors
    ///
    /// When it leads to no instance over https.
    pub(crate) async fn over_https(&self) -> Result<Url, Failure> {
        let base = self.settings.base.clone();
        let answer = self.http.get(base.clone()).send().await;
        let answer = answer.map_err(|error| self.no_answer(&error, false))?;
        let target = answer.headers().get(LOCATION);
        target
            .and_then(|target| Url::parse(target.to_str().ok()?).ok())
            .filter(|target| target.scheme() == "https" && target.host_str() == base.host_str())
            .and_then(|target| target.join("/").ok())
            .ok_or_else(|| {
                let why = format!("instance URL `{base}` does not lead to https");
                Failure::permanent(BAD_URL, why)
            })
    }

    /// Status and headers of an answer, whose cookies are kept where cookies are.
    fn head(&self, response: &Response) -> (StatusCode, HeaderMap) {
        let headers = response.headers();
        if let Some(jar) = &self.cookies {
            jar.keep(headers);
        }
        (response.status(), headers.clone())
    }

    /// Sends a signed request, and reads its answer to the end.
    async fn read_whole(
        &self,
        signed: RequestBuilder,
        bearer: Option<&Bearer>,
    ) -> Result<(StatusCode, HeaderMap, Vec<u8>), Failure> {
        let response = signed
            .send()
            .await
            .map_err(|error| self.no_answer(&error, false))?;
        let response = self.led_on(response, bearer).await?;
        let (status, headers) = self.head(&response);
        let mut body = Vec::new();
        self.body(response, status, &mut body).await?;
        Ok((status, headers, body))
    }

    /// Reads a body to its end, or as far as it comes.
    async fn body(
        &self,
        mut response: Response,
        status: StatusCode,
        body: &mut Vec<u8>,
    ) -> Result<(), Failure> {
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
        Ok(())
    }

    fn no_answer(&self, error: &reqwest::Error, in_body: bool) -> Failure {
        let host = self.settings.base.host_str().unwrap_or_default();
        let Settings { timeout, proxy, .. } = self.settings;
        proxy::failure(error, proxy.as_ref(), host, timeout.as_secs_f64())
            .unwrap_or_else(|| network::failure(error, host, *timeout, in_body))
    }
}

/// The form that answers are to have. An empty name is none; without the header the HTTP library
/// would name any.
const fn wanted(policy: &Policy) -> HeaderValue {
    HeaderValue::from_static(if policy.names_form {
        "application/json"
    } else {
        ""
    })
}

/// The client's certificate and key.
async fn shown(identity: &Identity) -> Result<reqwest::Identity, Failure> {
    let refused = |path: &Path, why: &str| {
        let shown = quoted(&path.to_string_lossy());
        Failure::permanent(BAD_SETTING, format!("client certificate {shown}: {why}"))
    };
    let mut pem = Vec::new();
    for path in [&identity.certificate, &identity.key] {
        let read = tokio::fs::read(path).await;
        pem.extend(read.map_err(|error| refused(path, &error.to_string()))?);
        pem.push(b'\n');
    }
    reqwest::Identity::from_pem(&pem)
        .map_err(|_| refused(&identity.certificate, "certificate and key are no PEM pair"))
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
