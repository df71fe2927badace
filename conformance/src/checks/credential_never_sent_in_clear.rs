//! `credential-never-sent-in-clear`: no credential over a connection without TLS.

use super::{Axis, Check, CheckResult, NoSettings, Ruling, Severity, wire};
use crate::evidence::Evidence;

/// See the module.
#[derive(Debug)]
pub struct CredentialNeverSentInClear;

impl Check for CredentialNeverSentInClear {
    type Settings = NoSettings;

    const ID: &'static str = "credential-never-sent-in-clear";
    const SEVERITY: Severity = Severity::Must;
    const AXIS: Axis = Axis::DataAndSafety;
    const DEMANDS: &'static str = "sends no credential over a connection without TLS";
    const STANDS_ALONE: bool = true;

    fn decide(_: &Self::Settings, evidence: &Evidence) -> Ruling {
        let exchanges = wire::of_subject(evidence);
        let plain = wire::in_clear(evidence);
        if plain.is_empty() {
            return Ruling::not_applicable("no connection without TLS was made");
        }
        let exposed: Vec<u64> = exchanges
            .iter()
            .filter(|exchange| plain.contains(&exchange.request.connection))
            .filter(|exchange| wire::carries_credential(exchange))
            .map(|exchange| exchange.seq)
            .collect();
        let expected = "no credential on a connection without TLS";
        if exposed.is_empty() {
            return Ruling::of(CheckResult::Pass, expected, "none", []);
        }
        Ruling::of(
            CheckResult::Fail,
            expected,
            format!("{} requests with a credential in clear", exposed.len()),
            exposed,
        )
    }
}

#[cfg(test)]
mod tests {
    use snowproof_simulator::setup::Handshake;

    use super::super::synthetic::Run;
    use super::*;

    fn decide(run: &mut Run) -> CheckResult {
        CredentialNeverSentInClear::decide(&NoSettings {}, &run.end().evidence()).result
    }

    #[test]
    fn a_credential_in_clear_fails() {
        let mut run = Run::check();
        run.connect(false);
        run.get("/api/now/table/t").ok();
        assert_eq!(decide(&mut run), CheckResult::Fail);
    }

    #[test]
    fn asking_without_one_passes() {
        let mut run = Run::check();
        run.connect(false);
        run.get("/")
            .edit(|request| {
                request.headers.clear();
                request.credentials = None;
            })
            .ok();
        assert_eq!(decide(&mut run), CheckResult::Pass);
    }

    #[test]
    fn a_credential_for_a_port_that_speaks_no_tls_fails() {
        let mut run = Run::check();
        run.broken_handshake(Handshake::PlainHttp);
        assert_eq!(decide(&mut run), CheckResult::NotApplicable);
        run.get("/api/now/table/t").ok();
        assert_eq!(decide(&mut run), CheckResult::Fail);
    }

    #[test]
    fn asking_such_a_port_without_one_passes() {
        let mut run = Run::check();
        run.broken_handshake(Handshake::PlainHttp);
        run.get("/")
            .edit(|request| {
                request.headers.clear();
                request.credentials = None;
            })
            .ok();
        assert_eq!(decide(&mut run), CheckResult::Pass);
    }

    #[test]
    fn a_tunnel_is_not_in_clear() {
        let mut run = Run::check();
        run.through_proxy(None);
        run.get("/api/now/table/t").ok();
        assert_eq!(decide(&mut run), CheckResult::NotApplicable);
    }

    #[test]
    fn tls_alone_does_not_apply() {
        let mut run = Run::check();
        run.get("/api/now/table/t").ok();
        assert_eq!(decide(&mut run), CheckResult::NotApplicable);
    }
}
