//! Listeners for what no instance does.

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

/// A port that answers each connection the same way until it is dropped.
pub(crate) struct Answering {
    pub(crate) port: u16,
    task: JoinHandle<()>,
}

impl Answering {
    /// Answers whatever comes with these bytes and closes.
    pub(crate) async fn at_once(answer: &'static str) -> Self {
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

async fn answer_one(mut stream: TcpStream, answer: &'static str) {
    let mut buffer = [0; 4096];
    if let Ok(1..) = stream.read(&mut buffer).await {
        // A client that has gone away needs no answer.
        let _ = stream.write_all(answer.as_bytes()).await;
    }
}
