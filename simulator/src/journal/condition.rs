//! The conditions from which an answer other than plain success follows.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Conditions of an instance or a call from which an answer other than plain success follows.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    /// The instance hibernates.
    Hibernating,
    /// A certificate that a client must refuse.
    BadCertificate,
    /// The request carries no credentials.
    NoCredentials,
    /// The user is unknown or the password is not the user's.
    PasswordRefused,
    /// The account is locked out.
    AccountLocked,
    /// The account is inactive.
    AccountInactive,
    /// A rate limit rule's window is used up.
    RateLimited,
    /// The user's roles do not open the table.
    TableDenied,
    /// Rows of the answer are hidden from the user.
    RowsHidden,
    /// The user may not make this change.
    WriteDenied,
    /// A step scripted the answer.
    Scripted,
    /// The answer falls silent.
    Stalled,
    /// The connection ends within the answer.
    HungUp,
    /// The table does not exist.
    InvalidTable,
    /// The path names no API.
    UnknownApi,
    /// The record does not exist or is hidden.
    RecordNotFound,
    /// The request is malformed.
    InvalidRequest,
    /// The proxy wants credentials, or refuses those that were shown.
    ProxyCredentialsRequired,
    /// The proxy cannot reach the instance.
    ProxyBadGateway,
    /// The proxy never answers.
    ProxyHangs,
    /// The port is closed: connections are refused.
    PortClosed,
    /// A firewall drops SYNs to the port.
    PortFiltered,
    /// The port answers no TLS handshake.
    PortMute,
    /// The answer comes in drips.
    Dripping,
    /// The answer ends too early and says that it is whole.
    Truncated,
    /// No instance of this name exists.
    NoInstance,
    /// The query ran longer than the execution quota allows, and was cancelled.
    QueryCancelled,
    /// Every semaphore is held and the queue for them is full.
    QueueFull,
    /// The request came without TLS.
    PlainHttp,
    /// The password is right and has expired.
    PasswordExpired,
    /// The password is right and must be reset before the API accepts it.
    PasswordNeedsReset,
    /// IP address access control denies the caller's address.
    AddressBlocked,
    /// The table is not open to web services.
    TableNotExposed,
    /// An access control of the REST API itself closes it to the user.
    ApiDenied,
    /// The instance wakes up and is offline.
    Waking,
    /// The instance is down.
    Down,
    /// A node restarts.
    Restarting,
    /// The application is slower than the edge waits.
    Overloaded,
    /// The instance is being upgraded.
    Maintenance,
    /// The login page stands in front of everything.
    LoginPage,
    /// A script on the table throws.
    ScriptError,
    /// The list holds fewer rows than were asked for, because the instance caps its pages.
    PageCapped,
    /// The access token has expired.
    AccessTokenExpired,
    /// The access token was revoked.
    AccessTokenRevoked,
    /// The access token is none of the instance's.
    AccessTokenUnknown,
    /// No OAuth application has this client id.
    ClientUnknown,
    /// The OAuth application is inactive.
    ClientInactive,
    /// The client secret is not the application's.
    ClientSecretRefused,
    /// The instance or the application does not allow the grant.
    GrantNotEnabled,
    /// The application has no OAuth application user.
    NoApplicationUser,
    /// The refresh token has expired.
    RefreshTokenExpired,
    /// The refresh token was revoked.
    RefreshTokenRevoked,
    /// The refresh token is none of the client's.
    RefreshTokenUnknown,
    /// The authorization code is unknown, used, over, or another client's.
    CodeRefused,
    /// The PKCE verifier does not answer the challenge.
    CodeVerifierRefused,
    /// The redirect URL is not the one that is registered, or that was asked for.
    RedirectMismatch,
    /// The authorization request has no `state`, and the instance requires one.
    StateMissing,
    /// The person denied consent.
    ConsentDenied,
    /// The token's scope does not reach the API.
    ScopeRefused,
    /// The assertion (JWT) is refused: its key, signature, audience, time or subject.
    AssertionRefused,
    /// The token request has its parameters in the URL, where they are not read.
    ParametersInUrl,
    /// The API key is unknown, inactive or expired.
    ApiKeyRefused,
    /// An API access policy does not let this scheme in.
    PolicyExcludesScheme,
    /// The account asks for a second factor.
    MfaRequired,
    /// The client certificate is missing or refused.
    ClientCertificateRefused,
    /// The identity provider's token is refused.
    IdTokenRefused,
    /// The user may only call web services, and what was asked needs one who may sign in.
    NonInteractiveUser,
    /// The query names a field that the user may not read.
    FieldDenied,
    /// Fields of the answer are hidden from the user: left out, or empty.
    FieldsHidden,
    /// Fields of a write are left as they were, because the user may not set them.
    FieldsDropped,
    /// The access token has ended, and the session's cookie does in its place.
    SessionOutlivesToken,
    /// The rules of a gateway before the instance do not let the request through.
    GatewayRefused,
    /// The request's line or head is longer than is read.
    RequestTooLong,
    /// The port answers a ClientHello otherwise than by a handshake.
    HandshakeBroken,
    /// A person signed in through the login page.
    SignedIn,
    /// The person let the application use the account.
    ConsentAllowed,
    /// The answer is damaged: no good HTTP, or its body is not what its head says.
    Malformed,
    /// The port accepts connections and closes them at once.
    PortHangsUp,
    /// The port accepts connections and resets them at once.
    PortResets,
    /// The edge sends every request on to another address.
    Redirected,
    /// The edge does not do what `Expect` asks for.
    ContinueRefused,
    /// The stream of HTTP/2 ends before its answer does.
    StreamEnded,
    /// A business rule or a data policy aborts the change.
    RuleAborted,
    /// The password grant gave the access token that is alive, and no new one.
    TokenGivenAgain,
    /// The instance is on its way to another data centre.
    FailingOver,
    /// The host is no instance: the developer site or an identity provider shows its own page.
    AnotherSite,
    /// The cookie names a session that is over.
    SessionLost,
    /// A part of the query is invalid and was ignored: the list holds more than was asked for.
    QueryWidened,
    /// The request waited for a semaphore for longer than one may.
    QueuedTooLong,
    /// One transaction of the session runs, its queue is full, and the request was dropped.
    SessionQueueFull,
}

impl Condition {
    /// Every condition, in the order of declaration.
    pub const ALL: [Self; 90] = [
        Self::Hibernating,
        Self::BadCertificate,
        Self::NoCredentials,
        Self::PasswordRefused,
        Self::AccountLocked,
        Self::AccountInactive,
        Self::RateLimited,
        Self::TableDenied,
        Self::RowsHidden,
        Self::WriteDenied,
        Self::Scripted,
        Self::Stalled,
        Self::HungUp,
        Self::InvalidTable,
        Self::UnknownApi,
        Self::RecordNotFound,
        Self::InvalidRequest,
        Self::ProxyCredentialsRequired,
        Self::ProxyBadGateway,
        Self::ProxyHangs,
        Self::PortClosed,
        Self::PortFiltered,
        Self::PortMute,
        Self::Dripping,
        Self::Truncated,
        Self::NoInstance,
        Self::QueryCancelled,
        Self::QueueFull,
        Self::PlainHttp,
        Self::PasswordExpired,
        Self::PasswordNeedsReset,
        Self::AddressBlocked,
        Self::TableNotExposed,
        Self::ApiDenied,
        Self::Waking,
        Self::Down,
        Self::Restarting,
        Self::Overloaded,
        Self::Maintenance,
        Self::LoginPage,
        Self::ScriptError,
        Self::PageCapped,
        Self::AccessTokenExpired,
        Self::AccessTokenRevoked,
        Self::AccessTokenUnknown,
        Self::ClientUnknown,
        Self::ClientInactive,
        Self::ClientSecretRefused,
        Self::GrantNotEnabled,
        Self::NoApplicationUser,
        Self::RefreshTokenExpired,
        Self::RefreshTokenRevoked,
        Self::RefreshTokenUnknown,
        Self::CodeRefused,
        Self::CodeVerifierRefused,
        Self::RedirectMismatch,
        Self::StateMissing,
        Self::ConsentDenied,
        Self::ScopeRefused,
        Self::AssertionRefused,
        Self::ParametersInUrl,
        Self::ApiKeyRefused,
        Self::PolicyExcludesScheme,
        Self::MfaRequired,
        Self::ClientCertificateRefused,
        Self::IdTokenRefused,
        Self::NonInteractiveUser,
        Self::FieldDenied,
        Self::FieldsHidden,
        Self::FieldsDropped,
        Self::SessionOutlivesToken,
        Self::GatewayRefused,
        Self::RequestTooLong,
        Self::HandshakeBroken,
        Self::SignedIn,
        Self::ConsentAllowed,
        Self::Malformed,
        Self::PortHangsUp,
        Self::PortResets,
        Self::Redirected,
        Self::ContinueRefused,
        Self::StreamEnded,
        Self::RuleAborted,
        Self::TokenGivenAgain,
        Self::FailingOver,
        Self::AnotherSite,
        Self::SessionLost,
        Self::QueryWidened,
        Self::QueuedTooLong,
        Self::SessionQueueFull,
    ];

    /// The name it has in files.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Hibernating => "hibernating",
            Self::BadCertificate => "bad_certificate",
            Self::NoCredentials => "no_credentials",
            Self::PasswordRefused => "password_refused",
            Self::AccountLocked => "account_locked",
            Self::AccountInactive => "account_inactive",
            Self::RateLimited => "rate_limited",
            Self::TableDenied => "table_denied",
            Self::RowsHidden => "rows_hidden",
            Self::WriteDenied => "write_denied",
            Self::Scripted => "scripted",
            Self::Stalled => "stalled",
            Self::HungUp => "hung_up",
            Self::InvalidTable => "invalid_table",
            Self::UnknownApi => "unknown_api",
            Self::RecordNotFound => "record_not_found",
            Self::InvalidRequest => "invalid_request",
            Self::ProxyCredentialsRequired => "proxy_credentials_required",
            Self::ProxyBadGateway => "proxy_bad_gateway",
            Self::ProxyHangs => "proxy_hangs",
            Self::PortClosed => "port_closed",
            Self::PortFiltered => "port_filtered",
            Self::PortMute => "port_mute",
            Self::Dripping => "dripping",
            Self::Truncated => "truncated",
            Self::NoInstance => "no_instance",
            Self::QueryCancelled => "query_cancelled",
            Self::QueueFull => "queue_full",
            Self::PlainHttp => "plain_http",
            Self::PasswordExpired => "password_expired",
            Self::PasswordNeedsReset => "password_needs_reset",
            Self::AddressBlocked => "address_blocked",
            Self::TableNotExposed => "table_not_exposed",
            Self::ApiDenied => "api_denied",
            Self::Waking => "waking",
            Self::Down => "down",
            Self::Restarting => "restarting",
            Self::Overloaded => "overloaded",
            Self::Maintenance => "maintenance",
            Self::LoginPage => "login_page",
            Self::ScriptError => "script_error",
            Self::PageCapped => "page_capped",
            Self::AccessTokenExpired => "access_token_expired",
            Self::AccessTokenRevoked => "access_token_revoked",
            Self::AccessTokenUnknown => "access_token_unknown",
            Self::ClientUnknown => "client_unknown",
            Self::ClientInactive => "client_inactive",
            Self::ClientSecretRefused => "client_secret_refused",
            Self::GrantNotEnabled => "grant_not_enabled",
            Self::NoApplicationUser => "no_application_user",
            Self::RefreshTokenExpired => "refresh_token_expired",
            Self::RefreshTokenRevoked => "refresh_token_revoked",
            Self::RefreshTokenUnknown => "refresh_token_unknown",
            Self::CodeRefused => "code_refused",
            Self::CodeVerifierRefused => "code_verifier_refused",
            Self::RedirectMismatch => "redirect_mismatch",
            Self::StateMissing => "state_missing",
            Self::ConsentDenied => "consent_denied",
            Self::ScopeRefused => "scope_refused",
            Self::AssertionRefused => "assertion_refused",
            Self::ParametersInUrl => "parameters_in_url",
            Self::ApiKeyRefused => "api_key_refused",
            Self::PolicyExcludesScheme => "policy_excludes_scheme",
            Self::MfaRequired => "mfa_required",
            Self::ClientCertificateRefused => "client_certificate_refused",
            Self::IdTokenRefused => "id_token_refused",
            Self::NonInteractiveUser => "non_interactive_user",
            Self::FieldDenied => "field_denied",
            Self::FieldsHidden => "fields_hidden",
            Self::FieldsDropped => "fields_dropped",
            Self::SessionOutlivesToken => "session_outlives_token",
            Self::GatewayRefused => "gateway_refused",
            Self::RequestTooLong => "request_too_long",
            Self::HandshakeBroken => "handshake_broken",
            Self::SignedIn => "signed_in",
            Self::ConsentAllowed => "consent_allowed",
            Self::Malformed => "malformed",
            Self::PortHangsUp => "port_hangs_up",
            Self::PortResets => "port_resets",
            Self::Redirected => "redirected",
            Self::ContinueRefused => "continue_refused",
            Self::StreamEnded => "stream_ended",
            Self::RuleAborted => "rule_aborted",
            Self::TokenGivenAgain => "token_given_again",
            Self::FailingOver => "failing_over",
            Self::AnotherSite => "another_site",
            Self::SessionLost => "session_lost",
            Self::QueryWidened => "query_widened",
            Self::QueuedTooLong => "queued_too_long",
            Self::SessionQueueFull => "session_queue_full",
        }
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
