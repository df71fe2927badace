//! Listeners for what no instance does: ports that nobody answers, and proxies that refuse.

use std::net::{Ipv4Addr, SocketAddr};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::task::JoinHandle;

const ANY_PORT: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

/// A port that is bound and does not listen: the kernel refuses, and the number stays ours.
pub(crate) struct Refusing(TcpSocket);

impl Refusing {
    pub(crate) fn bind() -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind(ANY_PORT).unwrap();
        Self(socket)
    }

    pub(crate) fn port(&self) -> u16 {
        self.0.local_addr().unwrap().port()
    }
}

/// A port whose queue is full, so that Linux drops what would open a connection
/// (connection-faults 2).
pub(crate) struct Dropping {
    listener: TcpListener,
    _filler: TcpStream,
}

impl Dropping {
    pub(crate) async fn bind() -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind(ANY_PORT).unwrap();
        let listener = socket.listen(0).unwrap();
        let filler = TcpStream::connect(listener.local_addr().unwrap())
            .await
            .unwrap();
        Self {
            listener,
            _filler: filler,
        }
    }

    pub(crate) fn port(&self) -> u16 {
        self.listener.local_addr().unwrap().port()
    }
}

/// A port that answers each connection the same way until it is dropped.
pub(crate) struct Answering {
    pub(crate) port: u16,
    task: JoinHandle<()>,
}

impl Answering {
    /// Reads what comes and says nothing.
    pub(crate) async fn silence() -> Self {
        Self::listen(|_| None).await
    }

    /// Answers the head of a request with these bytes and closes.
    pub(crate) async fn with(answer: &'static str) -> Self {
        Self::listen(move |heard| heard.ends_with(b"\r\n\r\n").then_some(answer)).await
    }

    /// Answers whatever comes with these bytes and closes.
    pub(crate) async fn at_once(answer: &'static str) -> Self {
        Self::listen(move |_| Some(answer)).await
    }

    async fn listen(
        answer: impl Fn(&[u8]) -> Option<&'static str> + Copy + Send + 'static,
    ) -> Self {
        let listener = TcpListener::bind(ANY_PORT).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(answer_one(stream, answer));
            }
        });
        Self { port, task }
    }
}

impl Drop for Answering {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn answer_one(mut stream: TcpStream, answer: impl Fn(&[u8]) -> Option<&'static str>) {
    let mut heard = Vec::new();
    let mut buffer = [0; 4096];
    while let Ok(count @ 1..) = stream.read(&mut buffer).await {
        heard.extend_from_slice(&buffer[..count]);
        if let Some(answer) = answer(&heard) {
            // A client that has gone away needs no answer.
            let _ = stream.write_all(answer.as_bytes()).await;
            return;
        }
    }
}
