//! The words of Rust's reqwest with hyper and rustls, its chain of causes included.

use super::{Class, Phrase};

pub(super) const PHRASES: &[Phrase] = &[
    Phrase::new(
        r"dns error|failed to lookup address information",
        Class::NetDns,
    ),
    Phrase::new(r"invalid peer certificate: certificate expired", Class::TlsExpired)
        .or(&[Class::TlsChain]),
    Phrase::new(
        r"invalid peer certificate: certificate not valid yet",
        Class::TlsNotYetValid,
    ),
    Phrase::new(
        r"invalid peer certificate: (certificate not valid for name|NotValidForName)",
        Class::TlsHostname,
    ),
    Phrase::new(
        r"invalid peer certificate: (UnknownIssuer|BadSignature|Other|UnsupportedSignature|certificate does not allow)\w*",
        Class::TlsUntrusted,
    )
    .or(&[Class::TlsChain]),
    Phrase::new(
        r"fatal alert: (CertificateRequired|CertificateExpired|UnknownCA|BadCertificate)",
        Class::TlsClientCertificate,
    ),
    Phrase::new(
        r"fatal alert: (HandshakeFailure|ProtocolVersion|NoApplicationProtocol)|ServerDoesNotSupportTls12Or13|SelectedUnofferedCipherSuite",
        Class::TlsVersion,
    )
    .or(&[Class::TlsHandshake]),
    Phrase::new(
        r"fatal alert: (AccessDenied|InternalError|UnrecognisedName)|received corrupt message|tls handshake eof",
        Class::TlsHandshake,
    )
    .or(&[Class::ConfigUrl, Class::NetProxy, Class::NetClosed]),
    Phrase::new(r"tunnel error: .{0,60}(407|proxy auth)", Class::NetProxyAuth),
    Phrase::new(r"tunnel error", Class::NetProxy),
    Phrase::new(r"connection refused", Class::NetRefused),
    Phrase::new(r"error reading a body from connection <- connection reset by peer", Class::NetReset)
        .or(&[Class::NetTruncated]),
    Phrase::new(
        r"error reading a body from connection <- stream (error received|closed because of)",
        Class::NetReset,
    )
    .or(&[Class::NetTruncated, Class::NetClosed]),
    Phrase::new(r"stream error received|stream closed because of", Class::NetReset)
        .or(&[Class::NetClosed]),
    Phrase::new(r"connection reset by peer", Class::NetReset)
        .or(&[Class::NetClosed, Class::TlsHandshake]),
    // Over TLS the end of a chunked body is told by what TLS misses.
    Phrase::new(
        r"error reading a body from connection <- peer closed connection without sending TLS close_notify",
        Class::NetTruncated,
    )
    .or(&[Class::NetClosed, Class::NetReset]),
    Phrase::new(
        r"end of file before message length reached|unexpected EOF during chunk size line|unexpected end of file",
        Class::NetTruncated,
    ),
    Phrase::new(
        r"connection closed before message completed|without sending TLS close_notify",
        Class::NetClosed,
    )
    .or(&[Class::NetTruncated, Class::NetReset]),
    Phrase::new(r"operation timed out|deadline has elapsed", Class::NetReadTimeout)
        .or(&[Class::NetConnectTimeout, Class::TlsHandshake]),
    Phrase::new(r"too many redirects", Class::NetRedirect),
    Phrase::new(
        r"invalid HTTP version parsed|message head is too large|invalid content-length parsed|invalid chunk size line|invalid gzip header",
        Class::ProtocolMalformed,
    ),
    Phrase::new(
        r"expected value at line 1 column 1\b",
        Class::ProtocolNotJson,
    ),
    Phrase::new(
        r"EOF while parsing|expected value at line|invalid unicode code point|trailing characters at line|key must be a string at line",
        Class::ProtocolMalformed,
    )
    .or(&[Class::ProtocolNotJson]),
    Phrase::new(
        r"relative URL without a base|invalid port number|builder error",
        Class::ConfigUrl,
    ),
    Phrase::new(r"HTTP status client error \(401", Class::AuthInvalidCredentials).or(&[
        Class::AuthAccountLocked,
        Class::AuthAccountInactive,
        Class::AuthPasswordExpired,
    ]),
    Phrase::new(r"HTTP status client error \(403", Class::AuthzRole)
        .or(&[Class::AuthzTable, Class::AuthzApiAcl, Class::AuthzRecord]),
    Phrase::new(r"HTTP status client error \(429", Class::ThrottleRateLimit)
        .or(&[Class::ThrottleConcurrency]),
    Phrase::new(r"HTTP status server error \(50[234]", Class::InstanceUnavailable),
    Phrase::new(r"HTTP status server error \(500", Class::InstanceError),
    Phrase::new(r"error decoding response body", Class::ProtocolMalformed)
        .or(&[Class::ProtocolNotJson, Class::NetTruncated])
        .wrapping(),
];

#[cfg(test)]
mod tests {
    use super::super::reads_as;
    use super::*;

    #[test]
    fn reqwest_speaks_as_measured() {
        reads_as(
            "reqwest",
            &[
                (
                    Class::TlsExpired,
                    "error sending request for url (https://x/) <- client error (Connect) <- invalid peer certificate: certificate expired: verification time 1 (UNIX), but certificate is not valid after 0 (1 seconds ago)",
                ),
                (
                    Class::TlsUntrusted,
                    "error sending request <- client error (Connect) <- invalid peer certificate: UnknownIssuer",
                ),
                (
                    Class::TlsHostname,
                    "client error (Connect) <- invalid peer certificate: certificate not valid for name \"localhost\"; certificate is only valid for DnsName(\"other.example\")",
                ),
                (
                    Class::NetReset,
                    "error decoding response body <- request or response body error <- error reading a body from connection <- Connection reset by peer (os error 104)",
                ),
                (
                    Class::NetReset,
                    "error sending request <- client error (SendRequest) <- http2 error <- stream error received: refused stream before processing any application logic",
                ),
                (
                    Class::NetReset,
                    "error decoding response body <- request or response body error <- error reading a body from connection <- stream error received: stream no longer needed",
                ),
                (
                    Class::NetClosed,
                    "error sending request <- client error (SendRequest) <- connection closed before message completed",
                ),
                (
                    Class::NetTruncated,
                    "error decoding response body <- request or response body error <- error reading a body from connection <- end of file before message length reached",
                ),
                (
                    Class::NetReadTimeout,
                    "error sending request for url (https://x/) <- operation timed out",
                ),
                (
                    Class::NetRefused,
                    "client error (Connect) <- tcp connect error <- Connection refused (os error 111)",
                ),
                (
                    Class::NetDns,
                    "client error (Connect) <- dns error <- failed to lookup address information: Name or service not known",
                ),
                (
                    Class::ProtocolNotJson,
                    "error decoding response body <- expected value at line 1 column 1",
                ),
                (
                    Class::ProtocolMalformed,
                    "error decoding response body <- EOF while parsing a list at line 1 column 11",
                ),
                (Class::ProtocolMalformed, "error decoding response body"),
            ],
        );
    }
}
