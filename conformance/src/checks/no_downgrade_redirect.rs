//! `no-downgrade-redirect`: an answer over https that leads to http is not followed.

use snowproof_simulator::setup::RedirectTo;

use super::no_auth_header_across_redirect::{leads, redirected};
use super::{Axis, Check, CheckResult, NoSettings, Ruling, Severity, wire};
use crate::evidence::Evidence;

/// See the module.
#[derive(Debug)]
pub struct NoDowngradeRedirect;

impl Check for NoDowngradeRedirect {
    type Settings = NoSettings;

    const ID: &'static str = "no-downgrade-redirect";
    const SEVERITY: Severity = Severity::Must;
    const AXIS: Axis = Axis::DataAndSafety;
    const DEMANDS: &'static str = "follows no redirect from https to http";
    const STANDS_ALONE: bool = true;

    fn decide(_: &Self::Settings, evidence: &Evidence) -> Ruling {
        let exchanges = wire::of_subject(evidence);
        let plain = wire::in_clear(evidence);
        let over_tls = exchanges
            .iter()
            .filter(|each| !plain.contains(&each.request.connection))
            .copied()
            .collect::<Vec<_>>();
        let led: Vec<u64> = redirected(&over_tls).collect();
        if led.is_empty() || !leads(evidence, RedirectTo::PlainHttp) {
            return Ruling::not_applicable("no answer over https led to http");
        }
        let followed: Vec<u64> = exchanges
            .iter()
            .filter(|each| plain.contains(&each.request.connection))
            .flat_map(wire::Exchange::entries)
            .collect();
        let expected = "no request without TLS after a redirect to http";
        if followed.is_empty() {
            return Ruling::of(CheckResult::Pass, expected, "none", led);
        }
        let observed = "it went on without TLS";
        Ruling::of(CheckResult::Fail, expected, observed, followed)
    }
}

#[cfg(test)]
mod tests {
    use snowproof_simulator::journal::Condition;
    use snowproof_simulator::setup::{Action, Redirects};

    use super::super::synthetic::Run;
    use super::*;

    fn led_to_http() -> Run {
        let mut run = Run::check();
        let redirects = Redirects {
            to: Some(RedirectTo::PlainHttp),
            ..Redirects::default()
        };
        run.step("downgrades", vec![Action::SetRedirects(redirects)]);
        run.get("/api/now/table/t").fails(302, Condition::Redirected);
        run
    }

    fn decide(run: &mut Run) -> CheckResult {
        NoDowngradeRedirect::decide(&NoSettings {}, &run.end().evidence()).result
    }

    #[test]
    fn going_on_in_clear_fails_even_without_credentials() {
        let mut run = led_to_http();
        run.connect(false);
        run.get("/api/now/table/t")
            .edit(|request| {
                request.headers.clear();
                request.credentials = None;
            })
            .ok();
        assert_eq!(decide(&mut run), CheckResult::Fail);
    }

    #[test]
    fn staying_with_https_passes() {
        let mut run = led_to_http();
        run.get("/api/now/table/t").fails(302, Condition::Redirected);
        assert_eq!(decide(&mut run), CheckResult::Pass);
    }

    #[test]
    fn other_redirects_do_not_apply() {
        let mut run = Run::check();
        run.get("/api/now/table/t").fails(302, Condition::Redirected);
        assert_eq!(decide(&mut run), CheckResult::NotApplicable);
    }
}
