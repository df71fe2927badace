//! The head of a request to a forward proxy: read within bounds, and understood.
//!
//! It is read by hand: a request to a proxy comes before TLS and HTTP proper, and whatever follows
//! the head already belongs to the tunnel.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::{Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::time::timeout;

/// Bytes of a head that are read at most.
const LARGEST_HEAD: usize = 16 * 1024;

/// How long a caller may take over its head.
const PATIENCE: Duration = Duration::from_secs(30);

/// A request to a proxy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) method: String,
    /// `host:port` or a whole URL, as it was sent.
    pub(super) target: String,
    /// User and password of the Basic credentials that were shown.
    pub(super) credentials: Option<(String, String)>,
}

impl Head {
    /// Whether a tunnel is asked for.
    pub(super) fn is_connect(&self) -> bool {
        self.method == "CONNECT"
    }

    /// The host that is asked for, without its port; none where the target names none.
    pub(super) fn host(&self) -> Option<&str> {
        let authority = if self.is_connect() {
            Some(self.target.as_str())
        } else {
            let (_, rest) = self.target.split_once("://")?;
            rest.split(['/', '?', '#']).next()
        }?;
        let host = match authority.strip_prefix('[') {
            Some(rest) => rest.split_once(']')?.0,
            None => match authority.rsplit_once(':') {
                Some((host, port)) => {
                    port.parse::<u16>().ok()?;
                    host
                }
                None if self.is_connect() => return None,
                None => authority,
            },
        };
        (!host.is_empty()).then_some(host)
    }
}

/// What was read of a head.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Read {
    /// A head, its bytes, and what came after it.
    Whole {
        head: Head,
        bytes: Bytes,
        rest: Bytes,
    },
    /// This is no request.
    Malformed,
    /// The head is larger than is read.
    TooLarge,
    /// The caller left.
    Gone,
    /// The caller took too long.
    TooSlow,
}

/// Reads a head.
pub(super) async fn read(stream: &mut (impl AsyncRead + Unpin)) -> Read {
    read_within(stream, PATIENCE).await
}

async fn read_within(stream: &mut (impl AsyncRead + Unpin), patience: Duration) -> Read {
    timeout(patience, read_whole(stream))
        .await
        .unwrap_or(Read::TooSlow)
}

async fn read_whole(stream: &mut (impl AsyncRead + Unpin)) -> Read {
    const END: &[u8] = b"\r\n\r\n";
    let mut bytes = BytesMut::with_capacity(1024);
    loop {
        if let Some(at) = bytes.windows(END.len()).position(|window| window == END) {
            let rest = bytes.split_off(at + END.len()).freeze();
            return match parse(&bytes) {
                Some(head) => Read::Whole {
                    head,
                    bytes: bytes.freeze(),
                    rest,
                },
                None => Read::Malformed,
            };
        }
        if bytes.len() >= LARGEST_HEAD {
            return Read::TooLarge;
        }
        match stream.read_buf(&mut bytes).await {
            Ok(read) if read > 0 => {}
            _ => return Read::Gone,
        }
        // A TLS handshake, say, has no end of a head that could be waited for.
        if !bytes.first().is_some_and(u8::is_ascii_alphabetic) {
            return Read::Malformed;
        }
    }
}

/// The head as it is passed on: without what was said to the proxy alone (RFC 9110, 7.6.1 and
/// 11.7.2).
pub(super) fn passed_on(head: &[u8]) -> Vec<u8> {
    const FOR_THE_PROXY: [&str; 2] = ["proxy-authorization", "proxy-connection"];
    let goes_on = |line: &&str| {
        let name = line.split(':').next().unwrap_or_default();
        !FOR_THE_PROXY
            .iter()
            .any(|own| name.eq_ignore_ascii_case(own))
    };
    let text = String::from_utf8_lossy(head);
    let lines = text.split_inclusive("\r\n").filter(goes_on);
    lines.collect::<String>().into_bytes()
}

fn parse(bytes: &[u8]) -> Option<Head> {
    let text = std::str::from_utf8(bytes).ok()?;
    let mut lines = text.split("\r\n");
    let mut words = lines.next()?.split(' ');
    let (method, target, version) = (words.next()?, words.next()?, words.next()?);
    let is_token = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric());
    if words.next().is_some() || !is_token(method) || !version.starts_with("HTTP/1.") {
        return None;
    }
    let credentials = lines
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("proxy-authorization"))
        .and_then(|(_, value)| basic(value.trim()));
    let head = Head {
        method: method.to_owned(),
        target: target.to_owned(),
        credentials,
    };
    head.host()?;
    Some(head)
}

fn basic(value: &str) -> Option<(String, String)> {
    let (scheme, pair) = value.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let pair = String::from_utf8(STANDARD.decode(pair.trim()).ok()?).ok()?;
    let (user, password) = pair.split_once(':')?;
    Some((user.to_owned(), password.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn read_of(text: &str) -> Read {
        read(&mut text.as_bytes()).await
    }

    #[tokio::test]
    async fn what_follows_a_head_is_kept_for_the_tunnel() {
        let text = "CONNECT dev1.service-now.com:443 HTTP/1.0\r\nProxy-Authorization: basic dTpwOjE=\r\n\r\n\u{16}rest";
        let Read::Whole { head, rest, .. } = read_of(text).await else {
            panic!("not whole");
        };
        assert_eq!(head.host(), Some("dev1.service-now.com"));
        assert_eq!(head.credentials, Some(("u".to_owned(), "p:1".to_owned())));
        assert_eq!(rest, "\u{16}rest");
    }

    #[tokio::test]
    async fn only_a_request_that_names_a_host_is_one() {
        for (target, host) in [
            ("GET http://a.test/x?y=http://b HTTP/1.1", Some("a.test")),
            ("GET http://a.test:80/ HTTP/1.1", Some("a.test")),
            ("CONNECT [::1]:443 HTTP/1.1", Some("::1")),
            ("CONNECT a.test HTTP/1.1", None),
            ("CONNECT a.test:port HTTP/1.1", None),
            ("CONNECT :443 HTTP/1.1", None),
            ("GET /path HTTP/1.1", None),
            ("GET http://a.test/ HTTP/2", None),
            ("GET http://a.test/ more HTTP/1.1", None),
            ("\u{16}\u{3}\u{1} x HTTP/1.1", None),
        ] {
            let read = read_of(&format!("{target}\r\n\r\n")).await;
            match (&read, host) {
                (Read::Whole { head, .. }, Some(host)) => assert_eq!(head.host(), Some(host)),
                (Read::Malformed, None) => {}
                _ => panic!("{target}: {read:?}"),
            }
        }
    }

    #[test]
    fn what_is_for_the_proxy_goes_no_further() {
        let head = b"GET http://a.test/ HTTP/1.1\r\nProxy-Authorization: Basic dTpw\r\nHost: a.test\r\nproxy-connection: keep-alive\r\n\r\n";
        assert_eq!(
            passed_on(head),
            b"GET http://a.test/ HTTP/1.1\r\nHost: a.test\r\n\r\n"
        );
    }

    #[tokio::test]
    async fn a_handshake_is_no_head_and_is_not_waited_for() {
        let (mut caller, mut ours) = tokio::io::duplex(64);
        tokio::io::AsyncWriteExt::write_all(&mut caller, &[0x16, 3, 1, 2, 0])
            .await
            .unwrap();
        assert_eq!(read(&mut ours).await, Read::Malformed);
    }

    #[tokio::test]
    async fn a_head_has_bounds_in_size_and_time() {
        assert_eq!(read_of(&"x".repeat(LARGEST_HEAD)).await, Read::TooLarge);
        assert_eq!(read_of("CONNECT a.te").await, Read::Gone);
        let (_silent, mut ours) = tokio::io::duplex(64);
        let soon = Duration::from_millis(1);
        assert_eq!(read_within(&mut ours, soon).await, Read::TooSlow);
    }

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig::with_cases(128))]
        #[test]
        fn no_bytes_make_it_panic(bytes: Vec<u8>) {
            let _ = parse(&bytes);
        }
    }
}
