//! `reads-identity`: whoever pressed Allow is who the connector acts as, so it looks who that was.
//!
//! What it looks at is held against whom the token stands for: the record of another user tells
//! nothing, and that of the expected one, looked up by its name, is there whoever pressed Allow.

use snowproof_protocol::Verb;
use snowproof_simulator::journal::Request;

use super::{Axis, Check, CheckResult, NoSettings, Ruling, Severity, absent, wire};
use crate::evidence::Evidence;

/// See the module.
#[derive(Debug)]
pub struct ReadsIdentity;

impl Check for ReadsIdentity {
    type Settings = NoSettings;

    const ID: &'static str = "reads-identity";
    const SEVERITY: Severity = Severity::Must;
    const AXIS: Axis = Axis::DataAndSafety;
    const DEMANDS: &'static str = "reads after a person's consent which user it was given";

    fn decide(_: &Self::Settings, evidence: &Evidence) -> Ruling {
        let exchanges = wire::of_subject(evidence);
        let connects = |act: u32| {
            evidence.acts.iter().any(|each| each.act == act && each.verb == Verb::Connect)
        };
        let granted: Vec<_> = wire::token_calls(&exchanges)
            .into_iter()
            .filter(|call| connects(call.act) && wire::is_granted(call))
            .collect();
        let Some(last) = granted.last() else {
            return Ruling::not_applicable("no person's consent led to a token");
        };
        let given_to = last.request.token_call.as_ref().and_then(|call| call.user_id.as_deref());
        let is_of = |each: &&wire::Exchange<'_>| {
            each.act == last.act && each.status() == Some(200) && wire::shows_token(each)
        };
        let mut looks: Vec<(Look, u64)> = Vec::new();
        for each in exchanges.iter().filter(is_of) {
            looks.extend(look(each, given_to).map(|look| (look, each.seq)));
        }
        let has = |look: Look| looks.iter().any(|(each, _)| *each == look);
        let (result, observed) = if has(Look::Tells) {
            (CheckResult::Pass, "as expected")
        } else if has(Look::MayTell) {
            (CheckResult::Inconclusive, "users were read, whichever they are")
        } else if has(Look::AtAnother) {
            (CheckResult::Fail, "another user was read than the token stands for")
        } else {
            (absent(evidence), "none")
        };
        Ruling::of(
            result,
            "a read that tells which user the token stands for",
            observed,
            std::iter::once(last.seq).chain(looks.into_iter().map(|(_, seq)| seq)),
        )
    }
}

/// What a read shows of who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Look {
    /// Who it is.
    Tells,
    /// Users, that one among them or perhaps so.
    MayTell,
    /// Somebody else.
    AtAnother,
}

/// What an exchange shows of the user that the token stands for, where it reads users at all.
fn look(each: &wire::Exchange<'_>, given_to: Option<&str>) -> Option<Look> {
    let path = wire::path(each.request);
    if path.contains("/ui/user/") || path.ends_with("/current_user") {
        return Some(Look::Tells);
    }
    if each.request.table.as_deref() != Some("sys_user") {
        return None;
    }
    let read: Vec<&str> = match (&each.request.sys_id, each.served()) {
        (Some(sys_id), _) => vec![sys_id],
        (None, served) => {
            let ids = served.iter().flat_map(|served| &served.sys_ids);
            ids.map(String::as_str).collect()
        }
    };
    let is_another = given_to.is_some_and(|user| !read.is_empty() && !read.contains(&user));
    Some(if is_another {
        Look::AtAnother
    } else if each.request.sys_id.is_some() || asks_who_it_is(each.request) {
        Look::Tells
    } else {
        Look::MayTell
    })
}

/// Whether a list is of whoever asks: by a script of the session or by a dynamic filter.
fn asks_who_it_is(request: &Request) -> bool {
    let query = wire::parameter(wire::query(request), "sysparm_query");
    query.is_some_and(|query| query.contains("gs.") || query.contains("DYNAMIC"))
}

#[cfg(test)]
mod tests {
    use snowproof_simulator::journal::Condition;

    use super::super::synthetic::Run;
    use super::*;

    fn connected(target: Option<&str>) -> CheckResult {
        let mut run = Run::check();
        run.evidence.acts[0].verb = Verb::Connect;
        run.asks_for_token("authorization_code", Some(1)).ok();
        if let Some(target) = target {
            run.shows(1, target).ok();
        }
        ReadsIdentity::decide(&NoSettings {}, &run.end().evidence()).result
    }

    #[test]
    fn not_looking_fails() {
        assert_eq!(connected(None), CheckResult::Fail);
        assert_eq!(connected(Some("/api/now/table/incident?sysparm_limit=1")), CheckResult::Fail);
    }

    #[test]
    fn looking_passes_whichever_way() {
        for target in [
            "/api/now/table/sys_user?sysparm_query=user_name%3Djavascript%3Ags.getUserName%28%29",
            "/api/now/table/sys_user?sysparm_query=user_name=javascript:gs.getUserName()",
            "/api/now/table/sys_user?sysparm_query=sys_idDYNAMIC90d1921e5f510100a9ad2572f2b477fe",
            "/api/now/table/sys_user/6816f79cc0a8016401c5a33be04be441",
            "/api/now/ui/user/current_user",
        ] {
            assert_eq!(connected(Some(target)), CheckResult::Pass, "{target}");
        }
    }

    #[test]
    fn any_list_of_users_tells_nobody_who_it_is() {
        for target in [
            "/api/now/table/sys_user?sysparm_limit=1",
            "/api/now/table/sys_user?sysparm_query=user_name=sync.user",
        ] {
            assert_eq!(connected(Some(target)), CheckResult::Inconclusive, "{target}");
        }
    }

    #[test]
    fn what_is_read_is_held_against_whom_the_token_stands_for() {
        let read = |target: &str, sys_ids: Option<&[&str]>| {
            let mut run = Run::check();
            run.evidence.acts[0].verb = Verb::Connect;
            run.asks_for_token("authorization_code", Some(1))
                .edit(|request| {
                    if let Some(call) = &mut request.token_call {
                        call.user_id = Some("u1".into());
                    }
                })
                .ok();
            match sys_ids {
                Some(ids) => run.shows(1, target).page(0, 2, ids.len() as u64, ids, 0),
                None => run.shows(1, target).ok(),
            }
            ReadsIdentity::decide(&NoSettings {}, &run.end().evidence()).result
        };
        assert_eq!(read("/api/now/table/sys_user/u1", None), CheckResult::Pass);
        assert_eq!(read("/api/now/table/sys_user/u2", None), CheckResult::Fail);
        let by_name = "/api/now/table/sys_user?sysparm_query=user_name=sync.user";
        assert_eq!(read(by_name, Some(&["u2"])), CheckResult::Fail);
        assert_eq!(read(by_name, Some(&["u1"])), CheckResult::Inconclusive);
        assert_eq!(read(by_name, Some(&[])), CheckResult::Inconclusive);
        let myself = "/api/now/table/sys_user?sysparm_query=user_name=javascript:gs.getUserName()";
        assert_eq!(read(myself, Some(&["u1"])), CheckResult::Pass);
        assert_eq!(read(myself, Some(&["u2"])), CheckResult::Fail);
    }

    #[test]
    fn a_journal_that_is_cut_does_not_tell() {
        let mut run = Run::check();
        run.evidence.acts[0].verb = Verb::Connect;
        run.asks_for_token("authorization_code", Some(1)).ok();
        let ruling = ReadsIdentity::decide(&NoSettings {}, &run.evidence());
        assert_eq!(ruling.result, CheckResult::Inconclusive);
    }

    #[test]
    fn without_a_token_it_does_not_apply() {
        let mut run = Run::check();
        run.evidence.acts[0].verb = Verb::Connect;
        run.asks_for_token("authorization_code", None).fails(401, Condition::CodeRefused);
        let ruling = ReadsIdentity::decide(&NoSettings {}, &run.end().evidence());
        assert_eq!(ruling.result, CheckResult::NotApplicable);
    }
}
