//! The words of Java's HttpClient and its PKIX validator.
//!
//! It cannot tell an unknown CA from a self-signed certificate or a missing intermediate, nor an
//! expired certificate from one that is not valid yet (connection-faults 0.4).

use super::{Class, Phrase};

pub(super) const PHRASES: &[Phrase] = &[
    Phrase::new(
        r"unable to find valid certification path",
        Class::TlsUntrusted,
    )
    .or(&[Class::TlsChain]),
    Phrase::new(
        r"validity check failed|CertificateExpiredException",
        Class::TlsExpired,
    )
    .or(&[Class::TlsNotYetValid, Class::TlsChain]),
    Phrase::new(r"CertificateNotYetValidException", Class::TlsNotYetValid),
    Phrase::new(
        r"no subject alternative (DNS )?names? (matching|present)|no name matching .{0,200} found",
        Class::TlsHostname,
    ),
    Phrase::new(
        r"signature check failed|name constraints check failed|extended key usage does not permit",
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
        r"remote host terminated the handshake|fatal alert: (internal_error|access_denied|unrecognized_name)|unrecognized SSL message",
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
        r"header parser received no bytes <- SocketException: connection reset",
        Class::NetReset,
    )
    .or(&[Class::NetClosed]),
    Phrase::new(r"header parser received no bytes", Class::NetClosed).or(&[Class::NetReset]),
    Phrase::new(
        r"ClosedChannelException|connection refused",
        Class::NetRefused,
    ),
    Phrase::new(r"SocketException: connection reset", Class::NetReset),
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
    Phrase::new(r"ConnectException: null", Class::NetRefused)
        .or(&[Class::NetDns])
        .wrapping(),
];
