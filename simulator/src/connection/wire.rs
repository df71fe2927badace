//! What is known about one connection's bytes, shared by all that touch them.

use std::io;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use tokio::sync::watch;
use tokio::time::Instant;

use super::head_clip::{Clipped, Endless, HeadClip};
use crate::pipeline::stage::{ClientCertificate, Ending};

/// What HTTP says to whoever asks before it sends a body.
const CONTINUE: &[u8] = b"HTTP/1.1 100 Continue\r\n\r\n";

/// State of one connection.
#[derive(Debug, Default)]
pub(super) struct Wire {
    peer: OnceLock<IpAddr>,
    client_certificate: OnceLock<ClientCertificate>,
    bytes_in: AtomicU64,
    bytes_out: AtomicU64,
    /// Bytes that had been written when everything had left.
    left: watch::Sender<u64>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// When the first byte of the request that is arriving was read.
    first_byte: Option<Instant>,
    clip: HeadClip,
    caller_gone: bool,
    armed: Option<Ending>,
    /// Bytes that leave in place of what HTTP would write.
    instead: Bytes,
    /// Whether the next thing that HTTP writes is `100 Continue`, and is not to leave.
    keeps_back_continue: bool,
    /// Whether what is read are the frames of HTTP/2, in which no head can be clipped.
    is_framed: bool,
    ended: Option<Ending>,
    reply: Option<Box<dyn Reply>>,
}

/// The reply on its way, as the wire drives it.
pub(super) trait Reply: std::fmt::Debug + Send {
    /// Everything that was given to HTTP has left. True when that was all of it.
    fn flushed(&mut self) -> bool;

    /// No more of it will leave.
    fn over(self: Box<Self>, end: WireEnd);
}

/// How the wire stopped carrying a reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum WireEnd {
    /// It left whole.
    Whole,
    /// It was cut as planned.
    Planned,
    /// The connection ended first.
    Lost,
}

impl Wire {
    /// The address the connection comes from.
    pub(super) fn comes_from(&self, peer: IpAddr) {
        let _only_once = self.peer.set(peer);
    }

    /// The address the connection comes from; loopback where nobody said.
    pub(super) fn peer(&self) -> IpAddr {
        let known = self.peer.get().copied();
        known.unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST))
    }

    /// What the caller's certificate is to the edge.
    pub(super) fn shows(&self, certificate: ClientCertificate) {
        let _only_once = self.client_certificate.set(certificate);
    }

    /// What the caller's certificate is to the edge; none where no handshake asked for one.
    pub(super) fn client_certificate(&self) -> &ClientCertificate {
        self.client_certificate
            .get_or_init(ClientCertificate::default)
    }

    pub(super) fn read(&self, bytes: usize) {
        self.bytes_in.fetch_add(bytes as u64, Ordering::Relaxed);
        let mut state = self.state();
        if state.first_byte.is_none() {
            state.first_byte = Some(Instant::now());
        }
    }

    /// Leaves out what is too much of a request's head; gives how many bytes remain.
    pub(super) fn clip(&self, bytes: &mut [u8]) -> Result<usize, Endless> {
        let mut state = self.state();
        if state.is_framed {
            return Ok(bytes.len());
        }
        state.clip.clip(bytes)
    }

    /// What is read and written from here on are the frames of HTTP/2.
    pub(super) fn speaks_http2(&self) {
        self.state().is_framed = true;
    }

    /// A request's head was parsed. Gives what was left out of it.
    pub(super) fn head_read(&self) -> Clipped {
        self.state().clip.head_read()
    }

    pub(super) fn wrote(&self, bytes: usize) {
        self.bytes_out.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    /// Plaintext bytes read and written.
    pub(super) fn bytes(&self) -> (u64, u64) {
        (
            self.bytes_in.load(Ordering::Relaxed),
            self.bytes_out.load(Ordering::Relaxed),
        )
    }

    /// When the request that was just read began to arrive.
    pub(super) fn take_first_byte(&self) -> Instant {
        self.state().first_byte.take().unwrap_or_else(Instant::now)
    }

    /// The request was read whole; what follows belongs to the next.
    pub(super) fn request_read(&self) {
        let mut state = self.state();
        state.first_byte = None;
        state.clip.request_read();
    }

    pub(super) fn caller_gone(&self) {
        self.state().caller_gone = true;
    }

    pub(super) fn is_caller_gone(&self) -> bool {
        self.state().caller_gone
    }

    /// Waits until more bytes than this have left.
    pub(super) async fn left(&self, bytes: u64) {
        let mut left = self.left.subscribe();
        let _never_ends_before = left.wait_for(|left| *left > bytes).await;
    }

    /// The reply that HTTP is given from here on.
    pub(super) fn carry(&self, reply: Box<dyn Reply>) {
        self.state().reply = Some(reply);
    }

    /// Ends the connection like this once everything given to HTTP has left.
    pub(super) fn end_when_flushed(&self, ending: Ending) {
        self.state().armed = Some(ending);
    }

    /// Where the next that HTTP writes is `100 Continue`, that does not leave.
    pub(super) fn keep_back_continue(&self) {
        self.state().keeps_back_continue = true;
    }

    /// How many of these bytes, which HTTP writes, do not leave.
    pub(super) fn kept_back(&self, bytes: &[u8]) -> usize {
        let mut state = self.state();
        let keeps = std::mem::take(&mut state.keeps_back_continue);
        if keeps && bytes.starts_with(CONTINUE) {
            CONTINUE.len()
        } else {
            0
        }
    }

    /// These bytes leave in place of an answer that HTTP would write, which is given none and
    /// flushes. What follows them is silence, unless an ending is armed.
    pub(super) fn send_instead(&self, bytes: Bytes) {
        self.state().instead = bytes;
    }

    /// What is left of the bytes in place of an answer.
    pub(super) fn instead(&self) -> Option<Bytes> {
        let state = self.state();
        (!state.instead.is_empty()).then(|| state.instead.clone())
    }

    /// So many of them have left.
    pub(super) fn instead_left(&self, bytes: usize) {
        let instead = &mut self.state().instead;
        let _left = instead.split_to(bytes.min(instead.len()));
    }

    /// Ends the connection like this as it is dropped. The reply that it was carrying is over, and
    /// written down, before the caller can see that.
    pub(super) fn end_with(&self, ending: Ending) {
        let mut state = self.state();
        state.ended = Some(ending);
        let reply = state.reply.take();
        drop(state);
        if let Some(reply) = reply {
            reply.over(WireEnd::Planned);
        }
    }

    /// Everything given to HTTP has left.
    pub(super) fn flushed(&self) -> io::Result<()> {
        self.left.send_replace(self.bytes().1);
        let mut state = self.state();
        if let Some(ending) = state.armed.take() {
            drop(state);
            self.end_with(ending);
            return Err(io::Error::new(
                io::ErrorKind::ConnectionAborted,
                "the connection ends here, as planned",
            ));
        }
        if state.reply.as_mut().is_some_and(|reply| reply.flushed()) {
            let reply = state.reply.take();
            drop(state);
            if let Some(reply) = reply {
                reply.over(WireEnd::Whole);
            }
        }
        Ok(())
    }

    /// The connection is over: so is the reply that it was carrying.
    pub(super) fn closed(&self) {
        let mut state = self.state();
        let end = if state.ended.is_some() {
            WireEnd::Planned
        } else {
            WireEnd::Lost
        };
        let reply = state.reply.take();
        drop(state);
        if let Some(reply) = reply {
            reply.over(end);
        }
    }

    /// Whether we ended it, as planned.
    pub(super) fn ended(&self) -> bool {
        self.state().ended.is_some()
    }

    /// Whether it ends with RST.
    pub(super) fn resets(&self) -> bool {
        self.state().ended == Some(Ending::Reset)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
