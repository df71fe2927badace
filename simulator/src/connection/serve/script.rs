//! What steps do to the triggering request itself: a scripted answer, a stall, a hang-up, drips,
//! an early end, damage.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, StatusCode};

use super::super::reply_body::Pace;
use super::super::spoiled;
use crate::director::{Script, ScriptLine};
use crate::journal::Condition;
use crate::pipeline::stage::{Ending, HangUpPlan};
use crate::reply::{Origin, Reply};
use crate::setup::{HangUpManner, Malformation, RawResponse, StreamEnd};

/// The answer that a step scripted, if one did, and the step: the request reaches nothing else.
pub(super) fn answer(scripts: &[Script]) -> Option<(Reply, &str)> {
    scripts.iter().find_map(|script| match &script.line {
        ScriptLine::Respond(response) => Some((raw(response, &script.step), &*script.step)),
        ScriptLine::Stall(_)
        | ScriptLine::HangUp(_)
        | ScriptLine::Drip(_)
        | ScriptLine::Truncate(_)
        | ScriptLine::Malform(_)
        | ScriptLine::EndStream(_) => None,
    })
}

/// Leaves out what cannot be done to an answer of this version of HTTP.
pub(super) fn keep_possible(scripts: &mut Vec<Script>, http2: bool) {
    scripts.retain(|script| match &script.line {
        ScriptLine::EndStream(_) => http2,
        ScriptLine::Malform(what) => !(http2 && what.is_of_http()),
        ScriptLine::Stall(stall) => !(http2 && stall.within.is_some()),
        ScriptLine::HangUp(hang_up) => !(http2 && hang_up.within.is_some()),
        ScriptLine::Respond(_) | ScriptLine::Drip(_) | ScriptLine::Truncate(_) => true,
    });
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
            ScriptLine::Respond(_)
            | ScriptLine::Drip(_)
            | ScriptLine::Truncate(_)
            | ScriptLine::Malform(_) => return None,
            ScriptLine::Stall(stall) => HangUpPlan {
                after_body_bytes: stall.after_body_bytes,
                within: stall.within,
                then: Ending::Silence,
            },
            ScriptLine::EndStream(end) => HangUpPlan {
                after_body_bytes: end.after_body_bytes,
                within: None,
                then: match (end.by.unwrap_or_default(), end.reason.unwrap_or_default()) {
                    (StreamEnd::Reset, reason) => Ending::ResetStream(reason),
                    (StreamEnd::GoAway, reason) => Ending::GoAway(reason),
                },
            },
            ScriptLine::HangUp(hang_up) => HangUpPlan {
                after_body_bytes: hang_up.after_body_bytes,
                within: hang_up.within,
                then: match hang_up.manner.unwrap_or_default() {
                    HangUpManner::Reset => Ending::Reset,
                    HangUpManner::Close => Ending::Close,
                },
            },
        };
        Some((plan, &*script.step))
    })
}

/// Whether a step wants the length of a cut body announced. It is not where all of the body leaves:
/// the answer would be whole.
pub(super) fn is_announced(scripts: &[Script], length: usize) -> bool {
    scripts.iter().any(|script| {
        matches!(&script.line, ScriptLine::HangUp(hang_up)
            if hang_up.announced == Some(true)
                && hang_up.after_body_bytes.is_some_and(|bytes| bytes < length as u64))
    })
}

/// Whether a step wants a body that lasts until the connection ends.
pub(super) fn lasts_until_close(scripts: &[Script]) -> bool {
    scripts.iter().any(|script| {
        matches!(&script.line, ScriptLine::HangUp(hang_up) if hang_up.until_close == Some(true))
    })
}

/// How slowly a step lets a body of this length come, and the step; none where all of it comes at
/// once.
pub(super) fn pace(scripts: &[Script], length: usize) -> Option<(Pace, &str)> {
    const USUAL: Duration = Duration::from_secs(1);
    scripts.iter().find_map(|script| {
        let ScriptLine::Drip(drip) = &script.line else {
            return None;
        };
        let pace = Pace {
            at_once: drip.after_body_bytes.unwrap_or(0),
            bytes: drip.bytes.unwrap_or(1),
            every: drip.every.map_or(USUAL, |every| every.effective),
        };
        (pace.at_once < length as u64).then_some((pace, &*script.step))
    })
}

/// Whether a step's place in the body lies beyond the compressed one and within the plain one. It
/// would have no effect, or less of one, on what is compressed.
pub(super) fn falls_between(scripts: &[Script], compressed: usize, plain: usize) -> bool {
    let between = compressed as u64..plain as u64;
    scripts.iter().any(|script| {
        let place = match &script.line {
            ScriptLine::Stall(stall) => stall.after_body_bytes,
            ScriptLine::HangUp(hang_up) => hang_up.after_body_bytes,
            ScriptLine::EndStream(end) => end.after_body_bytes,
            ScriptLine::Drip(drip) => drip.after_body_bytes,
            // What ends too early is cut before it is compressed.
            ScriptLine::Truncate(_) | ScriptLine::Respond(_) | ScriptLine::Malform(_) => None,
        };
        place.is_some_and(|place| between.contains(&place))
    })
}

/// Lets the answer end where a step says, as if it were whole; gives the step. Nothing of it
/// counts as served: a caller cannot read it. A body that is shorter stays whole.
pub(super) fn truncate(scripts: &[Script], reply: &mut Reply) -> Option<String> {
    scripts.iter().find_map(|script| {
        let ScriptLine::Truncate(truncate) = &script.line else {
            return None;
        };
        let bytes = usize::try_from(truncate.after_body_bytes).unwrap_or(usize::MAX);
        if bytes >= reply.body.len() {
            return None;
        }
        reply.body.truncate(bytes);
        reply.served = None;
        reply.served_in_batch.clear();
        reply.condition = Some(Condition::Truncated);
        reply.reason = format!("step `{}` ended the body after {bytes} bytes", script.step);
        Some(script.step.clone())
    })
}

/// Damages the answer as a step says: its body at once; where it is HTTP that is to be wrong, that is
/// given back and left to whoever writes it. Gives the step too. Nothing of it counts as served:
/// whether a caller can read it is the caller's.
pub(super) fn malform(
    scripts: &[Script],
    reply: &mut Reply,
) -> Option<(String, Option<Malformation>)> {
    scripts.iter().find_map(|script| {
        let ScriptLine::Malform(what) = script.line else {
            return None;
        };
        if !what.is_of_http() && !spoiled::spoil(what, reply) {
            return None;
        }
        reply.served = None;
        reply.served_in_batch.clear();
        reply.condition = Some(Condition::Malformed);
        reply.reason = format!("step `{}`: {}", script.step, what.in_words());
        Some((script.step.clone(), what.is_of_http().then_some(what)))
    })
}

/// A plan in plain words.
pub(super) fn words(plan: &HangUpPlan) -> String {
    let then = match plan.then {
        Ending::Silence => "silence".to_owned(),
        Ending::Reset => "a reset".to_owned(),
        Ending::Close => "a close".to_owned(),
        Ending::ResetStream(reason) => format!("RST_STREAM {}", reason.name()),
        Ending::GoAway(reason) => format!("GOAWAY {}", reason.name()),
    };
    match (plan.within, plan.after_body_bytes) {
        (Some(place), _) => format!("{}, then {then}", place.in_words()),
        (None, Some(bytes)) => format!("{bytes} bytes of the body, then {then}"),
        (None, None) => format!("{then} instead of an answer"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::setup::{Drip, EndStream, HangUp, StreamReason, Truncate};

    fn scripted(line: ScriptLine) -> [Script; 1] {
        let step = "s".to_owned();
        [Script { step, line }]
    }

    #[test]
    fn a_body_that_is_short_enough_is_not_said_to_be_cut() {
        let scripts = scripted(ScriptLine::Truncate(Truncate {
            after_body_bytes: 4,
        }));
        let mut reply = Reply::empty(StatusCode::OK);
        reply.body = Bytes::from_static(b"four");
        assert_eq!(truncate(&scripts, &mut reply), None);
        assert_eq!(reply.condition, None);
        reply.body = Bytes::from_static(b"fives");
        assert_eq!(truncate(&scripts, &mut reply).as_deref(), Some("s"));
        assert_eq!(
            (&reply.body[..], reply.condition),
            (&b"five"[..], Some(Condition::Truncated))
        );
    }

    #[test]
    fn a_stream_ends_by_the_frame_and_for_the_reason_that_a_step_names() {
        let ends = |by, reason, after_body_bytes| {
            let scripts = scripted(ScriptLine::EndStream(EndStream {
                by,
                reason,
                after_body_bytes,
            }));
            ending(&scripts).map(|(plan, _)| words(&plan))
        };
        let goes_away = ends(
            Some(StreamEnd::GoAway),
            Some(StreamReason::NoError),
            Some(9),
        );
        assert_eq!(
            (ends(None, None, None).as_deref(), goes_away.as_deref()),
            (
                Some("RST_STREAM INTERNAL_ERROR instead of an answer"),
                Some("9 bytes of the body, then GOAWAY NO_ERROR")
            )
        );
    }

    #[test]
    fn a_length_is_not_announced_where_it_would_make_the_answer_whole() {
        let scripts = scripted(ScriptLine::HangUp(HangUp {
            after_body_bytes: Some(4),
            announced: Some(true),
            ..HangUp::default()
        }));
        assert!(is_announced(&scripts, 5));
        assert!(!is_announced(&scripts, 4));
    }

    #[test]
    fn a_place_that_compression_would_leave_out_is_noticed() {
        let scripts = scripted(ScriptLine::HangUp(HangUp {
            after_body_bytes: Some(4),
            ..HangUp::default()
        }));
        assert!(falls_between(&scripts, 4, 5));
        assert!(!falls_between(&scripts, 5, 9));
        assert!(!falls_between(&scripts, 2, 4));
        let drip = scripted(ScriptLine::Drip(Drip::default()));
        assert!(!falls_between(&drip, 4, 5));
    }

    #[test]
    fn a_body_that_comes_at_once_is_not_said_to_drip() {
        let scripts = scripted(ScriptLine::Drip(Drip {
            after_body_bytes: Some(4),
            ..Drip::default()
        }));
        assert_eq!(pace(&scripts, 4), None);
        assert!(pace(&scripts, 5).is_some());
    }
}
