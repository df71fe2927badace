//! The words of Python requests and urllib3.

use super::{Class, Phrase};

pub(super) const PHRASES: &[Phrase] = &[
    Phrase::new(
        r"NameResolutionError|failed to resolve '|name or service not known|temporary failure in name resolution|nodename nor servname",
        Class::NetDns,
    ),
    Phrase::new(
        r"tunnel connection failed: 407|407 proxy authentication required",
        Class::NetProxyAuth,
    ),
    Phrase::new(
        r"tunnel connection failed: (403|5\d\d)|unable to connect to proxy|ProxyError",
        Class::NetProxy,
    ),
    Phrase::new(
        r"ConnectTimeoutError|ConnectTimeout\b|\(connect timeout=[\d.]+\)",
        Class::NetConnectTimeout,
    ),
    Phrase::new(
        r"ReadTimeoutError|ReadTimeout\b|read timed out|the read operation timed out",
        Class::NetReadTimeout,
    )
    .or(&[Class::TlsHandshake]),
    Phrase::new(r"connection refused|ConnectionRefusedError", Class::NetRefused),
    Phrase::new(
        r"ConnectionResetError|connection reset by peer",
        Class::NetReset,
    )
    .or(&[Class::NetTruncated, Class::TlsHandshake]),
    Phrase::new(
        r"RemoteDisconnected|remote end closed connection without response",
        Class::NetClosed,
    )
    .or(&[Class::NetReset]),
    Phrase::new(
        r"IncompleteRead|response ended prematurely",
        Class::NetTruncated,
    )
    .or(&[Class::NetReset]),
    Phrase::new(
        r"InvalidChunkLength|BadStatusLine|LineTooLong|got more than \d+ headers|ContentDecodingError|failed to decode it|contained multiple unmatching values",
        Class::ProtocolMalformed,
    ),
    Phrase::new(r"TooManyRedirects|exceeded \d+ redirects|too many redirects", Class::NetRedirect),
    Phrase::new(
        r"MissingSchema|InvalidURL|InvalidSchema|no scheme supplied",
        Class::ConfigUrl,
    ),
    Phrase::new(
        r"JSONDecodeError: .{0,40}line 1 column 1 \(char 0\)|expecting value: line 1 column 1 \(char 0\)",
        Class::ProtocolNotJson,
    )
    .or(&[Class::ProtocolMalformed]),
    Phrase::new(
        r"JSONDecodeError|expecting value: line \d+ column \d+|extra data: line \d+|unterminated string starting at",
        Class::ProtocolMalformed,
    )
    .or(&[Class::ProtocolNotJson]),
    // A bare status, or what stands for one: where the instance's own words follow, they go before.
    Phrase::new(r"AuthenticationException", Class::AuthInvalidCredentials).or(&[
        Class::AuthAccountLocked,
        Class::AuthAccountInactive,
        Class::AuthPasswordExpired,
        Class::AuthNoCredentials,
    ])
    .wrapping(),
    Phrase::new(
        r"401 client error|HTTPError: 401",
        Class::AuthInvalidCredentials,
    )
    .or(&[Class::AuthAccountLocked, Class::AuthAccountInactive, Class::AuthPasswordExpired])
    .wrapping(),
    Phrase::new(r"403 client error|RoleException|HTTPError: 403", Class::AuthzRole)
        .or(&[Class::AuthzTable, Class::AuthzApiAcl, Class::AuthzRecord, Class::AuthzIpBlocked])
        .wrapping(),
    Phrase::new(
        r"429 client error|too many 429 error responses|HTTPError: 429",
        Class::ThrottleRateLimit,
    )
    .or(&[Class::ThrottleConcurrency]),
    Phrase::new(
        r"(502|503|504) server error|too many (502|503|504) error responses|HTTPError: 50[234]",
        Class::InstanceUnavailable,
    ),
    Phrase::new(
        r"500 server error|too many 500 error responses|HTTPError: 500",
        Class::InstanceError,
    ),
    Phrase::new(r"404 client error|HTTPError: 404", Class::AuthzRecord)
        .or(&[Class::ConfigApiNotFound, Class::ConfigInstanceNotFound, Class::AuthzNothingVisible])
        .wrapping(),
    Phrase::new(r"400 client error|HTTPError: 400", Class::ConfigRequestInvalid)
        .or(&[
            Class::ConfigTableNotFound,
            Class::ConfigApiNotFound,
            Class::ConfigConnectorRequest,
        ])
        .wrapping(),
    Phrase::new(r"connection aborted", Class::NetClosed)
        .or(&[Class::NetReset])
        .wrapping(),
    Phrase::new(r"SSLError", Class::TlsHandshake).wrapping(),
];

#[cfg(test)]
mod tests {
    use super::super::reads_as;
    use super::*;

    #[test]
    fn requests_speaks_as_measured() {
        reads_as(
            "python-requests",
            &[
                (
                    Class::TlsExpired,
                    "SSLError: (Caused by SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: certificate has expired ')))",
                ),
                (
                    Class::TlsUntrusted,
                    "SSLError: (Caused by SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: self-signed certificate ')))",
                ),
                (
                    Class::TlsHostname,
                    "SSLError: (Caused by SSLError(SSLCertVerificationError(1, \"[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: Hostname mismatch, certificate is not valid for 'localhost'. \")))",
                ),
                (
                    Class::NetReset,
                    "ChunkedEncodingError: (\"Connection broken: ConnectionResetError(104, 'Connection reset by peer')\", ConnectionResetError(104, 'Connection reset by peer'))",
                ),
                (
                    Class::NetReset,
                    "ConnectionError: ('Connection aborted.', ConnectionResetError(104, 'Connection reset by peer'))",
                ),
                (
                    Class::NetClosed,
                    "ConnectionError: ('Connection aborted.', RemoteDisconnected('Remote end closed connection without response'))",
                ),
                (
                    Class::NetReadTimeout,
                    "ReadTimeout: Read timed out. (read timeout=3.0)",
                ),
                (Class::NetReadTimeout, "ConnectionError: Read timed out."),
                (
                    Class::NetConnectTimeout,
                    "ConnectTimeout: (Caused by ConnectTimeoutError(<HTTPConnection(host='127.0.0.1', port 4) at 0x7f506ab40910>, 'Connection to 127.0.0.1 timed out. (connect timeout=3.0)'))",
                ),
                (
                    Class::NetRefused,
                    "ConnectionError: (Caused by NewConnectionError(\"HTTPConnection(host='127.0.0.1', port 4): Failed to establish a new connection: [Errno 111] Connection refused\"))",
                ),
                (
                    Class::NetDns,
                    "ConnectionError: (Caused by NameResolutionError(\"HTTPSConnection(host='nosuch.invalid', port=443): Failed to resolve 'nosuch.invalid' ([Errno -2] Name or service not known)\"))",
                ),
                (
                    Class::NetTruncated,
                    "ChunkedEncodingError: ('Connection broken: IncompleteRead(11 bytes read, 89 more expected)', IncompleteRead(11 bytes read, 89 more expected))",
                ),
                (
                    Class::NetTruncated,
                    "ChunkedEncodingError: Response ended prematurely",
                ),
                (
                    Class::NetRedirect,
                    "TooManyRedirects: Exceeded 30 redirects.",
                ),
                (
                    Class::ProtocolNotJson,
                    "JSONDecodeError: Expecting value: line 1 column 1 (char 0)",
                ),
                (
                    Class::ProtocolMalformed,
                    "JSONDecodeError: Expecting value: line 1 column 12 (char 11)",
                ),
                (
                    Class::AuthInvalidCredentials,
                    "401 Client Error: Unauthorized for url: https://x/api/now/table/incident",
                ),
                (
                    Class::ConfigApiNotFound,
                    "FatalAPIError: 400 Client Error: Bad Request for path: /x content is {\"error\":{\"message\":\"Requested URI does not represent any resource\"}}",
                ),
                (
                    Class::AuthzApiAcl,
                    "RoleException: {'error': {'message': 'User Not Authorized', 'detail': 'Failed API level ACL Validation'}}",
                ),
                (
                    Class::ThrottleRateLimit,
                    "HTTPSConnectionPool(host='127.0.0.1', port=4): Max retries exceeded with url: /api/now/table/t (Caused by ResponseError('too many 429 error responses'))",
                ),
                (
                    Class::NetProxyAuth,
                    "ProxyError('Unable to connect to proxy', OSError('Tunnel connection failed: 407 Proxy Authentication Required'))",
                ),
            ],
        );
    }
}
