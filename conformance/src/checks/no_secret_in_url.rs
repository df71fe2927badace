//! `no-secret-in-url`: URLs end up in logs of proxies and servers.
//!
//! The journal replaces a secret by `<secret:NAME>` before it is written, and what is confidential by
//! its name, such as a token, by `<credentials:DIGEST>`: either mark in a target is the proof.

use super::{Axis, Check, CheckResult, NoSettings, Ruling, Severity, api_key_in_header, wire};
use crate::evidence::Evidence;

/// What stands in the journal where a secret stood.
pub(super) const MARK: &str = "<secret:";

/// What stands in the journal for the value of a parameter that holds credentials.
const DIGEST: &str = "=<credentials:";

/// See the module.
#[derive(Debug)]
pub struct NoSecretInUrl;

impl Check for NoSecretInUrl {
    type Settings = NoSettings;

    const ID: &'static str = "no-secret-in-url";
    const SEVERITY: Severity = Severity::Must;
    const AXIS: Axis = Axis::DataAndSafety;
    const DEMANDS: &'static str = "puts no secret into a URL";
    const STANDS_ALONE: bool = true;

    fn decide(_: &Self::Settings, evidence: &Evidence) -> Ruling {
        let exchanges = wire::of_subject(evidence);
        if exchanges.is_empty() {
            return Ruling::not_applicable("no request was sent");
        }
        let with_secret: Vec<u64> = exchanges
            .iter()
            .filter(|exchange| shows_secret(&exchange.request.target))
            .map(|exchange| exchange.seq)
            .collect();
        let expected = "no secret in the URL of a request";
        if with_secret.is_empty() {
            return Ruling::of(CheckResult::Pass, expected, "none", []);
        }
        Ruling::of(
            CheckResult::Fail,
            expected,
            format!("{} URLs with a secret", with_secret.len()),
            with_secret,
        )
    }
}

/// Whether a URL shows a secret. One that the platform documents there is left to a check of its
/// own.
fn shows_secret(target: &str) -> bool {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let documented = |pair: &str| {
        let name = pair.split('=').next().unwrap_or_default();
        name.eq_ignore_ascii_case(api_key_in_header::NAME)
    };
    let marked = |pair: &str| pair.contains(MARK) || pair.contains(DIGEST);
    path.contains(MARK) || query.split('&').any(|pair| marked(pair) && !documented(pair))
}

#[cfg(test)]
mod tests {
    use super::super::synthetic::Run;
    use super::*;

    fn sending(target: &str) -> CheckResult {
        let mut run = Run::check();
        run.get(target).ok();
        NoSecretInUrl::decide(&NoSettings {}, &run.end().evidence()).result
    }

    #[test]
    fn a_secret_in_a_query_fails() {
        assert_eq!(sending("/api/now/table/t?password=<secret:password>"), CheckResult::Fail);
    }

    #[test]
    fn a_user_name_or_a_column_of_that_name_passes() {
        assert_eq!(
            sending("/api/now/table/sys_user?sysparm_fields=user_password&sysparm_query=user_name=sync.user"),
            CheckResult::Pass
        );
    }

    #[test]
    fn an_api_key_passes_where_it_is_documented_and_nothing_beside_it() {
        assert_eq!(sending("/api/now/table/t?x-sn-apikey=<secret:api_key>"), CheckResult::Pass);
        assert_eq!(
            sending("/api/now/table/t?x-sn-apikey=<secret:api_key>&p=<secret:password>"),
            CheckResult::Fail
        );
    }

    #[test]
    fn a_token_that_was_issued_during_the_run_fails() {
        let target = "/api/now/table/t?access_token=<credentials:0011223344556677>";
        assert_eq!(sending(target), CheckResult::Fail);
        assert_eq!(
            sending("/api/now/table/t?X-SN-ApiKey=<credentials:0011223344556677>"),
            CheckResult::Pass
        );
    }

    #[test]
    fn silence_does_not_apply() {
        let ruling = NoSecretInUrl::decide(&NoSettings {}, &Run::check().evidence());
        assert_eq!(ruling.result, CheckResult::NotApplicable);
    }
}
