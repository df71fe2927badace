//! Asks the pipeline about one exchange, and the API where it lets the exchange pass.

use std::time::Duration;

use bytes::Bytes;
use http::StatusCode;
use http::request::Parts;

use super::super::head_clip::Clipped;
use super::super::reply_body::Pace;
use super::incoming::Body;
use super::{Line, stopped, transcript};
use crate::api::{self, Api, Call, Context, oauth};
use crate::clock::Now;
use crate::director::Arrival;
use crate::instance::Instance;
use crate::instance::session::Waited;
use crate::journal::{Cause, Event, IdentityResolved};
use crate::pipeline::admission::{Ended, Permit, Proof, Token};
use crate::pipeline::stage::{Ending, Exchange, HangUpPlan, Queued, View};
use crate::pipeline::{self, Verdict};
use crate::policy::{Access, Policy};
use crate::reply::Reply;
use crate::setup::Malformation;

/// What the layers made of a request, before it is written down.
pub(super) struct Made {
    pub(super) reply: Reply,
    pub(super) plan: Option<HangUpPlan>,
    pub(super) pace: Option<Pace>,
    /// What is wrong with the HTTP that carries it.
    pub(super) malformation: Option<Malformation>,
    pub(super) after: Duration,
    pub(super) stage: &'static str,
    pub(super) user: Option<String>,
    /// Whether a session's cookie stood in for credentials.
    pub(super) by_session: bool,
    /// What showed who calls; a session's own where its cookie stood in.
    pub(super) proof: Option<Proof>,
    /// The access token that authentication looked at, alive or not.
    pub(super) token: Option<Token>,
    /// Whether the caller is signed in, by credentials or by a session.
    pub(super) signed_in: bool,
    /// How long it stood in queues.
    pub(super) waited: Waited,
    pub(super) permits: Vec<Permit>,
    /// The step that scripted it.
    pub(super) step: Option<String>,
}

/// Asks the pipeline, and the API if it lets the request pass.
pub(super) async fn ask(
    line: &Line,
    head: &Parts,
    body: &Body,
    clipped: Clipped,
    arrival: &Arrival<'_>,
    now: Now,
) -> Made {
    let instance = &line.site.instance;
    // Read under the count's lock: a lockout is counted after its record says so.
    instance.admission.keep_lockouts(|user| {
        let policy = instance.policy();
        policy.user(user).is_some_and(|user| user.locked_out)
    });
    instance.admission.end_lockouts(now);
    instance.heed(instance.admission.take_notices()).await;
    let mut policy = instance.policy();
    let mut exchange = Exchange {
        request: arrival.request,
        method: &head.method,
        path: arrival.path,
        query: arrival.query,
        headers: &head.headers,
        caller: arrival.caller,
        over_tls: line.speaks_tls,
        peer: line.wire.peer(),
        client_certificate: line.wire.client_certificate(),
        target: arrival.target,
        body: match body {
            Body::Whole(body) => body,
            Body::TooLarge(_) => &[],
        },
        oversize_headers: clipped.headers,
        now,
    };
    let mut ruling = pipeline::run(&exchange, &view(instance, &policy));
    let mut waited = Waited::default();
    while let Some(queued) = ruling.take_queued() {
        let since = line.site.clock.now().elapsed;
        let turn = turn(queued, line).await;
        waited.add(ruling.stage, line.site.clock.now().elapsed - since);
        let permit = match turn {
            Turn::Come(permit) => permit,
            Turn::Overdue(reply) => {
                ruling.answer(reply);
                break;
            }
            Turn::Stopped => return stopped_in_queue(ruling.stage),
        };
        // What is decided from here on is decided by what holds now.
        exchange.now = line.site.clock.now();
        policy = instance.policy();
        ruling = pipeline::resume(ruling, permit, &exchange, &view(instance, &policy));
    }
    let now = exchange.now;
    instance.heed(instance.admission.take_notices()).await;
    let user = ruling
        .facts
        .identity
        .as_ref()
        .map(|identity| identity.user_name.clone());
    if let Some(user) = &user {
        line.site.note(Event::IdentityResolved(IdentityResolved {
            request: arrival.request,
            user: user.clone(),
            method: if ruling.facts.by_session {
                "session".to_owned()
            } else {
                let certificate = line.wire.client_certificate();
                transcript::scheme(&head.headers, arrival.query, certificate).to_owned()
            },
        }));
    }
    let signed_in = user.is_some() || ruling.facts.in_session;
    let (mut reply, plan, after) = match (ruling.verdict, ruling.facts.identity) {
        (Verdict::Answer { reply, after }, _) => (*reply, None, after),
        (Verdict::Call, None) if arrival.target.api == Api::OauthToken => {
            let reply = oauth::answer(&exchange, &view(instance, &policy));
            instance.heed(instance.admission.take_notices()).await;
            end_revoked(instance, &reply, arrival.request);
            if changes_tokens(&reply) {
                instance.records().write_tokens().await;
            }
            (reply, None, Duration::ZERO)
        }
        // A place in the queue was taken out above.
        (Verdict::Queue(_), _) | (Verdict::Call, None) => (unidentified(), None, Duration::ZERO),
        (
            Verdict::HangUp {
                plan,
                after,
                condition,
                reason,
            },
            _,
        ) => {
            let mut never_sent = Reply::empty(StatusCode::OK);
            never_sent.condition = Some(condition);
            never_sent.reason = reason;
            (never_sent, Some(plan), after)
        }
        (Verdict::Call, Some(identity)) => {
            let base_url = base_url(line, head);
            let broken_tables = instance.broken_tables();
            let context = Context {
                store: instance.store(),
                policy: &policy,
                switches: &instance.switches,
                missing_apis: &instance.missing_apis,
                base_url: &base_url,
                now,
                query_quota: instance.query_quota,
                batch_quota: instance.batch_quota,
                broken_tables: &broken_tables,
            };
            let open = Access::Granted {
                row_conditions: Vec::new(),
            };
            let call = Call {
                request: arrival.request,
                caller: arrival.caller,
                method: &head.method,
                path: arrival.path,
                query: arrival.query,
                headers: &head.headers,
                body: Bytes::new(),
                target: arrival.target,
                identity: &identity,
                access: ruling.facts.access.as_ref().unwrap_or(&open),
            };
            let mut reply = match body {
                Body::TooLarge(bytes) => api::too_large(*bytes, &instance.switches),
                Body::Whole(body) => {
                    let body = body.clone();
                    api::answer(&context, Call { body, ..call }).await
                }
            };
            let time = instance.query_time;
            let after = time.map_or(Duration::ZERO, |time| time.spend(&mut reply));
            (reply, None, after)
        }
    };
    for (name, value) in &ruling.headers {
        reply.headers.append(name, value.clone());
    }
    let switches = &instance.switches;
    api::dress(&mut reply, arrival.target, &head.headers, switches);
    Made {
        reply,
        plan,
        pace: None,
        malformation: None,
        after,
        stage: ruling.stage,
        user,
        by_session: ruling.facts.by_session,
        proof: ruling.facts.proof,
        token: ruling.facts.token,
        signed_in,
        waited,
        permits: ruling.permits,
        step: None,
    }
}

/// Whether a call to the token endpoint made, renewed or ended a token.
fn changes_tokens(reply: &Reply) -> bool {
    let call = reply.token_call.as_deref();
    call.is_some_and(|call| call.access_token.is_some() || call.grant == oauth::REVOKE)
}

/// Ends the token that a revocation names.
fn end_revoked(instance: &Instance, reply: &Reply, request: u64) {
    let call = reply.token_call.as_deref();
    let revoked = call.filter(|call| call.grant == oauth::REVOKE);
    if let Some(number) = revoked.and_then(|call| call.presented) {
        instance.end_tokens(&[number], Ended::Revoked, &Cause::Hand, Some(request));
    }
}

fn view<'a>(instance: &'a Instance, policy: &'a Policy) -> View<'a> {
    View {
        mutual_tls: instance.mutual_tls,
        plain_http: instance.plain_http,
        gateway: instance.gateway.as_ref(),
        tls_port: instance.tls_port.get().copied(),
        sends_on: instance.sends_on(),
        developer_site: instance.developer_site(),
        expect_continue: instance.expect_continue,
        policy,
        state: instance.state(),
        switches: &instance.switches,
        admission: &instance.admission,
    }
}

/// How an exchange's time in a queue ended.
enum Turn {
    /// Its turn has come.
    Come(Permit),
    /// It waited for too long: this is the answer.
    Overdue(Box<Reply>),
    /// The instance stops first.
    Stopped,
}

async fn turn(queued: Queued, line: &Line) -> Turn {
    let mut shutdown = line.site.shutdown.clone();
    let (longest, reply) = queued.overdue.unzip();
    let overdue = async {
        match longest {
            Some(longest) => tokio::time::sleep(longest).await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        biased;
        permit = queued.ticket => Turn::Come(permit),
        () = stopped(&mut shutdown) => Turn::Stopped,
        () = overdue => reply.map_or(Turn::Stopped, Turn::Overdue),
    }
}

fn stopped_in_queue(stage: &'static str) -> Made {
    let mut reply = Reply::empty(StatusCode::SERVICE_UNAVAILABLE);
    reply.reason = "the instance stopped while the request waited for a semaphore".to_owned();
    Made {
        reply,
        plan: Some(HangUpPlan {
            after_body_bytes: None,
            within: None,
            then: Ending::Close,
        }),
        pace: None,
        malformation: None,
        after: Duration::ZERO,
        stage,
        user: None,
        by_session: false,
        proof: None,
        token: None,
        signed_in: false,
        waited: Waited::default(),
        permits: Vec::new(),
        step: None,
    }
}

/// Every order of stages identifies the caller before the API; an instance that did not would be
/// broken (500), never open.
fn unidentified() -> Reply {
    let mut reply = Reply::empty(StatusCode::INTERNAL_SERVER_ERROR);
    reply.reason = "no stage identified the caller".to_owned();
    reply.unmodelled.push(reply.reason.clone());
    reply
}

/// `https://HOST`, as the caller names the instance.
fn base_url(line: &Line, head: &Parts) -> String {
    let scheme = if line.speaks_tls { "https" } else { "http" };
    let host = head
        .headers
        .get(http::header::HOST)
        .and_then(|host| host.to_str().ok())
        .unwrap_or(&line.site.instance.host);
    format!("{scheme}://{host}")
}
