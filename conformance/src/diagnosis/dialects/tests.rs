//! The measured texts (connection-faults, section 6), each with the class it must be read as.

use super::*;

fn class(dialect: &str, text: &str) -> Option<Class> {
    read(&[dialect.to_owned()], text).and_then(|reading| reading.class)
}

fn all(dialect: &str, cells: &[(Class, &str)]) {
    for (expected, text) in cells {
        assert_eq!(class(dialect, text), Some(*expected), "{dialect}: {text}");
    }
}

#[test]
fn every_phrase_compiles_and_every_dialect_has_some() {
    let lists: [(&str, usize); 8] = [
        ("curl", curl::PHRASES.len() + openssl::PHRASES.len()),
        (
            "python-requests",
            python_requests::PHRASES.len() + openssl::PHRASES.len(),
        ),
        ("httpx", httpx::PHRASES.len() + openssl::PHRASES.len()),
        (
            "node-fetch",
            node_fetch::PHRASES.len() + openssl::PHRASES.len(),
        ),
        (
            "axios",
            axios::PHRASES.len() + node_fetch::PHRASES.len() + openssl::PHRASES.len(),
        ),
        ("java-httpclient", java_httpclient::PHRASES.len()),
        ("reqwest", reqwest::PHRASES.len()),
        ("servicenow", servicenow::PHRASES.len()),
    ];
    assert_eq!(lists.map(|(name, _)| name)[..], *DIALECTS);
    for (name, count) in lists {
        assert_eq!(
            phrases(name).iter().map(Phrases::len).sum::<usize>(),
            count,
            "{name}"
        );
    }
}

#[test]
fn curl_speaks_as_measured() {
    all(
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

#[test]
fn requests_speaks_as_measured() {
    all(
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

#[test]
fn httpx_speaks_as_measured() {
    all(
        "httpx",
        &[
            (
                Class::TlsExpired,
                "httpx.ConnectError: [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: certificate has expired",
            ),
            (
                Class::NetReset,
                "httpx.ReadError: [Errno 104] Connection reset by peer",
            ),
            (
                Class::NetClosed,
                "httpx.RemoteProtocolError: Server disconnected without sending a response.",
            ),
            (
                Class::NetTruncated,
                "httpx.RemoteProtocolError: peer closed connection without sending complete message body (incomplete chunked read)",
            ),
            (Class::NetReadTimeout, "httpx.ReadTimeout: timed out"),
            (Class::NetConnectTimeout, "httpx.ConnectTimeout: timed out"),
            (
                Class::TlsHandshake,
                "httpx.ConnectTimeout: _ssl.c:989: The handshake operation timed out",
            ),
            (
                Class::NetRefused,
                "httpx.ConnectError: [Errno 111] Connection refused",
            ),
            (
                Class::NetDns,
                "httpx.ConnectError: [Errno -2] Name or service not known",
            ),
            (
                Class::NetRedirect,
                "httpx.TooManyRedirects: Exceeded maximum allowed redirects.",
            ),
            (
                Class::ProtocolNotJson,
                "json.decoder.JSONDecodeError: Expecting value: line 1 column 1 (char 0)",
            ),
        ],
    );
}

#[test]
fn node_and_axios_speak_as_measured() {
    let cells = [
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
    all("node-fetch", &cells);
    all("axios", &cells);
    all(
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

#[test]
fn java_speaks_as_measured() {
    all(
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
    let expired = read(
        &["java-httpclient".to_owned()],
        "PKIX path validation failed: CertPathValidatorException: validity check failed",
    );
    assert!(expired.unwrap().candidates.contains(&Class::TlsNotYetValid));
}

#[test]
fn reqwest_speaks_as_measured() {
    all(
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

#[test]
fn the_platforms_own_words_are_read_without_being_named() {
    for (expected, text) in [
        (
            Class::AuthInvalidCredentials,
            "User Not Authenticated: Required to provide Auth information",
        ),
        (Class::AuthInvalidCredentials, "User is not authenticated"),
        (
            Class::ThrottleRateLimit,
            "Rate limit of 100 requests per hour for Table API exceeded",
        ),
        (
            Class::AuthzApiAcl,
            "User Not Authorized: Failed API level ACL Validation",
        ),
        (Class::AuthzTable, "Insufficient rights to query records"),
        (
            Class::AuthzRecord,
            "No Record found: Record doesn't exist or ACL restricts the record retrieval",
        ),
        (
            Class::ConfigTableNotFound,
            "API error (400): Invalid table u_x",
        ),
        (
            Class::ConfigApiNotFound,
            "Requested URI does not represent any resource",
        ),
        (
            Class::ThrottleExecutionQuota,
            "Transaction cancelled: maximum execution time exceeded",
        ),
        (
            Class::InstanceHibernating,
            "a hibernating PDI or a login page: wake the instance",
        ),
        (
            Class::AuthInvalidCredentials,
            "Authentication failed (401). check the username and password",
        ),
        (
            Class::AuthzRole,
            "Access denied (403). The user may lack permissions",
        ),
        (Class::ThrottleRateLimit, "HTTP 429 from https://x"),
        (Class::ProtocolNotJson, "API returned non-JSON response"),
    ] {
        let reading = read(&[], text).unwrap_or_else(|| panic!("unread: {text}"));
        assert_eq!(reading.class, Some(expected), "{text}");
        assert_eq!(reading.dialect, "servicenow");
    }
}

#[test]
fn a_text_that_blames_everything_blames_nothing() {
    let text = "User Not Authenticated, or the instance is hibernating, or rate limit exceeded, or Invalid table x";
    let reading = read(&[], text).unwrap();
    assert_eq!(reading.class, None);
    assert!(reading.candidates.contains(&Class::AuthInvalidCredentials));
    assert!(reading.candidates.contains(&Class::InstanceHibernating));
}

#[test]
fn plain_words_mean_nothing() {
    for text in ["done", "12 records written", "something went wrong", ""] {
        let named: Vec<String> = DIALECTS.iter().map(|name| (*name).to_owned()).collect();
        assert_eq!(read(&named, text), None, "{text}");
    }
}
