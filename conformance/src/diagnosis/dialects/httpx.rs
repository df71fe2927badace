//! The words of Python httpx and httpcore.

use super::{Class, Phrase};

pub(super) const PHRASES: &[Phrase] = &[
    Phrase::new(
        r"name or service not known|temporary failure in name resolution|nodename nor servname",
        Class::NetDns,
    ),
    Phrase::new(
        r"ProxyError: 407|407 proxy authentication required",
        Class::NetProxyAuth,
    ),
    Phrase::new(r"ProxyError", Class::NetProxy),
    Phrase::new(r"the handshake operation timed out", Class::TlsHandshake)
        .or(&[Class::NetConnectTimeout]),
    Phrase::new(r"ConnectTimeout\b", Class::NetConnectTimeout),
    Phrase::new(
        r"ReadTimeout\b|the read operation timed out",
        Class::NetReadTimeout,
    ),
    Phrase::new(r"connection refused", Class::NetRefused).or(&[Class::NetProxy]),
    Phrase::new(r"connection reset by peer", Class::NetReset)
        .or(&[Class::NetTruncated, Class::TlsHandshake]),
    Phrase::new(
        r"server disconnected without sending a response",
        Class::NetClosed,
    )
    .or(&[Class::NetReset]),
    Phrase::new(
        r"peer closed connection without sending complete message body|incomplete chunked read|StreamReset|ConnectionTerminated",
        Class::NetTruncated,
    )
    .or(&[Class::NetReset]),
    Phrase::new(
        r"illegal (status|request) line|illegal chunk header|receive buffer too long|conflicting content-length|DecodingError|UnicodeDecodeError",
        Class::ProtocolMalformed,
    ),
    Phrase::new(
        r"TooManyRedirects|exceeded maximum allowed redirects",
        Class::NetRedirect,
    ),
    Phrase::new(r"UnsupportedProtocol|InvalidURL", Class::ConfigUrl),
    Phrase::new(
        r"expecting value: line 1 column 1 \(char 0\)",
        Class::ProtocolNotJson,
    )
    .or(&[Class::ProtocolMalformed]),
    Phrase::new(
        r"JSONDecodeError|expecting value: line \d+ column \d+",
        Class::ProtocolMalformed,
    )
    .or(&[Class::ProtocolNotJson]),
    Phrase::new(
        r"client error '401|'401 unauthorized'",
        Class::AuthInvalidCredentials,
    )
    .or(&[
        Class::AuthAccountLocked,
        Class::AuthAccountInactive,
        Class::AuthPasswordExpired,
    ]),
    Phrase::new(r"client error '403|'403 forbidden'", Class::AuthzRole).or(&[
        Class::AuthzTable,
        Class::AuthzApiAcl,
        Class::AuthzRecord,
        Class::AuthzIpBlocked,
    ]),
    Phrase::new(
        r"client error '429|'429 too many requests'",
        Class::ThrottleRateLimit,
    )
    .or(&[Class::ThrottleConcurrency]),
    Phrase::new(r"server error '50[234]", Class::InstanceUnavailable),
    Phrase::new(r"server error '500", Class::InstanceError),
];

#[cfg(test)]
mod tests {
    use super::super::reads_as;
    use super::*;

    #[test]
    fn httpx_speaks_as_measured() {
        reads_as(
            "httpx",
            &[
                (
                    Class::TlsExpired,
                    "httpx.ConnectError: [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: certificate has expired",
                ),
                (
                    Class::NetReset,
                    "httpx.ReadError: [Errno 104] Connection reset by peer",
                ),
                (
                    Class::NetClosed,
                    "httpx.RemoteProtocolError: Server disconnected without sending a response.",
                ),
                (
                    Class::NetTruncated,
                    "httpx.RemoteProtocolError: peer closed connection without sending complete message body (incomplete chunked read)",
                ),
                (Class::NetReadTimeout, "httpx.ReadTimeout: timed out"),
                (Class::NetConnectTimeout, "httpx.ConnectTimeout: timed out"),
                (
                    Class::TlsHandshake,
                    "httpx.ConnectTimeout: _ssl.c:989: The handshake operation timed out",
                ),
                (
                    Class::NetRefused,
                    "httpx.ConnectError: [Errno 111] Connection refused",
                ),
                (
                    Class::NetDns,
                    "httpx.ConnectError: [Errno -2] Name or service not known",
                ),
                (
                    Class::NetRedirect,
                    "httpx.TooManyRedirects: Exceeded maximum allowed redirects.",
                ),
                (
                    Class::ProtocolNotJson,
                    "json.decoder.JSONDecodeError: Expecting value: line 1 column 1 (char 0)",
                ),
            ],
        );
    }
}
