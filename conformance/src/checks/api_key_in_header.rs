//! `api-key-in-header`: an API key in a URL ends up in logs of proxies and servers.
//!
//! The instance takes it there (wire-failures 3), so that this warns and does not fail.

use super::{Axis, Check, CheckResult, NoSettings, Ruling, Severity, wire};
use crate::evidence::Evidence;

/// The header and the query parameter that carry a key.
pub(super) const NAME: &str = "x-sn-apikey";

/// See the module.
#[derive(Debug)]
pub struct ApiKeyInHeader;

impl Check for ApiKeyInHeader {
    type Settings = NoSettings;

    const ID: &'static str = "api-key-in-header";
    const SEVERITY: Severity = Severity::Should;
    const AXIS: Axis = Axis::DataAndSafety;
    const DEMANDS: &'static str = "sends its API key in a header, not in a URL";

    fn decide(_: &Self::Settings, evidence: &Evidence) -> Ruling {
        let exchanges = wire::of_subject(evidence);
        let in_url = |each: &&wire::Exchange<'_>| {
            let names = wire::parameter_names(each.request);
            names.iter().any(|name| name.eq_ignore_ascii_case(NAME))
        };
        let in_header = exchanges.iter().any(|each| each.header(NAME).is_some());
        let shown: Vec<u64> = exchanges.iter().filter(in_url).map(|each| each.seq).collect();
        if !in_header && shown.is_empty() {
            return Ruling::not_applicable("no API key was sent");
        }
        Ruling::of(
            if shown.is_empty() { CheckResult::Pass } else { CheckResult::Fail },
            "no API key in a URL",
            format!("{} URLs with one", shown.len()),
            shown,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::super::synthetic::Run;
    use super::*;

    fn decide(run: &mut Run) -> CheckResult {
        ApiKeyInHeader::decide(&NoSettings {}, &run.end().evidence()).result
    }

    #[test]
    fn a_key_in_a_url_fails() {
        let mut run = Run::check();
        run.get("/api/now/table/t?sysparm_limit=1&x-sn-apikey=<secret:api_key>").ok();
        assert_eq!(decide(&mut run), CheckResult::Fail);
    }

    #[test]
    fn a_key_in_a_header_passes() {
        let mut run = Run::check();
        run.get("/api/now/table/t")
            .edit(|request| request.headers = vec![(NAME.into(), "<secret:api_key>".into())])
            .ok();
        assert_eq!(decide(&mut run), CheckResult::Pass);
    }

    #[test]
    fn a_password_does_not_apply() {
        let mut run = Run::check();
        run.get("/api/now/table/t").ok();
        assert_eq!(decide(&mut run), CheckResult::NotApplicable);
    }
}
