//! `no-retry-on-certificate-failure`: a certificate does not become valid by asking again.
//!
//! A request on a connection that presented a bad certificate proves that verification is off
//! (connection-faults 1.2): everything sent on it, credentials too, goes to whoever answered. Where
//! the user switched verification off, that is what was asked for; `says-verification-is-off`
//! decides whether it is said.

use std::collections::{BTreeMap, BTreeSet};

use super::{Axis, Check, CheckResult, NoSettings, Ruling, Severity, wire};
use crate::evidence::Evidence;
use crate::scenario::Verify;

/// Handshakes per request in flight and address family, as published.
const AT_MOST: usize = 2;

/// See the module.
#[derive(Debug)]
pub struct NoRetryOnCertificateFailure;

impl Check for NoRetryOnCertificateFailure {
    type Settings = NoSettings;

    const ID: &'static str = "no-retry-on-certificate-failure";
    const SEVERITY: Severity = Severity::Must;
    const AXIS: Axis = Axis::DataAndSafety;
    const DEMANDS: &'static str =
        "stops at a bad certificate: at most 2 handshakes per worker, and no request over it";

    fn decide(_: &Self::Settings, evidence: &Evidence) -> Ruling {
        if evidence.scenario.subject.verify == Some(Verify::Off) {
            return Ruling::not_applicable("its user has switched certificate checks off");
        }
        let mut by_act: BTreeMap<u32, Vec<u64>> = BTreeMap::new();
        let mut distrusted = BTreeSet::new();
        for (entry, connection, _) in wire::handshakes_with_bad_certificate(evidence) {
            by_act.entry(entry.act).or_default().push(entry.seq);
            distrusted.insert(connection);
        }
        let Some(most) = by_act.into_values().max_by_key(Vec::len) else {
            return Ruling::not_applicable("no bad certificate was presented");
        };
        let over_it: Vec<u64> = wire::of_subject(evidence)
            .iter()
            .filter(|each| distrusted.contains(&each.request.connection))
            .map(|each| each.seq)
            .collect();
        if !over_it.is_empty() {
            return Ruling::of(
                CheckResult::Fail,
                "no request on a connection with a bad certificate",
                format!("{} requests: certificates are not verified", over_it.len()),
                over_it,
            );
        }
        let bound = AT_MOST * wire::parallelism(evidence) as usize * wire::families(evidence);
        Ruling::of(
            if most.len() > bound { CheckResult::Fail } else { CheckResult::Pass },
            format!("at most {bound} handshakes with a bad certificate in one act"),
            format!("{} handshakes", most.len()),
            most,
        )
    }
}

#[cfg(test)]
mod tests {
    use snowproof_simulator::setup::Certificate;

    use super::super::synthetic::Run;
    use super::*;

    fn decide(run: &mut Run) -> Ruling {
        NoRetryOnCertificateFailure::decide(&NoSettings {}, &run.end().evidence())
    }

    #[test]
    fn retrying_the_handshake_fails() {
        let mut run = Run::check();
        for _ in 0..5 {
            run.handshake(Certificate::Expired, false);
        }
        assert_eq!(decide(&mut run).result, CheckResult::Fail);
    }

    #[test]
    fn one_more_handshake_passes() {
        let mut run = Run::check();
        run.handshake(Certificate::WrongHost, false);
        run.handshake(Certificate::WrongHost, true);
        assert_eq!(decide(&mut run).result, CheckResult::Pass);
    }

    #[test]
    fn a_request_over_it_fails() {
        let mut run = Run::check();
        run.handshake(Certificate::SelfSigned, true);
        run.get("/api/now/table/t").ok();
        let ruling = decide(&mut run);
        assert_eq!(ruling.result, CheckResult::Fail);
        assert!(ruling.observed.contains("not verified"));
    }

    #[test]
    fn verification_switched_off_by_the_user_does_not_apply() {
        let mut run = Run::check();
        run.evidence.scenario.subject.verify = Some(Verify::Off);
        run.handshake(Certificate::SelfSigned, true);
        run.get("/api/now/table/t").ok();
        assert_eq!(decide(&mut run).result, CheckResult::NotApplicable);
    }

    #[test]
    fn a_good_certificate_does_not_apply() {
        let mut run = Run::check();
        run.handshake(Certificate::Valid, true);
        assert_eq!(decide(&mut run).result, CheckResult::NotApplicable);
    }
}
