//! The words of Java's HttpClient and its PKIX validator.
//!
//! It cannot tell an unknown CA from a self-signed certificate or a missing intermediate, nor an
//! expired certificate from one that is not valid yet (connection-faults 0.4).

use super::{Class, Phrase};

pub(super) const PHRASES: &[Phrase] = &[
    Phrase::new(
        r"unable to find valid certification path|does not chain with any of the trust anchors",
        Class::TlsUntrusted,
    )
    .or(&[Class::TlsChain]),
    Phrase::new(r"CertificateNotYetValidException", Class::TlsNotYetValid),
    Phrase::new(r"CertificateExpiredException", Class::TlsExpired).or(&[Class::TlsChain]),
    // What the validator says of both, where the deeper cause is not told.
    Phrase::new(r"validity check failed", Class::TlsExpired)
        .or(&[Class::TlsNotYetValid, Class::TlsChain]),
    Phrase::new(
        r"no subject alternative (DNS )?names? (matching|present)|no name matching .{0,200} found",
        Class::TlsHostname,
    ),
    Phrase::new(
        r"signature check failed|name constraints check failed|extended key usage does not permit|algorithm constraints check failed|does not conform to algorithm constraints",
        Class::TlsUntrusted,
    )
    .or(&[Class::TlsChain]),
    Phrase::new(
        r"fatal alert: (certificate_required|certificate_expired|unknown_ca|bad_certificate)",
        Class::TlsClientCertificate,
    ),
    Phrase::new(
        r"fatal alert: (handshake_failure|protocol_version|no_application_protocol)|is not accepted by client preferences|improper ciphersuite",
        Class::TlsVersion,
    )
    .or(&[Class::TlsHandshake]),
    Phrase::new(
        r"remote host (terminated the handshake|closed the channel)|fatal alert: (internal_error|access_denied|unrecognized_name)|unrecognized SSL message",
        Class::TlsHandshake,
    )
    .or(&[Class::ConfigUrl, Class::NetReset, Class::NetClosed]),
    Phrase::new(r"UnresolvedAddressException|UnknownHostException", Class::NetDns),
    Phrase::new(r"tunnel failed, got: 407", Class::NetProxyAuth),
    Phrase::new(r"tunnel failed, got: \d+", Class::NetProxy),
    Phrase::new(
        r"HttpConnectTimeoutException|HTTP connect timed out",
        Class::NetConnectTimeout,
    )
    .or(&[Class::TlsHandshake]),
    Phrase::new(r"HttpTimeoutException|request timed out", Class::NetReadTimeout),
    Phrase::new(
        r"fixed content-length: \d+, bytes received: \d+|chunked transfer encoding, state: READING",
        Class::NetTruncated,
    )
    .or(&[Class::NetReset, Class::NetClosed]),
    Phrase::new(
        r"header parser received no bytes.{0,300}SocketException: connection reset",
        Class::NetReset,
    )
    .or(&[Class::NetClosed]),
    Phrase::new(r"header parser received no bytes", Class::NetClosed).or(&[Class::NetReset]),
    Phrase::new(
        r"ClosedChannelException|connection refused",
        Class::NetRefused,
    )
    .or(&[Class::NetProxy]),
    Phrase::new(r"SocketException: connection reset", Class::NetReset),
    Phrase::new(
        r"parsing HTTP/1\.1 (status line|header), .{0,300}EOF reached while reading",
        Class::NetTruncated,
    )
    .or(&[Class::NetClosed, Class::ProtocolMalformed]),
    Phrase::new(
        r"invalid status line|illegal character in chunk size|header size too big|parsing HTTP/1\.1 status line",
        Class::ProtocolMalformed,
    ),
    Phrase::new(
        r"unexpected character \('<' \(code 60\)\)",
        Class::ProtocolNotJson,
    )
    .or(&[Class::ProtocolMalformed]),
    Phrase::new(r"JsonParseException|JsonEOFException|unexpected character \('", Class::ProtocolMalformed)
        .or(&[Class::ProtocolNotJson]),
    Phrase::new(r"GOAWAY received|received RST_STREAM", Class::NetReset),
    Phrase::new(r"PKIX path (building|validation) failed|SSLHandshakeException", Class::TlsUntrusted)
        .or(&[Class::TlsExpired, Class::TlsHostname, Class::TlsChain, Class::TlsHandshake])
        .wrapping(),
    // It follows no redirect past its fifth, nor one to plain HTTP, and gives the status.
    Phrase::new(
        r"(status|code|error|http)\W{0,4}(code\W{0,3})?30[12378]\b",
        Class::NetRedirect,
    )
    .or(&[Class::ConfigUrl, Class::AuthLoginRedirect])
    .wrapping(),
    Phrase::new(r"java\.net\.ConnectException|ConnectException: null", Class::NetRefused)
        .or(&[Class::NetDns, Class::NetProxy])
        .wrapping(),
];

#[cfg(test)]
mod tests {
    use super::super::reads_as;
    use super::*;

    #[test]
    fn java_speaks_as_measured() {
        reads_as(
            "java-httpclient",
            &[
                (
                    Class::TlsExpired,
                    "SSLHandshakeException: PKIX path validation failed: CertPathValidatorException: validity check failed",
                ),
                (
                    Class::TlsUntrusted,
                    "SSLHandshakeException: PKIX path building failed: SunCertPathBuilderException: unable to find valid certification path to requested target",
                ),
                (
                    Class::TlsHostname,
                    "SSLHandshakeException: No subject alternative DNS name matching localhost found. <- CertificateException: No subject alternative DNS name matching localhost found.",
                ),
                (
                    Class::NetReset,
                    "IOException: HTTP/1.1 header parser received no bytes <- SocketException: Connection reset",
                ),
                (
                    Class::NetReset,
                    "java.io.IOException: HTTP/1.1 header parser received no bytes <- java.io.IOException: HTTP/1.1 header parser received no bytes <- java.net.SocketException: Connection reset",
                ),
                (
                    Class::TlsUntrusted,
                    "sun.security.validator.ValidatorException: PKIX path validation failed: java.security.cert.CertPathValidatorException: Path does not chain with any of the trust anchors",
                ),
                (Class::NetRefused, "java.net.ConnectException"),
                (
                    Class::NetRedirect,
                    "java.lang.IllegalStateException: HTTP 302",
                ),
                (
                    Class::NetProxyAuth,
                    "java.lang.IllegalStateException: HTTP 407",
                ),
                (
                    Class::NetClosed,
                    "IOException: HTTP/1.1 header parser received no bytes <- EOFException: EOF reached while reading",
                ),
                (
                    Class::NetTruncated,
                    "IOException: chunked transfer encoding, state: READING_LENGTH <- EOFException: EOF reached while reading",
                ),
                (
                    Class::NetReadTimeout,
                    "HttpTimeoutException: request timed out",
                ),
                (
                    Class::NetConnectTimeout,
                    "HttpConnectTimeoutException: HTTP connect timed out <- ConnectException: HTTP connect timed out",
                ),
                (
                    Class::NetDns,
                    "ConnectException: null <- java.nio.channels.UnresolvedAddressException: null",
                ),
                (
                    Class::NetRefused,
                    "ConnectException: null <- java.nio.channels.ClosedChannelException: null",
                ),
                (
                    Class::TlsHandshake,
                    "javax.net.ssl.SSLException: Unrecognized SSL message, plaintext connection?",
                ),
            ],
        );
        let expired = super::super::read(
            &["java-httpclient".to_owned()],
            "PKIX path validation failed: CertPathValidatorException: validity check failed",
        );
        assert!(expired.unwrap().candidates.contains(&Class::TlsNotYetValid));
    }
}
