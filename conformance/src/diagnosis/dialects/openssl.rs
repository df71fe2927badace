//! OpenSSL's words for certificates and handshakes, shared by curl, Python and Node.

use super::{Class, Phrase};

pub(super) const PHRASES: &[Phrase] = &[
    Phrase::new(
        r"certificate has expired|CERT_HAS_EXPIRED",
        Class::TlsExpired,
    )
    .or(&[Class::TlsChain]),
    Phrase::new(
        r"certificate is not yet valid|CERT_NOT_YET_VALID",
        Class::TlsNotYetValid,
    ),
    Phrase::new(
        r"self[- ]signed certificate|SELF_SIGNED_CERT",
        Class::TlsUntrusted,
    ),
    Phrase::new(
        r"unable to get (local )?issuer certificate|unable to verify the first certificate|UNABLE_TO_VERIFY_LEAF_SIGNATURE|UNABLE_TO_GET_ISSUER_CERT",
        Class::TlsUntrusted,
    )
    .or(&[Class::TlsChain]),
    Phrase::new(
        r"hostname mismatch, certificate is not valid for|IP address mismatch, certificate is not valid for|no alternative certificate subject name matches|does not match certificate's altnames|ERR_TLS_CERT_ALTNAME_INVALID|certificate subject name .{0,100}does not match",
        Class::TlsHostname,
    ),
    Phrase::new(
        r"certificate signature failure|CERT_SIGNATURE_FAILURE|unsuitable certificate purpose|INVALID_PURPOSE|permitted subtree violation|(CA|EE) certificate key too weak|CA signature digest algorithm too weak",
        Class::TlsUntrusted,
    )
    .or(&[Class::TlsChain]),
    Phrase::new(
        r"alert certificate required|ALERT_CERTIFICATE_REQUIRED|alert certificate expired|ALERT_CERTIFICATE_EXPIRED|alert unknown ca|ALERT_UNKNOWN_CA|alert bad certificate",
        Class::TlsClientCertificate,
    ),
    Phrase::new(
        r"unsupported protocol|alert protocol version|ALERT_PROTOCOL_VERSION|alert handshake failure|ALERT_HANDSHAKE_FAILURE|unsafe legacy renegotiation|no application protocol|unknown cipher returned",
        Class::TlsVersion,
    )
    .or(&[Class::TlsHandshake]),
    Phrase::new(
        r"wrong version number|WRONG_VERSION_NUMBER|alert (internal error|access denied)|unrecognized name|UNEXPECTED_EOF_WHILE_READING|EOF occurred in violation of protocol",
        Class::TlsHandshake,
    )
    .or(&[Class::ConfigUrl, Class::NetProxy]),
    Phrase::new(
        r"certificate verify failed|CERTIFICATE_VERIFY_FAILED|SSL certificate problem|SSL certificate verification failed",
        Class::TlsUntrusted,
    )
    .or(&[Class::TlsExpired, Class::TlsHostname, Class::TlsChain, Class::TlsNotYetValid])
    .wrapping(),
];
