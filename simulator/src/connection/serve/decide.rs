//! Decides one exchange and writes the decision down.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::CONNECTION;
use http::request::Parts;
use http::{HeaderValue, Method, StatusCode};
use tokio::sync::OwnedMutexGuard;

use super::super::reply_body::Pace;
use super::carried::{Carried, Progress};
use super::incoming::{Body, LARGEST_BODY};
use super::{Line, script, stopped, transcript};
use crate::api::{self, Call, Context};
use crate::clock::Now;
use crate::director::{Arrival, Delivered};
use crate::instance::session::{self, Signature};
use crate::instance::{Answer, Instance};
use crate::journal::{self, Cause, Condition, Event, IdentityResolved};
use crate::pipeline::admission::{Permit, Ticket};
use crate::pipeline::stage::{Ending, Exchange, HangUpPlan, View};
use crate::pipeline::{self, Verdict};
use crate::policy::{Access, Policy};
use crate::reply::Reply;

/// An exchange that was decided and written down.
#[derive(Debug)]
pub(super) struct Decided {
    pub(super) reply: Reply,
    pub(super) plan: Option<HangUpPlan>,
    pub(super) announced: bool,
    pub(super) pace: Option<Pace>,
    pub(super) after: Duration,
    pub(super) delivered: Delivered,
    pub(super) carried: Carried,
    pub(super) is_head: bool,
}

/// What the layers made of a request, before it is written down.
struct Made {
    reply: Reply,
    plan: Option<HangUpPlan>,
    pace: Option<Pace>,
    after: Duration,
    stage: &'static str,
    user: Option<String>,
    permits: Vec<Permit>,
    /// The step that scripted it.
    step: Option<String>,
}

pub(super) async fn decide(
    line: &Line,
    head: Parts,
    body: Body,
    started: Duration,
    turn: OwnedMutexGuard<()>,
) -> Decided {
    let site = &line.site;
    let request = site.next_request();
    let now = site.clock.now();
    let target = api::target(&head.method, head.uri.path());
    let arrival = Arrival {
        request,
        caller: site.caller,
        method: head.method.as_str(),
        path: head.uri.path(),
        query: head.uri.query().unwrap_or_default(),
        target: &target,
    };
    let mut triggered = site.director.arrived(&arrival).await;
    let mut made = match script::answer(&triggered.scripts) {
        Some((reply, step)) => Made {
            reply,
            plan: None,
            pace: None,
            after: Duration::ZERO,
            stage: "script",
            user: None,
            permits: Vec::new(),
            step: Some(step.to_owned()),
        },
        None => ask(line, &head, &body, &arrival, now).await,
    };
    site.director.decided(&mut triggered, &arrival).await;
    if let Some((plan, step)) = script::ending(&triggered.scripts) {
        made.plan = Some(plan);
        made.step = Some(step.to_owned());
    }
    // What takes long is the work: a refusal costs none, and keeps the condition it follows from.
    let refused = made.reply.condition.is_some() && made.reply.status.is_client_error();
    if let Some((pace, step)) = script::pace(&triggered.scripts).filter(|_| !refused) {
        made.pace = Some(pace);
        made.step = Some(step.to_owned());
    }
    if let Some(step) = script::truncate(&triggered.scripts, &mut made.reply) {
        made.step = Some(step);
    }
    let announced = script::is_announced(&triggered.scripts);
    sign(line, &head, request, now, &mut made.reply);

    let cause = cause(&site.instance, &head, &arrival, &made);
    write_down(line, &head, &body, &arrival, started, &made, cause.as_ref());
    let good = made
        .reply
        .condition
        .is_none_or(|c| matches!(c, Condition::RowsHidden | Condition::PageCapped));
    let lists = made.plan.is_none() && good && made.reply.status == StatusCode::OK;
    Decided {
        plan: made.plan,
        announced,
        pace: made.pace,
        after: made.after,
        delivered: Delivered::new(triggered, &arrival, lists),
        carried: Carried {
            site: Arc::clone(site),
            request,
            connection: line.connection,
            status: made.reply.status.as_u16(),
            condition: condition(&made),
            cause,
            served: made.reply.served.clone(),
            plan: made.plan,
            permits: made.permits,
            progress: Arc::<Progress>::default(),
            told: false,
            turn,
        },
        reply: made.reply,
        is_head: head.method == Method::HEAD,
    }
}

/// Asks the pipeline, and the API if it lets the request pass.
async fn ask(line: &Line, head: &Parts, body: &Body, arrival: &Arrival<'_>, now: Now) -> Made {
    let instance = &line.site.instance;
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
        target: arrival.target,
        now,
    };
    let mut ruling = pipeline::run(&exchange, &view(instance, &policy));
    while let Some(ticket) = ruling.take_ticket() {
        let Some(permit) = turn(ticket, line).await else {
            return stopped_in_queue(ruling.stage);
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
            method: "basic".to_owned(),
        }));
    }
    let (mut reply, plan, after) = match (ruling.verdict, ruling.facts.identity) {
        (Verdict::Answer { reply, after }, _) => (*reply, None, after),
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
            let context = Context {
                store: instance.store(),
                policy: &policy,
                switches: &instance.switches,
                missing_apis: &instance.missing_apis,
                base_url: &base_url,
                now,
                query_quota: instance.query_quota,
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
            let table = arrival.target.table.as_deref();
            let reply = match body {
                _ if table.is_some_and(|table| instance.is_broken(table)) => {
                    api::script_error(&instance.switches)
                }
                Body::TooLarge(bytes) => too_large(*bytes, instance),
                Body::Whole(body) => {
                    let body = body.clone();
                    api::answer(&context, Call { body, ..call }).await
                }
            };
            (reply, None, Duration::ZERO)
        }
    };
    for (name, value) in &ruling.headers {
        reply.headers.append(name, value.clone());
    }
    Made {
        reply,
        plan,
        pace: None,
        after,
        stage: ruling.stage,
        user,
        permits: ruling.permits,
        step: None,
    }
}

fn view<'a>(instance: &'a Instance, policy: &'a Policy) -> View<'a> {
    View {
        plain_http: instance.plain_http,
        tls_port: instance.tls_port.get().copied(),
        policy,
        state: instance.state(),
        switches: &instance.switches,
        admission: &instance.admission,
    }
}

/// The permit when the exchange's turn has come; none when the instance stops first.
async fn turn(ticket: Ticket, line: &Line) -> Option<Permit> {
    let mut shutdown = line.site.shutdown.clone();
    tokio::select! {
        permit = ticket => Some(permit),
        () = stopped(&mut shutdown) => None,
    }
}

fn stopped_in_queue(stage: &'static str) -> Made {
    let mut reply = Reply::empty(StatusCode::SERVICE_UNAVAILABLE);
    reply.reason = "the instance stopped while the request waited for a semaphore".to_owned();
    Made {
        reply,
        plan: Some(HangUpPlan {
            after_body_bytes: None,
            then: Ending::Close,
        }),
        pace: None,
        after: Duration::ZERO,
        stage,
        user: None,
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

/// The documented refusal of a large body (wire-core 1.6); for a chunked one, that the bytes sent
/// stand in for the content length is *assumed*.
fn too_large(bytes: u64, instance: &Instance) -> Reply {
    let detail = format!(
        "Rejected large REST payload with content-length = {bytes} bytes. Max allowed: {LARGEST_BODY} bytes."
    );
    Reply::failure(
        StatusCode::BAD_REQUEST,
        "Exception while reading request",
        Some(&detail),
        instance.switches.error_keys.unwrap_or_default(),
        Condition::InvalidRequest,
        "the body is larger than 10 MiB",
    )
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

fn sign(line: &Line, head: &Parts, request: u64, now: Now, reply: &mut Reply) {
    let instance = &line.site.instance;
    session::sign(
        reply,
        Signature {
            request_headers: &head.headers,
            server: instance.switches.server_header.unwrap_or_default(),
            // Neighbouring seeds give unrelated values; requests count across instances.
            seed: instance.seed ^ request.rotate_left(32),
            now,
        },
    );
    // A caller that says it will not come back is not told that it may.
    let asked = head.headers.get(CONNECTION).map(HeaderValue::as_bytes);
    let leaves = asked.is_some_and(|value| value.eq_ignore_ascii_case(b"close"));
    if leaves && reply.headers.contains_key(CONNECTION) {
        reply
            .headers
            .insert(CONNECTION, HeaderValue::from_static("close"));
    }
}

/// The condition whose consequence the caller meets.
fn condition(made: &Made) -> Option<Condition> {
    // A stage that hangs up says why itself; of a step only the ending is known.
    let by_step = made.plan.filter(|_| made.step.is_some());
    match by_step.map(|plan| plan.then) {
        Some(Ending::Silence) => Some(Condition::Stalled),
        Some(Ending::Reset | Ending::Close) => Some(Condition::HungUp),
        None if made.pace.is_some() => Some(Condition::Dripping),
        None => made.reply.condition,
    }
}

fn cause(instance: &Instance, head: &Parts, arrival: &Arrival<'_>, made: &Made) -> Option<Cause> {
    if let Some(step) = &made.step {
        return Some(Cause::Step(step.clone()));
    }
    let user = made
        .user
        .clone()
        .or_else(|| transcript::claimed_user(&head.headers));
    let rule = made.reply.refused_until.as_ref();
    instance.with_causes(|causes| {
        causes.behind(Answer {
            condition: condition(made),
            user: user.as_deref(),
            table: arrival.target.table.as_deref(),
            rule: rule.map(|refused| refused.rule.as_str()),
        })
    })
}

fn write_down(
    line: &Line,
    head: &Parts,
    body: &Body,
    arrival: &Arrival<'_>,
    started: Duration,
    made: &Made,
    cause: Option<&Cause>,
) {
    let site = &line.site;
    let redactor = site.journal.redactor();
    let target = head
        .uri
        .path_and_query()
        .map_or_else(|| head.uri.to_string(), ToString::to_string);
    let sends_status = made.plan.is_none_or(|plan| plan.after_body_bytes.is_some());
    let body_text = match body {
        Body::Whole(body) => transcript::body(body, redactor),
        Body::TooLarge(_) => None,
    };
    let reply = &made.reply;
    let reason = match (&made.plan, &made.step) {
        (Some(plan), Some(step)) => format!("step `{step}`: {}", script::words(plan)),
        (None, Some(step)) if made.pace.is_some() => format!("step `{step}`: the body in drips"),
        _ => reply.reason.clone(),
    };
    site.note_with(
        cause.cloned(),
        Event::Request(journal::Request {
            request: arrival.request,
            connection: line.connection,
            caller: arrival.caller,
            started_ns: u64::try_from(started.as_nanos()).unwrap_or(u64::MAX),
            method: arrival.method.to_owned(),
            target,
            headers: transcript::headers(&head.headers, redactor, site.salt),
            body_bytes: body.bytes(),
            body: body_text,
            user: made.user.clone(),
            credentials: transcript::credentials(&head.headers, site.salt),
            decision: journal::Decided {
                stage: made.stage.to_owned(),
                status: sends_status.then_some(reply.status.as_u16()),
                condition: condition(made),
                reason,
                refused_until: reply.refused_until.clone(),
            },
            table: arrival.target.table.clone(),
            sys_id: arrival.target.sys_id.clone(),
        }),
    );
    for what in &reply.unmodelled {
        site.instance
            .unmodelled(Some(arrival.request), what.clone());
    }
}
