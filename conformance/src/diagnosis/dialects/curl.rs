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
    .or(&[Class::NetReset, Class::NetProxy]),
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
    .or(&[Class::NetClosed, Class::NetTruncated, Class::TlsHandshake]),
    Phrase::new(r"empty reply from server|curl: \(52\)", Class::NetClosed),
    Phrase::new(
        r"transfer closed with .{0,80}(remaining to read|remaining)|transferred a partial file|curl: \(18\)|was not closed cleanly",
        Class::NetTruncated,
    ),
    Phrase::new(r"maximum \(\d+\) redirects followed|curl: \(47\)", Class::NetRedirect),
    Phrase::new(
        r"received HTTP/0\.9 when not allowed|curl: \(27\)|too large response headers|illegal or missing hexadecimal sequence in chunked-encoding|while processing content unencoding|weird server reply",
        Class::ProtocolMalformed,
    ),
    Phrase::new(
        r"URL using bad/illegal format|curl: \(3\)|unsupported protocol scheme|protocol .{0,40} not supported",
        Class::ConfigUrl,
    ),
    // Its word for a signature on an elliptic curve that does not fit.
    Phrase::new(r"asn1 encoding routines::EVP lib", Class::TlsUntrusted)
        .or(&[Class::TlsChain, Class::TlsHandshake]),
    Phrase::new(r"SSL_ERROR_SYSCALL in connection", Class::TlsHandshake).or(&[Class::NetClosed]),
    Phrase::new(
        r"the requested URL returned error: 401",
        Class::AuthInvalidCredentials,
    )
    .or(&[Class::AuthAccountLocked, Class::AuthAccountInactive, Class::AuthPasswordExpired]),
    Phrase::new(r"the requested URL returned error: 407", Class::NetProxyAuth),
    Phrase::new(r"the requested URL returned error: 403", Class::AuthzRole)
        .or(&[Class::AuthzTable, Class::AuthzApiAcl, Class::AuthzIpBlocked]),
    Phrase::new(r"the requested URL returned error: 404", Class::AuthzRecord)
        .or(&[Class::ConfigApiNotFound, Class::ConfigInstanceNotFound, Class::AuthzNothingVisible]),
    Phrase::new(
        r"the requested URL returned error: 400",
        Class::ConfigRequestInvalid,
    )
    .or(&[
        Class::ConfigTableNotFound,
        Class::ConfigApiNotFound,
        Class::ConfigConnectorRequest,
    ]),
    Phrase::new(
        r"the requested URL returned error: 429",
        Class::ThrottleRateLimit,
    )
    .or(&[Class::ThrottleConcurrency]),
    Phrase::new(
        r"the requested URL returned error: (502|503|504)",
        Class::InstanceUnavailable,
    )
    .or(&[Class::NetProxy]),
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

#[cfg(test)]
mod tests {
    use super::super::reads_as;
    use super::*;

    #[test]
    fn curl_speaks_as_measured() {
        reads_as(
            "curl",
            &[
                (
                    Class::TlsExpired,
                    "curl: (60) SSL certificate problem: certificate has expired",
                ),
                (
                    Class::TlsUntrusted,
                    "curl: (60) SSL certificate problem: self-signed certificate",
                ),
                (
                    Class::TlsUntrusted,
                    "curl: (60) SSL certificate problem: unable to get local issuer certificate",
                ),
                (
                    Class::TlsHostname,
                    "curl: (60) SSL: no alternative certificate subject name matches target host name 'localhost'",
                ),
                (
                    Class::TlsNotYetValid,
                    "curl: (60) SSL certificate problem: certificate is not yet valid",
                ),
                (
                    Class::TlsHandshake,
                    "curl: (35) OpenSSL/3.0.19: error:0A00010B:SSL routines::wrong version number",
                ),
                (
                    Class::TlsVersion,
                    "curl: (35) OpenSSL/3.0.19: error:0A000410:SSL routines::sslv3 alert handshake failure",
                ),
                (
                    Class::NetReset,
                    "curl: (56) Recv failure: Connection reset by peer",
                ),
                (Class::NetClosed, "curl: (52) Empty reply from server"),
                (
                    Class::NetReadTimeout,
                    "curl: (28) Operation timed out after 3009 milliseconds with 0 bytes received",
                ),
                (
                    Class::NetReadTimeout,
                    "curl: (28) Operation timed out after 3001 milliseconds with 5 out of 100 bytes received",
                ),
                (
                    Class::NetConnectTimeout,
                    "curl: (28) Connection timed out after 3000 milliseconds",
                ),
                (
                    Class::NetRefused,
                    "curl: (7) Failed to connect to 127.0.0.1 port 4 after 0 ms: Couldn't connect to server",
                ),
                (
                    Class::NetDns,
                    "curl: (6) Could not resolve host: nosuch.invalid",
                ),
                (
                    Class::NetTruncated,
                    "curl: (18) transfer closed with outstanding read data remaining",
                ),
                (
                    Class::NetTruncated,
                    "curl: (18) transfer closed with 89 bytes remaining to read",
                ),
                (
                    Class::NetRedirect,
                    "curl: (47) Maximum (20) redirects followed",
                ),
                (
                    Class::NetProxyAuth,
                    "curl: (56) CONNECT tunnel failed, response 407",
                ),
            ],
        );
    }
}
