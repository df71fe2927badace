//! Replaces secrets in what a caller sent before it is written down.
//!
//! Credentials in an `Authorization` header are never written down, known or not: what holds a
//! known secret becomes `Basic <secret:NAME>`, anything else a digest.

use super::{Decided, Event, Request};
use crate::redaction::Redactor;

/// The event without secrets.
pub(super) fn cleanse(event: Event, redactor: &Redactor) -> Event {
    let clean = |text: String| match redactor.redact(&text) {
        std::borrow::Cow::Borrowed(_) => text,
        std::borrow::Cow::Owned(clean) => clean,
    };
    match event {
        Event::Request(request) => Event::Request(Request {
            target: clean(request.target),
            headers: request
                .headers
                .into_iter()
                .map(|(name, value)| (clean(name), clean(value)))
                .collect(),
            body: request.body.map(clean),
            user: request.user.map(clean),
            table: request.table.map(clean),
            sys_id: request.sys_id.map(clean),
            method: clean(request.method),
            token_call: request.token_call.map(|mut call| {
                call.grant = clean(call.grant);
                call.user = call.user.map(clean);
                call.in_url = call.in_url.into_iter().map(clean).collect();
                call
            }),
            decision: Decided {
                reason: clean(request.decision.reason),
                ..request.decision
            },
            ..request
        }),
        Event::Outcome(mut outcome) => {
            let in_batch = outcome.served_in_batch.iter_mut();
            for served in outcome.served.iter_mut().chain(in_batch) {
                served.query = clean(std::mem::take(&mut served.query));
            }
            Event::Outcome(outcome)
        }
        Event::Unmodelled(mut unmodelled) => {
            unmodelled.what = clean(unmodelled.what);
            Event::Unmodelled(unmodelled)
        }
        Event::ConditionChanged(mut changed) => {
            changed.action = clean(changed.action);
            changed.what = clean(changed.what);
            Event::ConditionChanged(changed)
        }
        Event::TlsFinished(mut finished) => {
            finished.sni = finished.sni.map(clean);
            Event::TlsFinished(finished)
        }
        Event::Connect(mut connect) => {
            connect.method = clean(connect.method);
            connect.target = clean(connect.target);
            connect.user = connect.user.map(clean);
            Event::Connect(connect)
        }
        other => other,
    }
}
