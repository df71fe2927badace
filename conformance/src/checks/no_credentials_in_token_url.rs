//! `no-credentials-in-token-url`: a request for a token has its parameters in the body.
//!
//! URLs end up in logs, and instances do not read them there by default (wire-failures 2.2).

use super::{Axis, Check, CheckResult, NoSettings, Ruling, Severity, wire};
use crate::evidence::Evidence;

/// Parameters that show something which nobody else may know.
const SECRET: [&str; 8] = [
    "client_secret",
    "password",
    "refresh_token",
    "code",
    "code_verifier",
    "assertion",
    "client_assertion",
    "access_token",
];

/// See the module.
#[derive(Debug)]
pub struct NoCredentialsInTokenUrl;

impl Check for NoCredentialsInTokenUrl {
    type Settings = NoSettings;

    const ID: &'static str = "no-credentials-in-token-url";
    const SEVERITY: Severity = Severity::Must;
    const AXIS: Axis = Axis::DataAndSafety;
    const DEMANDS: &'static str = "puts no credentials into the URL of a request for a token";
    const STANDS_ALONE: bool = true;

    fn decide(_: &Self::Settings, evidence: &Evidence) -> Ruling {
        let calls = wire::token_calls(&wire::of_subject(evidence));
        if calls.is_empty() {
            return Ruling::not_applicable("no token was asked for");
        }
        let shows = |call: &&wire::Exchange<'_>| {
            let names = wire::parameter_names(call.request);
            names.iter().any(|name| SECRET.contains(name))
        };
        let shown: Vec<u64> = calls.iter().filter(shows).map(|call| call.seq).collect();
        Ruling::of(
            if shown.is_empty() { CheckResult::Pass } else { CheckResult::Fail },
            "no credentials in the URL of a request for a token",
            format!("{} of {} requests have some", shown.len(), calls.len()),
            shown,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::super::synthetic::Run;
    use super::*;

    fn asking(target: &str) -> CheckResult {
        let mut run = Run::check();
        run.asks_for_token("password", Some(1))
            .edit(|request| request.target = target.into())
            .ok();
        NoCredentialsInTokenUrl::decide(&NoSettings {}, &run.end().evidence()).result
    }

    #[test]
    fn a_secret_in_the_url_fails() {
        assert_eq!(asking("/oauth_token.do?grant_type=x&client_secret=y"), CheckResult::Fail);
    }

    #[test]
    fn what_is_no_secret_passes() {
        assert_eq!(asking("/oauth_token.do"), CheckResult::Pass);
        assert_eq!(asking("/oauth_token.do?grant_type=client_credentials&client_id=x"), CheckResult::Pass);
    }

    #[test]
    fn without_a_request_it_does_not_apply() {
        let ruling = NoCredentialsInTokenUrl::decide(&NoSettings {}, &Run::check().evidence());
        assert_eq!(ruling.result, CheckResult::NotApplicable);
    }
}
