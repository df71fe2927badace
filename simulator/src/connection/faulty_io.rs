//! The plaintext side of a connection: counts bytes, and carries out the plan for them.
//!
//! It sits between HTTP and TLS (or TCP), so that a fault which a parsed request triggers works on
//! a keep-alive TLS connection too. An armed ending happens once everything before it has left.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::wire::Wire;

/// A stream that obeys its connection's plan.
#[derive(Debug)]
pub(super) struct FaultyIo<S> {
    stream: S,
    wire: Arc<Wire>,
}

impl<S> FaultyIo<S> {
    pub(super) fn new(stream: S, wire: Arc<Wire>) -> Self {
        Self { stream, wire }
    }
}

impl<S> FaultyIo<S> {
    fn written(&self, result: &io::Result<usize>) {
        match result {
            Ok(bytes) => self.wire.wrote(*bytes),
            Err(_) => self.wire.caller_gone(),
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for FaultyIo<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let room = buf.remaining();
        loop {
            let result = ready!(Pin::new(&mut self.stream).poll_read(cx, buf));
            let read = buf.filled().len() - before;
            if result.is_err() || (read == 0 && room > 0) {
                self.wire.caller_gone();
                return Poll::Ready(result);
            }
            self.wire.read(read);
            let Ok(kept) = self.wire.clip(&mut buf.filled_mut()[before..]) else {
                let endless = "the head of a request does not end";
                return Poll::Ready(Err(io::Error::new(io::ErrorKind::InvalidData, endless)));
            };
            buf.set_filled(before + kept);
            // Nothing at all would mean that the caller has left.
            if kept > 0 || room == 0 {
                return Poll::Ready(Ok(()));
            }
        }
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for FaultyIo<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let kept_back = self.wire.kept_back(buf);
        if kept_back > 0 {
            return Poll::Ready(Ok(kept_back));
        }
        let result = ready!(Pin::new(&mut self.stream).poll_write(cx, buf));
        self.written(&result);
        Poll::Ready(result)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let kept_back = bufs.first().map_or(0, |first| self.wire.kept_back(first));
        if kept_back > 0 {
            return Poll::Ready(Ok(kept_back));
        }
        let result = ready!(Pin::new(&mut self.stream).poll_write_vectored(cx, bufs));
        self.written(&result);
        Poll::Ready(result)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while let Some(bytes) = self.wire.instead() {
            let result = ready!(Pin::new(&mut self.stream).poll_write(cx, &bytes));
            self.written(&result);
            match result {
                Ok(0) => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                Ok(left) => self.wire.instead_left(left),
                Err(error) => return Poll::Ready(Err(error)),
            }
        }
        let result = ready!(Pin::new(&mut self.stream).poll_flush(cx));
        if result.is_err() {
            self.wire.caller_gone();
            return Poll::Ready(result);
        }
        // HTTP flushes only when it holds nothing back, so everything given to it has left.
        Poll::Ready(self.wire.flushed())
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.wire.ended() {
            return Poll::Ready(Ok(()));
        }
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

    use super::*;
    use crate::pipeline::stage::Ending;

    #[tokio::test]
    async fn counts_both_ways() {
        let wire = Arc::new(Wire::default());
        let (mut caller, ours) = duplex(64);
        let mut io = FaultyIo::new(ours, Arc::clone(&wire));
        caller.write_all(b"hello").await.unwrap();
        io.read_exact(&mut [0; 5]).await.unwrap();
        io.write_all(b"hi").await.unwrap();
        io.flush().await.unwrap();
        assert_eq!(wire.bytes(), (5, 2));
    }

    #[tokio::test]
    async fn bytes_in_place_of_an_answer_leave_whole_before_the_ending() {
        let wire = Arc::new(Wire::default());
        // Room for a part at a time.
        let (mut caller, ours) = duplex(8);
        let mut io = FaultyIo::new(ours, Arc::clone(&wire));
        wire.send_instead(bytes::Bytes::from_static(b"no status line at all"));
        wire.end_when_flushed(Ending::Close);
        let (flushed, seen) = tokio::join!(
            async move {
                let flushed = io.flush().await;
                drop(io);
                flushed
            },
            async move {
                let mut seen = Vec::new();
                caller.read_to_end(&mut seen).await.unwrap();
                seen
            }
        );
        assert_eq!(
            flushed.unwrap_err().kind(),
            io::ErrorKind::ConnectionAborted
        );
        assert_eq!(seen, b"no status line at all");
        assert_eq!(wire.bytes(), (0, 21));
    }

    #[tokio::test]
    async fn an_ending_happens_after_what_was_written_before_it() {
        let wire = Arc::new(Wire::default());
        let (mut caller, ours) = duplex(64);
        let mut io = FaultyIo::new(ours, Arc::clone(&wire));
        io.write_all(b"half an ans").await.unwrap();
        wire.end_when_flushed(Ending::Close);
        let error = io.flush().await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::ConnectionAborted);
        assert!(wire.ended() && !wire.resets());
        drop(io);
        let mut seen = Vec::new();
        caller.read_to_end(&mut seen).await.unwrap();
        assert_eq!(seen, b"half an ans");
    }
}
