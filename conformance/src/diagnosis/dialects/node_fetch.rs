//! The words of Node's built-in fetch (undici) and of Node's error codes.

use super::{Class, Phrase};

pub(super) const PHRASES: &[Phrase] = &[
    Phrase::new(
        r"getaddrinfo (ENOTFOUND|EAI_AGAIN)|\bENOTFOUND\b|\bEAI_AGAIN\b",
        Class::NetDns,
    ),
    Phrase::new(r"proxy response \(407\)", Class::NetProxyAuth),
    Phrase::new(r"proxy response \(\d+\) !== 200", Class::NetProxy),
    Phrase::new(r"\bECONNREFUSED\b", Class::NetRefused).or(&[Class::NetProxy]),
    Phrase::new(
        r"client network socket disconnected before secure TLS connection was established",
        Class::TlsHandshake,
    )
    .or(&[Class::NetReset, Class::NetClosed]),
    Phrase::new(r"(ECONNRESET\W{1,3})?socket hang up", Class::NetClosed).or(&[Class::NetReset]),
    // A compressed body that ends too soon; the answer had begun.
    Phrase::new(r"ECONNRESET\W{1,4}aborted\b", Class::NetTruncated)
        .or(&[Class::NetReset, Class::NetClosed]),
    Phrase::new(r"\bECONNRESET\b", Class::NetReset).or(&[
        Class::NetClosed,
        Class::NetTruncated,
        Class::TlsHandshake,
    ]),
    Phrase::new(
        r"\bETIMEDOUT\b|UND_ERR_CONNECT_TIMEOUT",
        Class::NetConnectTimeout,
    )
    .or(&[Class::TlsHandshake]),
    Phrase::new(
        r"aborted due to timeout|TimeoutError|UND_ERR_HEADERS_TIMEOUT|UND_ERR_BODY_TIMEOUT",
        Class::NetReadTimeout,
    )
    .or(&[Class::NetConnectTimeout, Class::TlsHandshake]),
    // Before the words of undici that enclose it.
    Phrase::new(
        r"(TypeError: terminated <- )?(HTTPParserError\[)?HPE_[A-Z_]+|UND_ERR_HEADERS_OVERFLOW|(TypeError: terminated <- .{0,40})?(Z_DATA_ERROR|Z_BUF_ERROR)|incorrect header check",
        Class::ProtocolMalformed,
    ),
    Phrase::new(
        r"terminated <- SocketError\[UND_ERR_SOCKET\]: other side closed|TypeError: terminated",
        Class::NetTruncated,
    )
    .or(&[Class::NetReset, Class::NetClosed]),
    Phrase::new(r"UND_ERR_SOCKET|other side closed", Class::NetClosed).or(&[
        Class::NetReset,
        Class::NetTruncated,
        Class::TlsClientCertificate,
    ]),
    Phrase::new(r"redirect count exceeded", Class::NetRedirect),
    Phrase::new(
        r#"unexpected token '?<'?.{0,80}(is not valid JSON|in JSON at position 0)"#,
        Class::ProtocolNotJson,
    ),
    Phrase::new(
        r"unexpected end of JSON input|is not valid JSON|(in|after) JSON at position \d+",
        Class::ProtocolMalformed,
    )
    .or(&[Class::ProtocolNotJson]),
    Phrase::new(
        r"ERR_INVALID_URL|failed to parse URL|invalid URL",
        Class::ConfigUrl,
    ),
];

#[cfg(test)]
mod tests {
    use super::super::reads_as;
    use super::*;

    #[test]
    fn node_and_axios_speak_as_measured() {
        let cells = [
            (Class::NetTruncated, "Error [ECONNRESET]: aborted"),
            (
                Class::TlsExpired,
                "fetch failed <- Error[CERT_HAS_EXPIRED]: certificate has expired",
            ),
            (
                Class::TlsUntrusted,
                "fetch failed <- Error[DEPTH_ZERO_SELF_SIGNED_CERT]: self-signed certificate",
            ),
            (
                Class::TlsUntrusted,
                "fetch failed <- Error[UNABLE_TO_VERIFY_LEAF_SIGNATURE]: unable to verify the first certificate",
            ),
            (
                Class::TlsHostname,
                "fetch failed <- Error[ERR_TLS_CERT_ALTNAME_INVALID]: Hostname/IP does not match certificate's altnames: Host: localhost. is not in the cert's altnames: DNS:other.example",
            ),
            (
                Class::NetReset,
                "fetch failed <- Error[ECONNRESET]: read ECONNRESET",
            ),
            (
                Class::NetClosed,
                "fetch failed <- SocketError[UND_ERR_SOCKET]: other side closed",
            ),
            (
                Class::NetTruncated,
                "TypeError: terminated <- SocketError[UND_ERR_SOCKET]: other side closed",
            ),
            (
                Class::NetReadTimeout,
                "TimeoutError[23]: The operation was aborted due to timeout",
            ),
            (
                Class::NetRefused,
                "fetch failed <- Error[ECONNREFUSED]: connect ECONNREFUSED 127.0.0.1:4",
            ),
            (
                Class::NetDns,
                "fetch failed <- Error[ENOTFOUND]: getaddrinfo ENOTFOUND nosuch.invalid",
            ),
            (
                Class::NetRedirect,
                "fetch failed <- Error: redirect count exceeded",
            ),
            (
                Class::ProtocolNotJson,
                "SyntaxError: Unexpected token '<', \"<html><bod\"... is not valid JSON",
            ),
            (
                Class::ProtocolMalformed,
                "SyntaxError: Unexpected end of JSON input",
            ),
            (
                Class::TlsHandshake,
                "fetch failed <- Error[ECONNRESET]: Client network socket disconnected before secure TLS connection was established",
            ),
        ];
        reads_as("node-fetch", &cells);
        reads_as("axios", &cells);
        reads_as(
            "axios",
            &[
                (
                    Class::ThrottleRateLimit,
                    "AxiosError: Request failed with status code 429",
                ),
                (
                    Class::AuthInvalidCredentials,
                    "AxiosError: Request failed with status code 401",
                ),
                (
                    Class::NetProxyAuth,
                    "ERR_BAD_REQUEST: Request failed with status code 407",
                ),
            ],
        );
    }
}
