//! A client that shows what it was sent, whole or not.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rustls::client::WantsClientCert;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, ConfigBuilder, RootCertStore};
use snowproof_simulator::connection::certificates::ClientLeaf;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

pub(crate) trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<S: AsyncRead + AsyncWrite + Unpin + Send> Stream for S {}

/// One connection.
pub(crate) struct Client {
    pub(crate) stream: Box<dyn Stream>,
    pending: Vec<u8>,
    /// How to come back where an answer ends the connection.
    way: Option<Way>,
    is_over: bool,
}

enum Way {
    Plain(SocketAddr),
    Tls(SocketAddr, String, String),
}

/// What came back.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
    /// How the body ended, if not as it should.
    pub(crate) broken: Option<io::ErrorKind>,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().skip(1).find_map(|line| {
            let (given, value) = line.split_once(": ")?;
            given.eq_ignore_ascii_case(name).then_some(value)
        })
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub(crate) fn rows(&self) -> usize {
        self.json()["result"].as_array().unwrap().len()
    }
}

impl Client {
    pub(crate) async fn plain(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).await.unwrap();
        Self {
            way: Some(Way::Plain(address)),
            ..Self::over(stream)
        }
    }

    pub(crate) async fn tls(address: SocketAddr, host: &str, ca_pem: &str) -> io::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        let name = ServerName::try_from(host.to_owned()).unwrap();
        let connector = TlsConnector::from(trusting(ca_pem));
        Ok(Self {
            way: Some(Way::Tls(address, host.to_owned(), ca_pem.to_owned())),
            ..Self::over(connector.connect(name, stream).await?)
        })
    }

    /// As [`Client::tls`], showing a client certificate if the port asks for one.
    pub(crate) async fn tls_as(
        address: SocketAddr,
        host: &str,
        ca_pem: &str,
        leaf: &ClientLeaf,
    ) -> io::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        let name = ServerName::try_from(host.to_owned()).unwrap();
        let chain = vec![CertificateDer::from_pem_slice(leaf.certificate_pem.as_bytes()).unwrap()];
        let key = PrivateKeyDer::from_pem_slice(leaf.key_pem.as_bytes()).unwrap();
        let config = verifying(ca_pem).with_client_auth_cert(chain, key).unwrap();
        let connector = TlsConnector::from(Arc::new(config));
        Ok(Self::over(connector.connect(name, stream).await?))
    }

    /// Through a proxy, to a host that is called by this name.
    pub(crate) async fn tunnelled(
        proxy: SocketAddr,
        host: &str,
        headers: &str,
        ca_pem: &str,
    ) -> io::Result<Self> {
        let mut stream = TcpStream::connect(proxy).await?;
        let head = format!("CONNECT {host}:443 HTTP/1.1\r\nHost: {host}:443\r\n{headers}\r\n");
        stream.write_all(head.as_bytes()).await?;
        let mut answer = Vec::new();
        while !answer.ends_with(b"\r\n\r\n") {
            answer.push(stream.read_u8().await?);
        }
        let answer = String::from_utf8(answer).unwrap();
        if !answer.starts_with("HTTP/1.1 200 ") {
            return Err(io::Error::other(answer));
        }
        let name = ServerName::try_from(host.to_owned()).unwrap();
        let connector = TlsConnector::from(trusting(ca_pem));
        Ok(Self::over(connector.connect(name, stream).await?))
    }

    fn over(stream: impl Stream + 'static) -> Self {
        Self {
            stream: Box::new(stream),
            pending: Vec::new(),
            way: None,
            is_over: false,
        }
    }

    /// A new connection after an answer that ended the last one, as every HTTP client makes it.
    async fn come_back(&mut self) {
        *self = match self.way.take() {
            Some(Way::Plain(address)) => Self::plain(address).await,
            Some(Way::Tls(address, host, ca)) => Self::tls(address, &host, &ca).await.unwrap(),
            None => return,
        };
    }

    pub(crate) async fn send(&mut self, method: &str, target: &str, headers: &str, body: &str) {
        if self.is_over {
            self.come_back().await;
        }
        let length = match body {
            "" => String::new(),
            _ => format!("Content-Length: {}\r\n", body.len()),
        };
        let request = format!(
            "{method} {target} HTTP/1.1\r\nHost: dev.instance.test\r\n{length}{headers}\r\n{body}"
        );
        self.stream.write_all(request.as_bytes()).await.unwrap();
        self.stream.flush().await.unwrap();
    }

    pub(crate) async fn get(&mut self, target: &str, headers: &str) -> Answer {
        self.send("GET", target, headers, "").await;
        self.answer().await.unwrap()
    }

    /// The next answer, or how the connection ended before its head was whole.
    pub(crate) async fn answer(&mut self) -> io::Result<Answer> {
        let head = loop {
            if let Some(at) = find(&self.pending, b"\r\n\r\n") {
                let head: Vec<u8> = self.pending.drain(..at + 4).collect();
                break String::from_utf8(head).unwrap();
            }
            self.more().await?;
        };
        let status: u16 = head.split(' ').nth(1).unwrap().parse().unwrap();
        let chunked = head.to_lowercase().contains("transfer-encoding: chunked");
        let mut answer = Answer {
            status,
            head: head.trim_end().replace("\r\n", "\n"),
            body: Vec::new(),
            broken: None,
        };
        self.is_over = answer.header("Connection") == Some("close");
        let length = answer
            .header("Content-Length")
            .map(|it| it.parse().unwrap());
        if chunked {
            answer.broken = self.body(&mut answer.body).await.err().map(|e| e.kind());
        } else if let Some(length) = length {
            while answer.broken.is_none() && self.pending.len() < length {
                answer.broken = self.more().await.err().map(|e| e.kind());
            }
            let there = length.min(self.pending.len());
            answer.body.extend(self.pending.drain(..there));
        }
        Ok(answer)
    }

    async fn body(&mut self, body: &mut Vec<u8>) -> io::Result<()> {
        loop {
            match self.chunk().await? {
                chunk if chunk.is_empty() => return Ok(()),
                chunk => body.extend(chunk),
            }
        }
    }

    /// Waits for a head and for a chunk of so many bytes, none if zero.
    pub(crate) async fn head_and(&mut self, bytes: usize) {
        loop {
            if let Some(at) = find(&self.pending, b"\r\n\r\n") {
                self.pending.drain(..at + 4);
                break;
            }
            self.more().await.unwrap();
        }
        if bytes > 0 {
            assert_eq!(self.chunk().await.unwrap().len(), bytes);
        }
    }

    pub(crate) async fn chunk(&mut self) -> io::Result<Vec<u8>> {
        loop {
            if let Some(at) = find(&self.pending, b"\r\n") {
                let size = std::str::from_utf8(&self.pending[..at]).unwrap();
                let size = usize::from_str_radix(size, 16).unwrap();
                if self.pending.len() >= at + 2 + size + 2 {
                    let chunk = self.pending[at + 2..at + 2 + size].to_vec();
                    self.pending.drain(..at + 2 + size + 2);
                    return Ok(chunk);
                }
            }
            self.more().await?;
        }
    }

    async fn more(&mut self) -> io::Result<()> {
        let mut piece = [0; 4096];
        match self.stream.read(&mut piece).await? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            read => {
                self.pending.extend_from_slice(&piece[..read]);
                Ok(())
            }
        }
    }
}

pub(crate) fn basic(user: &str, password: &str) -> String {
    let pair = STANDARD.encode(format!("{user}:{password}"));
    format!("Authorization: Basic {pair}\r\n")
}

pub(crate) fn trusting(ca_pem: &str) -> Arc<ClientConfig> {
    Arc::new(verifying(ca_pem).with_no_client_auth())
}

fn verifying(ca_pem: &str) -> ConfigBuilder<ClientConfig, WantsClientCert> {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(ca_pem.as_bytes()) {
        roots.add(certificate.unwrap()).unwrap();
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
}

fn find(text: &[u8], part: &[u8]) -> Option<usize> {
    text.windows(part.len()).position(|window| window == part)
}
