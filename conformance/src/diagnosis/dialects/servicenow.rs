//! The platform's own phrases (wire-core 2.1, wire-failures 1 to 6), as connectors quote them, and
//! bare statuses.

use super::{Class, Phrase};

pub(super) const PHRASES: &[Phrase] = &[
    Phrase::new(
        r"instance hibernating page|instance is hibernating|hibernating PDI|instance (may be|is) asleep|hibernat(ing|ed|ion)",
        Class::InstanceHibernating,
    ),
    Phrase::new(r"instance is currently offline", Class::InstanceWaking)
        .or(&[Class::InstanceHibernating]),
    Phrase::new(
        r"user (is )?not authenticated|required to provide auth information",
        Class::AuthInvalidCredentials,
    )
    .or(&[
        Class::AuthAccountLocked,
        Class::AuthAccountInactive,
        Class::AuthPasswordExpired,
        Class::AuthNoCredentials,
        Class::AuthTokenExpired,
    ]),
    Phrase::new(
        r"rate limit exceeded|rate limit of \d+ requests per hour|too many requests",
        Class::ThrottleRateLimit,
    ),
    Phrase::new(
        r"maximum execution time exceeded|transaction cancelled",
        Class::ThrottleExecutionQuota,
    ),
    Phrase::new(r"failed API level ACL validation", Class::AuthzApiAcl)
        .or(&[Class::AuthzRole, Class::AuthzTable]),
    Phrase::new(r"access to unscoped api is not allowed", Class::AuthzScope),
    Phrase::new(
        r"field\(s\) present in the query do not have permission to be read",
        Class::AuthzField,
    ),
    Phrase::new(
        r"no permission to read table|insufficient rights to query records",
        Class::AuthzTable,
    )
    .or(&[Class::AuthzRole, Class::AuthzField]),
    Phrase::new(
        r"ACL exception (insert|update|delete) failed due to security constraints|was aborted by ACL",
        Class::AuthzReadOnly,
    )
    .or(&[Class::AuthzRole, Class::AuthzTable]),
    Phrase::new(
        r"was aborted by business rule|data policy exception",
        Class::AuthzBusinessRule,
    ),
    Phrase::new(
        r"no record found|record doesn't exist or ACL restricts",
        Class::AuthzRecord,
    )
    .or(&[Class::AuthzNothingVisible]),
    Phrase::new(r"invalid table\b", Class::ConfigTableNotFound),
    Phrase::new(
        r"requested URI does not represent any resource",
        Class::ConfigApiNotFound,
    ),
    Phrase::new(
        r"invalid value given for sysparm_|must be a positive integer",
        Class::ConfigRequestInvalid,
    ),
    Phrase::new(
        r"rejected large REST payload|request header is too large",
        Class::ConfigConnectorRequest,
    ),
    Phrase::new(
        r#"invalid_client|"error"\s*:\s*"server_error""#,
        Class::AuthTokenRefused,
    )
    .or(&[Class::AuthOauthClient, Class::AuthOauthGrant]),
    Phrase::new(
        r"no required SSL certificate was sent",
        Class::AuthClientCertificate,
    )
    .or(&[Class::TlsClientCertificate]),
    Phrase::new(r"exception while executing request", Class::InstanceError),
    Phrase::new(
        r"(status|code|error|http|returned)\W{0,4}(code\W{0,3})?401\b|\b401\b.{0,20}unauthori[sz]ed|authentication failed",
        Class::AuthInvalidCredentials,
    )
    .or(&[Class::AuthAccountLocked, Class::AuthAccountInactive, Class::AuthPasswordExpired])
    .wrapping(),
    Phrase::new(
        r"(status|code|error|http|returned)\W{0,4}(code\W{0,3})?403\b|\b403\b.{0,20}forbidden|access denied|permission denied|insufficient (privileges|permissions|rights)",
        Class::AuthzRole,
    )
    .or(&[Class::AuthzTable, Class::AuthzApiAcl, Class::AuthzRecord, Class::AuthzIpBlocked])
    .wrapping(),
    Phrase::new(
        r"(status|code|error|http|returned)\W{0,4}(code\W{0,3})?404\b|\b404\b.{0,20}not found|not found \(404\)",
        Class::AuthzRecord,
    )
    .or(&[Class::ConfigApiNotFound, Class::ConfigInstanceNotFound, Class::ConfigTableNotFound, Class::AuthzNothingVisible])
    .wrapping(),
    Phrase::new(
        r"(status|code|error|http|returned)\W{0,4}(code\W{0,3})?400\b|\b400\b.{0,20}bad request",
        Class::ConfigRequestInvalid,
    )
    .or(&[Class::ConfigTableNotFound, Class::ConfigApiNotFound, Class::ConfigConnectorRequest])
    .wrapping(),
    Phrase::new(
        r"(status|code|error|http|returned)\W{0,4}(code\W{0,3})?407\b|proxy authentication required",
        Class::NetProxyAuth,
    )
    .wrapping(),
    Phrase::new(
        r"(status|code|error|http|returned)\W{0,4}(code\W{0,3})?4(05|06|15|17)\b|\b40[56]\b.{0,30}not a(llowed|cceptable)|\b417\b.{0,30}expectation failed",
        Class::ConfigConnectorRequest,
    )
    .or(&[Class::ConfigRequestInvalid, Class::ConfigApiNotFound])
    .wrapping(),
    Phrase::new(
        r"(status|code|error|http|returned)\W{0,4}(code\W{0,3})?429\b|\b429\b.{0,20}responses",
        Class::ThrottleRateLimit,
    )
    .or(&[Class::ThrottleConcurrency])
    .wrapping(),
    Phrase::new(
        r"(status|code|error|http|returned)\W{0,4}(code\W{0,3})?500\b|\b500\b.{0,20}internal server error",
        Class::InstanceError,
    )
    .wrapping(),
    Phrase::new(
        r"(status|code|error|http|returned)\W{0,4}(code\W{0,3})?50[234]\b|service unavailable|bad gateway|gateway time-?out",
        Class::InstanceUnavailable,
    )
    .wrapping(),
    Phrase::new(
        r"non-JSON|invalid JSON|not JSON|unexpected (response|content) type|<html|<!doctype html",
        Class::ProtocolNotJson,
    )
    .or(&[Class::ProtocolMalformed])
    .wrapping(),
    Phrase::new(r"timed? ?out", Class::NetReadTimeout)
        .or(&[Class::NetConnectTimeout])
        .wrapping(),
    Phrase::new(
        r"TLS certificate check failed|certificate verif\w+ failed",
        Class::TlsUntrusted,
    )
    .or(&[Class::TlsExpired, Class::TlsHostname, Class::TlsChain])
    .wrapping(),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_platforms_own_words_are_read_without_being_named() {
        for (expected, text) in [
            (
                Class::AuthInvalidCredentials,
                "User Not Authenticated: Required to provide Auth information",
            ),
            (Class::AuthInvalidCredentials, "User is not authenticated"),
            (
                Class::ThrottleRateLimit,
                "Rate limit of 100 requests per hour for Table API exceeded",
            ),
            (
                Class::AuthzApiAcl,
                "User Not Authorized: Failed API level ACL Validation",
            ),
            (Class::AuthzTable, "Insufficient rights to query records"),
            (
                Class::AuthzRecord,
                "No Record found: Record doesn't exist or ACL restricts the record retrieval",
            ),
            (
                Class::ConfigTableNotFound,
                "API error (400): Invalid table u_x",
            ),
            (
                Class::ConfigApiNotFound,
                "Requested URI does not represent any resource",
            ),
            (
                Class::ThrottleExecutionQuota,
                "Transaction cancelled: maximum execution time exceeded",
            ),
            (
                Class::InstanceHibernating,
                "a hibernating PDI or a login page: wake the instance",
            ),
            (
                Class::AuthInvalidCredentials,
                "Authentication failed (401). check the username and password",
            ),
            (
                Class::AuthzRole,
                "Access denied (403). The user may lack permissions",
            ),
            (Class::ThrottleRateLimit, "HTTP 429 from https://x"),
            (Class::ProtocolNotJson, "API returned non-JSON response"),
            (
                Class::InstanceUnavailable,
                "API returned 503 for GET https://x: <html>",
            ),
            (
                Class::AuthzRole,
                "API returned 403 for GET https://x: <html>",
            ),
            (
                Class::AuthzRecord,
                "not found: <html>\n<head><title>404 Not Found</title></head>",
            ),
            (
                Class::AuthClientCertificate,
                "API error (400): <html><title>400 No required SSL certificate was sent</title>",
            ),
        ] {
            let reading = super::super::read(&[], text).unwrap_or_else(|| panic!("unread: {text}"));
            assert_eq!(reading.class, Some(expected), "{text}");
            assert_eq!(reading.dialect, "servicenow");
        }
    }
}
