//! The TLS handshake, and what a client says when it refuses ours.
//!
//! A client that refuses a certificate usually says why with an alert (connection-faults 1.2):
//! evidence that does not depend on the client's own words.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use rustls::ServerConfig;
use rustls::pki_types::CertificateDer;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use super::client_hello::{self, Heard};
use super::socket::Socket;

/// How long a caller may take over its first message, and over the rest of the handshake.
const PATIENCE: Duration = Duration::from_secs(60);

/// A finished handshake.
#[derive(Debug)]
pub(super) struct Finished {
    pub(super) stream: TlsStream<Socket>,
    pub(super) version: String,
    pub(super) sni: Option<String>,
    pub(super) alpn: Option<String>,
    /// The certificates that the caller shows, its own first.
    pub(super) shown: Vec<CertificateDer<'static>>,
}

/// A failed one.
#[derive(Debug)]
pub(super) struct Failed {
    pub(super) alert: Option<String>,
    pub(super) error: String,
}

/// What a caller says first.
pub(super) async fn hear(socket: &mut Socket) -> Result<Heard, Failed> {
    let heard = timeout(PATIENCE, client_hello::read(socket)).await;
    heard.map_err(|_| too_slow())
}

pub(super) async fn accept(socket: Socket, config: Arc<ServerConfig>) -> Result<Finished, Failed> {
    match timeout(PATIENCE, TlsAcceptor::from(config).accept(socket)).await {
        Ok(Ok(stream)) => Ok(describe(stream)),
        Ok(Err(error)) => Err(Failed {
            alert: alert(&error),
            error: error.to_string(),
        }),
        Err(_) => Err(too_slow()),
    }
}

fn too_slow() -> Failed {
    Failed {
        alert: None,
        error: format!("no handshake within {} s", PATIENCE.as_secs()),
    }
}

fn describe(stream: TlsStream<Socket>) -> Finished {
    let (_, session) = stream.get_ref();
    let version = session
        .protocol_version()
        .map_or_else(|| "unknown".to_owned(), |version| format!("{version:?}"));
    let sni = session.server_name().map(str::to_owned);
    let alpn = session
        .alpn_protocol()
        .map(|name| String::from_utf8_lossy(name).into_owned());
    let shown = session.peer_certificates().unwrap_or_default();
    Finished {
        shown: shown.iter().map(|der| der.clone().into_owned()).collect(),
        version,
        sni,
        alpn,
        stream,
    }
}

/// Name of the alert that the client sent, if that is what ended the handshake.
fn alert(error: &io::Error) -> Option<String> {
    match error.get_ref()?.downcast_ref::<rustls::Error>()? {
        rustls::Error::AlertReceived(alert) => Some(format!("{alert:?}")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use rustls::AlertDescription;

    use super::*;

    #[test]
    fn names_the_alert_that_was_received() {
        let received = rustls::Error::AlertReceived(AlertDescription::CertificateExpired);
        let error = io::Error::new(io::ErrorKind::InvalidData, received);
        assert_eq!(alert(&error).as_deref(), Some("CertificateExpired"));
        assert_eq!(alert(&io::ErrorKind::UnexpectedEof.into()), None);
    }
}
