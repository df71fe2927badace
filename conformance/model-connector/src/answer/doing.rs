//! The answer to a call that does something: whether it shows what was done.

use reqwest::StatusCode;
use reqwest::header::HeaderMap;
use serde_json::{Map, Value};

use super::{Answer, key_of};
use crate::diagnosis::{Failure, Kind, MAIL_CLOSED, MALFORMED, RECORD_CLOSED};
use crate::policy::{Dropped, Policy, Redirects};

/// What a call does to the instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Doing {
    Create,
    Update,
    Attach,
    Email,
}

impl Doing {
    /// The table it does it to, where that is not the one that is configured.
    pub(crate) const fn table(self, configured: &str) -> &str {
        match self {
            Self::Create | Self::Update | Self::Attach => configured,
            Self::Email => "sys_email",
        }
    }

    const fn words(self) -> &'static str {
        match self {
            Self::Create => "creating a record in",
            Self::Update => "changing a record of",
            Self::Attach => "attaching a file to a record of",
            Self::Email => "creating a message in",
        }
    }

    /// Whether the answer shows what was done.
    fn is_shown_by(self, result: &Map<String, Value>) -> bool {
        match self {
            Self::Create | Self::Update | Self::Attach => key_of(result).is_some(),
            Self::Email => result.get("id").and_then(Value::as_str).is_some(),
        }
    }

    /// What the API tells that the answer does not.
    fn explained(self, failure: Failure) -> Failure {
        if self == Self::Email && failure.kind == Kind::Forbidden {
            // Whatever the words are: the role and the right to create in `sys_email` open it
            // (wire-failures 4.16).
            return Failure {
                cause: MAIL_CLOSED,
                ..failure
            }
            .adding(
                "to send mail the user needs the role `email_api_send`, which is apart from itil; \
                 once it is granted nothing has to be set up anew",
            );
        }
        if failure.cause == RECORD_CLOSED {
            return failure
                .adding("the record does not exist, or an access control hides it from this user");
        }
        failure
    }
}

/// Reads the answer to a call that does something to `table`.
///
/// # Errors
///
/// Whatever does not show what was done, save what the policy takes for that.
pub(crate) fn done(
    doing: Doing,
    status: StatusCode,
    headers: &HeaderMap,
    body: &[u8],
    table: &str,
    policy: &Policy,
) -> Result<(), Failure> {
    let trusted = policy.trust_status
        || (policy.dropped == Dropped::TakeForTheEnd && status == StatusCode::ACCEPTED)
        || (policy.redirects == Redirects::TakeForDone && status == StatusCode::OK)
        // Without the right to read it a creator may be shown nothing of the record.
        || (status == StatusCode::CREATED && body.is_empty());
    if status.is_success() && trusted {
        return Ok(());
    }
    let answer = Answer {
        status,
        headers,
        body,
        table,
        doing: doing.words(),
    };
    match answer.page_of_rows(policy) {
        // What was done shows one record and no list.
        Err(failure) if failure.cause == MALFORMED => {
            let answer: Value = serde_json::from_slice(body).unwrap_or_default();
            let result = answer.get("result").and_then(Value::as_object);
            match result {
                Some(result) if doing.is_shown_by(result) => Ok(()),
                _ => Err(failure),
            }
        }
        // An http address that redirects turns a POST into a GET (wire-failures 8).
        Ok(_) => Err(Failure::permanent(
            MALFORMED,
            "the instance answered with a list where one record was to be written",
        )),
        Err(failure) => Err(doing.explained(failure)),
    }
}
