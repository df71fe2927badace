//! The TCP side of a connection: how it ends on the wire.
//!
//! An orderly end is FIN; a reset is RST, made by dropping the socket with SO_LINGER at zero
//! (connection-faults 2). It knows nothing of what the bytes mean.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use super::wire::Wire;

/// A TCP stream that ends as its connection's plan says.
#[derive(Debug)]
pub(super) struct Socket {
    stream: TcpStream,
    wire: Arc<Wire>,
    /// Bytes that were read already and come before what the stream holds.
    pending: Bytes,
}

impl Socket {
    pub(super) fn new(stream: TcpStream, wire: Arc<Wire>) -> Self {
        Self {
            stream,
            wire,
            pending: Bytes::new(),
        }
    }

    /// The same stream with these bytes, read from it before, put back.
    pub(super) fn after(mut self, read: Bytes) -> Self {
        self.pending = if self.pending.is_empty() {
            read
        } else {
            [read, self.pending.clone()].concat().into()
        };
        self
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        if self.wire.resets() {
            let _already_gone = self.stream.set_zero_linger();
        }
    }
}

impl AsyncRead for Socket {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if !self.pending.is_empty() {
            let some = self.pending.len().min(buf.remaining());
            buf.put_slice(&self.pending.split_to(some));
            return Poll::Ready(Ok(()));
        }
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Socket {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.wire.resets() {
            return Poll::Ready(Ok(()));
        }
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncReadExt;
    use tokio::net::TcpListener;

    use super::*;
    use crate::pipeline::stage::Ending;

    async fn pair() -> (Socket, TcpStream, Arc<Wire>) {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let (caller, accepted) = tokio::join!(TcpStream::connect(address), listener.accept());
        let wire = Arc::new(Wire::default());
        let socket = Socket::new(accepted.unwrap().0, Arc::clone(&wire));
        (socket, caller.unwrap(), wire)
    }

    #[tokio::test]
    async fn a_planned_reset_is_seen_as_one() {
        let (socket, mut caller, wire) = pair().await;
        wire.end_with(Ending::Reset);
        drop(socket);
        let error = caller.read(&mut [0; 8]).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::ConnectionReset);
    }

    #[tokio::test]
    async fn a_planned_close_is_an_orderly_end() {
        let (socket, mut caller, wire) = pair().await;
        wire.end_with(Ending::Close);
        drop(socket);
        assert_eq!(caller.read(&mut [0; 8]).await.unwrap(), 0);
    }
}
