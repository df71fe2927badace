//! The words of Node's built-in fetch (undici) and of Node's error codes.

use super::{Class, Phrase};

pub(super) const PHRASES: &[Phrase] = &[
    Phrase::new(
        r"getaddrinfo (ENOTFOUND|EAI_AGAIN)|\bENOTFOUND\b|\bEAI_AGAIN\b",
        Class::NetDns,
    ),
    Phrase::new(r"proxy response \(407\)", Class::NetProxyAuth),
    Phrase::new(r"proxy response \(\d+\) !== 200", Class::NetProxy),
    Phrase::new(r"\bECONNREFUSED\b", Class::NetRefused),
    Phrase::new(
        r"client network socket disconnected before secure TLS connection was established",
        Class::TlsHandshake,
    )
    .or(&[Class::NetReset, Class::NetClosed]),
    Phrase::new(r"\bECONNRESET\b", Class::NetReset).or(&[
        Class::NetClosed,
        Class::NetTruncated,
        Class::TlsHandshake,
    ]),
    Phrase::new(
        r"\bETIMEDOUT\b|UND_ERR_CONNECT_TIMEOUT",
        Class::NetConnectTimeout,
    ),
    Phrase::new(
        r"aborted due to timeout|TimeoutError|UND_ERR_HEADERS_TIMEOUT|UND_ERR_BODY_TIMEOUT",
        Class::NetReadTimeout,
    )
    .or(&[Class::NetConnectTimeout, Class::TlsHandshake]),
    Phrase::new(
        r"terminated <- SocketError\[UND_ERR_SOCKET\]: other side closed|TypeError: terminated",
        Class::NetTruncated,
    )
    .or(&[Class::NetReset, Class::NetClosed]),
    Phrase::new(
        r"UND_ERR_SOCKET|other side closed|socket hang up",
        Class::NetClosed,
    )
    .or(&[
        Class::NetReset,
        Class::NetTruncated,
        Class::TlsClientCertificate,
    ]),
    Phrase::new(
        r"HPE_INVALID|HPE_UNEXPECTED|HTTPParserError|UND_ERR_HEADERS_OVERFLOW|Z_DATA_ERROR|incorrect header check",
        Class::ProtocolMalformed,
    ),
    Phrase::new(r"redirect count exceeded", Class::NetRedirect),
    Phrase::new(
        r#"unexpected token '?<'?.{0,80}(is not valid JSON|in JSON at position 0)"#,
        Class::ProtocolNotJson,
    ),
    Phrase::new(
        r"unexpected end of JSON input|is not valid JSON|in JSON at position \d+",
        Class::ProtocolMalformed,
    )
    .or(&[Class::ProtocolNotJson]),
    Phrase::new(
        r"ERR_INVALID_URL|failed to parse URL|invalid URL",
        Class::ConfigUrl,
    ),
];
