//! `no-auth-header-across-redirect`: whom an answer names instead is not shown the credentials.

use std::collections::BTreeSet;

use snowproof_simulator::journal::Condition;
use snowproof_simulator::setup::{Action, RedirectTo, Redirects};

use super::{Axis, Check, CheckResult, NoSettings, Ruling, Severity, wire};
use crate::evidence::Evidence;

/// The instance that the subject is pointed at.
const MAIN: &str = "main";

/// See the module.
#[derive(Debug)]
pub struct NoAuthHeaderAcrossRedirect;

impl Check for NoAuthHeaderAcrossRedirect {
    type Settings = NoSettings;

    const ID: &'static str = "no-auth-header-across-redirect";
    const SEVERITY: Severity = Severity::Must;
    const AXIS: Axis = Axis::DataAndSafety;
    const DEMANDS: &'static str = "sends no credential to another host that an answer leads to";
    const STANDS_ALONE: bool = true;

    fn decide(_: &Self::Settings, evidence: &Evidence) -> Ruling {
        let exchanges = wire::of_subject(evidence);
        let led: Vec<&wire::Exchange<'_>> = led_away(&exchanges, evidence).collect();
        if led.is_empty() {
            return Ruling::not_applicable("no answer led to another host");
        }
        let expected = "no credential at another host than the one it was pointed at";
        // Who was pointed at another host in an act of its own was led nowhere.
        let acts: BTreeSet<u32> = led.iter().map(|each| each.act).collect();
        let led: Vec<u64> = led.into_iter().map(|each| each.seq).collect();
        let elsewhere =
            exchanges.iter().filter(|each| each.instance != MAIN && acts.contains(&each.act));
        let (shown, asked): (Vec<&wire::Exchange<'_>>, Vec<_>) =
            elsewhere.partition(|each| wire::carries_credential(each));
        if shown.is_empty() {
            let observed = match asked.len() {
                0 => "it went to no other host".to_owned(),
                times => format!("it asked another host {times}×, without credentials"),
            };
            return Ruling::of(CheckResult::Pass, expected, observed, led);
        }
        Ruling::of(
            CheckResult::Fail,
            expected,
            format!("{} requests to another host with a credential", shown.len()),
            shown.iter().flat_map(|each| each.entries()),
        )
    }
}

/// Requests whose answer named another host: of an edge that sends them on, or of one whose instance
/// sleeps.
fn led_away<'a>(
    exchanges: &'a [wire::Exchange<'a>],
    evidence: &Evidence,
) -> impl Iterator<Item = &'a wire::Exchange<'a>> {
    let sent_away = leads(evidence, RedirectTo::AnotherInstance)
        || leads(evidence, RedirectTo::IdentityProvider);
    exchanges.iter().filter(move |each| match each.condition() {
        Some(Condition::Redirected) => sent_away,
        Some(Condition::Hibernating) => {
            each.status().is_some_and(|status| (300..400).contains(&status))
        }
        _ => false,
    })
}

/// Requests that were sent on.
pub(super) fn redirected<'a>(
    exchanges: &'a [wire::Exchange<'a>],
) -> impl Iterator<Item = u64> + 'a {
    let sent_on = |each: &&wire::Exchange<'_>| each.condition() == Some(Condition::Redirected);
    exchanges.iter().filter(sent_on).map(|each| each.seq)
}

/// Whether the scenario sends requests on to there.
pub(super) fn leads(evidence: &Evidence, to: RedirectTo) -> bool {
    let scenario = &evidence.scenario;
    let set_up = scenario.instances.values();
    let actions = scenario.steps.values();
    let actions = actions.flat_map(|step| step.actions.iter().flatten());
    let later = actions.filter_map(|action| match action {
        Action::SetRedirects(redirects) => Some(redirects),
        _ => None,
    });
    let is_there = |redirects: &Redirects| redirects.to == Some(to);
    set_up
        .filter_map(|instance| instance.redirects.as_ref())
        .chain(later)
        .any(is_there)
}

#[cfg(test)]
mod tests {
    use super::super::synthetic::Run;
    use super::*;

    fn redirected_away() -> Run {
        let mut run = Run::check();
        let redirects = Redirects {
            to: Some(RedirectTo::AnotherInstance),
            ..Redirects::default()
        };
        run.step("moves", vec![Action::SetRedirects(redirects)]);
        run.get("/api/now/table/t").fails(302, Condition::Redirected);
        run
    }

    /// Whatever was logged last happened at the other instance.
    fn elsewhere(run: &mut Run, from: usize) {
        for entry in &mut run.evidence.journal[from..] {
            entry.instance = "other".into();
        }
    }

    fn decide(run: &mut Run) -> CheckResult {
        NoAuthHeaderAcrossRedirect::decide(&NoSettings {}, &run.end().evidence()).result
    }

    #[test]
    fn a_sleeping_instance_leads_away_by_a_redirect_alone() {
        for (status, expected) in [(302, CheckResult::Fail), (200, CheckResult::NotApplicable)] {
            let mut run = Run::check();
            run.get("/api/now/table/t").fails(status, Condition::Hibernating);
            let from = run.evidence.journal.len();
            run.get("/dev.do").fails(200, Condition::AnotherSite);
            elsewhere(&mut run, from);
            assert_eq!(decide(&mut run), expected, "{status}");
        }
    }

    #[test]
    fn an_act_of_its_own_at_another_instance_is_led_nowhere() {
        let mut run = redirected_away();
        let from = run.evidence.journal.len();
        run.get("/api/now/table/t").fails(401, Condition::PasswordRefused);
        elsewhere(&mut run, from);
        for entry in &mut run.evidence.journal[from..] {
            entry.act = 2;
        }
        assert_eq!(decide(&mut run), CheckResult::Pass);
    }

    #[test]
    fn credentials_that_follow_fail() {
        let mut run = redirected_away();
        let from = run.evidence.journal.len();
        run.get("/api/now/table/t").fails(401, Condition::PasswordRefused);
        elsewhere(&mut run, from);
        assert_eq!(decide(&mut run), CheckResult::Fail);
    }

    #[test]
    fn asking_there_without_credentials_passes_and_so_does_not_going() {
        let mut run = redirected_away();
        assert_eq!(decide(&mut run), CheckResult::Pass);
        let mut run = redirected_away();
        let from = run.evidence.journal.len();
        run.get("/api/now/table/t")
            .edit(|request| {
                request.headers.clear();
                request.credentials = None;
            })
            .fails(401, Condition::NoCredentials);
        elsewhere(&mut run, from);
        assert_eq!(decide(&mut run), CheckResult::Pass);
    }

    #[test]
    fn a_redirect_to_the_same_host_does_not_apply() {
        let mut run = Run::check();
        run.get("/api/now/table/t").fails(302, Condition::Redirected);
        assert_eq!(decide(&mut run), CheckResult::NotApplicable);
    }
}
