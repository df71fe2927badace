//! curl's words, with its exit status in parentheses.

use super::{Class, Phrase};

pub(super) const PHRASES: &[Phrase] = &[
    Phrase::new(r"could not resolve host|curl: \(6\)", Class::NetDns),
    Phrase::new(
        r"could not resolve proxy|curl: \(5\)|CONNECT tunnel failed, response (403|5\d\d)",
        Class::NetProxy,
    ),
    Phrase::new(r"CONNECT tunnel failed, response 407", Class::NetProxyAuth),
    Phrase::new(
        r"failed to connect to .{0,200}|couldn't connect to server|curl: \(7\)",
        Class::NetRefused,
    )
    .or(&[Class::NetReset]),
    Phrase::new(
        r"operation timed out after \d+ milliseconds with \d+ (out of \d+ )?bytes received",
        Class::NetReadTimeout,
    ),
    Phrase::new(
        r"connection timed out after \d+ milliseconds|resolving timed out",
        Class::NetConnectTimeout,
    )
    .or(&[Class::TlsHandshake]),
    Phrase::new(
        r"recv failure: connection reset by peer|send failure: connection reset|send failure: broken pipe",
        Class::NetReset,
    )
    .or(&[Class::NetClosed, Class::TlsHandshake]),
    Phrase::new(r"empty reply from server|curl: \(52\)", Class::NetClosed),
    Phrase::new(
        r"transfer closed with .{0,80}(remaining to read|remaining)|transferred a partial file|curl: \(18\)|was not closed cleanly",
        Class::NetTruncated,
    ),
    Phrase::new(r"maximum \(\d+\) redirects followed|curl: \(47\)", Class::NetRedirect),
    Phrase::new(
        r"received HTTP/0\.9 when not allowed|illegal or missing hexadecimal sequence in chunked-encoding|while processing content unencoding|weird server reply",
        Class::ProtocolMalformed,
    ),
    Phrase::new(
        r"URL using bad/illegal format|curl: \(3\)|unsupported protocol scheme|protocol .{0,40} not supported",
        Class::ConfigUrl,
    ),
    Phrase::new(r"SSL_ERROR_SYSCALL in connection", Class::TlsHandshake).or(&[Class::NetClosed]),
    Phrase::new(
        r"the requested URL returned error: 401",
        Class::AuthInvalidCredentials,
    ),
    Phrase::new(r"the requested URL returned error: 403", Class::AuthzRole)
        .or(&[Class::AuthzTable, Class::AuthzApiAcl, Class::AuthzIpBlocked]),
    Phrase::new(
        r"the requested URL returned error: 429",
        Class::ThrottleRateLimit,
    )
    .or(&[Class::ThrottleConcurrency]),
    Phrase::new(
        r"the requested URL returned error: (502|503|504)",
        Class::InstanceUnavailable,
    ),
    Phrase::new(r"the requested URL returned error: 500", Class::InstanceError),
    Phrase::new(r"curl: \(28\)", Class::NetReadTimeout)
        .or(&[Class::NetConnectTimeout])
        .wrapping(),
    Phrase::new(r"curl: \(56\)", Class::NetReset)
        .or(&[Class::NetClosed, Class::NetTruncated])
        .wrapping(),
    Phrase::new(r"curl: \(35\)", Class::TlsHandshake).wrapping(),
    Phrase::new(r"curl: \(60\)", Class::TlsUntrusted)
        .or(&[Class::TlsExpired, Class::TlsHostname, Class::TlsChain])
        .wrapping(),
];
