//! HTTP/1.1 on one connection, and the life of each of its exchanges.
//!
//! An exchange is decided in a task of its own, so that a caller who leaves in the middle cannot
//! keep what happened out of the journal.

use std::convert::Infallible;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, EXPECT};
use http::request::Parts;
use http::{Extensions, HeaderValue, Request, Response};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::watch;

use super::accept::stopped;
use super::faulty_io::FaultyIo;
use super::head_clip::Clipped;
use super::malformed;
use super::reply_body::ReplyBody;
use super::spelling;
use super::wire::Wire;
use crate::clock::Clock;
use crate::director::Director;
use crate::instance::Instance;
use crate::journal::{Caller, Cause, Event, Journal};
use crate::pipeline::stage::Ending;
use crate::setup::{ExpectContinue, HeadPlace, Malformation};

mod ask;
mod carried;
mod decide;
mod http2;
mod incoming;
mod script;
mod transcript;

pub(super) use carried::Progress;
pub(super) use http2::serve as serve_http2;
pub(crate) use transcript::Salt;

/// How long a connection may take over a request's head, and lie idle between two requests: the
/// longest `Keep-Alive: timeout` seen (wire-core 1.2).
const IDLE: Duration = Duration::from_secs(70);

/// Bytes of a request's head that HTTP keeps at most: more than `head_clip` leaves of one.
const LARGEST_HEAD: usize = 64 * 1024;

/// What every connection of a listener shares.
#[derive(Debug)]
pub(crate) struct Site {
    pub(crate) instance: Arc<Instance>,
    pub(crate) director: Director,
    pub(crate) journal: Journal,
    pub(crate) clock: Clock,
    pub(crate) caller: Caller,
    pub(crate) counters: Arc<Counters>,
    pub(crate) salt: Salt,
    pub(crate) shutdown: watch::Receiver<bool>,
}

/// Numbers that are unique in a simulator.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    connections: AtomicU64,
    requests: AtomicU64,
}

impl Site {
    /// The same instance as seen by another caller.
    pub(crate) fn of(&self, caller: Caller) -> Self {
        Self {
            instance: Arc::clone(&self.instance),
            director: self.director.clone(),
            journal: self.journal.clone(),
            clock: self.clock,
            caller,
            counters: Arc::clone(&self.counters),
            salt: self.salt,
            shutdown: self.shutdown.clone(),
        }
    }

    pub(super) fn next_connection(&self) -> u64 {
        self.counters.connections.fetch_add(1, Ordering::Relaxed) + 1
    }

    fn next_request(&self) -> u64 {
        self.counters.requests.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// Appends an entry in which the listener's caller acts.
    pub(super) fn note(&self, event: Event) {
        self.note_with(None, event);
    }

    pub(super) fn note_with(&self, cause: Option<Cause>, event: Event) {
        self.journal
            .append(self.caller.into(), &self.instance.name, cause, event);
    }
}

/// One connection, as its exchanges see it.
#[derive(Debug)]
struct Line {
    site: Arc<Site>,
    wire: Arc<Wire>,
    connection: u64,
    speaks_tls: bool,
    /// Whether its exchanges are streams of HTTP/2.
    speaks_http2: bool,
    requests: AtomicU32,
    spelling: &'static Extensions,
    /// Held from an exchange's decision to its outcome.
    turn: Arc<tokio::sync::Mutex<()>>,
}

impl Line {
    /// A connection of HTTP/1.1.
    async fn new(connection: u64, wire: &Arc<Wire>, site: &Arc<Site>, speaks_tls: bool) -> Self {
        Self {
            site: Arc::clone(site),
            wire: Arc::clone(wire),
            connection,
            speaks_tls,
            speaks_http2: false,
            requests: AtomicU32::new(0),
            spelling: spelling::learned().await,
            turn: Arc::default(),
        }
    }
}

/// The connection ends without an answer.
#[derive(Debug, thiserror::Error)]
#[error("the connection ends here")]
struct NoAnswer;

/// Serves a connection to its end; gives the number of its requests.
pub(super) async fn serve<S>(
    stream: S,
    connection: u64,
    wire: &Arc<Wire>,
    site: &Arc<Site>,
    speaks_tls: bool,
) -> u32
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let line = Arc::new(Line::new(connection, wire, site, speaks_tls).await);
    let io = TokioIo::new(FaultyIo::new(stream, Arc::clone(wire)));
    let service = {
        let line = Arc::clone(&line);
        service_fn(move |request| {
            // Before any byte of the body is read.
            let clipped = line.wire.head_read();
            exchange(Arc::clone(&line), request, clipped)
        })
    };
    let mut http = http1::Builder::new();
    http.title_case_headers(true)
        .preserve_header_case(true)
        .max_buf_size(LARGEST_HEAD)
        .timer(TokioTimer::new())
        .header_read_timeout(IDLE);
    {
        let mut conversation = pin!(http.serve_connection(io, service));
        let mut shutdown = site.shutdown.clone();
        let mut certificate = site.instance.certificate_changes();
        certificate.mark_unchanged();
        let mut port = site.instance.doors().changes();
        port.mark_unchanged();
        loop {
            tokio::select! {
                // How it ended is known to the wire.
                _ended = conversation.as_mut() => break,
                () = stopped(&mut shutdown) => break,
                Ok(()) = certificate.changed(), if speaks_tls => {
                    conversation.as_mut().graceful_shutdown();
                }
                Ok(()) = port.changed() => conversation.as_mut().graceful_shutdown(),
            }
        }
    }
    // Whatever is on its way or being decided still belongs to this connection.
    wire.closed();
    drop(line.turn.lock().await);
    line.requests.load(Ordering::Relaxed)
}

async fn exchange(
    line: Arc<Line>,
    request: Request<Incoming>,
    clipped: Clipped,
) -> Result<Response<ReplyBody>, NoAnswer> {
    let started = line.site.clock.elapsed_at(line.wire.take_first_byte());
    let (head, body) = request.into_parts();
    let body = if refuses_continue(&line, &head) {
        incoming::Body::Whole(Bytes::new())
    } else {
        incoming::read(body).await.map_err(|_| NoAnswer)?
    };
    line.wire.request_read();
    line.requests.fetch_add(1, Ordering::Relaxed);
    let turn = Arc::clone(&line.turn).lock_owned().await;
    let decided = tokio::spawn({
        let line = Arc::clone(&line);
        let arrived = decide::Arrived {
            head,
            body,
            clipped,
            started,
        };
        async move { decide::decide(&line, arrived, turn).await }
    });
    let decided = decided.await.map_err(|_| NoAnswer)?;
    if !decided.after.is_zero() {
        tokio::time::sleep(decided.after).await;
    }
    answer(&line, decided).await
}

/// Whether the body is not read, because the caller asks first and is refused. Reading it would say
/// 100; where that is not to be said, the wire keeps it back.
fn refuses_continue(line: &Line, head: &Parts) -> bool {
    let asks = head.headers.contains_key(EXPECT);
    match line.site.instance.expect_continue {
        ExpectContinue::Refused => asks,
        ExpectContinue::Ignored => {
            if asks {
                line.wire.keep_back_continue();
            }
            false
        }
        ExpectContinue::Met => false,
    }
}

async fn answer(line: &Line, decided: decide::Decided) -> Result<Response<ReplyBody>, NoAnswer> {
    let decide::Decided {
        mut reply,
        plan,
        announced,
        until_close,
        pace,
        malformation,
        now,
        delivered,
        carried,
        is_head,
        ..
    } = decided;
    let wire = Arc::clone(&line.wire);
    let progress = carried.progress();
    if let Some((place, then)) = plan.and_then(|plan| Some((plan.within?, plan.then))) {
        if place == HeadPlace::Header {
            progress.status_sent();
        }
        wire.carry(carried.boxed());
        return send_instead(&wire, malformed::head_until(place, &reply, now), then).await;
    }
    let malformed = malformation.filter(|_| plan.is_none());
    if let Some(bytes) = malformed.and_then(|what| malformed::answer(what, &reply, now)) {
        if malformed != Some(Malformation::GarbageStatusLine) {
            progress.status_sent();
            progress.gave(reply.body.len() as u64);
        }
        line.site.director.delivered(delivered).await;
        wire.carry(carried.boxed());
        return send_instead(&wire, bytes, Ending::Close).await;
    }
    if announced {
        let whole = HeaderValue::from(reply.body.len());
        reply.headers.insert(CONTENT_LENGTH, whole);
    }
    let bodiless = is_head || !sends_body(reply.status);
    let mut response = Response::new(match plan.map(|plan| (plan.after_body_bytes, plan.then)) {
        // A cut inside a body that is never sent is a cut before the status line.
        Some((after, ending)) if after.is_none() || bodiless => {
            wire.carry(carried.boxed());
            if ending == Ending::Silence {
                std::future::pending::<Infallible>().await;
            }
            wire.end_with(ending);
            return Err(NoAnswer);
        }
        Some((after, ending)) => {
            progress.status_sent();
            let bytes = after.unwrap_or_default();
            ReplyBody::cut(reply.body, bytes, ending, wire, progress)
        }
        None => {
            progress.status_sent();
            let director = line.site.director.clone();
            let clock = line.site.clock;
            if bodiless {
                director.delivered(delivered).await;
                progress.complete(clock.now().nanos());
                ReplyBody::whole(Bytes::new(), wire, progress, async {})
            } else {
                let last = {
                    let progress = Arc::clone(&progress);
                    async move {
                        progress.stamp(clock.now().nanos());
                        director.delivered(delivered).await;
                        progress.complete(clock.now().nanos());
                    }
                };
                ReplyBody::whole(reply.body, wire, progress, last).paced(pace)
            }
        }
    });
    line.wire.carry(carried.boxed());
    if until_close {
        // The version of HTTP that knows no other end of a body of unknown length.
        *response.version_mut() = http::Version::HTTP_10;
    }
    *response.status_mut() = reply.status;
    *response.headers_mut() = reply.headers;
    *response.extensions_mut() = line.spelling.clone();
    Ok(response)
}

/// Has these bytes leave in place of an answer, and then this happen.
async fn send_instead(
    wire: &Wire,
    bytes: Bytes,
    then: Ending,
) -> Result<Response<ReplyBody>, NoAnswer> {
    wire.send_instead(bytes);
    if then != Ending::Silence {
        wire.end_when_flushed(then);
    }
    // HTTP, which is given nothing, flushes; the wire does the rest then.
    std::future::pending().await
}

/// Whether HTTP lets an answer of this status have a body (RFC 9110, 6.4.1).
fn sends_body(status: http::StatusCode) -> bool {
    !(status.is_informational()
        || status == http::StatusCode::NO_CONTENT
        || status == http::StatusCode::NOT_MODIFIED)
}
