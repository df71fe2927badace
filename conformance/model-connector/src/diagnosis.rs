//! What the user is told: the class of the cause, what else cannot be ruled out, what to do.
//!
//! The classes and their next steps are those of the published vocabulary.

use std::time::Duration;

use snowproof_protocol::Diagnosis;

use crate::policy::{Blame, Policy};

/// The published vocabulary: class, meaning, outcome, actor, retry, next step.
const VOCABULARY: &str = include_str!("../../../scenarios/diagnosis-classes.tsv");

/// The usual of the two spellings of a 401 (wire-failures 1.1).
const USUAL_REFUSAL: &str = "User Not Authenticated";

/// Longest quotation of an instance's words, in characters.
const LONGEST_QUOTATION: usize = 240;

/// A class, and the classes that the same evidence allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cause {
    pub(crate) class: &'static str,
    pub(crate) candidates: &'static [&'static str],
}

macro_rules! causes {
    ($($(#[$doc:meta])* $name:ident = $class:literal $(or [$($candidate:literal),+])?;)+) => {
        $($(#[$doc])* pub(crate) const $name: Cause = Cause {
            class: $class,
            candidates: &[$($($candidate),+)?],
        };)+

        #[cfg(test)]
        const ALL: &[Cause] = &[$($name),+];
    };
}

causes! {
    NO_CREDENTIALS = "auth.no_credentials";
    /// One 401 stands for all of these (wire-failures 1.1).
    REFUSED_CREDENTIALS = "auth.invalid_credentials" or [
        "auth.account_locked", "auth.account_inactive", "auth.password_expired",
        "auth.scheme_not_allowed"
    ];
    WRONG_PASSWORD = "auth.invalid_credentials";
    MFA_REQUIRED = "auth.mfa_required" or ["auth.scheme_not_allowed"];
    LOGIN_PAGE = "auth.login_redirect";
    /// The catch-all answer of the token endpoint stands for all of these (wire-failures 2.2).
    TOKEN_REFUSED = "auth.token_refused" or [
        "auth.oauth_client", "auth.oauth_grant", "auth.invalid_credentials",
        "auth.account_locked", "auth.account_inactive"
    ];
    CODE_REFUSED = "auth.token_refused" or ["auth.oauth_client", "auth.oauth_code"];
    ASSERTION_REFUSED = "auth.token_refused" or ["auth.oauth_client", "auth.oauth_assertion"];
    REFRESH_REFUSED = "auth.refresh_expired" or ["auth.token_refused", "auth.oauth_client"];
    REFRESH_EXPIRED = "auth.refresh_expired" or ["auth.token_refused"];
    OAUTH_CLIENT = "auth.oauth_client" or ["auth.token_refused"];
    OAUTH_GRANT = "auth.oauth_grant" or ["auth.token_refused"];
    OAUTH_CODE = "auth.oauth_code" or ["auth.token_refused"];
    OAUTH_ASSERTION = "auth.oauth_assertion" or ["auth.token_refused"];
    OAUTH_STATE = "auth.oauth_state";
    CONSENT_DENIED = "auth.oauth_consent";
    /// No callback tells neither a closed window from a page that never came.
    NO_CALLBACK = "auth.oauth_consent" or ["auth.oauth_redirect"];
    TOKEN_EXPIRED = "auth.token_expired" or ["auth.invalid_credentials"];
    /// A token that was issued a moment ago is not too old.
    REFUSED_WHEN_NEW = "auth.invalid_credentials" or [
        "auth.account_locked", "auth.account_inactive", "auth.scheme_not_allowed"
    ];
    WRONG_IDENTITY = "auth.wrong_identity";
    API_KEY = "auth.api_key" or ["auth.invalid_credentials", "auth.scheme_not_allowed"];
    /// An access policy names the schemes it takes (wire-failures 1.1, 1.2).
    SCHEME_NOT_ALLOWED = "auth.scheme_not_allowed";
    CLIENT_CERTIFICATE = "auth.client_certificate" or ["tls.client_certificate"];
    TOKEN_URL = "config.token_url" or ["config.url", "protocol.not_json"];
    TABLE_CLOSED = "authz.table" or ["authz.role"];
    ROLE_MISSING = "authz.role" or ["authz.table", "authz.api_acl"];
    API_CLOSED = "authz.api_acl" or ["authz.role"];
    WRITE_CLOSED = "authz.role" or ["authz.table", "authz.read_only"];
    BUSINESS_RULE = "authz.business_rule";
    /// The Email API names its role in its documentation alone (wire-failures 4.16).
    MAIL_CLOSED = "authz.role" or ["authz.api_acl", "authz.table"];
    /// A 404 does not tell an absent record from a hidden one (wire-failures 4.7).
    RECORD_CLOSED = "authz.record" or ["authz.table", "authz.role"];
    SCOPE = "authz.scope";
    FIELD_CLOSED = "authz.field";
    /// A column that the table does not have is left out as well (wire-core 1.4).
    FIELDS_UNSENT = "authz.field" or ["authz.role", "config.request_invalid"];
    ADDRESS_BLOCKED = "authz.ip_blocked";
    NOTHING_VISIBLE = "authz.nothing_visible" or ["authz.table", "authz.role"];
    BAD_URL = "config.url";
    NO_INSTANCE = "config.instance_not_found";
    NO_TABLE = "config.table_not_found";
    NO_API = "config.api_not_found";
    BAD_SETTING = "config.request_invalid";
    BAD_REQUEST = "config.connector_request";
    DNS = "net.dns" or ["config.instance_not_found"];
    CONNECTION_REFUSED = "net.refused";
    CONNECT_TIMEOUT = "net.connect_timeout" or ["tls.handshake"];
    READ_TIMEOUT = "net.read_timeout";
    RESET = "net.reset" or ["net.closed"];
    CLOSED = "net.closed" or ["net.reset"];
    TRUNCATED = "net.truncated" or ["net.closed"];
    PROXY_AUTHENTICATION = "net.proxy_auth";
    PROXY = "net.proxy";
    PROXY_SILENT = "net.proxy" or ["net.connect_timeout"];
    PROXY_REFUSED = "net.proxy" or ["net.refused"];
    REDIRECT = "net.redirect";
    CERTIFICATE_UNTRUSTED = "tls.untrusted" or ["tls.chain"];
    CERTIFICATE_EXPIRED = "tls.expired";
    CERTIFICATE_NOT_YET_VALID = "tls.not_yet_valid";
    CERTIFICATE_HOST = "tls.hostname";
    CERTIFICATE_CHAIN = "tls.chain" or ["tls.untrusted"];
    TLS_VERSION = "tls.version" or ["tls.handshake"];
    TLS_HANDSHAKE = "tls.handshake";
    TLS_CLIENT_CERTIFICATE = "tls.client_certificate";
    RATE_LIMIT = "throttle.rate_limit";
    CONCURRENCY = "throttle.concurrency" or ["throttle.rate_limit"];
    EXECUTION_QUOTA = "throttle.execution_quota";
    DROPPED = "throttle.dropped";
    HIBERNATING = "instance.hibernating";
    WAKING = "instance.waking";
    UNAVAILABLE = "instance.unavailable" or ["instance.maintenance"];
    INSTANCE_ERROR = "instance.error";
    NOT_JSON = "protocol.not_json";
    MALFORMED = "protocol.malformed";
    BROKEN_OFF = "protocol.malformed" or ["net.truncated"];
    ERROR_IN_SUCCESS = "protocol.error_in_success";
    PARTIAL = "data.partial" or ["authz.record"];
    STOPPED = "data.partial";
    UNKNOWN_OUTCOME = "data.unknown_outcome";
    HOOK_DENIED = "hook.denied" or ["authz.role", "authz.table"];
    HOOK_FIELD_DENIED = "hook.denied" or ["authz.role", "authz.field"];
    REQUEST_TOO_LONG = "config.connector_request" or ["config.request_invalid"];
    VERIFICATION_OFF = "tls.verification_off";
    /// A name that nobody serves is the edge's mistake or the URL's.
    NAME_NOT_SERVED = "tls.handshake" or ["config.url"];
    NOT_TLS = "tls.handshake" or ["config.url", "net.proxy"];
}

/// What kind of failure it is, as far as trying again is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Nothing changes by asking again.
    Permanent,
    /// 401.
    RefusedCredentials,
    /// The token endpoint refused what it was shown.
    RefusedGrant,
    /// 403.
    Forbidden,
    /// The instance's certificate was refused.
    Certificate,
    /// The instance or the connection faltered.
    Transient,
    /// Nothing came in time.
    Timeout,
    /// 429.
    Throttled,
    /// 400.
    BadRequest,
    /// 404.
    NotFound,
    /// The instance is on its way back.
    Waking,
    /// The handshake was refused for what it offers.
    RefusedHandshake,
}

/// Why a request brought no rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failure {
    pub(crate) cause: Cause,
    pub(crate) kind: Kind,
    pub(crate) message: String,
    /// How long the instance asks to wait.
    pub(crate) stated_wait: Option<Duration>,
    /// Whether it states one that cannot be read.
    pub(crate) unreadable_wait: bool,
    /// Whether a page of HTML arrived where data was asked for.
    pub(crate) page_instead_of_data: bool,
    /// The status of the answer, where one refused the request.
    pub(crate) status: Option<u16>,
    /// The schemes that the instance says it takes.
    pub(crate) challenges: Vec<String>,
}

impl Failure {
    pub(crate) fn new(cause: Cause, kind: Kind, message: impl Into<String>) -> Self {
        Self {
            cause,
            kind,
            message: message.into(),
            stated_wait: None,
            unreadable_wait: false,
            page_instead_of_data: false,
            status: None,
            challenges: Vec::new(),
        }
    }

    /// A failure that stays until somebody changes something.
    pub(crate) fn permanent(cause: Cause, message: impl Into<String>) -> Self {
        Self::new(cause, Kind::Permanent, message)
    }

    /// The same failure with one more thing to say about it.
    pub(crate) fn adding(mut self, more: &str) -> Self {
        self.message = format!("{}; {more}", self.message);
        self
    }

    /// Whether the instance was not there to answer.
    pub(crate) fn instance_is_away(&self) -> bool {
        [UNAVAILABLE, WAKING, HIBERNATING].contains(&self.cause)
    }

    /// Whether the connection broke, which says less than any answer.
    pub(crate) fn connection_broke(&self) -> bool {
        self.cause.class.starts_with("net.")
    }

    /// Whether trying again later may help without anybody changing anything.
    pub(crate) fn retryable(&self) -> bool {
        matches!(
            self.kind,
            Kind::Transient | Kind::Timeout | Kind::Throttled | Kind::Waking
        ) || self.cause == HIBERNATING
    }

    /// Whether whatever else this user sends now would fail as well.
    pub(crate) fn binds_all(&self) -> bool {
        self.kind == Kind::Throttled || self.stated_wait.is_some()
    }

    /// What the user is told, in the words of the published vocabulary where it has some.
    pub(crate) fn diagnosis(&self, policy: &Policy) -> Diagnosis {
        let cause = match policy.blame {
            Blame::PasswordForPages if self.page_instead_of_data => WRONG_PASSWORD,
            Blame::PasswordForForbidden if self.kind == Kind::Forbidden => WRONG_PASSWORD,
            Blame::AlwaysTheInstance => UNAVAILABLE,
            Blame::InstanceForOtherSpelling
                if self.kind == Kind::RefusedCredentials
                    && !self.message.contains(USUAL_REFUSAL) =>
            {
                INSTANCE_ERROR
            }
            Blame::WhatIsFound
            | Blame::PasswordForPages
            | Blame::PasswordForForbidden
            | Blame::InstanceForOtherSpelling => self.cause,
        };
        let candidates = if policy.names_candidates {
            cause.candidates
        } else {
            &[]
        };
        Diagnosis {
            class: cause.class.to_owned(),
            candidates: candidates.iter().map(|&class| class.to_owned()).collect(),
            message: if policy.names_facts {
                self.message.clone()
            } else {
                "the request failed".to_owned()
            },
            next_step: policy
                .offers_next_step
                .then(|| next_step(cause.class))
                .flatten()
                .map(str::to_owned),
            retryable: Some(self.retryable()),
        }
    }
}

/// The published next step of a class.
pub(crate) fn next_step(class: &str) -> Option<&'static str> {
    VOCABULARY
        .lines()
        .find_map(|line| line.strip_prefix(class)?.strip_prefix('\t'))?
        .rsplit('\t')
        .next()
}

/// Somebody else's words, fit to be shown: one line, bounded, without control characters.
pub(crate) fn quoted(text: &str) -> String {
    let mut line: String = text
        .chars()
        .take(LONGEST_QUOTATION)
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    if text.chars().nth(LONGEST_QUOTATION).is_some() {
        line.push('…');
    }
    format!("`{}`", line.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cause_is_in_the_published_vocabulary() {
        let known: Vec<&str> = VOCABULARY
            .lines()
            .skip(1)
            .filter_map(|line| line.split('\t').next())
            .collect();
        assert!(known.len() > 80);
        for cause in ALL {
            assert!(known.contains(&cause.class), "{}", cause.class);
            assert!(next_step(cause.class).is_some_and(|step| step.len() > 10));
            for candidate in cause.candidates {
                assert!(known.contains(candidate), "{candidate}");
                assert_ne!(*candidate, cause.class);
            }
        }
    }

    #[test]
    fn the_next_step_is_the_published_one() {
        assert_eq!(
            next_step("instance.hibernating"),
            Some("Sign in at developer.servicenow.com to wake the instance; takes 2-3 minutes")
        );
        assert_eq!(next_step("instance"), None);
        assert_eq!(next_step(""), None);
    }

    #[test]
    fn quotations_are_bounded_lines() {
        assert_eq!(quoted("a\nb\u{7}"), "`a b`");
        let long = quoted(&"é".repeat(10_000));
        assert_eq!(long.chars().count(), LONGEST_QUOTATION + 3);
    }

    #[test]
    fn blame_changes_only_what_it_is_about() {
        let mut page = Failure::permanent(HIBERNATING, "asleep");
        page.page_instead_of_data = true;
        let other = Failure::permanent(NO_TABLE, "no table");
        let policy = Policy {
            blame: Blame::PasswordForPages,
            ..Policy::default()
        };
        assert_eq!(page.diagnosis(&policy).class, "auth.invalid_credentials");
        assert_eq!(other.diagnosis(&policy).class, "config.table_not_found");
        assert_eq!(
            page.diagnosis(&Policy::default()).class,
            "instance.hibernating"
        );
    }
}
