//! The words of Go's net/http and crypto/tls.

use super::{Class, Phrase};

pub(super) const PHRASES: &[Phrase] = &[
    Phrase::new(
        r"no such host|server misbehaving|temporary failure in name resolution",
        Class::NetDns,
    ),
    Phrase::new(r"proxy authentication required", Class::NetProxyAuth),
    // What a proxy answers to CONNECT stands alone behind the URL.
    Phrase::new(
        r#"": (bad gateway|forbidden|service unavailable|gateway timeout)$"#,
        Class::NetProxy,
    ),
    Phrase::new(r"proxyconnect tcp: ", Class::NetProxy).or(&[Class::NetRefused]),
    Phrase::new(
        r"x509: certificate has expired or is not yet valid: current time \S+ is after",
        Class::TlsExpired,
    )
    .or(&[Class::TlsChain]),
    Phrase::new(
        r"x509: certificate has expired or is not yet valid: current time \S+ is before",
        Class::TlsNotYetValid,
    ),
    Phrase::new(
        r"x509: certificate has expired or is not yet valid",
        Class::TlsExpired,
    )
    .or(&[Class::TlsNotYetValid, Class::TlsChain]),
    Phrase::new(
        r"x509: certificate is (not )?valid for .{1,200}, not |x509: cannot validate certificate for|x509: certificate relies on legacy common name field|x509: certificate is not valid for any names",
        Class::TlsHostname,
    ),
    Phrase::new(
        r"x509: certificate signed by unknown authority|certificate is not trusted",
        Class::TlsUntrusted,
    )
    .or(&[Class::TlsChain]),
    Phrase::new(
        r"x509: .{0,80}(incompatible key usage|is not permitted by any constraint|is not authorized to sign|insecure algorithm|cannot verify signature)|verification failure",
        Class::TlsUntrusted,
    )
    .or(&[Class::TlsChain]),
    Phrase::new(
        r"remote error: tls: (certificate required|bad certificate|unknown certificate|expired certificate)",
        Class::TlsClientCertificate,
    ),
    Phrase::new(
        r"protocol version not supported|server selected unsupported protocol version|tls: handshake failure|no application protocol|server chose an unconfigured cipher suite",
        Class::TlsVersion,
    )
    .or(&[Class::TlsHandshake]),
    Phrase::new(
        r"first record does not look like a TLS handshake|server gave HTTP response to HTTPS client|tls: (internal error|access denied|unrecognized name)|TLS handshake timeout|tls: unsupported SSLv2 handshake|oversized record",
        Class::TlsHandshake,
    )
    .or(&[Class::ConfigUrl]),
    Phrase::new(r"dial tcp .{1,80}: i/o timeout", Class::NetConnectTimeout),
    Phrase::new(
        r"Client\.Timeout (exceeded|or context cancellation)|context deadline exceeded|i/o timeout",
        Class::NetReadTimeout,
    )
    .or(&[Class::NetConnectTimeout, Class::TlsHandshake]),
    Phrase::new(r"connection refused", Class::NetRefused),
    Phrase::new(r"connection reset by peer|broken pipe", Class::NetReset).or(&[
        Class::NetClosed,
        Class::NetTruncated,
        Class::TlsHandshake,
    ]),
    Phrase::new(
        r"transport connection broken: unexpected EOF",
        Class::NetTruncated,
    )
    .or(&[Class::NetClosed]),
    Phrase::new(r"stopped after \d+ redirects", Class::NetRedirect),
    Phrase::new(
        r"malformed HTTP|malformed MIME header|malformed chunked encoding|server response headers exceeded|invalid byte in chunk length|bad Content-Length|multiple Content-Length|gzip: invalid|flate: corrupt",
        Class::ProtocolMalformed,
    ),
    Phrase::new(
        r"invalid character '<' looking for beginning of value",
        Class::ProtocolNotJson,
    )
    .or(&[Class::ProtocolMalformed]),
    Phrase::new(r"^unexpected EOF$", Class::NetTruncated).or(&[
        Class::ProtocolMalformed,
        Class::NetReset,
        Class::NetClosed,
    ]),
    Phrase::new(
        r"unexpected end of JSON input|invalid character .{1,8} (looking for|after|in )",
        Class::ProtocolMalformed,
    )
    .or(&[Class::ProtocolNotJson]),
    Phrase::new(r": EOF$|server closed (idle )?connection", Class::NetClosed)
        .or(&[Class::NetReset, Class::TlsHandshake]),
    Phrase::new(r"status 401\b", Class::AuthInvalidCredentials).or(&[
        Class::AuthAccountLocked,
        Class::AuthAccountInactive,
        Class::AuthPasswordExpired,
    ]),
    Phrase::new(r"status 429\b", Class::ThrottleRateLimit).or(&[Class::ThrottleConcurrency]),
    Phrase::new(r"status 50[234]\b", Class::InstanceUnavailable).or(&[Class::NetProxy]),
];

#[cfg(test)]
mod tests {
    use super::super::reads_as;
    use super::*;

    #[test]
    fn go_speaks_as_measured() {
        reads_as(
            "go-http",
            &[
                (
                    Class::TlsExpired,
                    r#"Get "https://localhost:443/": x509: certificate has expired or is not yet valid: current time 2026-11-22T20:00:00Z is after 2026-11-20T20:00:00Z"#,
                ),
                (
                    Class::TlsNotYetValid,
                    r#"Get "https://localhost:443/": x509: certificate has expired or is not yet valid: current time 2026-11-22T20:00:00Z is before 2026-11-24T20:00:00Z"#,
                ),
                (
                    Class::TlsUntrusted,
                    r#"Get "https://localhost:443/": x509: certificate signed by unknown authority"#,
                ),
                (
                    Class::TlsHostname,
                    r#"Get "https://localhost:443/": x509: certificate is valid for another-instance.test, not localhost"#,
                ),
                (
                    Class::TlsHostname,
                    r#"Get "https://127.0.0.1:443/": x509: cannot validate certificate for 127.0.0.1 because it doesn't contain any IP SANs"#,
                ),
                (
                    Class::TlsHandshake,
                    r#"Get "https://127.0.0.1:443/": http: server gave HTTP response to HTTPS client"#,
                ),
                (
                    Class::NetReadTimeout,
                    r#"Get "https://127.0.0.1:443/": context deadline exceeded (Client.Timeout exceeded while awaiting headers)"#,
                ),
                (
                    Class::NetDns,
                    r#"Get "https://nosuch.invalid/": dial tcp: lookup nosuch.invalid on 192.0.2.1:53: no such host"#,
                ),
                (
                    Class::NetRefused,
                    r#"Get "https://127.0.0.1:443/": dial tcp 127.0.0.1:443: connect: connection refused"#,
                ),
                (
                    Class::NetReset,
                    r#"Get "https://127.0.0.1:443/": read tcp 127.0.0.1:50000->127.0.0.1:443: read: connection reset by peer"#,
                ),
                (
                    Class::NetProxyAuth,
                    r#"Get "https://dev1.service-now.com/": Proxy Authentication Required"#,
                ),
                (
                    Class::NetProxy,
                    r#"Get "https://dev1.service-now.com/": Bad Gateway"#,
                ),
                (
                    Class::NetProxy,
                    r#"Get "https://dev1.service-now.com/": proxyconnect tcp: dial tcp 127.0.0.1:3128: connect: connection refused"#,
                ),
                (Class::NetClosed, r#"Get "https://127.0.0.1:443/": EOF"#),
                (
                    Class::ProtocolNotJson,
                    r#"invalid character '<' looking for beginning of value"#,
                ),
            ],
        );
    }
}
