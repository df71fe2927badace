//! The words of Python aiohttp.

use super::{Class, Phrase};

pub(super) const PHRASES: &[Phrase] = &[
    Phrase::new(
        r"ClientConnectorDNSError|name or service not known|temporary failure in name resolution|nodename nor servname",
        Class::NetDns,
    ),
    Phrase::new(
        r"ClientHttpProxyError: 407|407, message=.{0,3}proxy authentication required",
        Class::NetProxyAuth,
    ),
    Phrase::new(
        r"ClientHttpProxyError|ClientProxyConnectionError",
        Class::NetProxy,
    ),
    Phrase::new(
        r"ConnectionTimeoutError|connection timeout to host",
        Class::NetConnectTimeout,
    )
    .or(&[Class::TlsHandshake]),
    Phrase::new(
        r"SocketTimeoutError|timeout on reading data from socket",
        Class::NetReadTimeout,
    ),
    // A timeout for the call as a whole has no text.
    Phrase::new(
        r"ServerTimeoutError|TimeoutError",
        Class::NetReadTimeout,
    )
    .or(&[Class::NetConnectTimeout, Class::TlsHandshake])
    .wrapping(),
    Phrase::new(
        r"connect call failed|connection refused|ConnectionRefusedError",
        Class::NetRefused,
    ),
    Phrase::new(
        r"connection reset by peer|ConnectionResetError",
        Class::NetReset,
    )
    .or(&[Class::NetTruncated, Class::NetClosed, Class::TlsHandshake]),
    // The connection ended while it came about, and there is nothing to say of it.
    Phrase::new(
        r"ClientConnectorError: cannot connect to host \S+ ssl:\S+ \[None\]",
        Class::TlsHandshake,
    )
    .or(&[Class::NetClosed, Class::NetReset]),
    Phrase::new(r"ServerDisconnectedError|server disconnected", Class::NetClosed)
        .or(&[Class::NetReset]),
    Phrase::new(
        r"response payload is not completed|ContentLengthError|TransferEncodingError: 400, message='Not enough data",
        Class::NetTruncated,
    )
    .or(&[Class::NetReset, Class::NetClosed]),
    Phrase::new(r"TooManyRedirects", Class::NetRedirect),
    Phrase::new(
        r"InvalidUrlClientError|InvalidURL|NonHttpUrlClientError",
        Class::ConfigUrl,
    ),
    Phrase::new(
        r"attempt to decode JSON with unexpected mimetype|expecting value: line 1 column 1 \(char 0\)",
        Class::ProtocolNotJson,
    )
    .or(&[Class::ProtocolMalformed]),
    Phrase::new(
        r"JSONDecodeError|expecting value: line \d+ column \d+|UnicodeDecodeError",
        Class::ProtocolMalformed,
    )
    .or(&[Class::ProtocolNotJson]),
    Phrase::new(
        r"BadStatusLine|BadHttpMessage|InvalidHeader|LineTooLong|TransferEncodingError|ContentEncodingError|can not decode content-encoding|got more than \d+ bytes",
        Class::ProtocolMalformed,
    ),
    // Its parser's words come as the status of an answer that there was not.
    Phrase::new(
        r#"ClientResponseError: 400, message=["'](bad status line|duplicate content-length|invalid |unexpected |missing |too many |content-length |transfer-encoding )"#,
        Class::ProtocolMalformed,
    ),
    Phrase::new(
        r"\b401, message='unauthorized'",
        Class::AuthInvalidCredentials,
    )
    .or(&[
        Class::AuthAccountLocked,
        Class::AuthAccountInactive,
        Class::AuthPasswordExpired,
    ]),
    Phrase::new(r"\b403, message='forbidden'", Class::AuthzRole).or(&[
        Class::AuthzTable,
        Class::AuthzApiAcl,
        Class::AuthzRecord,
        Class::AuthzIpBlocked,
    ]),
    Phrase::new(r"\b429, message=", Class::ThrottleRateLimit).or(&[Class::ThrottleConcurrency]),
    Phrase::new(r"\b50[234], message=", Class::InstanceUnavailable),
    Phrase::new(r"\b500, message=", Class::InstanceError),
    Phrase::new(r"ClientConnectorSSLError|ClientConnectorCertificateError", Class::TlsHandshake)
        .or(&[Class::TlsUntrusted])
        .wrapping(),
];

#[cfg(test)]
mod tests {
    use super::super::reads_as;
    use super::*;

    #[test]
    fn aiohttp_speaks_as_measured() {
        reads_as(
            "aiohttp",
            &[
                (
                    Class::TlsExpired,
                    r#"aiohttp.client_exceptions.ClientConnectorCertificateError: Cannot connect to host localhost:443 ssl:True [SSLCertVerificationError: (1, '[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: certificate has expired (_ssl.c:1006)')]"#,
                ),
                (
                    Class::TlsHandshake,
                    r#"aiohttp.client_exceptions.ClientConnectorSSLError: Cannot connect to host 127.0.0.1:443 ssl:default [[SSL: WRONG_VERSION_NUMBER] wrong version number (_ssl.c:1006)]"#,
                ),
                (
                    Class::NetConnectTimeout,
                    r#"aiohttp.client_exceptions.ConnectionTimeoutError: Connection timeout to host https://127.0.0.1:443/"#,
                ),
                (
                    Class::NetReadTimeout,
                    r#"aiohttp.client_exceptions.SocketTimeoutError: Timeout on reading data from socket"#,
                ),
                (Class::NetReadTimeout, r#"builtins.TimeoutError: "#),
                (
                    Class::NetRefused,
                    r#"aiohttp.client_exceptions.ClientConnectorError: Cannot connect to host 127.0.0.1:443 ssl:default [Connect call failed ('127.0.0.1', 443)]"#,
                ),
                (
                    Class::TlsHandshake,
                    r#"aiohttp.client_exceptions.ClientConnectorError: Cannot connect to host localhost:443 ssl:default [None]"#,
                ),
                (
                    Class::ProtocolMalformed,
                    r#"aiohttp.client_exceptions.ClientResponseError: 400, message="Duplicate Content-Length:\n\n b'Content-Length: 33592'\n ^", url='https://127.0.0.1:443/'"#,
                ),
                (
                    Class::NetProxy,
                    r#"aiohttp.client_exceptions.ClientProxyConnectionError: Cannot connect to host 127.0.0.1:3128 ssl:default [Connect call failed ('127.0.0.1', 3128)]"#,
                ),
                (
                    Class::NetDns,
                    r#"aiohttp.client_exceptions.ClientConnectorDNSError: Cannot connect to host nosuch.invalid:443 ssl:default [Name or service not known]"#,
                ),
                (
                    Class::NetReset,
                    r#"aiohttp.client_exceptions.ClientOSError: [Errno 104] Connection reset by peer"#,
                ),
                (
                    Class::NetClosed,
                    r#"aiohttp.client_exceptions.ServerDisconnectedError: Server disconnected"#,
                ),
                (
                    Class::ProtocolNotJson,
                    r#"aiohttp.client_exceptions.ContentTypeError: 200, message='Attempt to decode JSON with unexpected mimetype: text/html', url='https://127.0.0.1:443/'"#,
                ),
                (
                    Class::ThrottleRateLimit,
                    r#"aiohttp.client_exceptions.ClientResponseError: 429, message='Too Many Requests', url='https://127.0.0.1:443/'"#,
                ),
            ],
        );
    }
}
