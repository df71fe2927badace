//! The port on which a connector may listen for its callback.

use std::net::Ipv4Addr;

use tokio::net::TcpSocket;

/// The path at which a connector receives the browser.
const CALLBACK_PATH: &str = "/oauth/callback";

/// A port of this machine that nobody else is given, and on which the connector may listen: it is
/// bound and never listened on, which two sockets may that both allow it.
pub(in crate::run) struct CallbackPort {
    port: u16,
    _taken: TcpSocket,
}

impl CallbackPort {
    pub(in crate::run) fn take() -> std::io::Result<Self> {
        let socket = TcpSocket::new_v4()?;
        socket.set_reuseaddr(true)?;
        socket.bind((Ipv4Addr::LOCALHOST, 0).into())?;
        Ok(Self {
            port: socket.local_addr()?.port(),
            _taken: socket,
        })
    }

    /// Where the browser returns to.
    pub(in crate::run) fn url(&self) -> String {
        format!("http://127.0.0.1:{}{CALLBACK_PATH}", self.port)
    }
}

#[cfg(test)]
mod tests {
    use reqwest::Url;

    use super::*;

    #[tokio::test]
    async fn a_connector_may_listen_on_the_port_that_is_kept_for_it() {
        let callback = CallbackPort::take().unwrap();
        let url = Url::parse(&callback.url()).unwrap();
        let address = (Ipv4Addr::LOCALHOST, url.port().unwrap());
        let listener = tokio::net::TcpListener::bind(address).await.unwrap();
        let (accepted, connected) =
            tokio::join!(listener.accept(), tokio::net::TcpStream::connect(address));
        assert!(accepted.is_ok() && connected.is_ok());
    }
}
