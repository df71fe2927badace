//! The closed vocabulary of diagnoses: `family.cause`.
//!
//! `scenarios/diagnosis-classes.tsv` is the published list; a test keeps this enum equal to it.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What is wrong, as one class.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
pub enum Class {
    /// The request reached the instance without credentials.
    #[serde(rename = "auth.no_credentials")]
    AuthNoCredentials,
    /// Credentials refused: wrong, outdated, or the account is locked, inactive or expired.
    #[serde(rename = "auth.invalid_credentials")]
    AuthInvalidCredentials,
    /// The account is locked out after failed logins or by an administrator.
    #[serde(rename = "auth.account_locked")]
    AuthAccountLocked,
    /// The account is disabled, perhaps because its owner left the organisation.
    #[serde(rename = "auth.account_inactive")]
    AuthAccountInactive,
    /// The password expired or must be reset before the API accepts it.
    #[serde(rename = "auth.password_expired")]
    AuthPasswordExpired,
    /// The account needs a multi-factor code with every Basic call.
    #[serde(rename = "auth.mfa_required")]
    AuthMfaRequired,
    /// An access policy or profile refuses this authentication method for this API.
    #[serde(rename = "auth.scheme_not_allowed")]
    AuthSchemeNotAllowed,
    /// OAuth client id or secret wrong, or the application is inactive.
    #[serde(rename = "auth.oauth_client")]
    AuthOauthClient,
    /// Grant type not enabled, not open to this user, or without application user.
    #[serde(rename = "auth.oauth_grant")]
    AuthOauthGrant,
    /// Redirect URL differs from the registered one, so no consent screen appears.
    #[serde(rename = "auth.oauth_redirect")]
    AuthOauthRedirect,
    /// Consent was denied, abandoned, or never shown because the popup was blocked.
    #[serde(rename = "auth.oauth_consent")]
    AuthOauthConsent,
    /// The callback carried no state or a foreign one; refused as forgery.
    #[serde(rename = "auth.oauth_state")]
    AuthOauthState,
    /// Authorization code expired, already used, or its verifier does not match.
    #[serde(rename = "auth.oauth_code")]
    AuthOauthCode,
    /// The signed JWT was refused: signature, key, audience or expiry.
    #[serde(rename = "auth.oauth_assertion")]
    AuthOauthAssertion,
    /// Token endpoint refused with its catch-all answer, which names no cause.
    #[serde(rename = "auth.token_refused")]
    AuthTokenRefused,
    /// Access token expired or revoked and no new one was obtained.
    #[serde(rename = "auth.token_expired")]
    AuthTokenExpired,
    /// Refresh token expired or revoked; a person must consent again.
    #[serde(rename = "auth.refresh_expired")]
    AuthRefreshExpired,
    /// API key refused: typo, expired, inactive, or without profile or policy.
    #[serde(rename = "auth.api_key")]
    AuthApiKey,
    /// The instance's edge refused the client certificate in an HTTP answer.
    #[serde(rename = "auth.client_certificate")]
    AuthClientCertificate,
    /// Authenticated, but as another user than the expected service account.
    #[serde(rename = "auth.wrong_identity")]
    AuthWrongIdentity,
    /// The session in the cookies is gone though the credentials are good.
    #[serde(rename = "auth.session_lost")]
    AuthSessionLost,
    /// API call answered with a login page or a redirect to single sign-on.
    #[serde(rename = "auth.login_redirect")]
    AuthLoginRedirect,
    /// User lacks a required role, or one of its roles forbids this.
    #[serde(rename = "authz.role")]
    AuthzRole,
    /// OAuth application's scope does not reach this API; roles do not matter.
    #[serde(rename = "authz.scope")]
    AuthzScope,
    /// An API-level ACL closes this REST API to the user.
    #[serde(rename = "authz.api_acl")]
    AuthzApiAcl,
    /// The table is closed to this user or not exposed to web services.
    #[serde(rename = "authz.table")]
    AuthzTable,
    /// Fields are hidden from this user, or may not be used in queries.
    #[serde(rename = "authz.field")]
    AuthzField,
    /// A record is missing or hidden; the answer does not say which.
    #[serde(rename = "authz.record")]
    AuthzRecord,
    /// The identity may read but not write.
    #[serde(rename = "authz.read_only")]
    AuthzReadOnly,
    /// IP Address Access Control of the instance refuses the caller's address.
    #[serde(rename = "authz.ip_blocked")]
    AuthzIpBlocked,
    /// A business rule or data policy aborted the write; rights are fine.
    #[serde(rename = "authz.business_rule")]
    AuthzBusinessRule,
    /// Zero rows came back: the table is empty or hidden from this user.
    #[serde(rename = "authz.nothing_visible")]
    AuthzNothingVisible,
    /// Instance URL has the wrong form: scheme, path, slash, or domain.
    #[serde(rename = "config.url")]
    ConfigUrl,
    /// No instance answers under this name.
    #[serde(rename = "config.instance_not_found")]
    ConfigInstanceNotFound,
    /// The instance has no such table, or its plugin is off.
    #[serde(rename = "config.table_not_found")]
    ConfigTableNotFound,
    /// The instance has no such API path, or its plugin is off.
    #[serde(rename = "config.api_not_found")]
    ConfigApiNotFound,
    /// A setting chosen by the user makes a request the instance refuses.
    #[serde(rename = "config.request_invalid")]
    ConfigRequestInvalid,
    /// Token or authorization URL is wrong.
    #[serde(rename = "config.token_url")]
    ConfigTokenUrl,
    /// A connection to the same instance URL already exists.
    #[serde(rename = "config.duplicate_connection")]
    ConfigDuplicateConnection,
    /// The connector itself built a request that the instance refuses.
    #[serde(rename = "config.connector_request")]
    ConfigConnectorRequest,
    /// The host name does not resolve.
    #[serde(rename = "net.dns")]
    NetDns,
    /// The host refuses the TCP connection.
    #[serde(rename = "net.refused")]
    NetRefused,
    /// No answer to the TCP connection attempt.
    #[serde(rename = "net.connect_timeout")]
    NetConnectTimeout,
    /// Connected, but no complete answer arrived in time.
    #[serde(rename = "net.read_timeout")]
    NetReadTimeout,
    /// The connection was reset while in use.
    #[serde(rename = "net.reset")]
    NetReset,
    /// The connection was closed without an answer.
    #[serde(rename = "net.closed")]
    NetClosed,
    /// The answer ended before its announced length.
    #[serde(rename = "net.truncated")]
    NetTruncated,
    /// The corporate proxy wants credentials, or refused those given.
    #[serde(rename = "net.proxy_auth")]
    NetProxyAuth,
    /// The proxy failed or is misconfigured; ServiceNow was not reached.
    #[serde(rename = "net.proxy")]
    NetProxy,
    /// The instance redirects the API call elsewhere, or in a circle.
    #[serde(rename = "net.redirect")]
    NetRedirect,
    /// The certificate's issuer is not trusted: self-signed, unknown CA, or inspecting proxy.
    #[serde(rename = "tls.untrusted")]
    TlsUntrusted,
    /// The server's certificate has expired.
    #[serde(rename = "tls.expired")]
    TlsExpired,
    /// The certificate's validity starts in the future, or this clock is wrong.
    #[serde(rename = "tls.not_yet_valid")]
    TlsNotYetValid,
    /// The certificate does not name the host in the URL.
    #[serde(rename = "tls.hostname")]
    TlsHostname,
    /// An intermediate certificate is missing or bad.
    #[serde(rename = "tls.chain")]
    TlsChain,
    /// The two sides share no TLS version or cipher.
    #[serde(rename = "tls.version")]
    TlsVersion,
    /// The TLS handshake stalled or broke for no stated certificate reason.
    #[serde(rename = "tls.handshake")]
    TlsHandshake,
    /// The handshake was refused for lack of an acceptable client certificate.
    #[serde(rename = "tls.client_certificate")]
    TlsClientCertificate,
    /// Connected, but certificate checks are switched off.
    #[serde(rename = "tls.verification_off")]
    TlsVerificationOff,
    /// The hourly request limit of a rate-limit rule is used up.
    #[serde(rename = "throttle.rate_limit")]
    ThrottleRateLimit,
    /// Too many parallel or slow requests; the instance's queue is full.
    #[serde(rename = "throttle.concurrency")]
    ThrottleConcurrency,
    /// The query ran longer than the instance allows and was cancelled.
    #[serde(rename = "throttle.execution_quota")]
    ThrottleExecutionQuota,
    /// The session queue overflowed (202); the request was not processed.
    #[serde(rename = "throttle.dropped")]
    ThrottleDropped,
    /// The developer instance sleeps and answers every path with a page.
    #[serde(rename = "instance.hibernating")]
    InstanceHibernating,
    /// The instance is waking up and offline for some minutes.
    #[serde(rename = "instance.waking")]
    InstanceWaking,
    /// Intermittent failures that fit an upgrade or maintenance window.
    #[serde(rename = "instance.maintenance")]
    InstanceMaintenance,
    /// The instance or its edge cannot serve requests now.
    #[serde(rename = "instance.unavailable")]
    InstanceUnavailable,
    /// The instance failed inside while handling this request.
    #[serde(rename = "instance.error")]
    InstanceError,
    /// The developer instance was reset or given to someone else.
    #[serde(rename = "instance.reclaimed")]
    InstanceReclaimed,
    /// The instance was renamed or moved to another host.
    #[serde(rename = "instance.moved")]
    InstanceMoved,
    /// The answer is HTML or other text where JSON was expected.
    #[serde(rename = "protocol.not_json")]
    ProtocolNotJson,
    /// The answer claims JSON but cannot be parsed.
    #[serde(rename = "protocol.malformed")]
    ProtocolMalformed,
    /// Status 200 carries an error object instead of, or beside, the result.
    #[serde(rename = "protocol.error_in_success")]
    ProtocolErrorInSuccess,
    /// Part of the records or fields was not delivered; the rest is good.
    #[serde(rename = "data.partial")]
    DataPartial,
    /// A write's answer was lost; it may or may not have happened.
    #[serde(rename = "data.unknown_outcome")]
    DataUnknownOutcome,
    /// The record already exists or changed since it was read.
    #[serde(rename = "data.conflict")]
    DataConflict,
    /// Records were added, changed or removed while pages were read.
    #[serde(rename = "data.changed_while_reading")]
    DataChangedWhileReading,
    /// The webhook's business rule or callback property does not exist.
    #[serde(rename = "hook.missing")]
    HookMissing,
    /// The webhook's business rule exists but is not Active.
    #[serde(rename = "hook.inactive")]
    HookInactive,
    /// Callback address is outdated, or a legacy rule delivers beside the new.
    #[serde(rename = "hook.stale")]
    HookStale,
    /// Webhook set-up was refused though reading works.
    #[serde(rename = "hook.denied")]
    HookDenied,
    /// Webhook set-up stopped half way.
    #[serde(rename = "hook.partial")]
    HookPartial,
    /// Events were sent once and lost; they must be fetched by polling.
    #[serde(rename = "hook.undelivered")]
    HookUndelivered,
    /// A delivery without the agreed secret reached the receiver and was refused.
    #[serde(rename = "hook.unauthenticated")]
    HookUnauthenticated,
}

impl Class {
    /// Every class, in the order of the published list.
    pub const ALL: [Self; 84] = [
        Self::AuthNoCredentials,
        Self::AuthInvalidCredentials,
        Self::AuthAccountLocked,
        Self::AuthAccountInactive,
        Self::AuthPasswordExpired,
        Self::AuthMfaRequired,
        Self::AuthSchemeNotAllowed,
        Self::AuthOauthClient,
        Self::AuthOauthGrant,
        Self::AuthOauthRedirect,
        Self::AuthOauthConsent,
        Self::AuthOauthState,
        Self::AuthOauthCode,
        Self::AuthOauthAssertion,
        Self::AuthTokenRefused,
        Self::AuthTokenExpired,
        Self::AuthRefreshExpired,
        Self::AuthApiKey,
        Self::AuthClientCertificate,
        Self::AuthWrongIdentity,
        Self::AuthSessionLost,
        Self::AuthLoginRedirect,
        Self::AuthzRole,
        Self::AuthzScope,
        Self::AuthzApiAcl,
        Self::AuthzTable,
        Self::AuthzField,
        Self::AuthzRecord,
        Self::AuthzReadOnly,
        Self::AuthzIpBlocked,
        Self::AuthzBusinessRule,
        Self::AuthzNothingVisible,
        Self::ConfigUrl,
        Self::ConfigInstanceNotFound,
        Self::ConfigTableNotFound,
        Self::ConfigApiNotFound,
        Self::ConfigRequestInvalid,
        Self::ConfigTokenUrl,
        Self::ConfigDuplicateConnection,
        Self::ConfigConnectorRequest,
        Self::NetDns,
        Self::NetRefused,
        Self::NetConnectTimeout,
        Self::NetReadTimeout,
        Self::NetReset,
        Self::NetClosed,
        Self::NetTruncated,
        Self::NetProxyAuth,
        Self::NetProxy,
        Self::NetRedirect,
        Self::TlsUntrusted,
        Self::TlsExpired,
        Self::TlsNotYetValid,
        Self::TlsHostname,
        Self::TlsChain,
        Self::TlsVersion,
        Self::TlsHandshake,
        Self::TlsClientCertificate,
        Self::TlsVerificationOff,
        Self::ThrottleRateLimit,
        Self::ThrottleConcurrency,
        Self::ThrottleExecutionQuota,
        Self::ThrottleDropped,
        Self::InstanceHibernating,
        Self::InstanceWaking,
        Self::InstanceMaintenance,
        Self::InstanceUnavailable,
        Self::InstanceError,
        Self::InstanceReclaimed,
        Self::InstanceMoved,
        Self::ProtocolNotJson,
        Self::ProtocolMalformed,
        Self::ProtocolErrorInSuccess,
        Self::DataPartial,
        Self::DataUnknownOutcome,
        Self::DataConflict,
        Self::DataChangedWhileReading,
        Self::HookMissing,
        Self::HookInactive,
        Self::HookStale,
        Self::HookDenied,
        Self::HookPartial,
        Self::HookUndelivered,
        Self::HookUnauthenticated,
    ];

    /// Its name, `family.cause`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::AuthNoCredentials => "auth.no_credentials",
            Self::AuthInvalidCredentials => "auth.invalid_credentials",
            Self::AuthAccountLocked => "auth.account_locked",
            Self::AuthAccountInactive => "auth.account_inactive",
            Self::AuthPasswordExpired => "auth.password_expired",
            Self::AuthMfaRequired => "auth.mfa_required",
            Self::AuthSchemeNotAllowed => "auth.scheme_not_allowed",
            Self::AuthOauthClient => "auth.oauth_client",
            Self::AuthOauthGrant => "auth.oauth_grant",
            Self::AuthOauthRedirect => "auth.oauth_redirect",
            Self::AuthOauthConsent => "auth.oauth_consent",
            Self::AuthOauthState => "auth.oauth_state",
            Self::AuthOauthCode => "auth.oauth_code",
            Self::AuthOauthAssertion => "auth.oauth_assertion",
            Self::AuthTokenRefused => "auth.token_refused",
            Self::AuthTokenExpired => "auth.token_expired",
            Self::AuthRefreshExpired => "auth.refresh_expired",
            Self::AuthApiKey => "auth.api_key",
            Self::AuthClientCertificate => "auth.client_certificate",
            Self::AuthWrongIdentity => "auth.wrong_identity",
            Self::AuthSessionLost => "auth.session_lost",
            Self::AuthLoginRedirect => "auth.login_redirect",
            Self::AuthzRole => "authz.role",
            Self::AuthzScope => "authz.scope",
            Self::AuthzApiAcl => "authz.api_acl",
            Self::AuthzTable => "authz.table",
            Self::AuthzField => "authz.field",
            Self::AuthzRecord => "authz.record",
            Self::AuthzReadOnly => "authz.read_only",
            Self::AuthzIpBlocked => "authz.ip_blocked",
            Self::AuthzBusinessRule => "authz.business_rule",
            Self::AuthzNothingVisible => "authz.nothing_visible",
            Self::ConfigUrl => "config.url",
            Self::ConfigInstanceNotFound => "config.instance_not_found",
            Self::ConfigTableNotFound => "config.table_not_found",
            Self::ConfigApiNotFound => "config.api_not_found",
            Self::ConfigRequestInvalid => "config.request_invalid",
            Self::ConfigTokenUrl => "config.token_url",
            Self::ConfigDuplicateConnection => "config.duplicate_connection",
            Self::ConfigConnectorRequest => "config.connector_request",
            Self::NetDns => "net.dns",
            Self::NetRefused => "net.refused",
            Self::NetConnectTimeout => "net.connect_timeout",
            Self::NetReadTimeout => "net.read_timeout",
            Self::NetReset => "net.reset",
            Self::NetClosed => "net.closed",
            Self::NetTruncated => "net.truncated",
            Self::NetProxyAuth => "net.proxy_auth",
            Self::NetProxy => "net.proxy",
            Self::NetRedirect => "net.redirect",
            Self::TlsUntrusted => "tls.untrusted",
            Self::TlsExpired => "tls.expired",
            Self::TlsNotYetValid => "tls.not_yet_valid",
            Self::TlsHostname => "tls.hostname",
            Self::TlsChain => "tls.chain",
            Self::TlsVersion => "tls.version",
            Self::TlsHandshake => "tls.handshake",
            Self::TlsClientCertificate => "tls.client_certificate",
            Self::TlsVerificationOff => "tls.verification_off",
            Self::ThrottleRateLimit => "throttle.rate_limit",
            Self::ThrottleConcurrency => "throttle.concurrency",
            Self::ThrottleExecutionQuota => "throttle.execution_quota",
            Self::ThrottleDropped => "throttle.dropped",
            Self::InstanceHibernating => "instance.hibernating",
            Self::InstanceWaking => "instance.waking",
            Self::InstanceMaintenance => "instance.maintenance",
            Self::InstanceUnavailable => "instance.unavailable",
            Self::InstanceError => "instance.error",
            Self::InstanceReclaimed => "instance.reclaimed",
            Self::InstanceMoved => "instance.moved",
            Self::ProtocolNotJson => "protocol.not_json",
            Self::ProtocolMalformed => "protocol.malformed",
            Self::ProtocolErrorInSuccess => "protocol.error_in_success",
            Self::DataPartial => "data.partial",
            Self::DataUnknownOutcome => "data.unknown_outcome",
            Self::DataConflict => "data.conflict",
            Self::DataChangedWhileReading => "data.changed_while_reading",
            Self::HookMissing => "hook.missing",
            Self::HookInactive => "hook.inactive",
            Self::HookStale => "hook.stale",
            Self::HookDenied => "hook.denied",
            Self::HookPartial => "hook.partial",
            Self::HookUndelivered => "hook.undelivered",
            Self::HookUnauthenticated => "hook.unauthenticated",
        }
    }
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A word that is not a class.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a class of the vocabulary")]
pub struct UnknownClass(pub String);

impl FromStr for Class {
    type Err = UnknownClass;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|class| class.name() == name)
            .ok_or_else(|| UnknownClass(name.to_owned()))
    }
}
