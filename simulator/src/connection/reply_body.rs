//! A reply's body as HTTP asks for it: in frames, to its end or to the planned cut.
//!
//! Its length is not told beforehand, so HTTP sends it chunked, as an instance does (wire-core 0).

use std::convert::Infallible;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body, Frame};
use tokio::time::Sleep;

use super::serve::Progress;
use super::wire::Wire;
use crate::pipeline::stage::Ending;

/// Large enough to be cheap, small enough that a slow caller is noticed early.
const FRAME_BYTES: usize = 64 * 1024;

/// How slowly a body comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Pace {
    /// Bytes that come first, all at once.
    pub(super) at_once: u64,
    /// Bytes of a drip.
    pub(super) bytes: u32,
    /// From one drip to the next.
    pub(super) every: Duration,
}

type Last = Pin<Box<dyn Future<Output = ()> + Send>>;

/// A body on its way.
pub(super) struct ReplyBody {
    rest: Bytes,
    ending: Option<Ending>,
    pace: Option<Pace>,
    /// A frame has left, and whoever else is served has a turn before the next.
    rests: bool,
    /// Until the next drip.
    pause: Option<Pin<Box<Sleep>>>,
    /// Runs between the last byte of the body and the end of the message.
    last: Option<Last>,
    wire: Arc<Wire>,
    progress: Arc<Progress>,
}

impl fmt::Debug for ReplyBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReplyBody")
            .field("rest", &self.rest.len())
            .field("ending", &self.ending)
            .finish_non_exhaustive()
    }
}

impl ReplyBody {
    /// The whole body; `last` runs before the end of the message is given to HTTP.
    pub(super) fn whole(
        body: Bytes,
        wire: Arc<Wire>,
        progress: Arc<Progress>,
        last: impl Future<Output = ()> + Send + 'static,
    ) -> Self {
        Self {
            rest: body,
            ending: None,
            pace: None,
            rests: false,
            pause: None,
            last: Some(Box::pin(last)),
            wire,
            progress,
        }
    }

    /// The first bytes of a body, then this ending.
    pub(super) fn cut(
        mut body: Bytes,
        bytes: u64,
        ending: Ending,
        wire: Arc<Wire>,
        progress: Arc<Progress>,
    ) -> Self {
        body.truncate(usize::try_from(bytes).unwrap_or(usize::MAX));
        Self {
            rest: body,
            ending: Some(ending),
            pace: None,
            rests: false,
            pause: None,
            last: None,
            wire,
            progress,
        }
    }
}

impl ReplyBody {
    /// The same, as slowly as this.
    pub(super) fn paced(mut self, pace: Option<Pace>) -> Self {
        self.pace = pace;
        self
    }

    /// How many bytes may leave now; pending while a pause lasts.
    fn portion(&mut self, cx: &mut Context<'_>) -> Poll<usize> {
        let Some(pace) = &mut self.pace else {
            return Poll::Ready(FRAME_BYTES);
        };
        if pace.at_once > 0 {
            let bytes = pace.at_once.min(FRAME_BYTES as u64);
            pace.at_once -= bytes;
            return Poll::Ready(usize::try_from(bytes).unwrap_or(FRAME_BYTES));
        }
        let every = pace.every;
        let pause = self
            .pause
            .get_or_insert_with(|| Box::pin(tokio::time::sleep(every)));
        ready!(pause.as_mut().poll(cx));
        self.pause = None;
        Poll::Ready(usize::try_from(pace.bytes).unwrap_or(FRAME_BYTES))
    }
}

impl Body for ReplyBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if !self.rest.is_empty() {
            if std::mem::take(&mut self.rests) {
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            let portion = ready!(self.portion(cx));
            let bytes = self.rest.len().min(portion);
            let frame = self.rest.split_to(bytes);
            self.progress.gave(bytes as u64);
            self.rests = bytes == FRAME_BYTES;
            return Poll::Ready(Some(Ok(Frame::data(frame))));
        }
        match self.ending {
            // HTTP flushes after a body that is not ready; the wire ends the connection then.
            Some(ending @ (Ending::Reset | Ending::Close)) => {
                self.wire.end_when_flushed(ending);
                return Poll::Pending;
            }
            // Nobody wakes this; HTTP keeps reading and sees the caller leave.
            // What ends a stream of HTTP/2 is not done here.
            Some(Ending::Silence | Ending::ResetStream(_) | Ending::GoAway(_)) => {
                return Poll::Pending;
            }
            None => {}
        }
        if let Some(last) = &mut self.last {
            if last.as_mut().poll(cx).is_pending() {
                return Poll::Pending;
            }
            self.last = None;
        }
        Poll::Ready(None)
    }
}
