//! `form-encoded-token-request`: the token endpoint reads forms (wire-failures 2.2).

use super::{Axis, Check, CheckResult, NoSettings, Ruling, Severity, wire};
use crate::evidence::Evidence;

/// The content type of a form.
const FORM: &str = "application/x-www-form-urlencoded";

/// See the module.
#[derive(Debug)]
pub struct FormEncodedTokenRequest;

impl Check for FormEncodedTokenRequest {
    type Settings = NoSettings;

    const ID: &'static str = "form-encoded-token-request";
    const SEVERITY: Severity = Severity::Must;
    const AXIS: Axis = Axis::DataAndSafety;
    const DEMANDS: &'static str = "sends its requests for a token as a form in the body";

    fn decide(_: &Self::Settings, evidence: &Evidence) -> Ruling {
        let calls = wire::token_calls(&wire::of_subject(evidence));
        if calls.is_empty() {
            return Ruling::not_applicable("no token was asked for");
        }
        let is_form = |call: &&wire::Exchange<'_>| {
            let typed = call.header("content-type").unwrap_or_default();
            let kind = typed.split(';').next().unwrap_or_default();
            kind.trim().eq_ignore_ascii_case(FORM)
        };
        let other: Vec<u64> = calls.iter().filter(|call| !is_form(call)).map(|call| call.seq).collect();
        Ruling::of(
            if other.is_empty() { CheckResult::Pass } else { CheckResult::Fail },
            format!("every request for a token of type {FORM}"),
            format!("{} of {} are not", other.len(), calls.len()),
            other,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::super::synthetic::Run;
    use super::*;

    fn typed(content_type: &str) -> CheckResult {
        let mut run = Run::check();
        run.asks_for_token("password", Some(1))
            .edit(|request| request.headers = vec![("content-type".into(), content_type.into())])
            .ok();
        FormEncodedTokenRequest::decide(&NoSettings {}, &run.end().evidence()).result
    }

    #[test]
    fn json_fails() {
        assert_eq!(typed("application/json"), CheckResult::Fail);
    }

    #[test]
    fn a_form_in_any_spelling_passes() {
        assert_eq!(typed("application/x-www-form-urlencoded"), CheckResult::Pass);
        assert_eq!(typed("Application/X-WWW-Form-Urlencoded; charset=UTF-8"), CheckResult::Pass);
    }

    #[test]
    fn without_a_request_it_does_not_apply() {
        let ruling = FormEncodedTokenRequest::decide(&NoSettings {}, &Run::check().evidence());
        assert_eq!(ruling.result, CheckResult::NotApplicable);
    }
}
