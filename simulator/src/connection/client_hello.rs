//! The first message of a TLS handshake, as far as it is written down or decided by: the name that
//! is asked for, the versions and the protocols that are offered (RFC 8446, 4.1.2).
//!
//! Its bytes are kept, so that TLS proper reads the same message again. What is no ClientHello is
//! left to TLS to judge.

use bytes::{Bytes, BytesMut};
use rustls::ProtocolVersion;
use tokio::io::{AsyncRead, AsyncReadExt};

/// Bytes that are read at most; a ClientHello with keys of post-quantum size has some 2 KiB.
const LARGEST: usize = 32 * 1024;

/// Bytes that are made room for at first.
const USUAL: usize = 4 * 1024;

const RECORD_HEADER: usize = 5;
const HANDSHAKE_RECORD: u8 = 22;
const CLIENT_HELLO: u8 = 1;
const SERVER_NAME: u16 = 0;
const ALPN: u16 = 16;
const SUPPORTED_VERSIONS: u16 = 43;

/// What a client offers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct ClientHello {
    /// The name it asks for.
    pub(super) sni: Option<String>,
    /// Versions in its order, such as `TLSv1_3`; reserved values (GREASE, RFC 8701) are left out.
    pub(super) versions: Vec<String>,
    /// Protocols in its order.
    pub(super) alpn: Vec<String>,
}

/// What was heard first.
#[derive(Debug, Default)]
pub(super) struct Heard {
    /// None where it is no ClientHello, or not a whole one.
    pub(super) hello: Option<ClientHello>,
    /// All that was read; nothing where the caller left at once.
    pub(super) bytes: Bytes,
}

impl Heard {
    /// Whether it began as TLS does.
    pub(super) fn speaks_tls(&self) -> bool {
        self.bytes.first() == Some(&HANDSHAKE_RECORD)
    }
}

/// Reads until the ClientHello is whole, cannot become one, or the caller leaves.
pub(super) async fn read(stream: &mut (impl AsyncRead + Unpin)) -> Heard {
    let mut bytes = BytesMut::with_capacity(USUAL);
    let hello = loop {
        match stream.read_buf(&mut bytes).await {
            Ok(1..) => {}
            Ok(_) | Err(_) => break None,
        }
        match parse(&bytes) {
            Parsed::Whole(hello) => break Some(hello),
            Parsed::Other => break None,
            Parsed::Begun if bytes.len() >= LARGEST => break None,
            Parsed::Begun => {}
        }
    };
    Heard {
        hello,
        bytes: bytes.freeze(),
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Parsed {
    Whole(ClientHello),
    /// More of it must come.
    Begun,
    Other,
}

/// The message may be spread over several records.
fn parse(bytes: &[u8]) -> Parsed {
    let mut message = Vec::new();
    let mut rest = bytes;
    loop {
        if let Some(whole) = body(&message) {
            return hello(whole).map_or(Parsed::Other, Parsed::Whole);
        }
        if message.first().is_some_and(|kind| *kind != CLIENT_HELLO) {
            return Parsed::Other;
        }
        let looks_right = match rest {
            [] => true,
            [kind] => *kind == HANDSHAKE_RECORD,
            [kind, major, ..] => *kind == HANDSHAKE_RECORD && *major == 3,
        };
        if !looks_right {
            return Parsed::Other;
        }
        let [_, _, _, high, low, payload @ ..] = rest else {
            return Parsed::Begun;
        };
        let length = usize::from(u16::from_be_bytes([*high, *low]));
        if payload.len() < length {
            return Parsed::Begun;
        }
        if length == 0 {
            return Parsed::Other;
        }
        message.extend_from_slice(&payload[..length]);
        rest = &rest[RECORD_HEADER + length..];
    }
}

/// The body of a handshake message, once all of it is there.
fn body(message: &[u8]) -> Option<&[u8]> {
    let [CLIENT_HELLO, a, b, c, body @ ..] = message else {
        return None;
    };
    let length = u32::from_be_bytes([0, *a, *b, *c]);
    body.get(..usize::try_from(length).ok()?)
}

fn hello(body: &[u8]) -> Option<ClientHello> {
    let mut rest = Reader(body);
    let newest = rest.number()?;
    let _random = rest.take(32)?;
    let _session = rest.short()?;
    let _ciphers = rest.long()?;
    let _compressions = rest.short()?;
    let mut hello = ClientHello::default();
    // Extensions may be missing altogether.
    let mut extensions = Reader(rest.long().unwrap_or_default());
    while let Some(kind) = extensions.number() {
        let mut value = Reader(extensions.long()?);
        match kind {
            SERVER_NAME => hello.sni = name(&mut value),
            ALPN => hello.alpn = protocols(&mut value),
            SUPPORTED_VERSIONS => hello.versions = versions(&mut value),
            _ => {}
        }
    }
    if hello.versions.is_empty() {
        hello.versions = vec![version(newest)];
    }
    Some(hello)
}

/// The first host name of the list.
fn name(value: &mut Reader<'_>) -> Option<String> {
    const HOST_NAME: u8 = 0;
    let mut list = Reader(value.long()?);
    (list.take(1)? == [HOST_NAME])
        .then(|| list.long().map(text))
        .flatten()
}

fn protocols(value: &mut Reader<'_>) -> Vec<String> {
    let mut list = Reader(value.long().unwrap_or_default());
    std::iter::from_fn(|| list.short().map(text)).collect()
}

fn versions(value: &mut Reader<'_>) -> Vec<String> {
    let mut list = Reader(value.short().unwrap_or_default());
    std::iter::from_fn(|| list.number())
        .filter(|number| number & 0x0f0f != 0x0a0a)
        .map(version)
        .collect()
}

fn version(number: u16) -> String {
    format!("{:?}", ProtocolVersion::from(number))
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Bytes that are read from the front; nothing where they end too early.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn number(&mut self) -> Option<u16> {
        let [high, low] = self.take(2)? else {
            return None;
        };
        Some(u16::from_be_bytes([*high, *low]))
    }

    /// What a length of one byte announces.
    fn short(&mut self) -> Option<&'a [u8]> {
        let [length] = self.take(1)? else {
            return None;
        };
        self.take(usize::from(*length))
    }

    /// What a length of two bytes announces.
    fn long(&mut self) -> Option<&'a [u8]> {
        let length = self.number()?;
        self.take(usize::from(length))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;
    use rustls::{ClientConfig, ClientConnection, RootCertStore};

    use super::*;

    /// What a real client says first.
    fn said(versions: &[&'static rustls::SupportedProtocolVersion], name: &str) -> Vec<u8> {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(versions)
            .unwrap()
            .with_root_certificates(RootCertStore::empty())
            .with_no_client_auth();
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        let name = name.to_owned().try_into().unwrap();
        let mut client = ClientConnection::new(Arc::new(config), name).unwrap();
        let mut bytes = Vec::new();
        client.write_tls(&mut bytes).unwrap();
        bytes
    }

    fn whole(bytes: &[u8]) -> ClientHello {
        match parse(bytes) {
            Parsed::Whole(hello) => hello,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_real_client_is_understood() {
        let hello = whole(&said(rustls::ALL_VERSIONS, "dev1.instance.test"));
        assert_eq!(hello.sni.as_deref(), Some("dev1.instance.test"));
        assert_eq!(hello.versions, ["TLSv1_3", "TLSv1_2"]);
        assert_eq!(hello.alpn, ["h2", "http/1.1"]);
        let hello = whole(&said(&[&rustls::version::TLS12], "127.0.0.1"));
        assert_eq!(hello.sni, None);
        assert_eq!(hello.versions, ["TLSv1_2"]);
    }

    #[test]
    fn a_message_may_be_spread_over_records() {
        let bytes = said(rustls::ALL_VERSIONS, "dev1.instance.test");
        let payload = &bytes[RECORD_HEADER..];
        let spread: Vec<u8> = payload
            .chunks(40)
            .flat_map(|part| [&[22, 3, 1, 0, u8::try_from(part.len()).unwrap()], part].concat())
            .collect();
        assert_eq!(whole(&spread), whole(&bytes));
    }

    #[test]
    fn what_is_no_client_hello_is_left_alone() {
        for bytes in [
            &b"GET / HTTP/1.1\r\n"[..],
            &[22, 2],
            &[22, 3, 1, 0, 4, 2, 0, 0, 0],
        ] {
            assert_eq!(parse(bytes), Parsed::Other, "{bytes:?}");
        }
        let nonsense = [22, 3, 1, 0, 5, 1, 0, 0, 1, 7];
        assert_eq!(parse(&nonsense), Parsed::Other);
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_harm(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
            let _anything = parse(&bytes);
        }

        #[test]
        fn a_beginning_is_never_taken_for_the_whole(cut in 0_usize..200) {
            let bytes = said(rustls::ALL_VERSIONS, "dev1.instance.test");
            prop_assert_eq!(parse(&bytes[..cut]), Parsed::Begun);
        }

        #[test]
        fn a_damaged_one_does_no_harm(at in 0_usize..200, with in any::<u8>()) {
            let mut bytes = said(rustls::ALL_VERSIONS, "dev1.instance.test");
            bytes[at] = with;
            let _anything = parse(&bytes);
        }
    }
}
