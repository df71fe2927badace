//! What an HTTP answer is, by its structure: status, content type, first bytes, envelope. Words
//! are read only where the structure leaves several causes (wire-core 2.1, wire-failures 4 and 7).
//!
//! A 2xx with HTML is neither success nor an empty result.

use jiff::Timestamp;
use reqwest::StatusCode;
use reqwest::header::{CONTENT_TYPE, HeaderMap, LINK};
use serde_json::{Map, Value};

use crate::diagnosis::{
    BROKEN_OFF, DROPPED, ERROR_IN_SUCCESS, EXECUTION_QUOTA, Failure, Kind, MALFORMED, NOT_JSON,
    RATE_LIMIT, quoted,
};

use crate::policy::{Dropped, EmptyList, ErrorInSuccess, LimitHeaders, Policy, References};

mod batch;
mod doing;
mod refusal;
mod salvage;
mod token;
mod waiting;

pub(crate) use batch::{Became, batch};
pub(crate) use doing::{Doing, done};
use refusal::Complaint;
pub(crate) use salvage::salvage;
pub(crate) use token::{Granted, Shown, granted};

/// What the platform writes where it cancels a query (wire-core 2.3).
const CANCELLED: &str = "Transaction cancelled: maximum execution time exceeded";

/// What a read of a list does.
const READING: &str = "reading";

/// Rows of a table, as answered.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Page {
    pub(crate) rows: Vec<Map<String, Value>>,
    /// `X-Total-Count`: rows that match, visible or not.
    pub(crate) total: Option<u64>,
    /// The offset in the `Link` with `rel="next"`.
    pub(crate) next_offset: Option<u64>,
    /// When the instance answered, by its own clock.
    pub(crate) date: Option<Timestamp>,
    /// Whether it is taken for the end of the table, whatever the instance counts.
    pub(crate) taken_for_the_end: bool,
}

/// Reads the answer to a list request for `table`.
///
/// # Errors
///
/// Whatever is not a list of rows, save what the policy takes for one.
pub(crate) fn read(
    status: StatusCode,
    headers: &HeaderMap,
    body: &[u8],
    table: &str,
    policy: &Policy,
) -> Result<Page, Failure> {
    let answer = Answer {
        status,
        headers,
        body,
        table,
        doing: READING,
    };
    answer.page_of_rows(policy)
}

struct Answer<'a> {
    status: StatusCode,
    headers: &'a HeaderMap,
    body: &'a [u8],
    table: &'a str,
    /// What was tried with the table.
    doing: &'static str,
}

impl Answer<'_> {
    fn page_of_rows(&self, policy: &Policy) -> Result<Page, Failure> {
        if self.status.is_success() && policy.trust_status {
            return Ok(self.whatever_it_holds());
        }
        match self.status.as_u16() {
            202 if policy.dropped == Dropped::TakeForTheEnd => Ok(self.cut_short()),
            202 => Err(Failure::new(
                DROPPED,
                Kind::Transient,
                "the instance dropped the request from its session queue (status 202)",
            )),
            200..=299
                if policy.limit_headers == LimitHeaders::Refusal
                    && self.header("x-ratelimit-limit").is_some() =>
            {
                Err(Failure::permanent(
                    RATE_LIMIT,
                    "the instance says that a rate limit is reached",
                ))
            }
            200..=299 => self.success(policy),
            300..=399 => Err(self.redirect()),
            404 if policy.empty_list == EmptyList::InEitherForm && self.is_empty_list() => {
                Ok(self.page(Vec::new()))
            }
            _ => Err(self.refusal()),
        }
    }

    fn success(&self, policy: &Policy) -> Result<Page, Failure> {
        if self.is_html() {
            return Err(self.page_instead_of_data());
        }
        if let Some(coding) = self.header("content-encoding")
            && !coding.eq_ignore_ascii_case("identity")
        {
            return Err(Failure::new(
                MALFORMED,
                Kind::Transient,
                format!(
                    "the answer comes as {}, which was not asked for",
                    quoted(coding)
                ),
            ));
        }
        let mut value: Value =
            serde_json::from_slice(self.body).map_err(|error| self.unreadable(&error))?;
        if let Some(complaint) = Complaint::of(&value) {
            if policy.error_in_success == ErrorInSuccess::TakeForTheEnd {
                return Ok(self.cut_short());
            }
            let cause = if complaint.mentions(CANCELLED) {
                EXECUTION_QUOTA
            } else {
                ERROR_IN_SUCCESS
            };
            return Err(Failure::permanent(
                cause,
                format!(
                    "the instance answered 200 with an error: {}",
                    complaint.quoted()
                ),
            ));
        }
        let Some(Value::Array(list)) = value.get_mut("result").map(Value::take) else {
            return Err(Failure::permanent(
                MALFORMED,
                "the answer holds no list of records under `result`",
            ));
        };
        let rows: Option<Vec<_>> = list
            .into_iter()
            .map(|row| match row {
                Value::Object(row) if key_of(&row).is_some() => Some(row),
                _ => None,
            })
            .collect();
        let Some(rows) = rows else {
            return Err(Failure::permanent(
                MALFORMED,
                "the answer holds a record without `sys_id`",
            ));
        };
        let linked = |row: &Map<String, Value>| row.values().any(Value::is_object);
        if policy.references == References::PlainAlone && rows.iter().any(linked) {
            return Err(Failure::permanent(
                MALFORMED,
                "the answer holds a record with a value that is no text",
            ));
        }
        Ok(self.page(rows))
    }

    fn page(&self, rows: Vec<Map<String, Value>>) -> Page {
        Page {
            rows,
            total: self
                .header("x-total-count")
                .and_then(|text| text.parse().ok()),
            next_offset: self
                .headers
                .get_all(LINK)
                .iter()
                .filter_map(|value| value.to_str().ok())
                .find_map(next_offset),
            date: self
                .header("date")
                .and_then(|text| waiting::http_date(text).ok()),
            taken_for_the_end: false,
        }
    }

    /// The rows it has, with nothing that tells of more.
    fn cut_short(&self) -> Page {
        Page {
            total: None,
            next_offset: None,
            taken_for_the_end: true,
            ..self.whatever_it_holds()
        }
    }

    /// The rows it has, if it has any.
    fn whatever_it_holds(&self) -> Page {
        let value: Value = serde_json::from_slice(self.body).unwrap_or_default();
        let rows = match value.get("result") {
            Some(Value::Array(list)) => list
                .iter()
                .filter_map(Value::as_object)
                .filter(|row| key_of(row).is_some())
                .cloned()
                .collect(),
            _ => Vec::new(),
        };
        self.page(rows)
    }

    fn unreadable(&self, error: &serde_json::Error) -> Failure {
        let text = String::from_utf8_lossy(self.body);
        if text.contains(CANCELLED) {
            Failure::permanent(
                EXECUTION_QUOTA,
                format!(
                    "the instance cancelled the query half way: {}",
                    quoted(CANCELLED)
                ),
            )
        } else if self.claims_json() {
            let (cause, kind) = if error.is_eof() {
                // Something on the way may have cut it: another attempt may bring it whole.
                (BROKEN_OFF, Kind::Transient)
            } else {
                (MALFORMED, Kind::Permanent)
            };
            Failure::new(
                cause,
                kind,
                format!("the answer says that it is JSON and cannot be read: {error}"),
            )
        } else {
            Failure::permanent(
                NOT_JSON,
                format!(
                    "the answer is not JSON: content type {}",
                    quoted(self.header("content-type").unwrap_or_default())
                ),
            )
        }
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok().map(str::trim)
    }

    fn claims_json(&self) -> bool {
        self.headers
            .get(CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .is_some_and(|text| text.to_ascii_lowercase().starts_with("application/json"))
    }

    /// By content type, or by the first byte where that claims something else.
    fn is_html(&self) -> bool {
        let first = self.body.iter().find(|byte| !byte.is_ascii_whitespace());
        first == Some(&b'<')
            || (!self.claims_json()
                && self
                    .header("content-type")
                    .is_some_and(|text| text.to_ascii_lowercase().starts_with("text/html")))
    }
}

/// The key of a row, in either of the shapes that the platform gives it (wire-core 1.5).
pub(crate) fn key_of(row: &Map<String, Value>) -> Option<&str> {
    match row.get("sys_id")? {
        Value::String(key) => Some(key.as_str()),
        Value::Object(pair) => pair.get("value")?.as_str(),
        _ => None,
    }
    .filter(|key| !key.is_empty())
}

/// The offset of `rel="next"` in a `Link` header (wire-core 1.3). Its address is not followed: it
/// could name another host, and the credentials would go there.
fn next_offset(link: &str) -> Option<u64> {
    let (before, _) = link.split_once("rel=\"next\"")?;
    let target = before.rsplit_once('<')?.1.split_once('>')?.0;
    target
        .rsplit_once("sysparm_offset=")?
        .1
        .split('&')
        .next()?
        .parse()
        .ok()
}

#[cfg(test)]
mod tests;
