//! What the user configured. What cannot work is refused here, before a byte leaves.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use reqwest::Url;
use serde_json::{Map, Value};
use snowproof_protocol::Parameter;

use crate::address;
use crate::diagnosis::{BAD_SETTING, Failure, quoted};
use crate::filter;
use crate::policy::Policy;
use crate::proxy::Proxy;

mod authentication;
mod secret;

pub(crate) use authentication::{Application, Authentication, Grant, Identity, is_known};
pub(crate) use secret::Secret;

/// Rows asked for at a time unless configured.
const DEFAULT_PAGE_SIZE: u32 = 100;
/// Most rows asked for at a time: the platform's own default for `sysparm_limit` (wire-core 1.4).
const LARGEST_PAGE: u32 = 10_000;
/// Most requests in flight that may be configured.
const MOST_IN_FLIGHT: u32 = 32;
/// How long one attempt may take unless configured.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(30);
/// How long a person may take to consent unless a timeout is configured.
const DEFAULT_PATIENCE: Duration = Duration::from_secs(300);
/// The longest that may be configured, in seconds.
const LONGEST_TIMEOUT_S: f64 = 3600.0;

/// The settings of one run.
#[derive(Clone)]
pub(crate) struct Settings {
    /// Scheme, host and port of the instance.
    pub(crate) base: Url,
    /// What was put right in the URL, for the user to know.
    pub(crate) put_right: Option<String>,
    /// By what the instance is to know who asks.
    pub(crate) authentication: Authentication,
    /// The user to authenticate as, or, where a token decides that, the one who is expected.
    pub(crate) user: String,
    pub(crate) password: Secret,
    /// The certificate to show where the instance asks for one.
    pub(crate) identity: Option<Identity>,
    /// PEM file with the only authorities to trust; the platform's own when there is none.
    pub(crate) authorities: Option<PathBuf>,
    pub(crate) table: String,
    /// Columns, `sys_id` included; all when there are none.
    pub(crate) fields: Option<String>,
    pub(crate) page_size: u32,
    /// Requests in flight at most, 1 to 32.
    pub(crate) parallelism: u32,
    pub(crate) timeout: Duration,
    /// How long a person may take to consent.
    pub(crate) patience: Duration,
    /// The proxy to go through; that of the environment, if any, when there is none.
    pub(crate) proxy: Option<Proxy>,
    /// The record to create, or what to change of one.
    pub(crate) record: Option<Map<String, Value>>,
    /// The records to create at once.
    pub(crate) records: Option<Vec<Map<String, Value>>>,
    /// The record to change, or to upload a file to.
    pub(crate) sys_id: Option<String>,
    /// The file to upload.
    pub(crate) attachment: Option<PathBuf>,
    /// The message to send.
    pub(crate) message: Option<Map<String, Value>>,
    /// Whether the user wants certificates checked.
    pub(crate) verify: bool,
    /// Only records that changed at this time or later are read: `YYYY-MM-DD hh:mm:ss`, UTC.
    pub(crate) since: Option<String>,
    /// Only records that this encoded query finds are read.
    pub(crate) query: Option<String>,
    /// Whether cookies are sent back.
    pub(crate) cookies: bool,
    /// Where the instance is to call back.
    pub(crate) webhook_url: Option<String>,
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("base", &self.base.as_str())
            .field("user", &self.user)
            .field("table", &self.table)
            .finish_non_exhaustive()
    }
}

impl Settings {
    /// Reads the parameters of a run.
    ///
    /// # Errors
    ///
    /// When no request could succeed with them.
    pub(crate) fn read(
        parameters: &BTreeMap<Parameter, String>,
        policy: &Policy,
    ) -> Result<Self, Failure> {
        let text = |parameter| {
            parameters
                .get(&parameter)
                .map(String::as_str)
                .filter(|value| !value.is_empty())
        };
        let (base, put_right) = address::read(parameters, policy)?;
        let (authentication, trimmed) = authentication::read(parameters, &base, policy)?;
        let put_right = match (put_right, trimmed) {
            (Some(one), Some(other)) => Some(format!("{one}; {other}")),
            (one, other) => one.or(other),
        };
        let table = text(Parameter::Table).unwrap_or("cmdb_ci_server");
        if !table
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'_')
        {
            return Err(Failure::permanent(
                BAD_SETTING,
                format!("table {} is not a table name", quoted(table)),
            ));
        }
        Ok(Self {
            base,
            put_right,
            authentication,
            user: text(Parameter::User).unwrap_or_default().to_owned(),
            password: Secret::of(text(Parameter::Password).unwrap_or_default()),
            identity: authentication::identity(parameters),
            authorities: text(Parameter::CaFile)
                .or_else(|| text(Parameter::CaBundle))
                .map(PathBuf::from),
            table: table.to_owned(),
            fields: text(Parameter::Fields).map(with_key),
            page_size: page_size(text(Parameter::PageSize))?,
            parallelism: parallelism(text(Parameter::Parallelism))?,
            timeout: timeout(text(Parameter::Timeout))?,
            patience: match text(Parameter::Timeout) {
                None => DEFAULT_PATIENCE,
                configured => timeout(configured)?,
            },
            proxy: text(Parameter::ProxyUrl)
                .map(|url| {
                    let user = text(Parameter::ProxyUser);
                    Proxy::read(url, user, text(Parameter::ProxyPassword))
                })
                .transpose()?,
            record: text(Parameter::Record)
                .map(|text| object("record to write", text))
                .transpose()?,
            records: text(Parameter::Records).map(objects).transpose()?,
            sys_id: text(Parameter::SysId).map(key).transpose()?,
            attachment: text(Parameter::Attachment).map(PathBuf::from),
            message: text(Parameter::Message)
                .map(|text| object("message to send", text))
                .transpose()?,
            verify: switch(text(Parameter::Verify), true, "certificate checks")?,
            since: text(Parameter::Since).map(since).transpose()?,
            query: text(Parameter::Query).map(filter::read).transpose()?,
            cookies: switch(text(Parameter::Cookies), false, "cookies")?,
            webhook_url: text(Parameter::WebhookUrl).map(webhook_url).transpose()?,
        })
    }

    /// Where a table is read and written.
    pub(crate) fn url_of(&self, table: &str) -> Url {
        self.url_at(&format!("/api/now/table/{table}"))
    }

    /// A path of the instance.
    pub(crate) fn url_at(&self, path: &str) -> Url {
        let mut url = self.base.clone();
        let before = url.path();
        let before = before.strip_suffix('/').unwrap_or(before).to_owned();
        url.set_path(&format!("{before}{path}"));
        url.set_query(None);
        url
    }

    /// A query of the table, narrowed to what is to be read.
    pub(crate) fn narrow(&self, query: Option<String>) -> Option<String> {
        let since = self
            .since
            .as_ref()
            .map(|since| format!("sys_updated_on>={since}"));
        let filter = self.query.clone();
        let terms: Vec<String> = [since, filter, query].into_iter().flatten().collect();
        (!terms.is_empty()).then(|| terms.join("^"))
    }

    /// The columns that are asked for by name.
    pub(crate) fn asked(&self) -> Vec<&str> {
        let fields = self.fields.as_deref().unwrap_or_default();
        let names = fields.split(',').map(str::trim);
        names.filter(|name| !name.is_empty()).collect()
    }

    /// The text with every configured secret taken out, in case somebody echoed it.
    pub(crate) fn without_secrets(&self, text: &str) -> String {
        let of_proxy = self.proxy.as_ref().and_then(Proxy::credentials);
        let mut secrets: Vec<(&str, &Secret)> = vec![(&self.user, &self.password)];
        secrets.extend(of_proxy);
        match &self.authentication {
            Authentication::Basic | Authentication::Certificate => {}
            Authentication::ApiKey(key) => secrets.push(("", key)),
            Authentication::Oauth(application) => {
                let id = application.client_id.as_str();
                let own = [
                    &application.client_secret,
                    &application.access_token,
                    &application.refresh_token,
                ];
                secrets.extend(own.into_iter().flatten().map(|secret| (id, secret)));
            }
        }
        secrets
            .into_iter()
            .fold(text.to_owned(), |text, (name, secret)| {
                secret::without(&text, name, secret)
            })
    }

    #[cfg(test)]
    pub(crate) fn for_test(base: &str) -> Self {
        Self {
            base: Url::parse(base).unwrap(),
            put_right: None,
            authentication: Authentication::Basic,
            user: "sync.user".into(),
            password: Secret::of("correct horse"),
            identity: None,
            authorities: None,
            table: "cmdb_ci_server".into(),
            fields: None,
            page_size: 10,
            parallelism: 1,
            timeout: Duration::from_secs(20),
            patience: Duration::from_secs(20),
            proxy: None,
            record: None,
            records: None,
            sys_id: None,
            attachment: None,
            message: None,
            verify: true,
            since: None,
            query: None,
            cookies: false,
            webhook_url: None,
        }
    }
}

/// The columns, with the one that paging needs.
fn with_key(fields: &str) -> String {
    if fields.split(',').any(|field| field.trim() == "sys_id") {
        fields.to_owned()
    } else {
        format!("sys_id,{fields}")
    }
}

fn page_size(text: Option<&str>) -> Result<u32, Failure> {
    let Some(text) = text else {
        return Ok(DEFAULT_PAGE_SIZE);
    };
    text.parse()
        .ok()
        .filter(|size| (1..=LARGEST_PAGE).contains(size))
        .ok_or_else(|| {
            Failure::permanent(
                BAD_SETTING,
                format!("page size {} is not in 1 to {LARGEST_PAGE}", quoted(text)),
            )
        })
}

fn parallelism(text: Option<&str>) -> Result<u32, Failure> {
    let Some(text) = text else {
        return Ok(1);
    };
    text.parse()
        .ok()
        .filter(|workers| (1..=MOST_IN_FLIGHT).contains(workers))
        .ok_or_else(|| {
            Failure::permanent(
                BAD_SETTING,
                format!(
                    "{} requests in flight are not in 1 to {MOST_IN_FLIGHT}",
                    quoted(text)
                ),
            )
        })
}

fn timeout(text: Option<&str>) -> Result<Duration, Failure> {
    let Some(text) = text else {
        return Ok(DEFAULT_TIMEOUT);
    };
    text.parse()
        .ok()
        .filter(|seconds: &f64| *seconds > 0.0 && *seconds <= LONGEST_TIMEOUT_S)
        .map(Duration::from_secs_f64)
        .ok_or_else(|| {
            Failure::permanent(
                BAD_SETTING,
                format!("timeout {} is not in 0 to 3600 seconds", quoted(text)),
            )
        })
}

fn object(what: &str, text: &str) -> Result<Map<String, Value>, Failure> {
    serde_json::from_str(text).map_err(|error| {
        Failure::permanent(
            BAD_SETTING,
            format!("the {what} is no JSON object: {error}"),
        )
    })
}

fn objects(text: &str) -> Result<Vec<Map<String, Value>>, Failure> {
    serde_json::from_str(text).map_err(|error| {
        let why = format!("the records to write are no JSON array of objects: {error}");
        Failure::permanent(BAD_SETTING, why)
    })
}

/// A record's key, which becomes part of a path.
fn key(text: &str) -> Result<String, Failure> {
    if text.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return Ok(text.to_owned());
    }
    let why = format!("sys_id {} is not a record's key", quoted(text));
    Err(Failure::permanent(BAD_SETTING, why))
}

fn webhook_url(text: &str) -> Result<String, Failure> {
    let is_https = Url::parse(text).is_ok_and(|url| url.scheme() == "https");
    if is_https {
        return Ok(text.to_owned());
    }
    let text = quoted(text);
    Err(Failure::permanent(
        BAD_SETTING,
        format!("the URL to call back, {text}, is no https:// URL"),
    ))
}

fn since(text: &str) -> Result<String, Failure> {
    // Anything else could break out of the value.
    let is_time = text.len() == "2026-01-31 23:59:59".len()
        && text
            .bytes()
            .all(|byte| byte.is_ascii_digit() || b"- :".contains(&byte));
    if is_time {
        return Ok(text.to_owned());
    }
    let text = quoted(text);
    Err(Failure::permanent(
        BAD_SETTING,
        format!("the time {text} is not written `YYYY-MM-DD hh:mm:ss`"),
    ))
}

fn switch(text: Option<&str>, usual: bool, what: &str) -> Result<bool, Failure> {
    match text {
        None => Ok(usual),
        Some("on") => Ok(true),
        Some("off") => Ok(false),
        Some(other) => Err(Failure::permanent(
            BAD_SETTING,
            format!("{what} {} are neither `on` nor `off`", quoted(other)),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnosis::NO_CREDENTIALS;

    fn read(pairs: &[(Parameter, &str)]) -> Result<Settings, Failure> {
        let mut all: BTreeMap<Parameter, String> = [
            (Parameter::BaseUrl, "https://127.0.0.1:8443"),
            (Parameter::User, "sync.user"),
            (Parameter::Password, "hunter2-hunter2"),
        ]
        .into_iter()
        .map(|(parameter, value)| (parameter, value.to_owned()))
        .collect();
        for (parameter, value) in pairs {
            all.insert(*parameter, (*value).to_owned());
        }
        Settings::read(&all, &Policy::default())
    }

    #[test]
    fn good_settings_are_read() {
        let settings = read(&[
            (Parameter::PageSize, "25"),
            (Parameter::Parallelism, "5"),
            (Parameter::Timeout, "1.5"),
            (Parameter::Fields, "name,ip_address"),
            (Parameter::Verify, "off"),
        ])
        .unwrap();
        assert_eq!(settings.base.as_str(), "https://127.0.0.1:8443/");
        assert_eq!((settings.page_size, settings.parallelism), (25, 5));
        assert!(!settings.verify && read(&[]).unwrap().verify);
        assert_eq!(settings.timeout, Duration::from_millis(1500));
        assert_eq!(settings.fields.as_deref(), Some("sys_id,name,ip_address"));
    }

    #[test]
    fn values_out_of_range_are_refused() {
        for (parameter, value) in [
            (Parameter::PageSize, "0"),
            (Parameter::PageSize, "10001"),
            (Parameter::PageSize, "-1"),
            (Parameter::Parallelism, "0"),
            (Parameter::Parallelism, "33"),
            (Parameter::Timeout, "0"),
            (Parameter::Timeout, "NaN"),
            (Parameter::Timeout, "inf"),
            (Parameter::Timeout, "1e300"),
            (Parameter::Table, "cmdb_ci/../x"),
            (Parameter::Record, "[]"),
            (Parameter::Records, "{}"),
            (Parameter::Message, "hello"),
            (Parameter::SysId, "../sys_user"),
            (Parameter::Verify, "perhaps"),
            (Parameter::Cookies, "perhaps"),
            (Parameter::WebhookUrl, "http://hooks.example.com"),
            (Parameter::Since, "2026-01-01^ORactive=1"),
            (Parameter::Query, "active=1^NQactive=0"),
            (Parameter::Query, "active=1^ORDERBYname"),
        ] {
            let failure = read(&[(parameter, value)]).unwrap_err();
            assert_eq!(failure.cause, BAD_SETTING, "{parameter} {value}");
        }
        let failure = read(&[(Parameter::Password, "")]).unwrap_err();
        assert_eq!(failure.cause, NO_CREDENTIALS);
    }

    #[test]
    fn the_password_is_in_no_debug_output() {
        let settings = read(&[]).unwrap();
        assert!(!format!("{settings:?}").contains("hunter2"));
        assert!(!format!("{:?}", settings.password).contains("hunter2"));
        let echo = "hunter2-hunter2 c3luYy51c2VyOmh1bnRlcjItaHVudGVyMg== hunter2%2Dhunter2";
        assert_eq!(
            settings.without_secrets(echo),
            "<password> <password> <password>"
        );
    }
}
