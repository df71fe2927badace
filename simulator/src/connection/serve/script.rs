//! What steps do to the triggering request itself: a scripted answer, a stall, a hang-up.

use bytes::Bytes;
use http::{HeaderName, HeaderValue, StatusCode};

use crate::director::{Script, ScriptLine};
use crate::journal::Condition;
use crate::pipeline::stage::{Ending, HangUpPlan};
use crate::reply::{Origin, Reply};
use crate::setup::{HangUpManner, RawResponse};

/// The answer that a step scripted, if one did, and the step: the request reaches nothing else.
pub(super) fn answer(scripts: &[Script]) -> Option<(Reply, &str)> {
    scripts.iter().find_map(|script| match &script.line {
        ScriptLine::Respond(response) => Some((raw(response, &script.step), &*script.step)),
        ScriptLine::Stall(_) | ScriptLine::HangUp(_) => None,
    })
}

fn raw(response: &RawResponse, step: &str) -> Reply {
    let status = StatusCode::from_u16(response.status).unwrap_or(StatusCode::OK);
    let mut reply = Reply::empty(status);
    for (name, value) in &response.headers {
        if let (Ok(name), Ok(value)) = (
            HeaderName::try_from(name.as_str()),
            HeaderValue::try_from(value.as_str()),
        ) {
            reply.headers.append(name, value);
        }
    }
    reply.body = Bytes::from(response.body.clone());
    reply.origin = Origin::Script;
    reply.condition = Some(Condition::Scripted);
    reply.reason = format!("step `{step}` scripted the answer");
    reply
}

/// How a step lets the answer end, and the step; of several endings the first one wins.
pub(super) fn ending(scripts: &[Script]) -> Option<(HangUpPlan, &str)> {
    scripts.iter().find_map(|script| {
        let plan = match &script.line {
            ScriptLine::Respond(_) => return None,
            ScriptLine::Stall(stall) => HangUpPlan {
                after_body_bytes: stall.after_body_bytes,
                then: Ending::Silence,
            },
            ScriptLine::HangUp(hang_up) => HangUpPlan {
                after_body_bytes: hang_up.after_body_bytes,
                then: match hang_up.manner.unwrap_or_default() {
                    HangUpManner::Reset => Ending::Reset,
                    HangUpManner::Close => Ending::Close,
                },
            },
        };
        Some((plan, &*script.step))
    })
}

/// A plan in plain words.
pub(super) fn words(plan: &HangUpPlan) -> String {
    let then = match plan.then {
        Ending::Silence => "silence",
        Ending::Reset => "a reset",
        Ending::Close => "a close",
    };
    match plan.after_body_bytes {
        Some(bytes) => format!("{bytes} bytes of the body, then {then}"),
        None => format!("{then} instead of an answer"),
    }
}
