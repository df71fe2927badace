//! HTTP/2 on one connection: each stream is an exchange, decided as one of HTTP/1.1 is.
//!
//! A stream's answer counts as delivered once its last byte was given to the connection's window.

use std::convert::Infallible;
use std::future::poll_fn;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use h2::server::SendResponse;
use h2::{Reason, RecvStream, SendStream};
use http::header::{CONNECTION, HOST, TRANSFER_ENCODING};
use http::request::Parts;
use http::{HeaderName, HeaderValue, Request, Response};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::super::accept::stopped;
use super::super::faulty_io::FaultyIo;
use super::super::reply_body::Pace;
use super::super::wire::{Wire, WireEnd};
use super::carried::Carried;
use super::{Clipped, Line, Site, decide, incoming, sends_body};
use crate::pipeline::stage::Ending;
use crate::setup::StreamReason;

/// How long a caller may take over a body, as with HTTP/1.1.
const PATIENCE: Duration = Duration::from_secs(300);

/// Bytes of a body that are given to the connection at a time.
const FRAME_BYTES: usize = 16 * 1024;

const KEEP_ALIVE: HeaderName = HeaderName::from_static("keep-alive");

/// What a stream has the whole connection do.
#[derive(Debug, Clone, Copy)]
enum Order {
    GoAway(Reason),
    End(Ending),
}

/// Serves a connection to its end; gives the number of its requests.
pub(in super::super) async fn serve<S>(
    stream: S,
    connection: u64,
    wire: &Arc<Wire>,
    site: &Arc<Site>,
) -> u32
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    wire.speaks_http2();
    let line = Line::new(connection, wire, site, true).await;
    let line = Arc::new(Line {
        speaks_http2: true,
        ..line
    });
    let io = FaultyIo::new(stream, Arc::clone(wire));
    let (over, is_over) = watch::channel(false);
    let mut streams = JoinSet::new();
    if let Ok(mut conversation) = h2::server::handshake(io).await {
        let (orders, mut ordered) = mpsc::unbounded_channel();
        let mut shutdown = site.shutdown.clone();
        let mut certificate = site.instance.certificate_changes();
        certificate.mark_unchanged();
        let mut port = site.instance.doors().changes();
        port.mark_unchanged();
        loop {
            tokio::select! {
                accepted = conversation.accept() => {
                    let Some(Ok((request, respond))) = accepted else { break };
                    let line = Arc::clone(&line);
                    let (orders, is_over) = (orders.clone(), is_over.clone());
                    streams.spawn(exchange(line, request, respond, orders, is_over));
                }
                Some(order) = ordered.recv() => match order {
                    Order::GoAway(reason) => conversation.abrupt_shutdown(reason),
                    Order::End(ending) => {
                        wire.end_with(ending);
                        break;
                    }
                },
                Some(_ended) = streams.join_next(), if !streams.is_empty() => {}
                () = stopped(&mut shutdown) => break,
                Ok(()) = certificate.changed() => conversation.graceful_shutdown(),
                Ok(()) = port.changed() => conversation.graceful_shutdown(),
            }
        }
    }
    // Whatever is being decided still belongs to this connection.
    over.send_replace(true);
    while streams.join_next().await.is_some() {}
    wire.closed();
    line.requests.load(std::sync::atomic::Ordering::Relaxed)
}

async fn exchange(
    line: Arc<Line>,
    request: Request<RecvStream>,
    respond: SendResponse<Bytes>,
    orders: mpsc::UnboundedSender<Order>,
    mut is_over: watch::Receiver<bool>,
) {
    let started = line.site.clock.now().elapsed;
    let (mut head, body) = request.into_parts();
    name_host(&mut head);
    let Some(body) = read(body).await else { return };
    line.requests
        .fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    // The streams of a connection do not wait for each other.
    let turn = Arc::new(tokio::sync::Mutex::new(())).lock_owned().await;
    let arrived = decide::Arrived {
        head,
        body,
        clipped: Clipped::default(),
        started,
    };
    let decided = decide::decide(&line, arrived, turn).await;
    tokio::select! {
        () = stopped(&mut is_over) => {}
        () = answer(&line, decided, respond, &orders) => {}
    }
}

/// What HTTP/1.1 says in `Host`.
fn name_host(head: &mut Parts) {
    if head.headers.contains_key(HOST) {
        return;
    }
    let authority = head.uri.authority().map(ToString::to_string);
    if let Some(Ok(host)) = authority.map(HeaderValue::try_from) {
        head.headers.insert(HOST, host);
    }
}

/// The body, whole; none where the caller left before its end.
async fn read(mut body: RecvStream) -> Option<incoming::Body> {
    let collected = async {
        let mut kept = BytesMut::new();
        let mut sent = 0_u64;
        while let Some(data) = body.data().await {
            let data = data.ok()?;
            sent += data.len() as u64;
            if sent <= incoming::LARGEST_BODY {
                kept.extend_from_slice(&data);
            }
            let _gone = body.flow_control().release_capacity(data.len());
        }
        Some(if sent > incoming::LARGEST_BODY {
            incoming::Body::TooLarge(sent)
        } else {
            incoming::Body::Whole(kept.freeze())
        })
    };
    timeout(PATIENCE, collected).await.ok()?
}

async fn answer(
    line: &Line,
    decided: decide::Decided,
    mut respond: SendResponse<Bytes>,
    orders: &mpsc::UnboundedSender<Order>,
) {
    let decide::Decided {
        mut reply,
        plan,
        pace,
        after,
        delivered,
        carried,
        is_head,
        ..
    } = decided;
    if !after.is_zero() {
        tokio::time::sleep(after).await;
    }
    let progress = carried.progress();
    let bodiless = is_head || !sends_body(reply.status);
    let cut = plan.map(|plan| plan.after_body_bytes.filter(|_| !bodiless));
    if let (Some(plan), Some(None)) = (plan, cut) {
        return end(plan.then, carried, orders, |reason| {
            respond.send_reset(reason);
        })
        .await;
    }
    // What belongs to HTTP/1.1 alone (RFC 9113, 8.2.2).
    for name in [CONNECTION, TRANSFER_ENCODING, KEEP_ALIVE] {
        reply.headers.remove(name);
    }
    let mut head = Response::new(());
    *head.status_mut() = reply.status;
    *head.headers_mut() = std::mem::take(&mut reply.headers);
    let Ok(mut stream) = respond.send_response(head, bodiless && plan.is_none()) else {
        return over(carried, WireEnd::Lost);
    };
    progress.status_sent();
    let mut body = if bodiless { Bytes::new() } else { reply.body };
    if let Some(Some(bytes)) = cut {
        body.truncate(usize::try_from(bytes).unwrap_or(usize::MAX));
    }
    let gave = |bytes: usize| progress.gave(bytes as u64);
    let sent_then = line.wire.bytes().1 + body.len() as u64;
    if send(&mut stream, body, pace, gave).await.is_none() {
        return over(carried, WireEnd::Lost);
    }
    if let Some(plan) = plan {
        // A reset throws away what has not left.
        line.wire.left(sent_then).await;
        return end(plan.then, carried, orders, |reason| {
            stream.send_reset(reason);
        })
        .await;
    }
    progress.stamp(line.site.clock.now().nanos());
    line.site.director.delivered(delivered).await;
    let whole = bodiless || stream.send_data(Bytes::new(), true).is_ok();
    progress.complete(line.site.clock.now().nanos());
    over(carried, if whole { WireEnd::Whole } else { WireEnd::Lost });
}

/// Writes down how an answer ended.
fn over(carried: Carried, end: WireEnd) {
    carried.boxed().over(end);
}

/// Gives a body to the connection as fast as the caller takes it; none where the caller left.
async fn send(
    stream: &mut SendStream<Bytes>,
    mut body: Bytes,
    pace: Option<Pace>,
    gave: impl Fn(usize),
) -> Option<()> {
    let mut at_once = pace.map_or(u64::MAX, |pace| pace.at_once);
    while !body.is_empty() {
        let wanted = match pace {
            Some(pace) if at_once == 0 => {
                tokio::time::sleep(pace.every).await;
                usize::try_from(pace.bytes).unwrap_or(FRAME_BYTES)
            }
            _ => usize::try_from(at_once).unwrap_or(FRAME_BYTES),
        };
        stream.reserve_capacity(wanted.min(FRAME_BYTES).min(body.len()));
        let room = poll_fn(|cx| stream.poll_capacity(cx)).await?.ok()?;
        let bytes = room.min(wanted).min(body.len());
        if bytes == 0 {
            continue;
        }
        stream.send_data(body.split_to(bytes), false).ok()?;
        at_once = at_once.saturating_sub(bytes as u64);
        gave(bytes);
    }
    Some(())
}

/// Ends a stream, or the connection, as planned, and writes that down before the caller can see it.
/// Then it waits for the connection's end: a stream that is let go of is reset.
async fn end(
    ending: Ending,
    carried: Carried,
    orders: &mpsc::UnboundedSender<Order>,
    reset: impl FnOnce(Reason),
) {
    let order = match ending {
        Ending::ResetStream(why) => {
            over(carried, WireEnd::Planned);
            return reset(reason(why));
        }
        Ending::GoAway(why) => Order::GoAway(reason(why)),
        Ending::Reset | Ending::Close => Order::End(ending),
        Ending::Silence => {
            std::future::pending::<Infallible>().await;
            return;
        }
    };
    over(carried, WireEnd::Planned);
    let _gone_already = orders.send(order);
    std::future::pending::<Infallible>().await;
}

const fn reason(why: StreamReason) -> Reason {
    match why {
        StreamReason::NoError => Reason::NO_ERROR,
        StreamReason::InternalError => Reason::INTERNAL_ERROR,
        StreamReason::RefusedStream => Reason::REFUSED_STREAM,
        StreamReason::Cancel => Reason::CANCEL,
        StreamReason::EnhanceYourCalm => Reason::ENHANCE_YOUR_CALM,
    }
}
