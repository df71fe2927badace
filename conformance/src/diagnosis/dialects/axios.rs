//! The words of axios, beside those of Node.

use super::{Class, Phrase};

pub(super) const PHRASES: &[Phrase] = &[
    Phrase::new(
        r"request failed with status code 401",
        Class::AuthInvalidCredentials,
    )
    .or(&[
        Class::AuthAccountLocked,
        Class::AuthAccountInactive,
        Class::AuthPasswordExpired,
    ]),
    Phrase::new(r"request failed with status code 403", Class::AuthzRole).or(&[
        Class::AuthzTable,
        Class::AuthzApiAcl,
        Class::AuthzRecord,
        Class::AuthzIpBlocked,
        Class::NetProxy,
    ]),
    // A proxy's page, too, is taken for the instance's answer.
    Phrase::new(
        r"SyntaxError \[ERR_BAD_RESPONSE\]: unexpected token '?<'?.{0,80}is not valid JSON",
        Class::ProtocolNotJson,
    )
    .or(&[Class::NetProxy, Class::NetProxyAuth]),
    Phrase::new(r"request failed with status code 404", Class::AuthzRecord).or(&[
        Class::ConfigApiNotFound,
        Class::ConfigInstanceNotFound,
        Class::AuthzNothingVisible,
    ]),
    Phrase::new(
        r"request failed with status code 400",
        Class::ConfigRequestInvalid,
    )
    .or(&[
        Class::ConfigTableNotFound,
        Class::ConfigApiNotFound,
        Class::ConfigConnectorRequest,
    ]),
    Phrase::new(r"request failed with status code 407", Class::NetProxyAuth),
    Phrase::new(
        r"request failed with status code 429",
        Class::ThrottleRateLimit,
    )
    .or(&[Class::ThrottleConcurrency]),
    Phrase::new(
        r"request failed with status code 50[234]",
        Class::InstanceUnavailable,
    )
    .or(&[Class::NetProxy]),
    Phrase::new(r"request failed with status code 500", Class::InstanceError),
    Phrase::new(
        r"timeout of \d+ms exceeded|ECONNABORTED",
        Class::NetReadTimeout,
    )
    .or(&[Class::NetConnectTimeout, Class::TlsHandshake]),
    Phrase::new(
        r"stream has been aborted|maxContentLength size",
        Class::NetTruncated,
    )
    .or(&[Class::NetReset]),
    Phrase::new(
        r"maximum number of redirects exceeded|ERR_FR_TOO_MANY_REDIRECTS",
        Class::NetRedirect,
    ),
];
