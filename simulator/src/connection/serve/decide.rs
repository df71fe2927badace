//! Decides one exchange and writes the decision down.

use std::sync::Arc;
use std::time::Duration;

use http::header::{CONNECTION, CONTENT_ENCODING, DATE};
use http::request::Parts;
use http::{HeaderValue, Method, StatusCode};
use tokio::sync::OwnedMutexGuard;

use super::super::compression;
use super::super::head_clip::Clipped;
use super::super::reply_body::Pace;
use super::ask::{Made, ask};
use super::carried::{Carried, Progress};
use super::incoming::Body;
use super::{Line, script, sends_body, transcript};
use crate::api;
use crate::clock::Now;
use crate::director::{Arrival, Delivered};
use crate::instance::session::{self, Signature, Waited};
use crate::instance::{Answer, Instance};
use crate::journal::{self, Cause, Condition, Event};
use crate::pipeline::admission::{Found, Holder, Proof};
use crate::pipeline::stage::{Ending, HangUpPlan};
use crate::reply::Reply;
use crate::setup::{InstanceState, Malformation};

/// An exchange that was decided and written down.
#[derive(Debug)]
pub(super) struct Decided {
    pub(super) reply: Reply,
    pub(super) plan: Option<HangUpPlan>,
    pub(super) announced: bool,
    /// Whether the body lasts until the connection ends.
    pub(super) until_close: bool,
    pub(super) pace: Option<Pace>,
    /// What is wrong with the HTTP that carries it.
    pub(super) malformation: Option<Malformation>,
    /// When it arrived.
    pub(super) now: Now,
    pub(super) after: Duration,
    pub(super) delivered: Delivered,
    pub(super) carried: Carried,
    pub(super) is_head: bool,
}

/// A request that was read whole.
#[derive(Debug)]
pub(super) struct Arrived {
    pub(super) head: Parts,
    pub(super) body: Body,
    /// What was left out of its head.
    pub(super) clipped: Clipped,
    /// When its first byte was read.
    pub(super) started: Duration,
}

pub(super) async fn decide(line: &Line, arrived: Arrived, turn: OwnedMutexGuard<()>) -> Decided {
    let Arrived {
        mut head,
        body,
        clipped,
        started,
    } = arrived;
    let site = &line.site;
    let request = site.next_request();
    let now = site.clock.now();
    // What was sent is written down; what it stands for is answered.
    let stands_for = api::method(&head.method, &head.headers);
    let sent = std::mem::replace(&mut head.method, stands_for);
    let target = api::target(&head.method, head.uri.path());
    let arrival = Arrival {
        request,
        caller: site.caller,
        method: sent.as_str(),
        path: head.uri.path(),
        query: head.uri.query().unwrap_or_default(),
        target: &target,
        token: presented(&site.instance, &head, now),
    };
    let mut triggered = site.director.arrived(&arrival).await;
    script::keep_possible(&mut triggered.scripts, line.speaks_http2);
    let mut made = match script::answer(&triggered.scripts) {
        Some((reply, step)) => Made {
            reply,
            plan: None,
            pace: None,
            malformation: None,
            after: Duration::ZERO,
            stage: "script",
            user: None,
            by_session: false,
            proof: None,
            token: None,
            signed_in: false,
            waited: Waited::default(),
            permits: Vec::new(),
            step: Some(step.to_owned()),
        },
        None => ask(line, &head, &body, clipped, &arrival, now).await,
    };
    // Only a token that has ended is shown beside a session that counts.
    if made.by_session && made.token.is_some() && made.reply.condition.is_none() {
        made.reply.condition = Some(Condition::SessionOutlivesToken);
    }
    site.director.decided(&mut triggered, &arrival).await;
    script::keep_possible(&mut triggered.scripts, line.speaks_http2);
    if let Some((plan, step)) = script::ending(&triggered.scripts) {
        made.plan = Some(plan);
        made.step = Some(step.to_owned());
    }
    let is_head = sent == Method::HEAD;
    // What has no body can neither drip nor end too early.
    if !is_head && sends_body(made.reply.status) {
        // What takes long is the work: a refusal costs none, and keeps the condition it follows from.
        let refused = made.reply.condition.is_some() && made.reply.status.is_client_error();
        let ended_early = script::truncate(&triggered.scripts, &mut made.reply);
        let malformed = script::malform(&triggered.scripts, &mut made.reply);
        if malformed.is_none()
            && let Some(gzipped) =
                compression::gzipped(&made.reply, &head.headers, site.instance.store()).await
            && !script::falls_between(&triggered.scripts, gzipped.len(), made.reply.body.len())
        {
            compression::replace(&mut made.reply, gzipped);
        }
        let pace = script::pace(&triggered.scripts, made.reply.body.len());
        if let Some((pace, step)) = pace.filter(|_| !refused) {
            made.pace = Some(pace);
            made.step = Some(step.to_owned());
        }
        if let Some((step, of_http)) = malformed {
            made.step = Some(step);
            made.malformation = of_http;
        }
        made.step = ended_early.or(made.step);
    }
    let announced = script::is_announced(&triggered.scripts, made.reply.body.len());
    sign(line, &head, request, now, &mut made);
    site.instance.tell_new_secrets();
    if clipped != Clipped::default() {
        let close = HeaderValue::from_static("close");
        made.reply.headers.insert(CONNECTION, close);
    }

    let cause = cause(&site.instance, &head, &body, &arrival, &made);
    write_down(line, &head, &body, &arrival, started, &made, cause.as_ref());
    if made.signed_in && site.instance.state() == InstanceState::DeveloperSite {
        site.director.owner_signed_in().await;
    }
    let good = made.reply.condition.is_none_or(is_good);
    let lists = made.plan.is_none() && good && made.reply.status == StatusCode::OK;
    Decided {
        plan: made.plan,
        announced,
        until_close: script::lasts_until_close(&triggered.scripts),
        pace: made.pace,
        malformation: made.malformation,
        now,
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
            served_in_batch: made.reply.served_in_batch.clone(),
            plan: made.plan,
            permits: made.permits,
            progress: Arc::<Progress>::default(),
            told: false,
            turn,
        },
        reply: made.reply,
        is_head,
    }
}

/// Number of the access token that a request shows, if it is one of the instance's.
fn presented(instance: &Instance, head: &Parts, now: Now) -> Option<u64> {
    let shown = transcript::bearer(&head.headers)?;
    match instance.admission.tokens.find(shown, now) {
        Found::Alive(token) | Found::Ended(token, _) => Some(token.number),
        Found::Unknown => None,
    }
}

fn sign(line: &Line, head: &Parts, request: u64, now: Now, made: &mut Made) {
    let instance = &line.site.instance;
    // A call by cookie proves nothing new: its session stays what it was.
    let proof = made.proof.as_ref().filter(|_| !made.by_session);
    let holder = made.user.as_ref().zip(proof).map(|(user, proof)| Holder {
        user_name: user.clone(),
        proof: proof.clone(),
    });
    let reply = &mut made.reply;
    session::sign(
        reply,
        Signature {
            request_headers: &head.headers,
            holder: holder.as_ref(),
            signed_in: made.signed_in,
            waited: made.waited,
            sessions: &instance.admission.sessions,
            mint: instance.admission.mint,
            request,
            lifetime: instance.switches.session_lifetime().effective,
            server: instance.switches.server_header.unwrap_or_default(),
            host: &instance.host,
            instance_seed: instance.seed,
            // Neighbouring seeds give unrelated values; requests count across instances.
            seed: instance.seed ^ request.rotate_left(32),
            now,
        },
    );
    // HTTP would put the true time there.
    let date = now.http_date().filter(|_| line.site.clock.is_off());
    if let Some(Ok(date)) = date.map(HeaderValue::try_from) {
        reply.headers.insert(DATE, date);
    }
    // A caller that says it will not come back is not told that it may.
    let asked = head.headers.get(CONNECTION).map(HeaderValue::as_bytes);
    let leaves = asked.is_some_and(|value| value.eq_ignore_ascii_case(b"close"));
    if leaves && reply.headers.contains_key(CONNECTION) {
        reply
            .headers
            .insert(CONNECTION, HeaderValue::from_static("close"));
    }
}

/// Whether an answer that follows from the condition is one all the same.
const fn is_good(condition: Condition) -> bool {
    matches!(
        condition,
        Condition::RowsHidden
            | Condition::PageCapped
            | Condition::FieldsHidden
            | Condition::FieldsDropped
            | Condition::SessionOutlivesToken
            | Condition::TokenGivenAgain
            | Condition::QueryWidened
    )
}

/// The condition whose consequence the caller meets.
fn condition(made: &Made) -> Option<Condition> {
    // A stage that hangs up says why itself; of a step only the ending is known.
    let by_step = made.plan.filter(|_| made.step.is_some());
    match by_step.map(|plan| plan.then) {
        Some(Ending::Silence) => Some(Condition::Stalled),
        Some(Ending::Reset | Ending::Close) => Some(Condition::HungUp),
        Some(Ending::ResetStream(_) | Ending::GoAway(_)) => Some(Condition::StreamEnded),
        None if made.pace.is_some() => Some(Condition::Dripping),
        None => made.reply.condition,
    }
}

fn cause(
    instance: &Instance,
    head: &Parts,
    body: &Body,
    arrival: &Arrival<'_>,
    made: &Made,
) -> Option<Cause> {
    if let Some(step) = &made.step {
        return Some(Cause::Step(step.clone()));
    }
    let call = made.reply.token_call.as_deref();
    let of_call = call.and_then(|call| call.user.clone());
    let of_token = made.token.as_ref().map(|token| token.grantee.user.clone());
    let user = made.user.clone().or(of_call).or(of_token).or_else(|| {
        transcript::claimed_user(&head.headers)
            .or_else(|| transcript::login_user(arrival.path, body))
    });
    let rule = made.reply.refused_until.as_ref();
    let of_token = || {
        let of_session = || made.proof.as_ref().and_then(Proof::grantee);
        let shown = made.token.as_ref().map(|token| &token.grantee);
        let policy = instance.policy();
        let client = policy.oauth_client_of(&shown.or_else(of_session)?.client)?;
        Some(client.name.clone())
    };
    let client = call.and_then(|call| call.client.clone()).or_else(of_token);
    instance.with_causes(|causes| {
        causes.behind(Answer {
            condition: condition(made),
            user: user.as_deref(),
            table: arrival.target.table.as_deref(),
            rule: rule.map(|refused| refused.rule.as_str()),
            client: client.as_deref(),
            token: call.and_then(|call| call.presented).or(arrival.token),
            code: call.and_then(|call| call.code),
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
    let sends_status = made.plan.is_none_or(|plan| plan.sends_status())
        && made.malformation != Some(Malformation::GarbageStatusLine);
    let body_text = match body {
        Body::Whole(body) if head.headers.contains_key(CONTENT_ENCODING) => {
            transcript::encoded(body, site.salt)
        }
        Body::Whole(body) => transcript::body(body, arrival.path, redactor, site.salt),
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
            target: transcript::without_tokens(target, redactor, site.salt),
            headers: transcript::headers(&head.headers, redactor, site.salt),
            body_bytes: body.bytes(),
            body: body_text,
            user: made.user.clone(),
            credentials: transcript::credentials(&head.headers, arrival.query, site.salt),
            decision: journal::Decided {
                stage: made.stage.to_owned(),
                status: sends_status.then_some(reply.status.as_u16()),
                condition: condition(made),
                reason,
                refused_until: reply.refused_until.clone(),
            },
            table: arrival.target.table.clone(),
            sys_id: arrival.target.sys_id.clone(),
            scheme: Some(
                transcript::scheme(&head.headers, arrival.query, line.wire.client_certificate())
                    .to_owned(),
            ),
            token: arrival.token,
            token_call: reply.token_call.clone(),
        }),
    );
    for what in &reply.unmodelled {
        site.instance
            .unmodelled(Some(arrival.request), what.clone());
    }
}
